import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createConnection, type Diagnostic } from 'vscode-languageserver/node';
import type { Git } from '../../server/host/git.ts';
import type { Host } from '../../server/host/host.ts';
import type { WirePosition } from '../../server/lsp/messages.ts';
import type { Reviewer } from '../../server/lsp/review.ts';
import { createReviewer } from '../../server/lsp/reviewer.ts';
import { startServer } from '../../server/lsp/server.ts';
import { simulatorHere } from '../../server/lsp/simulate/simulator.ts';
import { testClient, type TestClient } from './client.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const example = path.join(root, 'test-fixtures/workspace');

/** The driver of the example, and the series that changes it. */
export const driver = 'drivers/accel/qcap/qcap_mem.c';
/** Its text. */
export const driverText: string = fs.readFileSync(path.join(example, driver), 'utf8');
/** The series as it lies beside it. */
export const mbox: string = fs.readFileSync(path.join(example, 'qcap-doorbell.mbox'), 'utf8');
/** Its lines. */
export const mboxLines: readonly string[] = mbox.split('\n');
/** Where tests open it. */
export const uri = 'file:///src/mails/qcap-doorbell.mbox';
/** A folder /src that holds the driver and nothing else. */
export const driverOnly: ReadonlyMap<string, string> = new Map([[`/src/${driver}`, driverText]]);

/** 0-based line of the series that holds a text. */
export const lineOf = (text: string, from = 0): number =>
  mboxLines.findIndex((line, i) => i >= from && line.includes(text));

/** Inside of a name on the first line that holds a text. */
export function placeOf(text: string, line: string, name: string): WirePosition {
  const lines = text.split('\n');
  const at = lines.findIndex((each) => each.includes(line));
  return { line: at, character: lines[at]!.indexOf(name) + 1 };
}

/** The message of a diagnostic as text. */
export const messageOf = (message: Diagnostic['message']): string =>
  typeof message === 'string' ? message : message.value;

/** A machine without git. */
export const noGit = (): Git => {
  const none = { ok: false, reason: 'git is not installed' } as const;
  return { run: () => Promise.resolve(none), objects: () => ({ read: () => none }) };
};

/** A server, its client, and what happened to the sessions of C files: each check and close of one. */
export interface PatchServer {
  readonly client: TestClient;
  readonly touched: readonly string[];
}

/** Starts a server on a machine that has these files and no others; the client is not initialized yet. */
export function startPatchServer(
  files: ReadonlyMap<string, string> = driverOnly,
  git: (folder: string) => Git = noGit,
): PatchServer {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const host = hostWith(files);
  const touched: string[] = [];
  startServer(createConnection(toServer, toClient), {
    host,
    reviewer: noting(createReviewer(host, '/program'), touched),
    simulator: simulatorHere(host),
    textAtHead: () => Promise.resolve(undefined),
    git,
    ruleFolder: '/pages',
  });
  return { client: testClient(toClient, toServer), touched };
}

/** A reviewer that notes what happens to the sessions of C files. */
function noting(reviewer: Reviewer, touched: string[]): Reviewer {
  return {
    ...reviewer,
    open: async (...args) => {
      const tree = await reviewer.open(...args);
      return {
        ...tree,
        check: (file, text) => {
          touched.push(`check ${file}`);
          return tree.check(file, text);
        },
        close: (file) => {
          touched.push(`close ${file}`);
          tree.close(file);
        },
      };
    },
  };
}

/** A machine whose only files are those of the example, in /src, with or without a kernel tree around them. */
function hostWith(files: ReadonlyMap<string, string>): Host {
  const names = [...files.keys()];
  return {
    readText: (file) => {
      const text = files.get(file);
      return text === undefined
        ? { ok: false, problem: { file, reason: 'no such file' } }
        : { ok: true, text, lossy: false };
    },
    readBytes: (file) =>
      fs.readFileSync(
        path.join(
          root,
          file.includes('kernel-c')
            ? 'grammars/kernel-c/dist/kernel-c.wasm'
            : 'node_modules/web-tree-sitter/web-tree-sitter.wasm',
        ),
      ),
    list: (folder) => {
      const below = names.filter((name) => name.startsWith(`${folder}/`));
      const entries = new Map(
        below.map((name) => {
          const rest = name.slice(folder.length + 1);
          const slash = rest.indexOf('/');
          return slash < 0 ? [rest, 'file' as const] : [rest.slice(0, slash), 'folder' as const];
        }),
      );
      return entries.size === 0 ? undefined : [...entries].map(([name, kind]) => ({ name, kind }));
    },
    kind: (file) =>
      files.has(file)
        ? 'file'
        : names.some((name) => name.startsWith(`${file}/`))
          ? 'folder'
          : 'missing',
  };
}
