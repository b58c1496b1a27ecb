import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createConnection, type CodeLens } from 'vscode-languageserver/node';
import { pullClient, testClient, type TestClient } from '../../../tests/lsp/client.ts';
import type { Host } from '../../host/host.ts';
import { nodeHost } from '../../host/nodeHost.ts';
import type { View } from '../../report/view/view.ts';
import {
  SIDE,
  SIMULATE,
  type SideText,
  type SimulateParams,
  type SimulationResult,
} from '../messages.ts';
import type { Reviewer } from '../review.ts';
import { createReviewer } from '../reviewer.ts';
import { startServer } from '../server.ts';
import { simulationRunner, type SimulationJob } from './job.ts';
import { simulatorHere, type Simulator } from './simulator.ts';

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
  let simulator: Simulator = simulatorHere(nodeHost);
  let reviewer: Reviewer = createReviewer(host, '/program');

  const open = async (text = patch, at = uri, options: object = {}): Promise<void> => {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    startServer(createConnection(toServer, toClient), {
      host: nodeHost,
      reviewer,
      simulator,
      textAtHead: () => Promise.resolve(head),
      git: () => {
        const none = { ok: false, reason: 'no repository' } as const;
        return { run: () => Promise.resolve(none), objects: () => ({ read: () => none }) };
      },
      ruleFolder: '/pages',
    });
    client = testClient(toClient, toServer);
    await client.initialize(pullClient, { ui: true, ...options });
    client.open(at, text);
  };

  const simulate = (params: Partial<SimulateParams> = {}): Promise<SimulationResult | null> =>
    client.connection.sendRequest(SIMULATE, { uri, scope: 'patch', line: 0, ...params });

  const setTo = async (settings: unknown): Promise<void> => {
    client.settings = settings;
    await client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: null,
    });
  };

  const lensTitles = async (): Promise<readonly (string | undefined)[]> => {
    const lenses = await client.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
      textDocument: { uri },
    });
    return lenses.map(({ command }) => command?.title);
  };

  afterEach(() => {
    head = undefined;
    simulator = simulatorHere(nodeHost);
    reviewer = createReviewer(host, '/program');
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

  it('runs a patch while its review goes on', async () => {
    const usual = reviewer;
    let isReviewing = true;
    reviewer = {
      ...usual,
      open: async (...given) => {
        const opened = await usual.open(...given);
        return {
          ...opened,
          reviewSeries: function* (series, change, files) {
            while (isReviewing) yield 0;
            return yield* opened.reviewSeries(series, change, files);
          },
        };
      },
    };
    await open();
    const diagnostics = client.pull(uri);
    const result = await simulate();
    isReviewing = false;
    assert.ok(result?.ok);
    assert.equal(result.headline, 'newly broken: C-LEAK');
    await diagnostics;
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

  it('ends a run when the same is asked for again, and gives the newer one alone', async () => {
    const here = simulator;
    const waiting: string[] = [];
    simulator = {
      ...here,
      run: (job, watcher) => {
        if (waiting.length > 0) return here.run(job, watcher);
        waiting.push(job.subject);
        return new Promise((resolve) => {
          watcher.onCancel(() => {
            assert.ok(watcher.isCancelled());
            resolve(undefined);
          });
        });
      },
    };
    await open();
    const first = simulate();
    // The other hunk is something else: it ends nothing.
    while (waiting.length === 0) await new Promise((again) => setTimeout(again, 5));
    const hunk = await simulate({ scope: 'hunk', line: lineOf('+\tq->mail = NULL;') });
    assert.ok(hunk?.ok);
    const second = await simulate();
    assert.equal(await first, null);
    assert.ok(second?.ok);
    assert.equal(second.headline, 'newly broken: C-LEAK');
  });

  it('says where a hunk does not apply, and what is there instead', async () => {
    await open(patch.replace('-\t\tgoto free_ring;', '-\t\tgoto other_ring;'));
    const result = await simulate();
    assert.ok(result?.ok);
    assert.equal(result.headline, 'not simulated');
    const { runs, notSimulated } = JSON.parse(result.view) as View;
    assert.deepEqual(runs, []);
    assert.match(
      notSimulated.join('\n'),
      /qring-error\.patch:\d+: hunk 1 of qring\.c .*does not apply: line 26 has .*goto free_ring;/,
    );
  });

  it('runs patches without git; of a C file it says that there is nothing to compare with', async () => {
    await open();
    head = undefined;
    const result = await simulate();
    assert.ok(result?.ok);
    const file = pathToFileURL(path.join(tree, 'drivers/dma/qring/qring.c')).href;
    client.open(file, fs.readFileSync(path.join(tree, 'drivers/dma/qring/qring.c'), 'utf8'));
    const whole = await simulate({ uri: file, scope: 'document' });
    assert.ok(whole?.ok === false);
    assert.equal(
      whole.reason,
      'a C file is simulated against its text at HEAD, and git has none of it',
    );
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

  it('runs a patch on top of those before it, as the editor shows them', async () => {
    const mails = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-mails-'));
    try {
      const first = `Subject: [PATCH 1/2] ready twice\n\n---\n${[
        'diff --git a/drivers/dma/qring/qring.c b/drivers/dma/qring/qring.c',
        '--- a/drivers/dma/qring/qring.c\n+++ b/drivers/dma/qring/qring.c',
        '@@ -28,2 +28,2 @@',
        '-\tq->ready = 1;\n+\tq->ready = 2;\n \treturn 0;\n',
      ].join('\n')}`;
      const second = patch.replace('[PATCH]', '[PATCH 2/2]').replace('ready = 1', 'ready = 2');
      fs.writeFileSync(path.join(mails, '0001-ready.patch'), first.replace('= 2', '= 3'));
      const last = pathToFileURL(path.join(mails, '0002-error.patch')).href;
      await open(second, last);
      client.settings = { kernelTree: tree };
      client.open(pathToFileURL(path.join(mails, '0001-ready.patch')).href, first);
      const result = await simulate({ uri: last });
      assert.ok(result?.ok);
      assert.equal(result.headline, 'newly broken: C-LEAK');
      const view = JSON.parse(result.view) as View;
      assert.ok(view.runs.every(({ verdict }) => verdict !== 'not-simulated'));
    } finally {
      fs.rmSync(mails, { recursive: true });
    }
  });

  describe('of a C file', () => {
    const driver = path.join(tree, 'drivers/dma/qring/qring.c');
    const text = fs.readFileSync(driver, 'utf8');
    const leaking = text.replace('\t\tgoto free_ring;', '\t\treturn -EIO;');
    const file = pathToFileURL(driver).href;
    const at = (start: string): number =>
      text.split('\n').findIndex((line) => line.startsWith(start));
    const ask = (start = 'int qring_setup'): Promise<SimulationResult | null> =>
      simulate({ uri: file, scope: 'function', line: at(start) + 2 });
    const viewOf = (result: SimulationResult | null): View => {
      assert.ok(result?.ok, JSON.stringify(result));
      return JSON.parse(result.view) as View;
    };

    it('run the function at the cursor against HEAD', async () => {
      await open(leaking, file);
      head = text;
      const result = await ask();
      assert.ok(result?.ok);
      assert.equal(result.headline, 'newly broken: C-LEAK');
      const leak = (await client.pull(file)).find(({ code }) => code === 'C-LEAK');
      assert.match(leak?.message as string, /^qring_setup\(\): fails and keeps 4096 bytes/);
    });

    it('have the text that they were compared with as the side before, also after an edit', async () => {
      await open(leaking, file);
      head = text;
      const result = await ask();
      assert.ok(result?.ok);
      assert.deepEqual([result.files, result.heads], [[], ['drivers/dma/qring/qring.c']]);
      client.replace(file, `${leaking}\n`);
      const params = { document: file, patch: null, path: result.heads[0]! };
      const side = (which: 'before' | 'after'): Promise<SideText | null> =>
        client.connection.sendRequest(SIDE, { ...params, side: which });
      assert.equal((await side('before'))?.text, text);
      assert.equal(await side('after'), null);
    });

    it('run a function as it is where nothing of it changed, or git has none of the file', async () => {
      await open(leaking, file);
      head = leaking;
      for (const known of [leaking, undefined]) {
        head = known;
        const result = await ask();
        const [run] = viewOf(result).runs;
        assert.ok(result?.ok);
        assert.deepEqual([run?.title, run?.sides], ['qring_setup()', ['after']]);
        assert.match(viewOf(result).subject, /^qring_setup\(\) of .*qring\.c as it is$/);
      }
      const outside = await simulate({ uri: file, scope: 'function', line: 0 });
      assert.ok(outside?.ok === false);
      assert.equal(outside.reason, 'the cursor is in no function');
    });

    it('are offered above functions once the setting asks for it', async () => {
      await open(leaking, file);
      const lenses = (): Promise<CodeLens[]> =>
        client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: file } });
      assert.deepEqual(await lenses(), []);
      await setTo({ codeLens: { functions: true } });
      assert.deepEqual(
        (await lenses()).map(({ command, range }) => `${range.start.line} ${command?.title}`),
        ['int qring_setup', 'u64 qring_slot', 'void qring_release'].map((l) => `${at(l)} Simulate`),
      );
      head = text;
      await ask();
      assert.deepEqual(
        (await lenses()).map(({ command }) => command?.title),
        ['newly broken: C-LEAK · Show', 'Simulate', 'Simulate'],
      );
    });
  });

  describe('in own situations', () => {
    let folder: string;

    beforeEach(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-situation-'));
    });
    afterEach(() => {
      fs.rmSync(folder, { recursive: true });
    });

    const written = (name: string, content: string): string => {
      const file = path.join(folder, name);
      fs.writeFileSync(file, content);
      return file;
    };

    it('are not read in a folder that nobody trusts, and the built-in ones run', async () => {
      await open(patch, uri, { trusted: false });
      const right = written('bare.json', '{ "name": "bare", "summary": "nothing is stated" }');
      await setTo({ simulate: { situations: [right, path.join(folder, 'absent.json')] } });
      const result = await simulate();
      assert.ok(result?.ok);
      assert.equal(result.headline, 'newly broken: C-LEAK');
      const { runs, notSimulated } = JSON.parse(result.view) as View;
      assert.ok(runs.every(({ situation }) => situation !== 'nothing is stated'));
      assert.deepEqual(notSimulated, []);
    });

    it('run beside the built-in ones; a wrong one is named with its line and field', async () => {
      await open();
      const right = written('bare.json', '{ "name": "bare", "summary": "nothing is stated" }');
      const wrong = written('wrong.json', '{\n  "name": "wrong",\n  "sumary": "a typing error"\n}');
      const absent = path.join(folder, 'absent.json');
      await setTo({ simulate: { situations: [right, wrong, absent] } });
      const result = await simulate();
      assert.ok(result?.ok);
      const { runs, notSimulated } = JSON.parse(result.view) as View;
      assert.ok(runs.some(({ situation }) => situation === 'nothing is stated'));
      assert.ok(runs.some(({ situation }) => situation === 'each DMA and IOMMU call may fail'));
      const said = notSimulated.join('\n');
      assert.match(
        said,
        /wrong\.json:1: situation: "summary" is missing\n.*wrong\.json:3: situation: .*"sumary"/,
      );
      assert.match(said, /absent\.json:1: situation: .+/);
    });
  });

  it('are run again when a file that they read is another one, and answered at once otherwise', () => {
    const started: string[] = [];
    const texts = new Map<string, string>();
    const runner = simulationRunner({
      ...nodeHost,
      readText: (file) => {
        const text = texts.get(file);
        return text === undefined ? nodeHost.readText(file) : { ok: true, text, lossy: false };
      },
    });
    const verdicts = (): readonly string[] =>
      runner
        .run(
          {
            ...{ tree, texts: [], situations: [], subject: 'a patch' },
            changed: { kind: 'patch', text: patch, name: 'qring-error.patch', patch: 0 },
          },
          { now: () => 0, cancelled: () => false, starting: (name) => started.push(name) },
        )
        .simulation.functions.map(({ verdict }) => verdict);
    const first = verdicts();
    assert.equal(started.length, 2);
    assert.deepEqual(verdicts(), first);
    assert.equal(started.length, 2);
    const header = path.join(tree, 'include/linux/dma-mapping.h');
    texts.set(header, `${fs.readFileSync(header, 'utf8')}\n/* more */\n`);
    assert.deepEqual(verdicts(), first);
    assert.equal(started.length, 4);
  });

  it('are prepared for once the patch was reviewed, one time for each document', async () => {
    const prepared: SimulationJob[] = [];
    simulator = { ...simulator, prepare: (job) => prepared.push(job) };
    await open();
    await client.pull(uri);
    client.replace(uri, `${patch}\n`);
    await client.pull(uri);
    assert.deepEqual(
      prepared.map((job) => job.changed.kind === 'patch' && job.changed.text),
      [patch],
    );
  });

  it('find what they read first read where they were prepared for, and say the same', () => {
    const read: string[] = [];
    const runner = simulationRunner({
      ...nodeHost,
      readText: (file) => {
        read.push(file);
        return nodeHost.readText(file);
      },
    });
    const job: SimulationJob = {
      ...{ tree, texts: [], situations: [], subject: 'a patch' },
      changed: { kind: 'patch', text: patch, name: 'qring-error.patch', patch: 0 },
    };
    runner.prepare(job);
    assert.ok(read.includes(path.join(tree, 'include/linux/dma-mapping.h')));
    const watcher = { now: () => 0, cancelled: () => false, starting: () => undefined };
    const { simulation } = simulationRunner(nodeHost).run(job, watcher);
    assert.deepEqual(runner.run(job, watcher).simulation, simulation);
  });

  it('stop in the middle when nobody wants them any more', () => {
    const started: string[] = [];
    const outcome = simulationRunner(nodeHost).run(
      {
        ...{ tree, texts: [], situations: [], subject: 'a patch' },
        changed: { kind: 'patch', text: patch, name: 'qring-error.patch', patch: 0 },
      },
      {
        now: () => 0,
        cancelled: () => started.length > 0,
        starting: (name) => started.push(name),
      },
    );
    assert.deepEqual(started, ['qring_setup']);
    assert.deepEqual(
      outcome.simulation.functions.flatMap(({ before, after }) => [before, after]),
      [undefined, undefined],
    );
  });
});
