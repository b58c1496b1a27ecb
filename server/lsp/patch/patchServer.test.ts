import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CancellationTokenSource,
  DiagnosticSeverity,
  LSPErrorCodes,
  type Diagnostic,
  type DocumentLink,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
} from 'vscode-languageserver/node';
import { pullClient, pushClient, type TestClient } from '../../../tests/lsp/client.ts';
import {
  driver,
  driverText,
  lineOf,
  mbox,
  mboxLines,
  messageOf,
  startPatchServer,
  uri,
} from '../../../tests/lsp/patchServer.ts';
import {
  APPLY,
  PATCH_PLACE,
  REPLY,
  REVIEW_SERIES,
  SERIES,
  SIDE,
  type ApplyEdits,
  type PatchPlace,
  type ReplyText,
  type SideText,
  type WireSeries,
} from '../messages.ts';

describe('patches in the language server', () => {
  let client: TestClient;

  const start = (files?: ReadonlyMap<string, string>): void => {
    ({ client } = startPatchServer(files));
  };

  afterEach(() => {
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
