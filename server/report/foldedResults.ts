import type {
  SimulatedChoice,
  SimulatedFunction,
  SimulatedViolation,
  Simulation,
} from '../simulate/compare/result/simulation.ts';

/** Results that say the same: the one that shows it best, and the others. */
export interface FoldedResult {
  readonly shown: SimulatedFunction;
  /** The same in other situations, or of other functions; the shortest first. */
  readonly also: readonly SimulatedFunction[];
}

/**
 * Results with those that say the same folded into the simplest of them: the same defect of the same line of C, or
 * the same reason of the same function; what was not run is folded across functions.
 */
export function foldedResults(functions: readonly SimulatedFunction[]): readonly FoldedResult[] {
  const groups: SimulatedFunction[][] = [];
  for (const result of [...functions].sort(simplestFirst)) {
    const group = groups.find(([first]) => saysTheSame(first!, result));
    if (group === undefined) groups.push([result]);
    else group.push(result);
  }
  return groups.map(([shown, ...also]) => ({ shown: shown!, also }));
}

/** Orders results by what a reader has to take in: values that were assumed, then steps and tables. */
export function simplestFirst(a: SimulatedFunction, b: SimulatedFunction): number {
  return guessesOf(a).length - guessesOf(b).length || lengthOf(a) - lengthOf(b);
}

/** What somebody assumed. A failure is no guess: every caller of an interface has to count on it. */
export function guessesOf({ assumptions }: SimulatedFunction): readonly SimulatedChoice[] {
  return assumptions.filter(({ kind }) => kind !== 'failure');
}

/** What there is to be looked at; the changed lines themselves are no burden. */
function lengthOf({ before, after }: SimulatedFunction): number {
  return [before, after].reduce((sum, run) => {
    const events = run?.events.filter(({ kind }) => kind !== 'changed') ?? [];
    return sum + events.length + (run?.tables.length ?? 0);
  }, 0);
}

function saysTheSame(one: SimulatedFunction, other: SimulatedFunction): boolean {
  if (one.verdict !== other.verdict || one.file !== other.file) return false;
  if (one.violations.length === 0 || other.violations.length === 0) {
    const isOneReason = one.reason === other.reason && one.violations.length === other.violations.length; // prettier-ignore
    return isOneReason && (one.function === other.function || one.verdict === 'not-simulated');
  }
  const [ones, others] = [one, other].map(({ violations }) => new Set(violations.map(defectOf)));
  const isOneDefect = ones!.size === others!.size && [...ones!].every((defect) => others!.has(defect)); // prettier-ignore
  return isOneDefect && one.violations.some((a) => other.violations.some((b) => isAt(a, b)));
}

function isAt({ position: a }: SimulatedViolation, { position: b }: SimulatedViolation): boolean {
  return a?.file === b?.file && a?.line === b?.line;
}

/**
 * What is broken, whatever the addresses and the domain it is seen in: `I-CC-2 RAM # is mapped at # without the C-bit`.
 */
export function defectOf({ id, message, domain }: SimulatedViolation): string {
  const words = domain === undefined ? message : message.replace(` in ${domain}`, '');
  return `${id} ${words.replace(/0x[0-9a-f]+/g, '#')}`;
}

/** What was not run for one reason, with the places that it is about. */
export interface NotRun {
  /** `drivers/dma/qring.c:12`, with the function where one is meant. */
  readonly places: readonly string[];
  readonly reason: string;
}

/** What was not run, each reason once. */
export function foldedReasons(notSimulated: Simulation['notSimulated']): readonly NotRun[] {
  const places = new Map<string, string[]>();
  for (const { file, line, reason: whole } of notSimulated) {
    const [, name, rest] = /^(\w+\(\)): (.*)$/s.exec(whole) ?? [];
    const reason = rest ?? whole;
    const place = `${file}:${line}${name === undefined ? '' : ` ${name}`}`;
    const known = places.get(reason);
    if (known === undefined) places.set(reason, [place]);
    else known.push(place);
  }
  return [...places].map(([reason, about]) => ({ reason, places: about }));
}
