import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createConnection, type CodeLens } from 'vscode-languageserver/node';
import { pullClient, testClient, type TestClient } from '../../../tests/lsp/client.ts';
import type { Host } from '../../host/host.ts';
import { nodeHost } from '../../host/nodeHost.ts';
import type { View } from '../../report/view/view.ts';
import { SIMULATE, type SimulateParams, type SimulationResult } from '../messages.ts';
import { createReviewer } from '../reviewer.ts';
import { startServer } from '../server.ts';
import { simulatorHere } from './simulator.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const tree = path.join(root, 'test-fixtures/simulation');
const patch = fs.readFileSync(path.join(tree, 'qring-error.patch'), 'utf8');
const lines = patch.split('\n');
const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text));

/** The files as they are, and the grammar where the sources have it. */
const host: Host = {
  ...nodeHost,
  readBytes: (file) =>
    nodeHost.readBytes(
      path.join(
        root,
        file.includes('kernel-c')
          ? 'grammars/kernel-c/dist/kernel-c.wasm'
          : 'node_modules/web-tree-sitter/web-tree-sitter.wasm',
      ),
    ),
};

describe('simulations in the language server', () => {
  let client: TestClient;
  const uri = pathToFileURL(path.join(tree, 'qring-error.patch')).href;

  let head: string | undefined;

  const open = async (text = patch, at = uri): Promise<void> => {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    startServer(createConnection(toServer, toClient), {
      host: nodeHost,
      reviewer: createReviewer(host, '/program'),
      simulator: simulatorHere(nodeHost),
      textAtHead: () => Promise.resolve(head),
      git: () => {
        const none = { ok: false, reason: 'no repository' } as const;
        return { run: () => Promise.resolve(none), objects: () => ({ read: () => none }) };
      },
      ruleFolder: '/pages',
    });
    client = testClient(toClient, toServer);
    await client.initialize(pullClient, { ui: true });
    client.open(at, text);
  };

  const simulate = (params: Partial<SimulateParams> = {}): Promise<SimulationResult | null> =>
    client.connection.sendRequest(SIMULATE, { uri, scope: 'patch', line: 0, ...params });

  const lensTitles = async (): Promise<readonly (string | undefined)[]> => {
    const lenses = await client.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
      textDocument: { uri },
    });
    return lenses.map(({ command }) => command?.title);
  };

  afterEach(() => {
    head = undefined;
    client.connection.dispose();
  });

  it('runs a patch and says what it breaks, in the data of a page', async () => {
    await open();
    const result = await simulate();
    assert.ok(result?.ok);
    assert.equal(result.headline, 'newly broken: C-LEAK');
    assert.deepEqual(result.files, ['drivers/dma/qring/qring.c']);
    assert.equal(result.tree, tree);
    const view = JSON.parse(result.view) as View;
    assert.deepEqual(
      view.runs.map(({ title, verdict }) => `${title} ${verdict}`),
      ['qring_setup() newly-broken', 'qring_release() unknown'],
    );
  });

  it('runs only the functions of a hunk, and what is unknown is no clean result', async () => {
    await open();
    const result = await simulate({ scope: 'hunk', line: lineOf('+\tq->mail = NULL;') });
    assert.ok(result?.ok);
    assert.equal(result.headline, 'unknown');
    const view = JSON.parse(result.view) as View;
    assert.deepEqual(
      view.runs.map(({ title }) => title),
      ['qring_release()'],
    );
  });

  it('runs the function at the cursor, also from a line that the patch removes', async () => {
    await open();
    const result = await simulate({ scope: 'function', line: lineOf('-free_ring:') });
    assert.ok(result?.ok);
    assert.equal(result.headline, 'newly broken: C-LEAK');
  });

  it('shows what broke as a diagnostic with the trace, until the next edit', async () => {
    await open();
    await simulate();
    const [leak] = (await client.pull(uri)).filter(({ code }) => code === 'C-LEAK');
    assert.ok(leak !== undefined);
    assert.equal(leak.source, 'iovet');
    assert.match(
      leak.message as string,
      /^qring_setup\(\): fails and keeps 4096 bytes of coherent memory \(shown by simulation, newly broken\)$/,
    );
    assert.equal(leak.range.start.line, lineOf('+\t\treturn -EIO;'));
    const trace = leak.relatedInformation!.map(({ message }) => message);
    assert.match(trace[0]!, /^1\. dma_alloc_attrs\(\)/);
    assert.match(leak.relatedInformation![0]!.location.uri, /^iovet-side:/);
    client.replace(uri, patch.replace('full memory', 'memory that is full'));
    assert.deepEqual(
      (await client.pull(uri)).filter(({ code }) => code === 'C-LEAK'),
      [],
    );
  });

  it('says in the code lenses what came of a run, and takes it back with an edit', async () => {
    await open();
    assert.deepEqual(
      (await lensTitles()).filter((title) => /imulat|newly/.test(title ?? '')),
      ['Simulate', 'Simulate this hunk', 'Simulate this hunk'],
    );
    await simulate();
    await simulate({ scope: 'hunk', line: lineOf('+\tq->mail = NULL;') });
    const now = await lensTitles();
    assert.ok(now.includes('newly broken: C-LEAK · Show'));
    assert.ok(now.includes('unknown · Show'));
    assert.ok(now.includes('Simulate this hunk'));
    client.replace(uri, `${patch}\n`);
    assert.ok((await lensTitles()).includes('Simulate'));
  });

  it('names what is missing where there is no tree, or no C under the cursor', async () => {
    const alone = 'untitled:alone.patch';
    await open(patch, alone);
    const without = await simulate({ uri: alone });
    assert.ok(without?.ok === false);
    assert.equal(without.missing, 'tree');
    assert.match(without.reason, /no kernel tree/);
    client.open(uri, patch);
    const outside = await simulate({ scope: 'hunk', line: 0 });
    assert.ok(outside?.ok === false);
    assert.equal(outside.reason, 'the cursor is in no hunk');
  });

  it('runs the function at the cursor of a C file against HEAD, and says where git has none', async () => {
    const driver = path.join(tree, 'drivers/dma/qring/qring.c');
    const text = fs.readFileSync(driver, 'utf8');
    const file = pathToFileURL(driver).href;
    await open(text.replace('\t\tgoto free_ring;', '\t\treturn -EIO;'), file);
    const at = text.split('\n').findIndex((line) => line.startsWith('int qring_setup'));
    const ask = (): Promise<SimulationResult | null> =>
      simulate({ uri: file, scope: 'function', line: at });
    const without = await ask();
    assert.ok(without?.ok === false);
    assert.match(without.reason, /text at HEAD/);
    head = text;
    const result = await ask();
    assert.ok(result?.ok);
    assert.equal(result.headline, 'newly broken: C-LEAK');
    const leak = (await client.pull(file)).find(({ code }) => code === 'C-LEAK');
    assert.match(leak?.message as string, /^qring_setup\(\): fails and keeps 4096 bytes/);
  });
});
