import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import {
  CancellationTokenSource,
  createConnection,
  DiagnosticSeverity,
  LSPErrorCodes,
  type Diagnostic,
  type DocumentLink,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
} from 'vscode-languageserver/node';
import { pullClient, pushClient, testClient, type TestClient } from '../../../tests/lsp/client.ts';
import type { Git, GitResult, GitWatch } from '../../host/git.ts';
import type { Host } from '../../host/host.ts';
import {
  APPLY,
  COMMITS,
  PATCH_PLACE,
  READING_COMMITS,
  REPLY,
  REVIEW_SERIES,
  SERIES,
  SIDE,
  TRUST,
  type ApplyEdits,
  type CommitsText,
  type PatchPlace,
  type ReadingCommits,
  type ReplyText,
  type SideText,
  type WirePosition,
  type WireRange,
  type WireSeries,
} from '../messages.ts';
import type { Reviewer } from '../review.ts';
import { createReviewer } from '../reviewer.ts';
import { startServer } from '../server.ts';
import { simulatorHere } from '../simulate/simulator.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const example = path.join(root, 'test-fixtures/workspace');
const driver = 'drivers/accel/qcap/qcap_mem.c';
const driverText = fs.readFileSync(path.join(example, driver), 'utf8');
const mbox = fs.readFileSync(path.join(example, 'qcap-doorbell.mbox'), 'utf8');
const mboxLines = mbox.split('\n');

/** 0-based line of the document that holds a text. */
const lineOf = (text: string, from = 0): number =>
  mboxLines.findIndex((line, i) => i >= from && line.includes(text));

const messageOf = (message: Diagnostic['message']): string =>
  typeof message === 'string' ? message : message.value;

/** A machine without git. */
const noGit = (): Git => {
  const none = { ok: false, reason: 'git is not installed' } as const;
  return { run: () => Promise.resolve(none), objects: () => ({ read: () => none }) };
};

describe('patches in the language server', () => {
  let client: TestClient;
  const uri = 'file:///src/mails/qcap-doorbell.mbox';

  /** A machine whose only files are those of the example, in /src, with or without a kernel tree around them. */
  const hostWith = (files: ReadonlyMap<string, string>): Host => {
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
        return entries.size === 0
          ? undefined
          : [...entries].map(([name, kind]) => ({ name, kind }));
      },
      kind: (file) =>
        files.has(file)
          ? 'file'
          : names.some((name) => name.startsWith(`${file}/`))
            ? 'folder'
            : 'missing',
    };
  };
  const driverOnly = new Map([[`/src/${driver}`, driverText]]);

  /** Files that were checked or closed as documents of their own. */
  let touched: string[] = [];

  /** A reviewer that notes what happens to the sessions of C files. */
  const noting = (reviewer: Reviewer): Reviewer => ({
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
  });

  const start = (files: ReadonlyMap<string, string> = driverOnly): void => {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    const host = hostWith(files);
    touched = [];
    startServer(createConnection(toServer, toClient), {
      host,
      reviewer: noting(createReviewer(host, '/program')),
      simulator: simulatorHere(host),
      textAtHead: () => Promise.resolve(undefined),
      git,
      ruleFolder: '/pages',
    });
    client = testClient(toClient, toServer);
  };

  /** Most tests do not ask git. */
  let git = noGit;

  afterEach(() => {
    git = noGit;
    client.connection.dispose();
  });

  const own = (found: readonly Diagnostic[]): [unknown, number, string][] =>
    found.map(({ code, range, message }) => [code, range.start.line, messageOf(message)]);

  it('shows what each patch introduces on its own lines, and what a later patch mends as such', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    const found = await client.pull(uri);
    assert.deepEqual(
      found.map(({ code, range: { start: at } }) => [code, at.line]),
      [
        ['iommu-mmio-missing', lineOf('+\t\t\t IOMMU_WRITE, GFP_KERNEL);')],
        ['dma-map-null-check', lineOf('+\tif (!req->dst_dma) {')],
      ],
    );
    const [mmio, nullCheck] = found;
    assert.match(messageOf(mmio!.message), /without IOMMU_MMIO.* \(fixed in 3\/3\)$/);
    assert.equal(mmio!.severity, DiagnosticSeverity.Information);
    assert.equal(nullCheck!.severity, DiagnosticSeverity.Error);
    const { start: from, end: to } = nullCheck!.range;
    assert.equal(mboxLines[from.line]!.slice(from.character, to.character), '!req->dst_dma');
    const [after] = nullCheck!.relatedInformation!;
    assert.match(after!.message, /^drivers\/accel\/qcap\/qcap_mem\.c:\d+ after the patch$/);
    assert.match(after!.location.uri, /^iovet-side:\/drivers\/accel\/qcap\/qcap_mem\.c\?/);
  });

  it('sends the series to a client that shows it: introduced, fixed, not looked at', async () => {
    start();
    const sent = new Promise<WireSeries>((resolve) => {
      client.connection.onNotification(SERIES, resolve);
    });
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    await client.pull(uri);
    const series = await sent;
    assert.equal(series.title, 'v2 accel/qcap: a doorbell, and error paths');
    assert.deepEqual(
      [series.base, series.tree, series.introduced, series.fixed, series.cameAndWent],
      ['tree', '/src', 1, 1, 1],
    );
    assert.deepEqual(
      series.patches.map(({ number, introduced, fixed, otherFiles, notes }) => [
        number,
        introduced.map(({ rule, relation }) => `${rule} ${relation}`),
        fixed.map(({ rule, relation }) => `${rule} ${relation}`),
        otherFiles,
        notes.map(({ text }) => text),
      ]),
      [
        ['1/3', ['iommu-mmio-missing fixed in 3/3'], [], 0, []],
        ['2/3', ['dma-map-null-check '], ['dma-map-leak-error-path '], 0, []],
        ['3/3', [], ['iommu-mmio-missing introduced in 1/3'], 1, ['not looked at: 1 Kconfig file']],
      ],
    );
    assert.deepEqual(
      series.existing.map(({ rule, line }) => [rule, line]),
      [
        ['iommu-map-unmap-size', null],
        ['dma-map-null-check', null],
      ],
    );
    assert.deepEqual(await client.connection.sendRequest(REVIEW_SERIES, { uri }), series);
  });

  it('is an outline, folds and links to the files of the tree', async () => {
    start();
    await client.initialize(pullClient);
    client.open(uri, mbox);
    const ask = <T>(method: string): Promise<T> =>
      client.connection.sendRequest(method, { textDocument: { uri } });
    const outline = await ask<DocumentSymbol[]>('textDocument/documentSymbol');
    assert.deepEqual(
      outline.map(({ name, children }) => [name, children?.map((file) => file.name)]),
      [
        ['[PATCH v2 1/3] accel/qcap: add a doorbell window', [driver]],
        ['[PATCH v2 2/3] accel/qcap: tidy up the error paths', [driver]],
        [
          '[PATCH v2 3/3] accel/qcap: mark the doorbell as MMIO',
          ['drivers/accel/qcap/Kconfig', driver],
        ],
      ],
    );
    const hunk = outline[0]!.children![0]!.children![1]!;
    assert.equal(hunk.name, 'static void qcap_ring_exit(struct qcap_ring *ring)');
    assert.equal(hunk.detail, '+8 −0');
    assert.equal(hunk.selectionRange.start.line, lineOf('@@ -65,6 +68,14 @@'));
    const folds = await ask<FoldingRange[]>('textDocument/foldingRange');
    assert.ok(folds.some(({ startLine }) => startLine === hunk.range.start.line));
    const links = await ask<DocumentLink[]>('textDocument/documentLink');
    assert.deepEqual(
      [...new Set(links.map(({ target }) => target?.replace(/#.*/, '')))],
      [`file:///src/${driver}`],
    );
    assert.ok(links.some(({ target }) => target?.endsWith('#L65') === true));
  });

  it('serves both sides of a patched file, and says which lines the patch shows', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    const side = (patch: number | null, which: string): Promise<SideText> =>
      client.connection.sendRequest(SIDE, { document: uri, patch, path: driver, side: which });
    const before = await side(0, 'before');
    assert.equal(before.text, driverText);
    const last = await side(null, 'after');
    assert.match(last.text, /IOMMU_WRITE \| IOMMU_MMIO/);
    const [between, again] = [await side(0, 'after'), await side(1, 'before')];
    assert.equal(between.text, again.text);
    for (const [line, shown] of between.lines)
      assert.equal(mboxLines[shown]!.slice(1), between.text.split('\n')[line]);
    const place = await client.connection.sendRequest<PatchPlace>(PATCH_PLACE, {
      uri,
      line: lineOf('+\tif (!req->dst_dma) {'),
    });
    assert.deepEqual([place.patch, place.path, place.before], [1, driver, null]);
    const { text } = await side(1, 'after');
    assert.equal(text.split('\n')[place.after!], '\tif (!req->dst_dma) {');
  });

  it('names a hunk that does not apply where it stands, and reviews the others', async () => {
    const changed = driverText.replace(
      'if (dma_mapping_error(dev, req->dst_dma)) {',
      'if (bad(req)) {',
    );
    start(new Map([[`/src/${driver}`, changed]]));
    await client.initialize(pushClient);
    client.open(uri, mbox);
    const found = await client.pushed(uri, (list) => list.length > 0);
    const [failure] = own(found).filter(([, , message]) => message.includes('does not apply'));
    assert.equal(failure?.[1], lineOf('@@ -132,7 +134,7 @@'));
    assert.match(failure[2], /hunk 3 of qcap_mem\.c .*does not apply/);
    assert.ok(own(found).some(([code]) => code === 'iommu-mmio-missing'));
  });

  it('reviews the hunks alone where there is no tree, and says so', async () => {
    start(new Map());
    await client.initialize(pushClient);
    client.open(uri, mbox);
    const found = own(await client.pushed(uri, (list) => list.length > 0));
    assert.ok(found.some(([, line, message]) => line === lineOf('From 000000000000000000000000000000000abc0001') && message.startsWith('no kernel tree'))); // prettier-ignore
    assert.ok(found.some(([, , message]) => /^not analysed: qcap_copy\(\): only lines .* are in the patch/.test(message))); // prettier-ignore
  });

  it('follows edits of the patch, and of the file that it is applied to', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    assert.equal((await client.pull(uri)).length, 2);
    const line = lineOf('+\tif (!req->dst_dma) {');
    client.edit(uri, { line, from: 0, to: 99, text: '+\tif (dma_mapping_error(dev, req->dst_dma)) {' }); // prettier-ignore
    assert.deepEqual(
      (await client.pull(uri)).map(({ code }) => code),
      ['iommu-mmio-missing'],
    );
    const open = `file:///src/${driver}`;
    client.open(open, driverText.replace('/* In qcap_hw.c; ', '/* '));
    await client.pull(open);
    const found = await client.pull(uri);
    assert.ok(found.length >= 1);
    const { text } = await client.connection.sendRequest<SideText>(SIDE, {
      document: uri,
      patch: 0,
      path: driver,
      side: 'before',
    });
    assert.ok(!text.includes('In qcap_hw.c'));
  });

  it('explains findings and names inside hunks, as in the file that the patch makes', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    const hoverAt = async (text: string, name: string): Promise<Hover | null> => {
      const line = lineOf(text);
      const position = { line, character: mboxLines[line]!.indexOf(name) + 1 };
      const params = { textDocument: { uri }, position };
      return client.connection.sendRequest('textDocument/hover', params);
    };
    const finding = await hoverAt('+\tif (!req->dst_dma) {', 'req');
    assert.match(JSON.stringify(finding?.contents), /\*\*Contract\*\*.*dma-map-null-check/);
    const flag = await hoverAt('+\t\t\t IOMMU_WRITE | IOMMU_MMIO', 'IOMMU_MMIO');
    assert.match(JSON.stringify(flag?.contents), /the physical address is a device, not RAM/);
    const { start: from, end: to } = flag!.range!;
    assert.equal(mboxLines[from.line]!.slice(from.character, to.character), 'IOMMU_MMIO');
    assert.equal(await hoverAt('From: The Author', 'Author'), null);
  });

  /** Address of a side as the client writes it. */
  const sideAt = (patch: number, side: 'before' | 'after'): string =>
    `iovet-side:/${driver}?${encodeURIComponent(JSON.stringify({ document: uri, patch, path: driver, side }))}`;

  const openSide = async (patch: number, side: 'before' | 'after'): Promise<string> => {
    const params = { document: uri, patch, path: driver, side };
    const { text } = await client.connection.sendRequest<SideText>(SIDE, params);
    client.open(sideAt(patch, side), text);
    return text;
  };

  const placeOf = (text: string, line: string, name: string): WirePosition => {
    const lines = text.split('\n');
    const at = lines.findIndex((each) => each.includes(line));
    return { line: at, character: lines[at]!.indexOf(name) + 1 };
  };

  it('explains names in hunks from its own review, and leaves the sessions of C files alone', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(`file:///src/${driver}`, driverText);
    await client.pull(`file:///src/${driver}`);
    client.open(uri, mbox);
    await client.pull(uri);
    touched = [];
    for (const [line, name] of [
      // Before the first patch, between patches, and after the last one.
      ['-\tif (dma_mapping_error(dev, req->dst_dma)) {', 'dma_mapping_error'],
      ['+\t\t\t IOMMU_WRITE, GFP_KERNEL);', 'IOMMU_WRITE'],
      ['+\t\t\t IOMMU_WRITE | IOMMU_MMIO', 'IOMMU_MMIO'],
    ] as const) {
      const position = placeOf(mbox, line, name);
      const params = { textDocument: { uri }, position };
      const hover = await client.connection.sendRequest<Hover | null>('textDocument/hover', params);
      assert.match(JSON.stringify(hover?.contents), new RegExp(name));
    }
    assert.deepEqual(touched, []);
  });

  it('explains findings and names in both sides of a patched file, and shows what the patch introduces', async () => {
    start();
    await client.initialize(pullClient, { ui: true, ruleLink: 'rules:{rule}' });
    client.open(uri, mbox);
    await client.pull(uri);
    const after = await openSide(1, 'after');
    const found = await client.pull(sideAt(1, 'after'));
    assert.deepEqual(
      found.map(({ code, severity, codeDescription, range: { start: at } }) => [
        ...[code, severity, codeDescription?.href],
        after.split('\n')[at.line],
      ]),
      [['dma-map-null-check', DiagnosticSeverity.Error, 'rules:dma-map-null-check', '\tif (!req->dst_dma) {']], // prettier-ignore
    );
    const hover = await client.hover(sideAt(1, 'after'), found[0]!);
    assert.match(JSON.stringify(hover?.contents), /\*\*Contract\*\*.*rules:dma-map-null-check/);
    const before = await openSide(1, 'before');
    const mended = await client.pull(sideAt(1, 'before'));
    assert.deepEqual(
      mended.map(({ code, severity }) => [code, severity]),
      [['dma-map-leak-error-path', DiagnosticSeverity.Hint]],
    );
    const ask = <T>(
      method: string,
      side: 'before' | 'after',
      text: string,
      line: string,
      name: string,
    ): Promise<T> =>
      // prettier-ignore
      client.connection.sendRequest(`textDocument/${method}`, {
        textDocument: { uri: sideAt(1, side) },
        position: placeOf(text, line, name),
      });
    const flag = await ask<Hover | null>('hover', 'after', after, 'IOMMU_WRITE, GFP_KERNEL', 'IOMMU_WRITE'); // prettier-ignore
    assert.match(JSON.stringify(flag?.contents), /IOMMU_WRITE/);
    const check = await ask<Hover | null>('hover', 'before', before, 'if (dma_mapping_error(dev, req->dst_dma))', 'dma_mapping'); // prettier-ignore
    assert.match(JSON.stringify(check?.contents), /dma_mapping_error/);
    client.replace(sideAt(1, 'after'), `${after}\n`);
    assert.deepEqual(await client.pull(sideAt(1, 'after')), [], 'a text that is not that of the patch'); // prettier-ignore
  });

  it('leads from names in hunks and sides to their definitions, those of patched files in the same side', async () => {
    const header = 'include/linux/qcap.h';
    const files = new Map([
      [`/src/${driver}`, driverText.replace('#include <linux/', '#include <linux/qcap.h>\n#include <linux/')], // prettier-ignore
      [`/src/${header}`, '/* one */\n#define QCAP_ONE 1\n'],
    ]);
    start(files);
    await client.initialize(pullClient, { ui: true });
    const lines = files.get(`/src/${driver}`)!.trimEnd().split('\n');
    const [at, text] = [lines.length, lines.at(-1)!];
    const patch = [
      `--- a/${driver}\n+++ b/${driver}\n@@ -${at},1 +${at},3 @@\n ${text}`,
      '+static int qcap_two(void) { return QCAP_ONE + QCAP_TWO; }',
      '+static int qcap_three(void) { return qcap_two(); }',
      `--- a/${header}\n+++ b/${header}\n@@ -1,2 +1,3 @@`,
      ' /* one */\n #define QCAP_ONE 1\n+#define QCAP_TWO 2\n',
    ].join('\n');
    const small = 'file:///src/x.patch';
    client.open(small, patch);
    const ask = async (document: string, position: WirePosition): Promise<string[]> => {
      const params = { textDocument: { uri: document }, position };
      const found = await client.connection.sendRequest<{ uri: string; range: WireRange }[]>('textDocument/definition', params); // prettier-ignore
      return found.map(({ uri: to, range }) => `${to.replace(/\?.*/, '')} ${range.start.line}`);
    };
    const inPatch = (name: string): WirePosition => placeOf(patch, `return ${name}`, name);
    assert.deepEqual(await ask(small, inPatch('qcap_two')), [`iovet-side:/${driver} ${at}`]);
    assert.deepEqual(await ask(small, inPatch('QCAP_ONE')), [`iovet-side:/${header} 1`]);
    assert.deepEqual(await ask(small, placeOf(patch, '+ QCAP_TWO', 'QCAP_TWO')), [`iovet-side:/${header} 2`]); // prettier-ignore
    const file = `file:///src/${driver}`;
    client.open(file, driverText);
    const none = await client.connection.sendRequest('textDocument/definition', {
      textDocument: { uri: file },
      position: { line: at, character: 12 },
    });
    assert.equal(none, null, 'files on disk have other servers for that');
  });

  it('lends its words to draft comments, and makes the reply of those that are kept', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    const series = await client.connection.sendRequest<WireSeries>(REVIEW_SERIES, { uri });
    const [nullCheck] = series.patches[1]!.introduced;
    assert.match(nullCheck!.comment, /^qcap_prepare\(\) tests req->dst_dma for 0/);
    const { mail } = await client.connection.sendRequest<ReplyText>(REPLY, {
      uri,
      patch: 1,
      comments: [{ line: nullCheck!.line, text: 'Address 0 is valid.' }],
    });
    assert.match(
      mail,
      /^To: The Author <author@example\.org>\nCc: iommu@lists\.example\.org\nSubject: Re: \[PATCH v2 2\/3\]/,
    );
    assert.match(mail, /\n> \+\tif \(!req->dst_dma\) \{\n\nAddress 0 is valid\.\n$/);
  });

  it('drops a review that is cancelled, and answers the next one', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    const cancel = new CancellationTokenSource();
    const asked = client.connection.sendRequest(REVIEW_SERIES, { uri }, cancel.token);
    cancel.cancel();
    await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
    assert.equal((await client.pull(uri)).length, 2);
  });

  it('follows the severities and rules of the settings', async () => {
    start();
    client.settings = { rules: { 'dma-map-null-check': 'warning', 'iommu-mmio-missing': 'off' } };
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    assert.deepEqual(
      (await client.pull(uri)).map(({ code, severity }) => [code, severity]),
      [['dma-map-null-check', DiagnosticSeverity.Warning]],
    );
  });

  it('gives the edits that apply the series to the files as the editor shows them', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    const open = `file:///src/${driver}`;
    client.open(open, `// typed\n${driverText}`);
    client.open(uri, mbox);
    const edits = await client.connection.sendRequest<ApplyEdits>(APPLY, { uri, patch: null });
    assert.deepEqual(edits.problems, []);
    assert.deepEqual(edits.leftOut, ['drivers/accel/qcap/Kconfig']);
    const [file] = edits.files;
    assert.equal(file!.before, open);
    const line = driverText.split('\n').indexOf('#include <linux/sizes.h>') + 1;
    assert.deepEqual(file!.edits[0], {
      range: { start: { line, character: 0 }, end: { line, character: 0 } },
      text: '#include <linux/pci.h>\n',
    });
  });

  it('applies the last patch of a series on top of those beside it, and says so; alone it does not fit', async () => {
    const mails = mbox.split(/^(?=From [0-9a-f]{40} )/m);
    const beside = (name: string, i: number): [string, string] => [`/src/mails/${name}`, mails[i]!];
    const last = 'file:///src/mails/v2-0003-mark.patch';
    start(
      new Map([...driverOnly, beside('v2-0001-add.patch', 1), beside('v2-0002-tidy.patch', 2)]),
    );
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[3]!);
    assert.deepEqual(await client.pull(last), []);
    const series = await client.connection.sendRequest<WireSeries>(REVIEW_SERIES, { uri: last });
    assert.equal(series.fixed, 1);
    assert.equal(
      series.patches[0]!.notes[0]!.text,
      'applied on top of v2-0001-add.patch, v2-0002-tidy.patch',
    );
    client.connection.dispose();
    start(new Map([...driverOnly, beside('0001-other.patch', 1), beside('v2-0002-tidy.patch', 2)]));
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[3]!);
    assert.match(messageOf((await client.pull(last))[0]!.message), /does not apply/);
  });

  it('is reviewed anew when what it rests on is saved or given up, or a patch before it changes', async () => {
    const header = 'include/linux/sizes.h';
    const sizes = '#define SZ_4K 0x1000\n';
    const mails = mbox.split(/^(?=From [0-9a-f]{40} )/m).map((mail) => mail.replace('/3]', '/2]'));
    const first = 'file:///src/mails/v2-0001-add.patch';
    const last = 'file:///src/mails/v2-0002-tidy.patch';
    const disk = new Map([
      ...driverOnly,
      [`/src/${header}`, sizes],
      ['/src/mails/v2-0001-add.patch', mails[1]!],
    ]);
    start(disk);
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[2]!);
    const answer = async (): Promise<[string | undefined, string[]]> => {
      const report = await client.connection.sendRequest<{ resultId?: string }>(
        'textDocument/diagnostic',
        { textDocument: { uri: last } },
      );
      const series = await client.connection.sendRequest<WireSeries>(REVIEW_SERIES, { uri: last });
      return [report.resultId, series.patches[0]!.notes.map(({ text }) => text)];
    };
    const [begun, notes] = await answer();
    assert.equal(notes[0], 'applied on top of v2-0001-add.patch');
    const open = `file:///src/${header}`;
    client.open(open, sizes);
    client.replace(open, `// typed\n${sizes}`);
    assert.equal((await answer())[0], begun, 'not with every letter');
    disk.set(`/src/${header}`, `// typed\n${sizes}`);
    await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri: open } }); // prettier-ignore
    const [saved] = await answer();
    assert.notEqual(saved, begun);
    client.replace(open, `// other\n${sizes}`);
    client.close(open);
    const [closed] = await answer();
    assert.notEqual(closed, saved);
    client.open(open, `// typed\n${sizes}`);
    client.close(open);
    assert.equal((await answer())[0], closed, 'nothing was given up');
    client.open(first, mails[1]!.replace('1/2]', '1/9]'));
    assert.notEqual((await answer())[0], closed);
    assert.ok(!(await answer())[1].includes('applied on top of v2-0001-add.patch'));
    client.close(first);
    assert.equal((await answer())[1][0], 'applied on top of v2-0001-add.patch');
  });

  it('finds the source of a copy that an earlier patch of the series made', async () => {
    const head = (number: number): string =>
      `From: A <a@example.org>\nSubject: [PATCH ${number}/2] x\n\n---\n`;
    const twin = `diff --git a/${driver} b/twin.c\ncopy from ${driver}\ncopy to twin.c\n`;
    const first = `${head(1)}${twin}-- \n2.0\n`;
    const second = `${head(2)}${mbox.slice(mbox.indexOf(`--- a/${driver}`), mbox.indexOf('\n-- \n', mbox.indexOf('@@')))}\n-- \n2.0\n`;
    start(new Map([...driverOnly, ['/src/mails/0001-copy.patch', first]]));
    await client.initialize(pullClient, { ui: true });
    const last = 'file:///src/mails/0002-change.patch';
    client.open(last, second);
    assert.deepEqual(
      (await client.pull(last)).map(({ code }) => code),
      ['iommu-mmio-missing'],
    );
    client.open(uri, `${first}\n${second}`.replaceAll('From: A', `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nFrom: A`)); // prettier-ignore
    assert.deepEqual(
      (await client.pull(uri)).map(({ code }) => code),
      ['iommu-mmio-missing'],
    );
  });

  it('starts git for commits in trusted workspaces only, and hands on what it says', async () => {
    start();
    await client.initialize(pullClient, { ui: true, trusted: false });
    const ask = (): Promise<CommitsText> =>
      client.connection.sendRequest(COMMITS, { folder: '/src', range: 'HEAD~1..HEAD' });
    assert.deepEqual(await ask(), {
      ok: false,
      reason: 'the workspace is not trusted, git is not started',
    });
    await client.connection.sendNotification(TRUST);
    assert.deepEqual(await ask(), { ok: false, reason: 'git is not installed' });
  });

  it('answers everything else while git reads commits, says how far it is, and stops when told so', async () => {
    const asked: { readonly args: readonly string[]; readonly watch: GitWatch }[] = [];
    let answers: ((said: GitResult) => void)[] = [];
    const heard: (() => void)[] = [];
    git = () => ({
      ...noGit(),
      run: (args, watch = {}) =>
        new Promise((resolve) => {
          asked.push({ args, watch });
          answers.push(resolve);
          watch.signal?.addEventListener('abort', () => {
            resolve({ ok: false, reason: 'cancelled' });
          });
          heard.shift()?.();
        }),
    });
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    await client.pull(uri);
    const nextQuestion = (): Promise<void> =>
      new Promise((resolve) => {
        if (answers.length > 0) resolve();
        else heard.push(resolve);
      });
    const say = async (text: string): Promise<void> => {
      await nextQuestion();
      const [answer] = answers;
      answers = answers.slice(1);
      answer!({ ok: true, text });
    };
    const progress: [number, number][] = [];
    client.connection.onNotification(READING_COMMITS, ({ done, total }: ReadingCommits) => {
      progress.push([done, total]);
    });
    const cancel = new CancellationTokenSource();
    const params = { folder: '/src', range: 'a..b' };
    const read = client.connection.sendRequest<CommitsText>(COMMITS, params, cancel.token);
    await say('/src\n');
    await say(`${'1'.repeat(40)} ${'0'.repeat(40)}\n${'2'.repeat(40)} ${'1'.repeat(40)}\n`);
    await nextQuestion();
    assert.equal(asked.at(-1)!.args[0], 'log');
    asked.at(-1)!.watch.hear!(
      new TextEncoder().encode(`From ${'1'.repeat(40)} Mon Sep 17 00:00:00 2001\n`),
    );
    const flag = placeOf(mbox, '+\t\t\t IOMMU_WRITE | IOMMU_MMIO', 'IOMMU_MMIO');
    const hover = { textDocument: { uri }, position: flag };
    assert.ok((await client.connection.sendRequest('textDocument/hover', hover)) !== null);
    assert.deepEqual(progress, [
      [0, 2],
      [1, 2],
    ]);
    cancel.cancel();
    assert.deepEqual(await read, { ok: false, reason: 'cancelled' });
  });

  it('says how many merges are left out, and refuses what no editor takes', async () => {
    const said = ['/src\n', `1 0\n2 1\n3 1 2\n`, mbox];
    git = () => {
      let next = 0;
      return { ...noGit(), run: () => Promise.resolve({ ok: true, text: said[next++]! }) };
    };
    start();
    await client.initialize(pullClient, { ui: true });
    const ask = (): Promise<CommitsText> =>
      client.connection.sendRequest(COMMITS, { folder: '/src', range: 'a..b' });
    assert.deepEqual(await ask(), { ok: true, text: mbox, folder: '/src', base: '0', merges: 1 });
    said[2] = `${mbox}${' '.repeat(48 << 20)}`;
    const large = await ask();
    assert.ok(!large.ok && large.reason.startsWith('patches of 49 MiB are more than'));
  });

  it('survives damage: every answer lies inside the document, and nothing fails inside', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(mbox.length), fc.nat(60), fc.string({ maxLength: 6 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (damages) => {
          let text = mbox;
          for (const [at, length, by] of damages)
            text = text.slice(0, at) + by + text.slice(at + length);
          client.replace(uri, text);
          const lines = text.split('\n').length;
          for (const { range } of await client.pull(uri)) assert.ok(range.end.line < lines);
          const params = { textDocument: { uri } };
          for (const what of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens'])
            await client.connection.sendRequest(`textDocument/${what}`, params);
          await client.connection.sendRequest(SIDE, { document: uri, patch: 1, path: driver, side: 'after' }); // prettier-ignore
        },
      ),
      { numRuns: 25 },
    );
    assert.deepEqual(
      client.log.filter((line) => line.includes('internal error')),
      [],
    );
  });

  it('survives what is no patch', async () => {
    start();
    await client.initialize(pullClient, { ui: true });
    const texts = [
      '',
      '\n',
      'From: a\n\nno diff here\n',
      '--- a/x.c\n+++ b/x.c\n@@ -1,9 +1 @@\n',
      '\0\0',
    ];
    for (const [i, text] of texts.entries()) {
      const other = `file:///src/mails/${i}.patch`;
      client.open(other, text);
      const found = await client.pull(other);
      assert.ok(found.every(({ range }) => range.start.line <= text.split('\n').length));
    }
    assert.deepEqual(
      client.log.filter((line) => line.includes('internal error')),
      [],
    );
  });
});
