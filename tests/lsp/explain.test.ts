import assert from 'node:assert/strict';
import fs from 'node:fs';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CompletionItem,
  Hover,
  InlayHint,
  Location,
  SignatureHelp,
} from 'vscode-languageserver/node';
import { pullClient, pushClient } from './client.ts';
import { example, startStdio, uriOf, type StdioServer } from './stdio.ts';

const uri = uriOf(example);
const text = fs.readFileSync(example, 'utf8');
const lines = text.split('\n');

/** Place of a text in the example, counted in its lines. */
function place(what: string, nth = 0): { line: number; character: number } {
  const found = lines.flatMap((content, line) => {
    const character = content.indexOf(what);
    return character < 0 ? [] : [{ line, character }];
  });
  return found[nth]!;
}

describe('explanations of the built server', () => {
  let server: StdioServer;

  beforeEach(async () => {
    server = startStdio();
    server.client.settings = { show: 'all', inlayHints: { provenance: true, context: true } };
    await server.client.initialize(pullClient);
    server.client.open(uri, text);
  });

  afterEach(async () => {
    await server.client.stop();
    assert.equal(await server.exit, 0);
    assert.equal(server.errors(), '');
    assert.deepEqual(server.client.log, []);
  });

  const ask = <T>(method: string, params: object): Promise<T> =>
    server.client.connection.sendRequest<T>(`textDocument/${method}`, {
      textDocument: { uri },
      ...params,
    });

  it('hover over flags, functions and variables, first line in bold, the rest in columns', async () => {
    const value = async (what: string, nth = 0): Promise<string> => {
      const hover = await ask<Hover | null>('hover', { position: place(what, nth) });
      return (hover?.contents as { value: string } | undefined)?.value ?? '';
    };
    assert.match(
      await value('IOMMU_READ'),
      /^\*\*IOMMU_READ, bit 0: the device may read\*\*\n```text\n/,
    );
    assert.match(
      await value('iommu_map('),
      /maps all of a range or nothing\*\*\n[^]*Here {4}line 49/,
    );
    assert.match(await value('dma_mapping_error('), /the only valid test of a dma_addr_t/);
    assert.match(await value('src_dma, len', 0), /the result of dma_map_single\(\)/);
    assert.equal(await value('struct qcap_pool'), '');
    assert.equal(await value('imaginary'), '');
  });

  it('signature of the call that the cursor is in', async () => {
    const { line, character } = place('ring->phys, QCAP');
    const help = await ask<SignatureHelp>('signatureHelp', { position: { line, character } });
    assert.equal(help.signatures[0]!.label, 'iommu_map(domain, iova, paddr, size, prot, gfp)');
    assert.equal(help.activeParameter, 2);
    assert.equal(await ask('signatureHelp', { position: place('int ret') }), null);
  });

  it('flags that fit the argument, with a warning where one does nothing', async () => {
    const position = place('IOMMU_READ');
    const items = await ask<CompletionItem[]>('completion', { position });
    assert.ok(items.some(({ label }) => label === 'IOMMU_MMIO'));
    assert.match(
      items.find(({ label }) => label === 'IOMMU_MMIO')!.labelDetails!.description!,
      /no effect: .*vtdss/,
    );
    const directions = await ask<CompletionItem[]>('completion', {
      position: place('DMA_TO_DEVICE'),
    });
    assert.deepEqual(directions.map(({ label }) => label).slice(0, 2), ['DMA_TO_DEVICE', 'DMA_FROM_DEVICE']); // prettier-ignore
    assert.deepEqual(await ask('completion', { position: place('int ret') }), []);
  });

  it('ways from a map to its unmaps and back, in other functions too', async () => {
    const from = async (what: string, nth = 0): Promise<number[]> => {
      const found = await ask<Location[]>('implementation', { position: place(what, nth) });
      return found.map(({ range }) => range.start.line + 1);
    };
    assert.deepEqual(await from('iommu_map('), [57, 65]);
    assert.deepEqual(await from('iommu_unmap(', 1), [49]);
    assert.deepEqual(await from('dma_map_single(dev, src'), [102, 109]);
  });

  it('call hierarchy of a resource: who makes it, who ends it', async () => {
    const items = await ask<CallHierarchyItem[]>('prepareCallHierarchy', {
      position: place('iommu_map('),
    });
    assert.equal(items[0]!.name, 'iommu_map(ring->iova)');
    const { connection } = server.client;
    const enders = await connection.sendRequest<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item: items[0]! }); // prettier-ignore
    assert.deepEqual(enders.map(({ to }) => to.detail), ['qcap_ring_init(), ends it', 'qcap_ring_exit(), ends it']); // prettier-ignore
    const makers = await connection.sendRequest<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item: enders[1]!.to }); // prettier-ignore
    assert.deepEqual(
      makers.map(({ from }) => from.detail),
      ['qcap_ring_init(), makes it'],
    );
    assert.equal(await ask('prepareCallHierarchy', { position: place('int ret') }), null);
  });

  it('inlay hints where they are switched on', async () => {
    const range = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
    const hints = await ask<InlayHint[] | null>('inlayHint', { range });
    assert.ok(hints!.some(({ label }) => label === 'DMA address'));
  });
});

describe('explanations for a plain client', () => {
  it('are plain text', async () => {
    const { client, exit } = startStdio();
    await client.initialize(pushClient);
    client.open(uri, text);
    const hover = await client.connection.sendRequest<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: place('IOMMU_WRITE'),
    });
    assert.match(
      (hover.contents as { value: string }).value,
      /^IOMMU_WRITE, bit 1: the device may write\n/,
    );
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await client.connection.sendRequest('textDocument/inlayHint', { textDocument: { uri }, range }); // prettier-ignore
    assert.equal(hints, null);
    await client.stop();
    assert.equal(await exit, 0);
  });
});
