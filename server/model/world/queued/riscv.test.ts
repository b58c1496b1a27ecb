import assert from 'node:assert/strict';
import { encodeRecord } from '../../hw/common/record.ts';
import { addStale } from '../../hw/common/staleSet.ts';
import { RISCV_COMMANDS } from '../../hw/riscv/faultQueue.ts';
import type { ModelSpace } from '../space.ts';
import { createWorld, type World } from '../world.ts';
import type { CommandEffect } from './effect.ts';
import { readCommand, runQueuedCommand } from './run.ts';

type Values = Readonly<Record<string, number>>;

const effect = (name: string, values: Values = {}): CommandEffect =>
  readCommand('riscv', encodeRecord(RISCV_COMMANDS, name, values)).effect;

describe('commands of a RISC-V IOMMU', () => {
  it('drop of an address space all, or one page, or a range of them as NAPOT codes it', () => {
    const drops = { kind: 'invalidates', target: 'iotlb', whose: { stage: 'first', id: 5 } };
    const vma = (values: Values): CommandEffect =>
      effect('IOTINVAL.VMA', { pscid: 5, pscv: 1, ...values });
    assert.deepEqual(vma({}), { ...drops, range: undefined, nonLeaf: true });
    assert.deepEqual(vma({ av: 1, page: 0x11 }), {
      ...{ ...drops, range: { first: 0x11, last: 0x11 }, nonLeaf: false },
    });
    assert.deepEqual(vma({ av: 1, page: 0x407ff, s: 1, nl: 1 }), {
      ...{ ...drops, range: { first: 0x40000, last: 0x40fff }, nonLeaf: true },
    });
  });

  it('mean every address space without PSCV, those of guests with GV, and second stages', () => {
    const whose = (name: string, values: Values): unknown => {
      const done = effect(name, values);
      return done.kind === 'invalidates' ? done.whose : undefined;
    };
    assert.deepEqual(whose('IOTINVAL.VMA', { pscid: 5 }), { stage: 'first' });
    assert.deepEqual(whose('IOTINVAL.VMA', { pscid: 5, pscv: 1, gv: 1 }), { stage: 'first', id: -1 }); // prettier-ignore
    assert.deepEqual(whose('IOTINVAL.GVMA', { gscid: 3, gv: 1 }), { stage: 'second', id: 3 });
    assert.deepEqual(whose('IOTINVAL.GVMA', {}), { stage: 'second' });
    assert.deepEqual(whose('IODIR.INVAL_DDT', { device: 4 }), 'all');
    assert.deepEqual(whose('IODIR.INVAL_DDT', { device: 4, dv: 1 }), { requester: 4 });
    assert.deepEqual(whose('ATS.INVAL', { rid: 4, page: 0x11 }), { requester: 4 });
    assert.deepEqual(effect('ATS.PRGR'), { kind: 'other' });
  });

  /** A world with a space of number 5 and a leaf of it that is stale. */
  function withStale(): World {
    const world = createWorld({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 }); // prettier-ignore
    const space = { name: 'domain 1', tag: 'domain 1', id: 5, stage: 'first', arch: 'riscv' };
    world.spaces.set('domain 1', space as unknown as ModelSpace);
    addStale(world.stale, {
      ...{ tag: 'domain 1', kind: 'leaf', first: 0x40200, last: 0x403ff, level: 1, seq: 0 },
      ...{ target: 0x80200, read: true, write: true, where: ['iotlb'] },
    });
    return world;
  }

  it('take effect on what they cover, with the fence', () => {
    const run = (values: Values, ends: 'with a fence' | 'without'): number => {
      const world = withStale();
      runQueuedCommand(world, 'riscv', encodeRecord(RISCV_COMMANDS, 'IOTINVAL.VMA', values));
      if (ends === 'with a fence') {
        runQueuedCommand(world, 'riscv', encodeRecord(RISCV_COMMANDS, 'IOFENCE.C', {}));
      }
      return world.stale.entries.size;
    };
    const own = { pscid: 5, pscv: 1 };
    assert.equal(run(own, 'with a fence'), 0);
    assert.equal(run(own, 'without'), 1);
    assert.equal(run({ pscid: 6, pscv: 1 }, 'with a fence'), 1);
    assert.equal(run({ ...own, av: 1, page: 0x40200 }, 'with a fence'), 1);
    assert.equal(run({ ...own, av: 1, page: 0x402ff, s: 1 }, 'with a fence'), 0);
    assert.equal(run({ ...own, av: 1, page: 0x4027f, s: 1 }, 'with a fence'), 1);
  });
});
