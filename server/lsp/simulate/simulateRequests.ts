import path from 'node:path';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { Host } from '../../host/host.ts';
import type { Desk } from '../desk.ts';
import {
  SIMULATE,
  SIMULATING,
  type SimulateParams,
  type Simulating,
  type SimulationResult,
} from '../messages.ts';
import { nameOf, originOf } from '../patch/origin.ts';
import type { AppliedPatch } from '../patch/patches.ts';
import { pathOfUri } from '../places.ts';
import type { Settings } from '../settings.ts';
import { nameInTree } from '../trees.ts';
import type { Answer } from '../workspace.ts';
import type { ChangedTexts, SimulationJob, SituationText } from './job.ts';
import { functionAt } from './functionLenses.ts';
import { scopeIn } from './scope.ts';
import { headlineOf, type KeptSimulation, type Simulations } from './simulations.ts';
import type { Simulator } from './simulator.ts';

/** What simulating needs from the server. */
export interface SimulateAround {
  readonly host: Host;
  readonly desk: Desk;
  readonly simulator: Simulator;
  readonly simulations: Simulations;
  /** What a document that holds patches does to the tree; its review goes on beside the simulation. */
  readonly patch: (uri: string, token: CancellationToken) => Promise<AppliedPatch | undefined>;
  /** The answer about a C document. */
  readonly file: (uri: string, token?: CancellationToken) => Promise<Answer | undefined>;
  /** Text at HEAD, where programs may be started and git knows the file. */
  readonly textAtHead: (file: string) => Promise<string | undefined>;
  readonly settings: (uri: string) => Promise<Settings>;
  /** The open documents. */
  readonly documents: () => readonly { readonly uri: string; getText(): string }[];
  /** Programs may be started, and files that the workspace names read. */
  readonly isTrusted: () => boolean;
  /** What is shown of a document changed. */
  readonly changed: (uri: string) => void;
}

const noTree =
  'there is no kernel tree that this patch applies to, and without its headers no C can be run';

/** Hears of patches that may be simulated soon. */
export interface SimulationForecast {
  /** A patch was reviewed: what its first simulation will read is read now, once for each document. */
  readonly reviewed: (answer: AppliedPatch) => void;
}

/** Answers requests for simulations. They run beside everything else, one at a time. */
export function registerSimulation(
  connection: Connection,
  around: SimulateAround,
): SimulationForecast {
  const failed: SimulationResult = {
    ...{ ok: false, missing: null },
    reason: 'the simulation broke off with an internal error, see the log',
  };
  const running: Running = new Map();
  const seen = new Set<string>();
  connection.onRequest(SIMULATE, (params: SimulateParams, token: CancellationToken) =>
    around.desk.guarded<SimulationResult | null>(SIMULATE, failed, async () => {
      seen.add(params.uri);
      const patch = await around.patch(params.uri, token);
      if (token.isCancellationRequested) return null;
      const file = patch === undefined ? await around.file(params.uri, token) : undefined;
      const prepared =
        patch !== undefined
          ? await preparePatch(around, patch, params)
          : file !== undefined
            ? await prepareFile(around, file, params)
            : cannot('this is no patch and no C file of a tree');
      return 'ok' in prepared ? prepared : run(connection, { ...around, running }, prepared, token);
    }),
  );
  return {
    reviewed: (answer) => {
      const { uri } = answer;
      if (seen.has(uri)) return;
      seen.add(uri);
      void around.desk.guarded(`preparing to simulate ${uri}`, undefined, async () => {
        const prepared = await preparePatch(around, answer, { uri, scope: 'document', line: 0 });
        if (!('ok' in prepared)) around.simulator.prepare(prepared.job);
      });
    },
  };
}

/** Ends what runs, by what it is about. */
type Running = Map<string, () => void>;

/** What is run, and what is kept of it. */
interface Prepared {
  readonly job: SimulationJob;
  readonly about: Omit<KeptSimulation, 'id' | 'simulation' | 'sides'>;
  /** Changed files of which there are documents of both sides, and those of which there is one of the side before. */
  readonly files: readonly string[];
  readonly heads: readonly string[];
}

const cannot = (reason: string, missing: 'tree' | null = null): SimulationResult => ({
  ...{ ok: false, reason, missing },
});

async function preparePatch(
  around: SimulateAround,
  answer: AppliedPatch,
  params: SimulateParams,
): Promise<Prepared | SimulationResult> {
  const { uri, version, series, change, text, written } = answer;
  const tree = answer.tree.folder;
  if (tree === undefined) return cannot(noTree, 'tree');
  const scope = scopeIn(answer, params);
  if (typeof scope === 'string') return cannot(scope);
  const { folder, base } = originOf(uri);
  const hasBase = folder !== undefined && base !== undefined && around.isTrusted();
  const named = scope.patch === null ? series.cover?.subject : series.patches[scope.patch]?.name;
  const files = scope.patch === null ? change.whole.files : change.patches[scope.patch]!.files;
  return {
    job: {
      tree,
      texts: textsOf(around),
      ...(hasBase ? { base: { folder, commit: base } } : {}),
      written: [...written],
      changed: { kind: 'patch', text, name: nameOf(uri), patch: scope.patch },
      ...(scope.only === undefined ? {} : { only: scope.only }),
      situations: await situationsOf(uri, tree, around),
      subject: named ?? series.patches.at(-1)?.name ?? nameOf(uri),
    },
    about: { uri, version, ...scope, series: change },
    files: files.flatMap(({ before, after }) => (after ?? before)?.path ?? []),
    heads: [],
  };
}

/** A C file: the text of the editor against that at HEAD; a function of which nothing changed, as it is. */
async function prepareFile(
  around: SimulateAround,
  answer: Answer,
  { scope, line }: SimulateParams,
): Promise<Prepared | SimulationResult> {
  const { uri, version, lines } = answer;
  const { folder } = answer.tree;
  const file = pathOfUri(uri);
  if (folder === undefined || file === undefined) return cannot(noTree, 'tree');
  const path = nameInTree(file, folder);
  const here = scope === 'function' ? functionAt(answer, line + 1) : undefined;
  if (scope === 'function' && here === undefined) return cannot('the cursor is in no function');
  const head = await around.textAtHead(file);
  if (head === undefined && here === undefined) {
    return cannot('a C file is simulated against its text at HEAD, and git has none of it');
  }
  const only = here === undefined ? {} : { only: { path, first: line + 1, last: line + 1 } };
  const changed: ChangedTexts =
    head === undefined
      ? { kind: 'function', path, name: here!.name }
      : {
          ...{ kind: 'file', path, before: head, after: lines.join('\n') },
          ...(here === undefined ? {} : { unchanged: here.name }),
        };
  return {
    job: {
      ...{ tree: folder, texts: textsOf(around), changed, ...only },
      situations: await situationsOf(uri, folder, around),
      subject: `${path} against HEAD`,
    },
    about: {
      ...{ uri, version, patch: null, ...only, series: undefined },
      ...(head === undefined ? {} : { before: head }),
    },
    files: [],
    heads: head === undefined ? [] : [path],
  };
}

async function run(
  connection: Connection,
  { simulator, simulations, changed, running }: SimulateAround & { readonly running: Running },
  { job, about, files, heads }: Prepared,
  token: CancellationToken,
): Promise<SimulationResult | null> {
  const { uri, patch } = about;
  // Who asks for the same again wants the newest text, and not what was asked for before.
  const key = JSON.stringify([uri, patch, about.only]);
  const newer = new AbortController();
  const end = (): void => {
    newer.abort();
  };
  running.get(key)?.();
  running.set(key, end);
  const ran = simulator.run(job, {
    isCancelled: () => token.isCancellationRequested || newer.signal.aborted,
    onCancel: (act) => {
      token.onCancellationRequested(act);
      newer.signal.addEventListener('abort', act);
    },
    starting: (name) => {
      const note: Simulating = { uri, function: name };
      void connection.sendNotification(SIMULATING, note);
    },
  });
  const outcome = await ran.finally(() => {
    if (running.get(key) === end) running.delete(key);
  });
  if (outcome === undefined) return null;
  const { simulation, sides, view } = outcome;
  const { id } = simulations.keep({ ...about, simulation, sides });
  changed(uri);
  const headline = headlineOf(simulation, sides);
  return {
    ok: true,
    ...{ id, uri, patch, tree: job.tree, files, heads },
    ...{ headline, view, elapsed: simulation.elapsed },
  };
}

function textsOf({ documents }: SimulateAround): SimulationJob['texts'] {
  return documents().flatMap((document): [string, string][] => {
    const file = pathOfUri(document.uri);
    return file !== undefined && /\.[ch]$/.test(file) ? [[file, document.getText()]] : [];
  });
}

/** The user's own situations; of one that cannot be read, why. */
async function situationsOf(
  uri: string,
  tree: string,
  { settings, host, isTrusted }: SimulateAround,
): Promise<readonly SituationText[]> {
  if (!isTrusted()) return [];
  const { situations } = (await settings(uri)).simulate;
  return situations.map((name) => ({ name, read: host.readText(path.resolve(tree, name)) }));
}
