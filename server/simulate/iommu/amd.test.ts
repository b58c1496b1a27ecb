import assert from 'node:assert/strict';
import type { Word64 } from '../../model/bits/pte64.ts';
import { word } from '../../model/bits/pte64.ts';
import { AMD_COMMANDS } from '../../model/hw/amd/commands.ts';
import { encodeRecord, recordText, decodeRecord } from '../../model/hw/common/record.ts';
import type { RegisterDevice } from '../kernel/registerDevices.ts';
import { amdRegisters } from './amd.ts';

const RING = 0x10000;
const SEMAPHORE = 0x20000;
const [BASE, CONTROL, HEAD, TAIL, STATUS] = [0x8, 0x18, 0x2000, 0x2008, 0x2020];
const ENABLED = 0x1001n;
const RUNS = 0x10n;

/** Registers of an IOMMU with a ring of 256 commands, what it took, and what it stored. */
function made(): {
  readonly device: Omit<RegisterDevice, 'start'>;
  readonly taken: string[];
  readonly stored: (readonly [number, number, bigint])[];
  readonly put: (at: number, words: readonly Word64[]) => void;
} {
  const memory = new Map<number, Word64>();
  const taken: string[] = [];
  const stored: [number, number, bigint][] = [];
  const port = {
    load: (physical: number) => memory.get(physical) ?? word(0),
    store: (physical: number, bytes: number, value: bigint) => {
      stored.push([physical, bytes, value]);
    },
    take: (words: readonly Word64[]) => {
      const record = decodeRecord(AMD_COMMANDS, words);
      taken.push(record === undefined ? 'illegal' : recordText(record));
    },
    useContexts: () => undefined,
  };
  const device = amdRegisters(port, new Map());
  device.write(BASE, 64, BigInt(RING) | (8n << 56n));
  const put = (at: number, words: readonly Word64[]): void => {
    words.forEach((one, n) => memory.set(RING + at * 16 + n * 8, one));
  };
  return { device, taken, stored, put };
}

const inval = encodeRecord(AMD_COMMANDS, 'INVALIDATE_IOMMU_PAGES', { domain: 5, page: 0x40200 });
const wait = encodeRecord(AMD_COMMANDS, 'COMPLETION_WAIT', {
  ...{ s: 1, storePage: SEMAPHORE / 4096, storeWord: 1, dataLow: 7 },
});

describe('registers of an AMD IOMMU', () => {
  it('takes what is queued as soon as the tail moves, and ends a wait when time goes by', () => {
    const { device, taken, stored, put } = made();
    device.write(CONTROL, 64, ENABLED);
    put(0, inval);
    put(1, wait);
    device.write(TAIL, 32, 0x20n);
    assert.deepEqual(taken, ['INVALIDATE_IOMMU_PAGES domain=5 page=0x40200000']);
    assert.equal(device.read(HEAD, 32), 0x10n);
    assert.deepEqual(stored, []);
    device.goOn!();
    assert.equal(taken.length, 2);
    assert.match(taken[1]!, /^COMPLETION_WAIT s=1/);
    assert.equal(device.read(HEAD, 32), 0x20n);
    assert.deepEqual(stored, [[SEMAPHORE + 8, 8, 7n]]);
  });

  it('goes on at the beginning behind the last entry', () => {
    const { device, taken, put } = made();
    device.write(HEAD, 32, 0xff0n);
    device.write(TAIL, 32, 0xff0n);
    device.write(CONTROL, 64, ENABLED);
    put(255, inval);
    put(0, inval);
    device.write(TAIL, 32, 0x10n);
    assert.equal(taken.length, 2);
    assert.equal(device.read(HEAD, 32), 0x10n);
  });

  it('takes nothing while the buffer, or the IOMMU, is off', () => {
    for (const control of [0n, 1n, 0x1000n]) {
      const { device, taken, put } = made();
      device.write(CONTROL, 64, control);
      put(0, inval);
      device.write(TAIL, 32, 0x10n);
      device.goOn!();
      assert.deepEqual(taken, []);
      assert.equal(device.read(STATUS, 32) & RUNS, 0n);
    }
  });

  it('takes what waits when it is switched on', () => {
    const { device, taken, put } = made();
    put(0, inval);
    device.write(TAIL, 32, 0x10n);
    device.write(CONTROL, 64, ENABLED);
    assert.equal(taken.length, 1);
  });

  it('stops at a command that there is none of, until it is off and on again', () => {
    const { device, taken, put } = made();
    device.write(CONTROL, 64, ENABLED);
    put(0, [word(0, 0), word(0)]);
    put(1, inval);
    device.write(TAIL, 32, 0x20n);
    assert.deepEqual(taken, ['illegal']);
    assert.equal(device.read(STATUS, 32) & RUNS, 0n);
    assert.equal(device.read(HEAD, 32), 0n);
    put(0, inval);
    device.write(TAIL, 32, 0x20n);
    assert.equal(taken.length, 1);
    device.write(CONTROL, 64, 1n);
    device.write(CONTROL, 64, ENABLED);
    assert.equal(taken.length, 3);
  });

  it('tells its registers as the manual does, and its status is not written', () => {
    const { device } = made();
    assert.equal(device.nameOf(TAIL), 'Command Buffer Tail');
    assert.equal(device.nameOf(0x30), undefined);
    device.write(STATUS, 32, 0xffn);
    assert.equal(device.read(STATUS, 32), 0n);
  });
});
