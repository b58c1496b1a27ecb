import { openGit } from '../../host/git.ts';
import { commitFiles } from '../../host/gitTree.ts';
import type { Host, ReadResult } from '../../host/host.ts';
import { overlayHost } from '../../host/overlayHost.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import type { Change, ReadTree } from '../../patch/change.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { Files } from '../../review/files.ts';
import { chooseKernel } from '../../review/kernel.ts';
import { overlayOf } from '../../review/patch/overlay.ts';
import { viewOfSimulation, type ComparedSides } from '../../report/view/ofSimulation.ts';
import type { Simulation } from '../../simulate/compare/result/simulation.ts';
import {
  prepareChange,
  SIMULATION_LIMITS,
  simulateChange,
  type LinesAfter,
  type SimulationRequest,
} from '../../simulate/compare/simulateChange.ts';
import { simulateSource } from '../../simulate/compare/simulateSource.ts';
import type { ListedSource } from '../../simulate/link/symbolFinder.ts';
import { TreeMemory } from '../../simulate/link/treeMemory.ts';
import { readSituation } from '../../simulate/situations/form/situationForm.ts';
import { situationFrom } from '../../simulate/situations/fromSpec.ts';
import type { Situation } from '../../simulate/situations/situation.ts';
import { changeOfTexts } from './changeOfTexts.ts';
import { notingHost, type NotingHost } from './notingHost.ts';

/** What is to be simulated, as plain data: it is sent to a thread. */
export interface SimulationJob {
  /** Absolute folder of the tree. */
  readonly tree: string;
  /** Open documents by absolute path: they count instead of what is on disk. */
  readonly texts: readonly (readonly [string, string])[];
  /** A commit that holds the files instead of the disk. */
  readonly base?: { readonly folder: string; readonly commit: string };
  /** Files below the tree as the patches below the document leave them; undefined for one that is gone. */
  readonly written?: readonly (readonly [string, string | undefined])[];
  readonly changed: ChangedTexts;
  /** Only the changed functions that have some of these lines. */
  readonly only?: LinesAfter;
  /** Own situations: names and texts of files, or why there is none. They are run beside the built-in ones. */
  readonly situations: readonly SituationText[];
  /** What the page calls it. */
  readonly subject: string;
}

/**
 * A patch document, one patch of it or all together for null; or one file in two texts, with the function that is
 * run as it is where nothing in it changed; or a function as it is.
 */
export type ChangedTexts =
  | {
      readonly kind: 'patch';
      readonly text: string;
      readonly name: string;
      readonly patch: number | null;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly before: string;
      readonly after: string;
      readonly unchanged?: string;
    }
  | { readonly kind: 'function'; readonly path: string; readonly name: string };

/** A file with an own situation. */
export interface SituationText {
  readonly name: string;
  readonly read: ReadResult;
}

/** What came of a job. */
export interface SimulationOutcome {
  readonly simulation: Simulation;
  readonly sides: ComparedSides;
  /** The page's data, as JSON. */
  readonly view: string;
}

/** How a job is watched. */
export interface JobWatcher {
  readonly now: () => number;
  readonly cancelled: () => boolean;
  readonly starting: (name: string) => void;
}

/** The outcomes of so many jobs are kept, with some 12 MB of texts each. */
const MOST_OUTCOMES = 2;

/** An outcome, and the files that it came of. */
interface KeptOutcome {
  readonly outcome: SimulationOutcome;
  readonly files: NotingHost;
}

/** Runs jobs, and keeps what they have in common. */
export interface SimulationRunner {
  /** Not run again is a job that was run before, as long as every file that it read, or missed, is as it was. */
  run(job: SimulationJob, watcher: JobWatcher): SimulationOutcome;
  /** Reads what the job will read first: when it comes, it takes half the time. */
  prepare(job: SimulationJob): void;
}

/** Runs jobs on the files of a host. */
export function simulationRunner(host: Host): SimulationRunner {
  const memories = new Map<string, TreeMemory>();
  const outcomes = new Map<string, KeptOutcome>();
  const memoryOf = (tree: string): TreeMemory => {
    const memory = memories.get(tree) ?? new TreeMemory();
    memories.set(tree, memory);
    return memory;
  };
  const run = (job: SimulationJob, watcher: JobWatcher): SimulationOutcome => {
    const key = JSON.stringify(job);
    const known = outcomes.get(key);
    if (known?.files.holds() === true) return known.outcome;
    const files = notingHost(host);
    const outcome = outcomeOf(job, files, memoryOf(job.tree), watcher);
    const drop = (old: string | undefined): void => {
      if (old === undefined) return;
      outcomes.get(old)?.files.forget();
      outcomes.delete(old);
    };
    drop(key);
    // What git was asked for is not noted, and a run that was cancelled is none.
    if (job.base === undefined && !watcher.cancelled()) outcomes.set(key, { outcome, files });
    else files.forget();
    if (outcomes.size > MOST_OUTCOMES) drop(outcomes.keys().next().value);
    return outcome;
  };
  return {
    run,
    prepare: (job) => {
      if (job.changed.kind === 'function') return;
      const { source, read } = treeOf(job, host);
      prepareChange(source, changeOf(job.changed, read), memoryOf(job.tree));
    },
  };
}

function outcomeOf(
  job: SimulationJob,
  host: Host,
  memory: TreeMemory,
  watcher: JobWatcher,
): SimulationOutcome {
  const { source, read } = treeOf(job, host);
  const shared = { source, memory, limits: SIMULATION_LIMITS, ...watcher };
  const own = ownSituations(job.situations);
  const ran = ranOf(job, read, shared, own.situations);
  const simulation: Simulation = {
    ...ran.simulation,
    notSimulated: [...ran.simulation.notSimulated, ...own.problems],
  };
  const { version: kernel } = chooseKernel(host, job.tree, undefined);
  const view = JSON.stringify({
    ...viewOfSimulation(simulation, ran.subject, ran.sides),
    kernel,
  });
  return { simulation, sides: ran.sides, view };
}

/** What every run of a job shares. */
type Shared = Pick<SimulationRequest, 'source' | 'memory' | 'limits' | 'now' | 'cancelled'> &
  Pick<JobWatcher, 'starting'>;

interface Ran extends Pick<SimulationOutcome, 'simulation' | 'sides'> {
  readonly subject: string;
}

function ranOf(
  job: SimulationJob,
  read: ReadTree,
  shared: Shared,
  situations: readonly Situation[],
): Ran {
  const { changed, subject } = job;
  if (changed.kind === 'function') return alone(changed, shared, situations);
  const change = changeOf(changed, read);
  const lines = job.only === undefined ? {} : { only: job.only };
  const built = simulateChange({ ...shared, change, ...lines });
  if (
    changed.kind === 'file' &&
    changed.unchanged !== undefined &&
    built.functions.length === 0 &&
    !shared.cancelled()
  ) {
    return alone({ path: changed.path, name: changed.unchanged }, shared, situations);
  }
  const own =
    situations.length === 0
      ? undefined
      : simulateChange({ ...shared, change, ...lines, situations });
  const simulation: Simulation = {
    functions: [...built.functions, ...(own?.functions ?? [])],
    notSimulated: [...built.notSimulated, ...unusable(change)],
    elapsed: built.elapsed + (own?.elapsed ?? 0),
  };
  return { simulation, sides: 'both', subject };
}

/** Runs a function as it is: there is nothing to compare it with. */
function alone(
  { path, name }: { readonly path: string; readonly name: string },
  shared: Shared,
  situations: readonly Situation[],
): Ran {
  shared.starting(name);
  const request = { ...shared, path, function: name };
  const runs = [request, ...(situations.length === 0 ? [] : [{ ...request, situations }])].map(
    (each) => simulateSource(each),
  );
  const simulation: Simulation = {
    functions: runs.flatMap((run) => ('reason' in run ? [] : run.functions)),
    notSimulated: runs.flatMap((run) =>
      'reason' in run
        ? [{ file: run.file, line: run.line ?? 1, reason: run.reason }]
        : run.notSimulated,
    ),
    elapsed: runs.reduce((sum, run) => sum + ('reason' in run ? 0 : run.elapsed), 0),
  };
  return { simulation, sides: 'one', subject: `${name}() of ${path} as it is` };
}

/** The tree as the job finds it: for the machine, and for the patches that are applied to it. */
function treeOf(
  { tree, base, texts, written = [] }: SimulationJob,
  host: Host,
): { readonly source: ListedSource; readonly read: ReadTree } {
  const open = overlayHost(host, new Map(texts));
  const files = overlayOf(base === undefined ? open : commitOf(base), tree);
  for (const [name, text] of written) files.set(name, text);
  const source = sourceOf(tree, files);
  if (base !== undefined) return { source, read: (name) => source.read(name) };
  const read = treeReader(open, tree);
  const made = new Map(written);
  return { source, read: (name) => (made.has(name) ? made.get(name) : read(name)) };
}

function commitOf({ folder, commit }: NonNullable<SimulationJob['base']>): Files {
  return commitFiles(openGit(folder), folder, commit);
}

function sourceOf(tree: string, files: Files): ListedSource {
  return {
    read: (file) => {
      const read = files.readText(`${tree}/${file}`);
      return read.ok ? read.text : undefined;
    },
    list: (folder) =>
      (files.list?.(folder === '' ? tree : `${tree}/${folder}`) ?? [])
        .filter(({ kind }) => kind === 'file')
        .map(({ name }) => name)
        .sort(),
  };
}

function changeOf(
  changed: Exclude<ChangedTexts, { readonly kind: 'function' }>,
  read: ReadTree,
): Change {
  if (changed.kind === 'file') return changeOfTexts(changed);
  const series = parsePatch(changed.text, changed.name);
  const all = seriesChange(series.patches, read);
  return changed.patch === null ? all.whole : (all.patches[changed.patch] ?? all.whole);
}

/** What of the patch could not be used, as lines that were not run. */
function unusable({ problems, notLookedAt }: Change): Simulation['notSimulated'] {
  return [
    ...problems
      .filter(({ severity }) => severity === 'error')
      .map(({ file, line, reason }) => ({ file, line, reason })),
    ...notLookedAt.flatMap(({ kind, paths }) =>
      paths.map((file) => ({ file, line: 1, reason: `${kind}: not C` })),
    ),
  ];
}

function ownSituations(texts: SimulationJob['situations']): {
  readonly situations: readonly Situation[];
  readonly problems: Simulation['notSimulated'];
} {
  const situations: Situation[] = [];
  const problems: { file: string; line: number; reason: string }[] = [];
  for (const { name, read: file } of texts) {
    if (!file.ok) {
      problems.push({ file: name, line: 1, reason: `situation: ${file.problem.reason}` });
      continue;
    }
    const read = readSituation(file.text);
    if (read.ok) situations.push(situationFrom(read.file.spec));
    else {
      for (const { at, reason } of read.problems)
        problems.push({ file: name, line: at.line, reason: `situation: ${reason}` });
    }
  }
  return { situations, problems };
}
