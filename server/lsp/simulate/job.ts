import { LexCache } from '../../cfront/preprocess/sources.ts';
import { openGit } from '../../host/git.ts';
import { commitFiles } from '../../host/gitTree.ts';
import type { Host } from '../../host/host.ts';
import { overlayHost } from '../../host/overlayHost.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import type { Change } from '../../patch/change.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import { viewOfSimulation } from '../../report/view/ofSimulation.ts';
import type { Simulation } from '../../simulate/compare/simulation.ts';
import {
  SIMULATION_LIMITS,
  simulateChange,
  type LinesAfter,
} from '../../simulate/compare/simulateChange.ts';
import type { ListedSource } from '../../simulate/link/symbolFinder.ts';
import { readSituation } from '../../simulate/situations/form/situationForm.ts';
import { situationFrom } from '../../simulate/situations/fromSpec.ts';
import type { Situation } from '../../simulate/situations/situation.ts';
import { changeOfTexts } from './changeOfTexts.ts';

/** What is to be simulated, as plain data: it is sent to a thread. */
export interface SimulationJob {
  /** Absolute folder of the tree. */
  readonly tree: string;
  /** Open documents by absolute path: they count instead of what is on disk. */
  readonly texts: readonly (readonly [string, string])[];
  /** A commit that holds the files instead of the disk. */
  readonly base?: { readonly folder: string; readonly commit: string };
  readonly changed: ChangedTexts;
  /** Only the changed functions that have some of these lines. */
  readonly only?: LinesAfter;
  /** Own situations: names and texts of files. They are run beside the built-in ones. */
  readonly situations: readonly (readonly [string, string])[];
  /** What the page calls it. */
  readonly subject: string;
}

/** A patch document, one patch of it or all together for null; or one file in two texts. */
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
    };

/** What came of a job. */
export interface SimulationOutcome {
  readonly simulation: Simulation;
  /** The page's data, as JSON. */
  readonly view: string;
}

/** How a job is watched. */
export interface JobWatcher {
  readonly now: () => number;
  readonly cancelled: () => boolean;
  readonly starting: (name: string) => void;
}

/** Runs jobs and keeps what they have in common: the tokens of headers, by tree. */
export function simulationRunner(
  host: Host,
): (job: SimulationJob, watcher: JobWatcher) => SimulationOutcome {
  const caches = new Map<string, LexCache>();
  return (job, watcher) => {
    const cache = caches.get(job.tree) ?? new LexCache();
    caches.set(job.tree, cache);
    const files = overlayHost(host, new Map(job.texts));
    const source = sourceOf(job, files);
    const change = changeOf(job, files, source);
    const request = { source, change, cache, limits: SIMULATION_LIMITS, ...watcher };
    const lines = job.only === undefined ? {} : { only: job.only };
    const built = simulateChange({ ...request, ...lines });
    const { situations, problems } = ownSituations(job.situations);
    const own =
      situations.length === 0 ? undefined : simulateChange({ ...request, ...lines, situations });
    const simulation: Simulation = {
      functions: [...built.functions, ...(own?.functions ?? [])],
      notSimulated: [...built.notSimulated, ...problems, ...unusable(change)],
      elapsed: built.elapsed + (own?.elapsed ?? 0),
    };
    return { simulation, view: JSON.stringify(viewOfSimulation(simulation, job.subject)) };
  };
}

function sourceOf({ tree, base }: SimulationJob, files: Host): ListedSource {
  const names = (folder: string, list: Host['list']): string[] =>
    (list(folder) ?? [])
      .filter(({ kind }) => kind === 'file')
      .map(({ name }) => name)
      .sort();
  if (base !== undefined) {
    const commit = commitFiles(openGit(base.folder), base.folder, base.commit);
    return {
      read: (file) => {
        const read = commit.readText(`${tree}/${file}`);
        return read.ok ? read.text : undefined;
      },
      list: (folder) => names(folder === '' ? tree : `${tree}/${folder}`, (at) => commit.list(at)),
    };
  }
  return {
    read: (file) => {
      const read = files.readText(`${tree}/${file}`);
      return read.ok ? read.text : undefined;
    },
    list: (folder) => names(`${tree}/${folder}`, (at) => files.list(at)),
  };
}

function changeOf(
  { tree, base, changed }: SimulationJob,
  files: Host,
  source: ListedSource,
): Change {
  if (changed.kind === 'file') return changeOfTexts(changed);
  const series = parsePatch(changed.text, changed.name);
  const read = base === undefined ? treeReader(files, tree) : (path: string) => source.read(path);
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
  for (const [file, text] of texts) {
    const read = readSituation(text);
    if (read.ok) situations.push(situationFrom(read.file.spec));
    else {
      for (const { at, reason } of read.problems)
        problems.push({ file, line: at.line, reason: `situation: ${reason}` });
    }
  }
  return { situations, problems };
}
