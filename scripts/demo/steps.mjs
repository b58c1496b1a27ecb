// What hardware sees of a run of a demonstration, step by step: from where on an entry is stale, and what a device
// meets.
import { load } from '../treeChecks/support.mjs';
import { hex } from './support.mjs';

/** Watches the tables of an environment from now on. */
export async function watchOf(machine, environment) {
  const { HardwareWatch } = await load('simulate/watch/hardware.js');
  return new HardwareWatch(machine, environment);
}

const MOST_LINES = 4;

/** A step with its number, its C and what it did. */
function stepText({ operation, place, by, kind, text }) {
  const at = place === undefined ? '' : ` ${place.file}:${place.line}`;
  const what =
    { driver: `the driver is asked for ${text}`, return: text }[kind] ?? `${by}(): ${text}`;
  return `step ${operation + 1}${at}, ${what}`;
}

/** Every step, in order. */
export function stepLines(seen) {
  return seen.pictures().steps.map(stepText);
}

/** The steps at which invariants break. */
export function brokenLines({ violations, pictures }) {
  const { steps } = pictures();
  return violations.map(({ id, message, operation }) => {
    const step = steps[operation];
    const where = step === undefined ? 'found at the end' : `breaks at ${stepText(step)}`;
    return `${id} ${where}: ${message}`;
  });
}

/** From which step to which a cache may hold what is gone, and where it leads. */
export function staleLines(seen) {
  const { steps } = seen.pictures();
  const open = new Map();
  const spans = [];
  for (const step of steps) {
    const now = new Map(step.stale.map((stale) => [stale.id, stale]));
    for (const [id, stale] of now) {
      if (open.has(id)) continue;
      const span = { stale, from: step, to: undefined };
      open.set(id, span);
      spans.push(span);
    }
    for (const [id, span] of open) if (!now.has(id)) span.to ??= step;
  }
  return spans.slice(0, MOST_LINES).map(({ stale, from, to }) => {
    const [first, last] = [stale.first * 4096, stale.last * 4096 + 4095];
    const until = to === undefined ? 'to the end of the call' : `until ${stepText(to)}`;
    const what = `the old ${stale.kind} of ${hex(first)}-${hex(last)}, to ${hex(stale.target * 4096)}`;
    return `stale from ${stepText(from)}; ${until}: ${what}`;
  });
}

/** What an access comes to, from which step on: where that changes. */
export function accessLines(seen) {
  const { steps, accessesBefore } = seen.pictures();
  const first = accessesBefore
    .filter(({ write }) => write)
    .map(({ domain, iova, outcomes }) => ({
      key: `${domain} ${iova}`,
      domain,
      iova,
      texts: [outcomes.join(' or ')],
    }));
  const known = new Map(first.map((one) => [one.key, one]));
  for (const { operation, accesses } of steps) {
    for (const { domain, iova, write, outcomes } of accesses) {
      if (!write) continue;
      known
        .get(`${domain} ${iova}`)
        ?.texts.push(`from step ${operation + 1} on ${outcomes.join(' or ')}`);
    }
  }
  return [...known.values()]
    .filter(({ texts }) => texts.length > 1)
    .slice(0, MOST_LINES)
    .map(
      ({ domain, iova, texts }) => `device write to ${hex(iova)} of ${domain}: ${texts.join('; ')}`,
    );
}
