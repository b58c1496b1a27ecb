import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import {
  CancellationTokenSource,
  createConnection,
  DiagnosticSeverity,
  LSPErrorCodes,
} from 'vscode-languageserver/node';
import { pullClient, pushClient, testClient, type TestClient } from '../../tests/lsp/client.ts';
import type { Git } from '../host/git.ts';
import type { Host } from '../host/host.ts';
import type { FileReview, ReviewedFinding } from '../review/review.ts';
import { lineIndex } from '../text/lineIndex.ts';
import type { Slices } from '../text/slices.ts';
import { INDEXING, STEPS, type FindingSteps, type Indexing } from './messages.ts';
import type { Reviewer } from './review.ts';
import { startServer } from './server.ts';
import { simulatorHere } from './simulate/simulator.ts';

const uri = 'file:///src/driver.c';
const text = 'int a;\n\tfirst();\n\tbad(a);\nint b;\n';

describe('language server', () => {
  let running: { client: TestClient; calls: string[]; onSlice: () => void };

  const start = (head?: string): TestClient => {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    const calls: string[] = [];
    const onSlice = (): void => {
      running.onSlice();
    };
    startServer(createConnection(toServer, toClient), {
      host: twoTrees,
      reviewer: finderOfBad(calls, onSlice),
      simulator: simulatorHere(twoTrees),
      textAtHead: () => Promise.resolve(head),
      git: noGit,
      ruleFolder: '/pages',
      turn: 0,
    });
    running = { client: testClient(toClient, toServer), calls, onSlice: () => undefined };
    return running.client;
  };

  afterEach(() => {
    running.client.connection.dispose();
  });

  it('answers a pull with the finding, its steps in order, its other end and the link to its page', async () => {
    const client = start();
    await client.initialize(pullClient, { ruleLink: 'page:{rule}' });
    client.open(uri, text);
    const [finding, ...rest] = await client.pull(uri);
    assert.deepEqual(rest, []);
    assert.deepEqual(finding, {
      range: { start: { line: 2, character: 5 }, end: { line: 2, character: 6 } },
      severity: DiagnosticSeverity.Error,
      source: 'iovet',
      code: 'bad-call',
      codeDescription: { href: 'page:bad-call' },
      message: 'passes a to bad()',
      relatedInformation: [
        { location: at(1, 1, 6), message: '1. first() ran here' },
        { location: at(0, 4, 5), message: 'declared here' },
      ],
    });
  });

  it('says unchanged for the text that it answered before, and reviews it only once', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, text);
    const ask = (previousResultId?: string): Promise<{ kind: string; resultId: string }> =>
      client.connection.sendRequest('textDocument/diagnostic', {
        textDocument: { uri },
        previousResultId,
      });
    const first = await ask();
    assert.equal((await ask(first.resultId)).kind, 'unchanged');
    assert.deepEqual(running.calls, ['open nothing', 'check /src/driver.c']);
  });

  it('follows incremental edits until the finding is gone', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, text);
    assert.equal((await client.pull(uri)).length, 1);
    client.edit(uri, { line: 2, from: 1, to: 4, text: 'good' });
    assert.deepEqual(await client.pull(uri), []);
  });

  it('pushes to a client that does not pull, and clears what a closed document had', async () => {
    const client = start();
    await client.initialize(pushClient);
    client.open(uri, text);
    const [finding] = await client.pushed(uri, (d) => d.length === 1);
    assert.equal(finding?.code, 'bad-call');
    client.edit(uri, { line: 2, from: 1, to: 4, text: 'good' });
    await client.pushed(uri, (d) => d.length === 0);
    client.edit(uri, { line: 2, from: 1, to: 5, text: 'bad' });
    await client.pushed(uri, (d) => d.length === 1);
    client.close(uri);
    await client.pushed(uri, (d) => d.length === 0);
    assert.equal(running.calls.at(-1), 'close /src/driver.c');
  });

  it('shows findings on lines that are as at HEAD as hints, unless iovet.show is all', async () => {
    const client = start(text.replace('int b', 'int c'));
    await client.initialize(pullClient);
    client.open(uri, text);
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Hint);
    client.edit(uri, { line: 2, from: 8, to: 8, text: ' ' });
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Error);
    client.settings = { show: 'all' };
    await client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: null,
    });
    client.edit(uri, { line: 2, from: 8, to: 9, text: '' });
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Error);
  });

  it('compares with HEAD only once the workspace is trusted', async () => {
    const client = start(text);
    await client.initialize(pullClient, { trusted: false });
    client.open(uri, text);
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Error);
    await client.connection.sendNotification('iovet/trusted');
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Hint);
  });

  it('offers the fix, a suppression with the indentation of the line, and the page', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, text);
    const [finding] = await client.pull(uri);
    const actions = await client.actions(uri, finding!);
    assert.deepEqual(
      actions.map(({ title }) => title),
      ['Pass b', 'Suppress bad-call with a comment', 'Open page of bad-call'],
    );
    const [fix, suppress] = actions.map(({ edit }) => edit?.documentChanges?.[0]);
    assert.deepEqual(fix, {
      textDocument: { uri, version: 1 },
      edits: [{ range: finding!.range, newText: 'b' }],
    });
    assert.deepEqual(suppress, {
      textDocument: { uri, version: 1 },
      edits: [
        {
          range: at(2, 0, 0).range,
          newText: '\t/* iovet: allow(bad-call): reason */\n',
        },
      ],
    });
  });

  it('answers the steps of the finding at the cursor, and ends them at the finding', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, text);
    const found = await client.connection.sendRequest<FindingSteps>(STEPS, {
      uri,
      position: { line: 2, character: 0 },
    });
    assert.deepEqual(found.steps, [
      { ...at(1, 1, 6), message: 'first() ran here' },
      { ...at(2, 5, 6), message: 'passes a to bad()' },
    ]);
    assert.equal(
      await client.connection.sendRequest(STEPS, { uri, position: { line: 3, character: 0 } }),
      null,
    );
  });

  it('shows what was not analysed as diagnostics only where the client has no list', async () => {
    const plain = start();
    await plain.initialize(pullClient);
    plain.open(uri, 'hard();\n');
    const [problem] = await plain.pull(uri);
    assert.equal(problem?.message, 'not analysed: f(): too many states');
    plain.connection.dispose();
    const own = start();
    await own.initialize(pullClient, { ui: true });
    own.open(uri, 'hard();\n');
    assert.deepEqual(await own.pull(uri), []);
    assert.deepEqual(await own.connection.sendRequest('iovet/notAnalysed'), [
      { uri, line: 0, function: 'f', reason: 'too many states' },
    ]);
  });

  it('shows progress while many documents wait, and ends it', async () => {
    const client = start();
    const seen: string[] = [];
    client.connection.onRequest('window/workDoneProgress/create', () => null);
    const ended = new Promise<void>((resolve) => {
      client.connection.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
        seen.push(value.kind);
        if (value.kind === 'end') resolve();
      });
    });
    await client.initialize({ ...pullClient, window: { workDoneProgress: true } });
    const uris = Array.from({ length: 20 }, (_, i) => `file:///src/driver${i}.c`);
    for (const each of uris) client.open(each, text);
    await Promise.all(uris.map((each) => client.pull(each)));
    await ended;
    assert.equal(seen[0], 'begin');
    assert.ok(seen.includes('report'));
  });

  it('opens one review per kernel tree, and one for files outside of any', async () => {
    const client = start();
    await client.initialize(pullClient);
    const files = ['/a/drivers/x.c', '/b/drivers/x.c', '/a/drivers/y.c', '/src/driver.c'];
    for (const file of files) {
      client.open(`file://${file}`, text);
      await client.pull(`file://${file}`);
    }
    const opened = running.calls.filter((call) => call.startsWith('open'));
    assert.deepEqual(opened, ['open /a', 'open /b', 'open nothing']);
    assert.deepEqual(
      running.calls.filter((call) => call.startsWith('check')),
      ['check drivers/x.c', 'check drivers/x.c', 'check drivers/y.c', 'check /src/driver.c'],
    );
  });

  it('survives a review that throws: the error is logged, the next document is answered', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open('file:///src/crash.c', 'crash();\n');
    assert.deepEqual(await client.pull('file:///src/crash.c'), []);
    client.open(uri, text);
    assert.equal((await client.pull(uri)).length, 1);
    assert.match(client.log.join('\n'), /internal error in the review of file:\/\/\/src\/crash\.c/);
  });

  it('reviews again what a header on disk may have changed, but not for documents of the editor', async () => {
    const client = start();
    await client.initialize(pullClient);
    const driver = 'file:///a/drivers/x.c';
    client.open(driver, text);
    await client.pull(driver);
    const changed = (file: string): Promise<void> =>
      client.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: `file://${file}`, type: 2 }],
      });
    await changed('/a/drivers/x.c');
    await client.pull(driver);
    await changed('/a/include/linux/iommu.h');
    await client.pull(driver);
    assert.deepEqual(running.calls, [
      'open /a',
      'check drivers/x.c',
      'changed include/linux/iommu.h',
      'check drivers/x.c',
    ]);
  });

  it('takes the tree that is set, and names one that is none', async () => {
    const client = start();
    client.settings = { kernelTree: '/b' };
    await client.initialize(pullClient);
    client.open(uri, text);
    await client.pull(uri);
    client.settings = { kernelTree: '/c' };
    await client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: null,
    });
    await client.pull(uri);
    assert.deepEqual(
      running.calls.filter((call) => call.startsWith('open')),
      ['open /b', 'open nothing'],
    );
    assert.match(client.log.join('\n'), /iovet\.kernelTree: \/c is no kernel tree/);
  });

  it('drops a request that is cancelled before its turn', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, text);
    const cancel = new CancellationTokenSource();
    const asked = client.connection.sendRequest(
      'textDocument/diagnostic',
      { textDocument: { uri } },
      cancel.token,
    );
    cancel.cancel();
    await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
    assert.deepEqual(running.calls, []);
    assert.equal((await client.pull(uri)).length, 1);
  });

  it('begins a long review anew when the text goes on, and answers for the newest', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, `slow();\n${text}`);
    const asked = client.pull(uri);
    running.onSlice = () => {
      running.onSlice = () => undefined;
      client.edit(uri, { line: 0, from: 0, to: 4, text: 'fast' });
    };
    assert.equal((await asked).length, 1);
    assert.deepEqual(running.calls, [
      'open nothing',
      'check /src/driver.c',
      'check /src/driver.c',
      'done /src/driver.c',
    ]);
  });

  it('drops a long review when its request is cancelled on the way', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, 'slow();\n');
    const cancel = new CancellationTokenSource();
    running.onSlice = () => {
      running.onSlice = () => undefined;
      cancel.cancel();
    };
    const asked = client.connection.sendRequest(
      'textDocument/diagnostic',
      { textDocument: { uri } },
      cancel.token,
    );
    await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
    assert.deepEqual(running.calls, ['open nothing', 'check /src/driver.c']);
  });

  it('tells a client with a status item how far a long review is, up to its end', async () => {
    const client = start();
    const seen: (number | null)[] = [];
    const ended = new Promise<void>((resolve) => {
      client.connection.onNotification(INDEXING, ({ percent }: Indexing) => {
        seen.push(percent);
        if (percent === null) resolve();
      });
    });
    await client.initialize(pullClient, { ui: true });
    client.open(uri, 'slow(60);\n');
    await client.pull(uri);
    await ended;
    assert.equal(seen[0], 33);
    assert.deepEqual(seen.slice(-2), [100, null]);
    assert.deepEqual(
      seen.slice(0, -1),
      seen.slice(0, -1).toSorted((a, b) => a! - b!),
    );
  });

  it('puts a suppression inside a macro on a continued line of its own', async () => {
    const client = start();
    await client.initialize(pullClient);
    client.open(uri, '#define CALL(a) \\\n\tbad(a)\n');
    const [finding] = await client.pull(uri);
    const [, suppress] = await client.actions(uri, finding!);
    assert.deepEqual(suppress?.edit?.documentChanges, [
      {
        textDocument: { uri, version: 1 },
        edits: [
          {
            range: at(1, 0, 0).range,
            newText: '\t/* iovet: allow(bad-call): reason */ \\\n',
          },
        ],
      },
    ]);
  });

  it('takes settings from the initialization options of a client that has no answer when asked', async () => {
    const client = start(text);
    client.settings = null;
    await client.initialize(pullClient, { show: 'all' });
    client.open(uri, text);
    assert.equal((await client.pull(uri))[0]?.severity, DiagnosticSeverity.Error);
  });

  it('names a setting that it cannot use and goes on with the default', async () => {
    const client = start();
    client.settings = { show: 'some', rules: { 'bad-call': 'loud', 'no-such': 'off' } };
    await client.initialize(pullClient);
    client.open(uri, text);
    assert.equal((await client.pull(uri)).length, 1);
    assert.match(client.log.join('\n'), /iovet\.show: "some" is not "changed" or "all"/);
    assert.match(client.log.join('\n'), /iovet\.rules: bad-call is not/);
    assert.match(client.log.join('\n'), /iovet\.rules: no rule named no-such/);
  });
});

const at = (line: number, from: number, to: number): { uri: string; range: WireRange } => ({
  uri,
  range: { start: { line, character: from }, end: { line, character: to } },
});
type WireRange = FindingSteps['range'];

/** Two kernel trees, /a and /b, as far as finding them goes. */
const twoTrees: Host = {
  readText: (file) =>
    /^\/[ab]\/Makefile$/.test(file)
      ? { ok: true, text: 'VERSION = 7\n', lossy: false }
      : { ok: false, problem: { file, reason: 'no such file' } },
  readBytes: () => undefined,
  list: () => undefined,
  kind: (file) =>
    /^\/[ab]\/Kbuild$/.test(file)
      ? 'file'
      : /^\/[ab]\/include\/linux$/.test(file)
        ? 'folder'
        : 'missing',
};

/**
 * Stands in for the review: reports every `bad(x)`, cannot analyse `hard()`, throws on `crash()`,
 * and goes on for a number of slices on `slow(number)`, very many without one.
 */
function finderOfBad(calls: string[], onSlice: () => void): Reviewer {
  const check = function* (file: string, source: string): Slices<FileReview> {
    calls.push(`check ${file}`);
    const slow = /slow\((\d*)\)/.exec(source);
    if (slow !== null) {
      const slices = Number(slow[1] === '' ? 100_000 : slow[1]);
      for (let slice = 1; slice <= slices; slice++) {
        onSlice();
        yield slice / slices;
      }
    }
    if (source.startsWith('fast')) calls.push(`done ${file}`);
    if (source.includes('crash()')) throw new Error('a defect of the review');
    const index = lineIndex(source);
    const placed = (
      start: number,
      length: number,
    ): Pick<ReviewedFinding, 'file' | 'span' | 'range'> => {
      const span = { start, end: start + length };
      return { file, span, range: index.range(span) };
    };
    const findings = [...source.matchAll(/bad\((\w)\)/g)].map(
      ({ index: start }): ReviewedFinding => {
        const place = placed(start + 4, 1);
        return {
          ...place,
          rule: 'bad-call',
          severity: 'error',
          confidence: 'high',
          function: '',
          message: 'passes a to bad()',
          lineText: '',
          fingerprint: '',
          stem: '',
          builds: [],
          steps: [
            { ...placed(source.indexOf('first'), 5), message: 'first() ran here', function: '' },
          ],
          related: [{ ...placed(4, 1), message: 'declared here', function: '' }],
          fixes: [{ title: 'Pass b', safe: true, edits: [{ ...place, text: 'b' }] }],
        };
      },
    );
    const incomplete = source.includes('hard()')
      ? [{ file, line: 1, function: 'f', reason: 'too many states' }]
      : [];
    return { file, findings, incomplete, functions: 1, analysed: 1, suppressed: 0, allowed: [] };
  };
  return {
    open: (tree: string | undefined) => {
      calls.push(`open ${tree ?? 'nothing'}`);
      return Promise.resolve({
        kernel: { version: '7.3', source: 'newest' },
        check,
        reviewSeries: () => {
          throw new Error('patches are tested in patch/');
        },
        readings: () => [],
        changed: (file) => {
          calls.push(`changed ${file}`);
        },
        close: (file) => {
          calls.push(`close ${file}`);
        },
      });
    },
    rule: () => undefined,
  };
}

/** No test here asks git. */
const noGit = (): Git => {
  const none = { ok: false, reason: 'git is not installed' } as const;
  return { run: () => Promise.resolve(none), objects: () => ({ read: () => none }) };
};
