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
import type { PatchAnswer } from '../patch/patches.ts';
import { pathOfUri } from '../places.ts';
import type { Settings } from '../settings.ts';
import type { SimulationJob } from './job.ts';
import { scopeIn } from './scope.ts';
import { headlineOf, type Simulations } from './simulations.ts';
import type { Simulator } from './simulator.ts';

/** What simulating needs from the server. */
export interface SimulateAround {
  readonly host: Host;
  readonly desk: Desk;
  readonly simulator: Simulator;
  readonly simulations: Simulations;
  readonly patch: (uri: string, token?: CancellationToken) => Promise<PatchAnswer | undefined>;
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

/** Answers requests for simulations. They run beside everything else, one at a time. */
export function registerSimulation(connection: Connection, around: SimulateAround): void {
  const failed: SimulationResult = {
    ...{ ok: false, missing: null },
    reason: 'the simulation broke off with an internal error, see the log',
  };
  connection.onRequest(SIMULATE, (params: SimulateParams, token: CancellationToken) =>
    around.desk.guarded<SimulationResult | null>(SIMULATE, failed, async () => {
      const answer = await around.patch(params.uri, token);
      if (answer === undefined) {
        return { ok: false, reason: 'this document holds no patch', missing: null };
      }
      return ofPatch(connection, around, answer, params, token);
    }),
  );
}

async function ofPatch(
  connection: Connection,
  around: SimulateAround,
  answer: PatchAnswer,
  params: SimulateParams,
  token: CancellationToken,
): Promise<SimulationResult | null> {
  const { uri, version, series, change, text } = answer;
  const tree = answer.tree.folder;
  if (tree === undefined) return { ok: false, reason: noTree, missing: 'tree' };
  const scope = scopeIn(answer, params);
  if (typeof scope === 'string') return { ok: false, reason: scope, missing: null };
  const { folder, base } = originOf(uri);
  const hasBase = folder !== undefined && base !== undefined && around.isTrusted();
  const named = scope.patch === null ? series.cover?.subject : series.patches[scope.patch]?.name;
  const job: SimulationJob = {
    tree,
    texts: textsOf(around),
    ...(hasBase ? { base: { folder, commit: base } } : {}),
    changed: { kind: 'patch', text, name: nameOf(uri), patch: scope.patch },
    ...(scope.only === undefined ? {} : { only: scope.only }),
    situations: await situationsOf(uri, tree, around),
    subject: named ?? series.patches.at(-1)?.name ?? nameOf(uri),
  };
  const outcome = await around.simulator.run(job, {
    isCancelled: () => token.isCancellationRequested,
    onCancel: (act) => {
      token.onCancellationRequested(act);
    },
    starting: (name) => {
      const note: Simulating = { uri, function: name };
      void connection.sendNotification(SIMULATING, note);
    },
  });
  if (outcome === undefined) return null;
  const { simulation, view } = outcome;
  const kept = around.simulations.keep({ uri, version, ...scope, series: change, simulation });
  around.changed(uri);
  const files = scope.patch === null ? change.whole.files : change.patches[scope.patch]!.files;
  return {
    ok: true,
    ...{ id: kept.id, uri, patch: scope.patch, tree, view, elapsed: simulation.elapsed },
    files: files.flatMap(({ before, after }) => (after ?? before)?.path ?? []),
    headline: headlineOf(simulation),
  };
}

function textsOf({ documents }: SimulateAround): SimulationJob['texts'] {
  return documents().flatMap((document): [string, string][] => {
    const file = pathOfUri(document.uri);
    return file !== undefined && /\.[ch]$/.test(file) ? [[file, document.getText()]] : [];
  });
}

/** Names and texts of the user's own situations; one that cannot be read has the text that says so. */
async function situationsOf(
  uri: string,
  tree: string,
  { settings, host, isTrusted }: SimulateAround,
): Promise<SimulationJob['situations']> {
  if (!isTrusted()) return [];
  const { situations } = await settings(uri);
  return situations.map((name): [string, string] => {
    const read = host.readText(path.resolve(tree, name));
    return [name, read.ok ? read.text : ''];
  });
}
