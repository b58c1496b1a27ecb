import type { Change, SeriesChange } from '../../patch/change.ts';
import { VERDICT_ORDER, type ComparedSides } from '../../report/view/ofSimulation.ts';
import { defectOf, simplestFirst } from '../../report/foldedResults.ts';
import { VERDICT_WORDS } from '../../report/words.ts';
import type {
  SimulatedFunction,
  SimulatedViolation,
  Simulation,
  Verdict,
} from '../../simulate/compare/result/simulation.ts';
import type { LinesAfter } from '../../simulate/compare/simulateChange.ts';

/** What part of a document was simulated. */
export interface SimulationScope {
  /** Index of the patch; null for all patches together, and for a C file. */
  readonly patch: number | null;
  /** Lines after the change that were asked for; undefined: all. */
  readonly only?: LinesAfter;
}

/** A finished simulation of an open document. It is about one version of its text. */
export interface KeptSimulation extends SimulationScope {
  readonly id: number;
  readonly uri: string;
  readonly version: number;
  readonly simulation: Simulation;
  readonly sides: ComparedSides;
  /** What the patches do; undefined for a C file. */
  readonly series: SeriesChange | undefined;
  /** Text that a C file was compared with; undefined for patches, and for a function that was run as it is. */
  readonly before?: string;
}

/** The simulations of open documents. */
export interface Simulations {
  keep(made: Omit<KeptSimulation, 'id'>): KeptSimulation;
  /** Those that are about this version of a document's text: the next edit ends them. */
  of(uri: string, version: number): readonly KeptSimulation[];
  /** What a document was last compared with, whatever its text is now: pages lead there. */
  textBefore(uri: string): string | undefined;
  forget(uri: string): void;
}

/** No simulation yet. */
export function createSimulations(): Simulations {
  const kept = new Map<string, readonly KeptSimulation[]>();
  const olds = new Map<string, string>();
  let made = 0;
  const of = (uri: string, version: number): readonly KeptSimulation[] =>
    (kept.get(uri) ?? []).filter((each) => each.version === version);
  return {
    of,
    keep: (result) => {
      const fresh = { ...result, id: ++made };
      const others = of(result.uri, result.version).filter((each) => !sameScope(each, result));
      kept.set(result.uri, [...others, fresh]);
      if (result.before !== undefined) olds.set(result.uri, result.before);
      return fresh;
    },
    textBefore: (uri) => olds.get(uri),
    forget: (uri) => {
      kept.delete(uri);
      olds.delete(uri);
    },
  };
}

function sameScope(a: SimulationScope, b: SimulationScope): boolean {
  return (
    a.patch === b.patch &&
    a.only?.path === b.only?.path &&
    a.only?.first === b.only?.first &&
    a.only?.last === b.only?.last
  );
}

/** What was simulated: one patch, or all together; undefined for a C file. */
export function changeOf({ series, patch }: KeptSimulation): Change | undefined {
  return patch === null ? series?.whole : series?.patches[patch];
}

/** Of a function that was run as it is. */
const wordsAlone: Readonly<Partial<Record<Verdict, string>>> = {
  'still-broken': 'broken',
  unchanged: 'nothing broken',
};

/**
 * The worst verdict with what breaks: `newly broken: C-LEAK`. What is unknown or was not run goes before what is
 * unchanged, so that it is never taken for clean.
 */
export function headlineOf({ functions, notSimulated }: Simulation, sides: ComparedSides): string {
  const worst = [...functions].sort(
    (a, b) => VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict),
  )[0];
  if (worst === undefined) return 'not simulated';
  const { verdict } = worst;
  const ids = new Set(
    functions
      .filter((each) => each.verdict === verdict)
      .flatMap(({ violations }) => violations.map(({ id }) => id)),
  );
  const what = ids.size === 0 ? '' : `: ${[...ids].join(', ')}`;
  const left = verdict === 'unchanged' ? notSimulated.length : 0;
  const rest = left === 0 ? '' : `, ${left} not simulated`;
  return `${(sides === 'one' ? wordsAlone[verdict] : undefined) ?? VERDICT_WORDS[verdict]}${what}${rest}`;
}

/** Something broken that a simulation showed. */
export interface ShownBroken {
  readonly of: KeptSimulation;
  readonly result: SimulatedFunction;
  readonly violation: SimulatedViolation;
}

/** A defect, and where else the same shows at the same line. */
export interface ShownDefect extends ShownBroken {
  readonly also: readonly ShownBroken[];
}

/**
 * What is broken after the change, one for each defect and line of C, as the simplest run shows it; the same in other
 * domains and situations goes with it.
 */
export function brokenIn(kept: readonly KeptSimulation[]): readonly ShownDefect[] {
  const defects = new Map<string, ShownBroken[]>();
  for (const of of kept) {
    const broken = of.simulation.functions
      .filter(({ verdict }) => verdict === 'newly-broken' || verdict === 'still-broken')
      .sort(simplestFirst);
    for (const result of broken) {
      for (const violation of result.violations) {
        const { position } = violation;
        const place = `${position?.file ?? ''}:${position?.line ?? ''}`;
        const key = [of.patch, result.verdict, place, defectOf(violation)].join(' ');
        const known = defects.get(key);
        const shown = { of, result, violation };
        if (known === undefined) defects.set(key, [shown]);
        else known.push(shown);
      }
    }
  }
  return [...defects.values()].map(([shown, ...also]) => ({ ...shown!, also }));
}

/** A finding, as far as its place matters: its own lines, those of its steps and of its other ends. */
export interface PlacedFinding {
  readonly rule: string;
  readonly places: readonly { readonly file: string; readonly line: number }[];
}

/** What a simulation showed about the same place, for a rule that says the same of the text. */
export function shownFor(
  kept: readonly KeptSimulation[],
  { rule, places }: PlacedFinding,
): string | undefined {
  const found = brokenIn(kept).find(
    ({ violation: { rules, position, since } }) =>
      rules.includes(rule) &&
      [position, since].some(
        (at) =>
          at !== undefined && places.some(({ file, line }) => file === at.file && line === at.line),
      ),
  );
  if (found === undefined) return undefined;
  const { violation, result } = found;
  // The built-in environment without a situation states nothing: every call may fail.
  const where =
    result.situation === 'interfaces' ? 'where any call may fail' : `in ${result.situation}`;
  return `${violation.message}, ${where}`;
}
