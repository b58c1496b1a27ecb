import assert from 'node:assert/strict';
import { AMD_COMMANDS, codeAddress } from '../../hw/amd/commands.ts';
import { encodeRecord } from '../../hw/common/record.ts';
import type { CommandEffect } from './effect.ts';
import { readCommand } from './run.ts';

const effect = (name: string, values: Readonly<Record<string, number>> = {}): CommandEffect =>
  readCommand('amd', encodeRecord(AMD_COMMANDS, name, values)).effect;

describe('commands of an AMD IOMMU', () => {
  const pages = (values: Readonly<Record<string, number>>): CommandEffect =>
    effect('INVALIDATE_IOMMU_PAGES', { domain: 5, ...values });

  it('drop pages of a domain: leaves, and what leads to them with PDE', () => {
    const range = { first: 0x40000, last: 0x407ff };
    const coded = codeAddress(0x40200, 0x40600);
    const drops = { kind: 'invalidates', target: 'iotlb', range };
    assert.deepEqual(pages(coded), { ...drops, whose: { id: 5, stage: 'second' }, nonLeaf: false });
    assert.deepEqual(pages({ ...coded, pde: 1, gn: 1 }), {
      ...{ ...drops, whose: { id: 5, stage: 'first' }, nonLeaf: true },
    });
  });

  it('drop one page without S, and all pages of both stages at the largest address', () => {
    const one = pages({ page: 0x407ff });
    assert.ok(one.kind === 'invalidates');
    assert.deepEqual(one.range, { first: 0x407ff, last: 0x407ff });
    const all = pages({ ...codeAddress(0, 2 ** 52 - 1), pde: 1 });
    assert.ok(all.kind === 'invalidates');
    assert.equal(all.range, undefined);
    assert.deepEqual(all.whose, { id: 5 });
  });

  it('name a device: its entry of the device table, its own cache', () => {
    const whose = { requester: 0x10 };
    const drops = { kind: 'invalidates', nonLeaf: true, whose };
    assert.deepEqual(effect('INVALIDATE_DEVTAB_ENTRY', { device: 0x10 }), {
      ...{ ...drops, target: 'context', range: undefined },
    });
    assert.deepEqual(effect('INVALIDATE_IOTLB_PAGES', { device: 0x10, page: 0x11, s: 1 }), {
      ...{ ...drops, target: 'atc', range: { first: 0x10, last: 0x13 } },
    });
  });

  it('wait, drop all that the IOMMU holds, or are about something else', () => {
    assert.deepEqual(effect('COMPLETION_WAIT', { s: 1 }), { kind: 'waits' });
    const all = effect('INVALIDATE_IOMMU_ALL');
    assert.ok(all.kind === 'invalidates');
    assert.deepEqual([all.target, all.whose, all.range], ['iommu', 'all', undefined]);
    assert.deepEqual(effect('INVALIDATE_INTERRUPT_TABLE', { device: 1 }), { kind: 'other' });
    assert.deepEqual(effect('COMPLETE_PPR_REQUEST', { device: 1 }), { kind: 'other' });
  });
});
