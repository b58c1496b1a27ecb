import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pullClient } from './client.ts';
import { example, startStdio, uriOf, type StdioServer } from './stdio.ts';

const good = fs.readFileSync(example, 'utf8');

/** Bytes that look random and are the same in every run (xorshift32). */
function noise(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  let state = 0x9e3779b9;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

const broken: readonly (readonly [name: string, text: string])[] = [
  ['an empty file', ''],
  ['a binary file', noise(20_000).toString('latin1')],
  ['5 MB of random bytes, read as Latin-1', noise(5 << 20).toString('latin1')],
  [
    'an unterminated comment',
    good.replace('/* Defect 1', '/* Defect 1 '.repeat(3)).replaceAll('*/', ''),
  ],
  ['an unterminated string', good.replace('SZ_2M', '"SZ_2M')],
  ['an unterminated #if', `#if 1\n${good}`],
  ['10,000 open braces', 'int f(void) {'.repeat(10_000)],
  ['a line of 1 MB', `int a = ${'1+'.repeat(500_000)}1;`],
  ['lone surrogates and NUL', `int \ud800a\0b;\n${good}`],
];

describe('the built server on bad input', function () {
  this.timeout(120_000);
  let server: StdioServer;

  before(async () => {
    server = startStdio();
    server.client.settings = { show: 'all' };
    await server.client.initialize(pullClient);
  });

  after(async () => {
    await server.client.stop();
    assert.equal(await server.exit, 0);
    assert.equal(server.errors(), '');
  });

  /** The example driver is answered as ever: the server is alive and has not mixed anything up. */
  const stillAnswers = async (name: string): Promise<void> => {
    const uri = `file:///robust/${encodeURIComponent(name)}.c`;
    server.client.open(uri, good);
    assert.equal((await server.client.pull(uri)).length, 3);
    server.client.close(uri);
  };

  for (const [name, text] of broken) {
    it(`answers ${name}, edits of it, and the next file`, async () => {
      const uri = `file:///robust/bad-${encodeURIComponent(name)}.c`;
      server.client.open(uri, text);
      await server.client.pull(uri);
      server.client.edit(uri, { line: 0, from: 0, to: 0, text: '/* ' });
      await server.client.pull(uri);
      server.client.replace(uri, good);
      assert.equal((await server.client.pull(uri)).length, 3);
      server.client.close(uri);
      await stillAnswers(name);
    });
  }

  it('gives the same findings for CRLF as for LF, on the same lines', async () => {
    const [lf, crlf] = ['file:///robust/lf.c', 'file:///robust/crlf.c'];
    server.client.open(lf, good);
    server.client.open(crlf, good.replaceAll('\n', '\r\n'));
    const places = async (uri: string): Promise<unknown> =>
      (await server.client.pull(uri)).map(({ code, range, message }) => ({ code, range, message }));
    assert.deepEqual(await places(crlf), await places(lf));
  });

  it('goes on when the file, and its folder, vanish while it is open', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-vanish-'));
    const file = path.join(folder, 'driver.c');
    fs.writeFileSync(file, good);
    const uri = uriOf(file);
    server.client.open(uri, good);
    assert.equal((await server.client.pull(uri)).length, 3);
    fs.rmSync(folder, { recursive: true });
    await server.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri, type: 3 }],
    });
    server.client.edit(uri, { line: 0, from: 0, to: 0, text: '\n' });
    assert.equal((await server.client.pull(uri)).length, 3);
    await stillAnswers('vanished');
  });

  it('answers nothing for documents that are no files, and for URIs that are none', async () => {
    for (const uri of ['untitled:Untitled-1', 'file://%zz', 'git:/a.c?HEAD', '']) {
      server.client.open(uri, good);
      assert.deepEqual(await server.client.pull(uri), []);
    }
    await stillAnswers('odd URIs');
  });

  it('answers the last of many edits that arrive at once', async () => {
    const uri = 'file:///robust/typing.c';
    server.client.open(uri, good);
    for (let i = 0; i < 200; i++) {
      server.client.edit(uri, { line: 0, from: 0, to: 0, text: `/* ${i} */\n` });
    }
    const found = await server.client.pull(uri);
    assert.equal(found.length, 3);
    const first = good.split('\n').findIndex((line) => line.includes(', SZ_4K);'));
    assert.equal(found[0]!.range.start.line, first + 200);
  });
});
