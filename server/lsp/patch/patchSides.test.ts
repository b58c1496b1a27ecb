import assert from 'node:assert/strict';
import { DiagnosticSeverity, type Hover } from 'vscode-languageserver/node';
import { pullClient, type TestClient } from '../../../tests/lsp/client.ts';
import {
  driver,
  driverText,
  mbox,
  placeOf,
  startPatchServer,
  uri,
} from '../../../tests/lsp/patchServer.ts';
import { SIDE, type SideText, type WirePosition, type WireRange } from '../messages.ts';

describe('sides of patched files in the language server', () => {
  let client: TestClient;
  let touched: readonly string[];

  const start = (files?: ReadonlyMap<string, string>): void => {
    ({ client, touched } = startPatchServer(files));
  };

  afterEach(() => {
    client.connection.dispose();
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
});
