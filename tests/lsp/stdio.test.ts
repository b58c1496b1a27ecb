import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CancellationToken,
  CancellationTokenSource,
  DiagnosticSeverity,
  LSPErrorCodes,
  type ResponseError,
} from 'vscode-languageserver/node';
import {
  SIMULATE,
  SIMULATING,
  type SimulateParams,
  type Simulating,
  type SimulationResult,
} from '../../server/lsp/messages.ts';
import { pullClient, pushClient } from './client.ts';
import { example, root, startStdio, uriOf, type StdioServer } from './stdio.ts';

const uri = uriOf(example);
const text = fs.readFileSync(example, 'utf8');
const defects = ['iommu-map-unmap-size', 'dma-map-null-check', 'dma-map-leak-error-path'];

describe('the built server over standard input and output', () => {
  let server: StdioServer;

  beforeEach(() => {
    server = startStdio();
  });

  afterEach(async () => {
    await server.client.stop();
    assert.equal(await server.exit, 0);
    assert.equal(server.errors(), '');
  });

  it('finds the three defects of the example driver and nothing else, with steps and pages', async () => {
    const { client } = server;
    client.settings = { show: 'all' };
    await client.initialize(pullClient);
    client.open(uri, text);
    const found = await client.pull(uri);
    assert.deepEqual(
      found.map(({ code }) => code),
      defects,
    );
    const leak = found[2]!;
    assert.equal(typeof leak.message, 'string');
    assert.match(leak.message as string, /^returns -ENOSPC with .* still mapped/);
    assert.ok((leak.relatedInformation?.length ?? 0) >= 2, 'the path of the leak has steps');
    for (const { codeDescription, code } of found) {
      assert.match(codeDescription?.href ?? '', new RegExp(`/docs/rules/${String(code)}\\.md$`));
    }
  });

  it('stops a simulation in its thread when it is cancelled, and runs the next one', async () => {
    const { client } = server;
    const folder = path.join(root, 'test-fixtures/simulation');
    const patch = path.join(folder, 'qring-error.patch');
    client.settings = { kernelTree: folder };
    await client.initialize(pullClient, { ui: true });
    client.open(uriOf(patch), fs.readFileSync(patch, 'utf8'));
    const params: SimulateParams = { uri: uriOf(patch), scope: 'patch', line: 0 };
    const cancel = new CancellationTokenSource();
    const heard: string[] = [];
    client.connection.onNotification(SIMULATING, ({ function: name }: Simulating) => {
      heard.push(name);
      cancel.cancel();
    });
    const simulate = (token: CancellationToken): Promise<SimulationResult | null> =>
      client.connection.sendRequest(SIMULATE, params, token);
    const first = await simulate(cancel.token).catch(
      (error: unknown) => (error as ResponseError).code,
    );
    assert.ok(first === null || first === LSPErrorCodes.RequestCancelled, JSON.stringify(first));
    assert.deepEqual(heard, ['qring_setup'], 'only the function that ran was begun');
    const second = await simulate(CancellationToken.None);
    assert.ok(second?.ok);
    assert.equal(second.headline, 'newly broken: C-LEAK');
  });

  it('clears a finding when its fix is applied, in a client that only takes pushes', async () => {
    const { client } = server;
    await client.initialize(pushClient, { show: 'all' });
    client.open(uri, text);
    const found = await client.pushed(uri, (d) => d.length === defects.length);
    const nullCheck = found.find(({ code }) => code === 'dma-map-null-check')!;
    const [fix] = await client.actions(uri, nullCheck);
    assert.match(fix!.title, /^Use dma_mapping_error/);
    const [change] = fix!.edit!.documentChanges!;
    assert.ok(change !== undefined && 'edits' in change);
    for (const edit of change.edits) {
      assert.ok('newText' in edit);
      const { start, end } = edit.range;
      assert.equal(start.line, end.line);
      client.edit(uri, {
        line: start.line,
        from: start.character,
        to: end.character,
        text: edit.newText,
      });
    }
    const left = await client.pushed(uri, (d) => d.length === defects.length - 1);
    assert.ok(left.every(({ code }) => code !== 'dma-map-null-check'));
  });

  it('shows findings on committed lines as hints, and in full once the line is edited', async function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-head-'));
    try {
      const git = (...args: string[]): void => {
        const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
        assert.equal(spawnSync('git', [...identity, ...args], { cwd: folder }).status, 0);
      };
      const file = path.join(folder, 'qcap_mem.c');
      fs.writeFileSync(file, text);
      git('init', '-q');
      git('add', 'qcap_mem.c');
      git('commit', '-q', '-m', 'first');
      const { client } = server;
      await client.initialize(pullClient);
      client.open(uriOf(file), text);
      const severities = async (): Promise<unknown> =>
        (await client.pull(uriOf(file))).map(({ severity }) => severity);
      const { Error, Hint } = DiagnosticSeverity;
      assert.deepEqual(await severities(), [Hint, Hint, Hint]);
      const line = text.split('\n').findIndex((content) => content.includes('if (!dma)'));
      client.edit(uriOf(file), { line, from: 0, to: 0, text: ' ' });
      assert.deepEqual(await severities(), [Hint, Error, Hint]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
