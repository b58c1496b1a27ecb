/**
 * What is known about one number: the smallest and the largest value, and single values it is not.
 * This one domain serves errno tests, NULL tests, IS_ERR, counters and flags alike.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Values strictly inside the bounds that are excluded, ascending; at most {@link mostExcluded}. */
  readonly not: readonly number[];
}

const mostExcluded = 6;

/** Nothing is known. */
export const anything: Interval = { low: -Infinity, high: Infinity, not: [] };

/** From `low` to `high`, both inclusive. */
export function between(low: number, high: number): Interval {
  return { low, high, not: [] };
}

/** True when no value is left: the path is contradictory. */
export function isEmpty(interval: Interval): boolean {
  return interval.low > interval.high;
}

/** True when the value is one number. */
export function isPoint(interval: Interval): boolean {
  return interval.low === interval.high;
}

/** True when `value` is possible. */
export function admits(interval: Interval, value: number): boolean {
  return value >= interval.low && value <= interval.high && !interval.not.includes(value);
}

function normal(low: number, high: number, not: readonly number[]): Interval {
  let from = low;
  let to = high;
  while (not.includes(from) && from <= to) from++;
  while (not.includes(to) && to >= from) to--;
  const inside = not.filter((value) => value > from && value < to);
  return { low: from, high: to, not: inside.slice(0, mostExcluded) };
}

/** What both say. */
export function meet(a: Interval, b: Interval): Interval {
  if (a === b || b === anything) return a;
  if (a === anything) return b;
  const not =
    b.not.length === 0
      ? a.not
      : [...new Set([...a.not, ...b.not])].sort((left, right) => left - right);
  return normal(Math.max(a.low, b.low), Math.min(a.high, b.high), not);
}

/** What either says. */
export function hull(a: Interval, b: Interval): Interval {
  if (a === b) return a;
  const not = [...a.not.filter((v) => !admits(b, v)), ...b.not.filter((v) => !admits(a, v))];
  if (a.high < b.low - 1 && b.low - a.high === 2) not.push(a.high + 1);
  if (b.high < a.low - 1 && a.low - b.high === 2) not.push(b.high + 1);
  const unique = [...new Set(not)].sort((left, right) => left - right);
  return normal(Math.min(a.low, b.low), Math.max(a.high, b.high), unique);
}

/** Without one value. */
export function without(interval: Interval, value: number): Interval {
  if (!admits(interval, value)) return interval;
  return normal(
    interval.low,
    interval.high,
    [...interval.not, value].sort((left, right) => left - right),
  );
}

/** scale * interval + offset. */
export function affine(interval: Interval, scale: number, offset: number): Interval {
  if (scale === 1 && offset === 0) return interval;
  if (scale === 0) return between(offset, offset);
  const x = interval.low * scale + offset;
  const y = interval.high * scale + offset;
  const not = interval.not.map((value) => value * scale + offset);
  return { low: Math.min(x, y), high: Math.max(x, y), not: scale < 0 ? not.reverse() : not };
}

/** The integers x of which scale * x + offset lies in an interval; scale is not 0. */
export function unscaled(interval: Interval, scale: number, offset: number): Interval {
  if (scale === 1 && offset === 0) return interval;
  const x = (interval.low - offset) / scale;
  const y = (interval.high - offset) / scale;
  const not = interval.not.map((value) => (value - offset) / scale).filter(Number.isInteger);
  return normal(
    Math.ceil(Math.min(x, y)),
    Math.floor(Math.max(x, y)),
    scale < 0 ? not.reverse() : not,
  );
}

/** True when both say the same. */
export function sameInterval(a: Interval, b: Interval): boolean {
  return (
    a === b ||
    (a.low === b.low &&
      a.high === b.high &&
      a.not.length === b.not.length &&
      a.not.every((value, i) => value === b.not[i]))
  );
}
