import type { Facts, FlowPlace, FunctionFacts } from '../facts.ts';

/** Where a function begins in its file, and how its offsets become lines. */
export type Locate = (name: string) => {
  readonly offset: number;
  readonly line: (offset: number) => number;
};

/** Turns the places of facts from relative to their functions into places of files. */
export function absolute<T extends object>(facts: T, locate: Locate): T {
  return move(facts, locate, new Map()) as T;
}

function isPlace(value: object): value is FlowPlace {
  return 'span' in value && 'function' in value && 'line' in value;
}

/** Facts are trees of plain values; what occurs twice is moved once. */
function move(value: unknown, locate: Locate, moved: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = moved.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list = value.map((item) => move(item, locate, moved));
    moved.set(value, list);
    return list;
  }
  if (isPlace(value)) {
    const { offset, line } = locate(value.function);
    const start = value.span.start + offset;
    const place: FlowPlace = {
      ...value,
      span: { start, end: value.span.end + offset },
      line: line(start),
    };
    moved.set(value, place);
    return place;
  }
  const copy: Record<string, unknown> = {};
  moved.set(value, copy);
  for (const [key, item] of Object.entries(value)) copy[key] = move(item, locate, moved);
  return copy;
}

/** The facts of several functions together, with those about the file as a whole. */
export function joinFacts(
  parts: readonly FunctionFacts[],
  ofFile: Omit<Facts, keyof FunctionFacts>,
): Facts {
  return {
    resources: parts.flatMap((part) => part.resources),
    checks: parts.flatMap((part) => part.checks),
    unchecked: parts.flatMap((part) => part.unchecked),
    pairings: parts.flatMap((part) => part.pairings),
    leaks: parts.flatMap((part) => part.leaks),
    calls: parts.flatMap((part) => part.calls),
    stores: parts.flatMap((part) => part.stores),
    overlaps: parts.flatMap((part) => part.overlaps),
    gathers: parts.flatMap((part) => part.gathers),
    pagesBack: parts.flatMap((part) => part.pagesBack),
    tainted: parts.flatMap((part) => part.tainted),
    walks: parts.flatMap((part) => part.walks),
    ...ofFile,
  };
}
