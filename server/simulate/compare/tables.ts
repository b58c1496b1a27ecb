import type { LexCache } from '../../cfront/preprocess/sources.ts';
import { folderOf } from '../../cfront/preprocess/sources.ts';
import type { Unit } from '../../cfront/unit.ts';
import { ARM_FORMATS } from '../../model/fmt/armLpae.ts';
import { BUILDS } from '../../model/fmt/builds.ts';
import { compareStep, type Difference } from '../../model/scenario/compare.ts';
import { contrastOf, opText } from '../../model/scenario/failureText.ts';
import type { ChangedFile } from '../../patch/change.ts';
import { hashText } from '../../text/hash.ts';
import { armCase } from '../conformance/random/armCases.ts';
import { genericPtCase } from '../conformance/random/genericPtCases.ts';
import type { ObservedStep, StoppedStep } from '../conformance/treeReplay.ts';
import type { Machine } from '../machine/machine.ts';
import { filesOf, TreeReplay } from '../conformance/treeReplay.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import type { ChangedFunctions, IsChanged } from './change/changedFunctions.ts';
import { changedFunctions, changedStatements, functionsOf } from './change/changedFunctions.ts';
import { CRASHES } from './run/pair.ts';
import { executedLines } from './run/executedLines.ts';
import { extentOf } from './change/side.ts';
import type {
  SimulatedFunction,
  SimulatedRun,
  SimulatedTable,
  SimulatedViolation,
  Verdict,
} from './result/simulation.ts';
import { simulatedTables, storesBetween } from './result/tableForm.ts';

/** The two states of a tree. */
export interface TreeStates {
  readonly cache: LexCache;
  readonly before: ListedSource;
  readonly after: ListedSource;
  readonly now: () => number;
  readonly cancelled: () => boolean;
}

/** Layers in which page tables are built and edited. */
const TABLE_LAYERS: readonly string[] = ['drivers/iommu/', 'include/linux/generic_pt/'];
/** Cases that are run in any event, and at most, while more of the change is reached. */
const LEAST_CASES = 4;
const MOST_CASES = 12;

/**
 * Runs page-table code that a change touches on operations at random, before and after, in every format
 * that reads the changed file. The TypeScript model of the format is the second opinion: it says what each
 * step should give, independently of both sides. `constants` are those that may have other values.
 */
export function simulateTables(
  states: TreeStates,
  { before, after, map }: ChangedFile,
  constants: readonly string[] = [],
): SimulatedFunction[] {
  if (before === undefined || after === undefined) return [];
  const { path } = after;
  if (!TABLE_LAYERS.some((layer) => path.startsWith(layer))) return [];
  const { cache } = states;
  const replay = (source: ListedSource): TreeReplay =>
    new TreeReplay({ source, cache, sha256: hashText, now: states.now });
  const sides = { before: replay(states.before), after: replay(states.after) };
  const isChanged: IsChanged = (side, line) =>
    (side === 'before' ? map.toAfter(line) : map.toBefore(line)) === undefined;
  // Formats of one unit share its C: a line that one of them cannot reach may be another's.
  const reached: Reached = { before: new Set(), after: new Set() };
  const runs: FormatRun[] = [];
  for (const format of formatsFor(states.after, path)) {
    if (states.cancelled()) break;
    const run = compareFormat(
      {
        ...sides,
        format,
        path,
        isChanged,
        cancelled: states.cancelled,
        tree: states.after,
        constants,
      },
      reached,
    );
    if (run !== undefined) runs.push(run);
  }
  const isBroken = runs.some(({ breaks }) => breaks);
  return runs.map(({ result }) => (isBroken ? besideBroken(result(undefined)) : result(reached)));
}

/** A result of a format where the same change breaks another: operations that were not tried may break it, too. */
function besideBroken(result: SimulatedFunction): SimulatedFunction {
  if (result.verdict !== 'unchanged') return result;
  return {
    ...result,
    verdict: 'unknown',
    reason: `${result.reason}, but another format is broken`,
  };
}

/** Lines that were executed on each side, with their file. */
interface Reached {
  readonly before: Set<string>;
  readonly after: Set<string>;
}

/** The runs of a format. */
interface FormatRun {
  readonly breaks: boolean;
  /**
   * What they say, once it is known what all formats together reached. Undefined where one of them breaks: what the
   * others did not reach may break there, too.
   */
  readonly result: (reached: Reached | undefined) => SimulatedFunction;
}

/** Formats whose C may read a file; whether it does is known when it has been read. */
function formatsFor(source: ListedSource, path: string): string[] {
  return [...Object.keys(BUILDS), ...Object.keys(ARM_FORMATS)].filter((format) => {
    const [own] = filesOf(format) ?? [];
    if (own === undefined || TESTS.test(own) || source.read(own) === undefined) return false;
    return own === path || (path.endsWith('.h') && mayInclude(own, path));
  });
}

/** A unit of these layers reads headers of its own folder, of a folder above it, or public ones. */
function mayInclude(unit: string, header: string): boolean {
  const folder = header.slice(0, header.lastIndexOf('/') + 1);
  return unit.startsWith(folder) || header.startsWith('include/');
}

/** Builds that exist for tests of the kernel itself. */
const TESTS = /(?:mock|kunit|selftest)/;

interface FormatRequest {
  readonly before: TreeReplay;
  readonly after: TreeReplay;
  readonly cancelled: () => boolean;
  readonly tree: ListedSource;
  readonly constants: readonly string[];
  readonly format: string;
  readonly path: string;
  readonly isChanged: IsChanged;
}

/** A step at which an answer is not the one wanted. */
interface Parting {
  readonly id: string;
  readonly index: number;
  readonly steps: readonly ObservedStep[];
  readonly other: readonly ObservedStep[];
  readonly differences: readonly Difference[];
  /** Why a side did not get to the end of the step. */
  readonly stopped: string | undefined;
}

interface Tally {
  readonly newly: Parting | undefined;
  readonly fixed: Parting | undefined;
  readonly both: Parting | undefined;
  /** Why a side could not go on, where it could not. */
  readonly limit: string | undefined;
  readonly steps: number;
}

function compareFormat(request: FormatRequest, reached: Reached): FormatRun | undefined {
  const { before, after, cancelled, format, path, isChanged } = request;
  const started = { before: before.machines.length, after: after.machines.length };
  const old = before.unitsOf(format).find((unit) => unit.reads(path));
  const made = after.unitsOf(format).find((unit) => unit.reads(path));
  if (old === undefined || made === undefined) return undefined;
  const touched = touchedIn(request, old, made);
  const [first] = touched;
  const name = first?.functions.changed[0] ?? first?.functions.added[0];
  if (first === undefined || name === undefined) return undefined;
  const files = touched.map(({ file }) => file);
  const own: Reached = { before: new Set(), after: new Set() };
  const statements = { before: new Set<string>(), after: new Set<string>() };
  for (const { file, functions } of touched) {
    const names = [...functions.changed, ...functions.added, ...functions.removed];
    const found = changedStatements(old, made, isChanged, names, file);
    for (const line of found.before) statements.before.add(`${file}:${line}`);
    for (const line of found.after) statements.after.add(`${file}:${line}`);
  }
  const wanted = statements.before.size + statements.after.size;
  const executedIn = ({ before: old, after: made }: Reached): number =>
    among(statements.before, old) + among(statements.after, made);
  const makeCase = format in BUILDS ? genericPtCase : armCase;
  let tally: Tally = {
    newly: undefined,
    fixed: undefined,
    both: undefined,
    limit: undefined,
    steps: 0,
  };
  let last = 0;
  let cases = 0;
  for (let seed = 1; cases < MOST_CASES && !cancelled(); seed++) {
    const vector = makeCase(format, seed);
    // The debug build is another unit, and not what is shipped.
    if (vector.build === 'debug') continue;
    tally = added(tally, vector.id, [...before.observe(vector)], [...after.observe(vector)]);
    cases++;
    note(own.before, before.machines.slice(started.before), files);
    note(own.after, after.machines.slice(started.after), files);
    if (tally.newly !== undefined) break;
    for (const side of ['before', 'after'] as const) {
      for (const line of own[side]) reached[side].add(line);
    }
    const lines = reached.before.size + reached.after.size;
    const isAllReached = executedIn(own) === wanted;
    if (cases >= LEAST_CASES && (isAllReached || lines === last)) break;
    last = lines;
  }
  const symbol = functionsOf(made, first.file).get(name)!;
  const judged = (all: Reached): Judged =>
    verdictOf(tally, format, { executed: executedIn(all), wanted });
  const about = {
    ...{ function: name, file: first.file, line: extentOf(made, symbol, first.file)?.first ?? 1 },
    ...{
      entry: 'maps, unmaps and looks up at random',
      situation: `tables-${format}`,
      pairs: cases,
    },
    summary: `${format} tables: map, unmap and look up at random`,
    ...{ assumptions: [], models: [`model of ${format}`] },
  };
  return {
    breaks: tally.newly !== undefined,
    result: (all = own) => ({ ...about, ...judged(all) }),
  };
}

/** What a change touches in a file. */
interface TouchedFile {
  readonly file: string;
  readonly functions: ChangedFunctions;
}

/**
 * The changed functions of the changed file; where it has none, as when a macro is another, those of the headers
 * around it.
 */
function touchedIn(
  { path, tree, constants }: FormatRequest,
  old: Unit,
  made: Unit,
): readonly TouchedFile[] {
  const touched = (file: string): readonly TouchedFile[] => {
    const functions = changedFunctions(old, made, file, constants);
    const { changed, added, removed } = functions;
    return changed.length + added.length + removed.length === 0 ? [] : [{ file, functions }];
  };
  const own = touched(path);
  if (own.length > 0) return own;
  const folders = [
    ...new Set([folderOf(made.path), folderOf(folderOf(made.path)), folderOf(path)]),
  ];
  const headers = folders.flatMap((folder) =>
    tree.list(folder).flatMap((name) => (name.endsWith('.h') ? [`${folder}/${name}`] : [])),
  );
  return headers.filter((file) => file !== path && made.reads(file)).flatMap(touched);
}

function note(lines: Set<string>, machines: readonly Machine[], files: readonly string[]): void {
  for (const machine of machines) {
    for (const file of files) {
      for (const line of executedLines(machine, machine.program.all, file).ever) {
        lines.add(`${file}:${line}`);
      }
    }
  }
}

function among(wanted: ReadonlySet<string>, lines: ReadonlySet<string>): number {
  return [...wanted].filter((line) => lines.has(line)).length;
}

function added(
  tally: Tally,
  id: string,
  before: readonly (ObservedStep | StoppedStep)[],
  after: readonly (ObservedStep | StoppedStep)[],
): Tally {
  const old = partingFromModel(id, before, after);
  const made = partingFromModel(id, after, before);
  const newly = made !== undefined && isEarlier(made, old) ? made : undefined;
  const fixed = old !== undefined && isEarlier(old, made) ? old : undefined;
  const both = old !== undefined && newly === undefined && fixed === undefined ? old : undefined;
  return {
    newly: tally.newly ?? newly,
    fixed: tally.fixed ?? fixed,
    both: tally.both ?? both,
    limit: tally.limit ?? limitOf(after) ?? limitOf(before),
    steps: tally.steps + after.length,
  };
}

function limitOf(steps: readonly (ObservedStep | StoppedStep)[]): string | undefined {
  const last = steps.at(-1);
  return last !== undefined && 'stop' in last && !CRASHES.has(last.stop) ? last.message : undefined;
}

function isEarlier(one: Parting, other: Parting | undefined): boolean {
  return other === undefined || one.index < other.index;
}

/** The first step of a side whose answer is not the model's. */
function partingFromModel(
  id: string,
  side: readonly (ObservedStep | StoppedStep)[],
  other: readonly (ObservedStep | StoppedStep)[],
): Parting | undefined {
  const whole = (steps: readonly (ObservedStep | StoppedStep)[]): ObservedStep[] =>
    steps.filter((step): step is ObservedStep => !('stop' in step));
  const about = { id, steps: whole(side), other: whole(other) };
  for (const [index, step] of side.entries()) {
    if ('stop' in step) {
      // What cannot be parsed or executed is a limit of the machine, not an answer.
      if (!CRASHES.has(step.stop)) return undefined;
      return { ...about, index, differences: [], stopped: step.message };
    }
    const differences = compareStep(step.op.expect, step.observed, step.tables);
    if (differences.length > 0) return { ...about, index, differences, stopped: undefined };
  }
  return undefined;
}

type Judged = Pick<SimulatedFunction, 'verdict' | 'reason' | 'violations' | 'before' | 'after'>;

function verdictOf(
  { newly, fixed, both, limit, steps }: Tally,
  format: string,
  { executed, wanted }: { readonly executed: number; readonly wanted: number },
): Judged {
  if (newly !== undefined) return parted('newly-broken', newly, format);
  if (fixed !== undefined) return parted('fixed', fixed, format);
  const none = { violations: [], before: undefined, after: undefined };
  if (limit !== undefined) return { verdict: 'not-simulated', reason: limit, ...none };
  if (executed === 0) {
    return { verdict: 'not-simulated', reason: 'no operation reached the changed lines', ...none };
  }
  if (both !== undefined) {
    const reason = `both sides differ from the model in the same way: ${textOf(both, format)}`;
    return { verdict: 'unknown', reason, ...none };
  }
  if (executed < wanted) {
    const reason = `no difference in ${steps} steps, but ${wanted - executed} of ${wanted} changed statements were not executed`;
    return { verdict: 'unknown', reason, ...none };
  }
  const reason = `all changed statements ran; ${steps} steps of both sides and of the model are equal`;
  return { verdict: 'unchanged', reason, ...none };
}

function parted(verdict: Verdict, parting: Parting, format: string): Judged {
  const message = textOf(parting, format);
  const bad = runOf(parting.steps, parting.index, parting.stopped, format);
  const good = runOf(parting.other, parting.index, undefined, format);
  const [first] = differencesOf(parting);
  const told = first === undefined ? undefined : contrastOf(first, format);
  const violation = {
    ...{ id: 'C-TABLE' as const, message, rules: [] },
    ...{ position: undefined, since: undefined },
    ...(told === undefined
      ? {}
      : { expected: `${told.subject}: ${told.expected}`, got: `${told.subject}: ${told.got}` }),
    ...(first === undefined ? {} : translatedBy(first, bad.tables)),
  };
  const step = bad.events.at(-1)?.sequence;
  const shown = { ...violation, ...(step === undefined ? {} : { step }) };
  const broken: SimulatedRun = { ...bad, violations: [shown] };
  const [before, after] = verdict === 'fixed' ? [broken, good] : [good, broken];
  return { verdict, reason: `C-TABLE: ${message}`, violations: [violation], before, after };
}

/** The addresses that a wrong entry translates; none where it is no entry. */
function translatedBy(
  difference: Difference,
  tables: readonly SimulatedTable[],
): Partial<Pick<SimulatedViolation, 'iova'>> {
  if (difference.kind !== 'entry') return {};
  const entries = tables.find(({ physical }) => physical === difference.table)?.entries;
  const iova = entries?.find(({ index }) => index === difference.index)?.iova;
  if (iova === undefined) return {};
  const bytes = 4096n * 512n ** BigInt(difference.level);
  return { iova: { first: iova, last: `0x${(BigInt(iova) + bytes - 1n).toString(16)}` } };
}

function textOf(
  { id, index, steps, other, differences, stopped }: Parting,
  format: string,
): string {
  const op = steps[index]?.op ?? other[index]?.op;
  const where = `${op === undefined ? '' : `${opText(op)} `}(${id}, step ${index})`;
  if (stopped !== undefined) return `does not end at ${where}: ${stopped}`;
  const [first, ...more] = differencesOf({ differences, steps, other, index });
  if (first === undefined) return `answers otherwise at ${where}`;
  const { subject, expected, got } = contrastOf(first, format);
  const said =
    first.kind === 'entry' ? `leaves ${got} in ${subject}` : `gives ${got} as ${subject}`;
  const left = more.length === 0 ? '' : ` and ${more.length} more`;
  return `${said}${left}, not ${expected}, at ${where}`;
}

function differencesOf({
  differences,
  steps,
  other,
  index,
}: Pick<Parting, 'differences' | 'steps' | 'other' | 'index'>): readonly Difference[] {
  return shownDifferences(differences, steps[index], other[index]);
}

/** What differs, with the entries of the tables in place of their digest where the other side has them right. */
function shownDifferences(
  differences: readonly Difference[],
  step: ObservedStep | undefined,
  right: ObservedStep | undefined,
): readonly Difference[] {
  const others = differences.filter((d) => d.kind === 'entry' || d.field !== 'digest');
  if (others.length === differences.length || step === undefined || right === undefined)
    return others;
  const entries: Difference[] = [];
  for (const table of step.tables) {
    const wanted = right.tables.find(({ pfn }) => pfn === table.pfn);
    const zero = { lo: 0, hi: 0 };
    for (const index of new Set([...table.words.keys(), ...(wanted?.words.keys() ?? [])])) {
      const got = table.words.get(index) ?? zero;
      const expected = wanted?.words.get(index) ?? zero;
      if (got.lo === expected.lo && got.hi === expected.hi) continue;
      const name = `0x${(table.pfn * 4096).toString(16)}`;
      entries.push({ kind: 'entry', table: name, index, level: table.level, expected, got });
    }
  }
  return [...others, ...entries];
}

/** Steps of a run that lead to the one that matters. */
const SHOWN_STEPS = 12;

function runOf(
  steps: readonly ObservedStep[],
  index: number,
  stopped: string | undefined,
  format: string,
): SimulatedRun {
  const shown = steps.slice(Math.max(0, index + 1 - SHOWN_STEPS), index + 1);
  const last = steps[index];
  const tables: readonly SimulatedTable[] =
    last === undefined ? [] : simulatedTables(last.tables, format);
  const left = new Set(tables.map(({ physical }) => physical));
  const earlier = shown.flatMap((step) => simulatedTables(step.tables, format));
  const gone = [...new Map(earlier.map((table) => [table.physical, table])).values()]
    .filter(({ physical }) => !left.has(physical))
    .map((table) => ({ ...table, gone: true as const, entries: [] }));
  return {
    outcome: stopped ?? resultText(last),
    events: shown.map(({ op, observed, tables: now }, i) => ({
      ...{ sequence: index + 2 - shown.length + i, actor: 'cpu' as const, kind: op.op },
      ...{ text: `${opText(op)}: ${resultText({ observed })}`, position: undefined },
      // The first of the steps that are shown brings what the tables held by then.
      stores: storesBetween(shown[i - 1]?.tables ?? [], now, format),
    })),
    ...{ violations: [], tables: [...tables, ...gone], accesses: [] },
  };
}

function resultText(step: Pick<ObservedStep, 'observed'> | undefined): string {
  if (step === undefined) return 'nothing';
  const shown = ['ret', 'mapped', 'unmapped', 'phys'] as const;
  const parts = shown.flatMap((name) => {
    const value = step.observed[name];
    return typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [];
  });
  return parts.length === 0 ? 'done' : parts.join(', ');
}
