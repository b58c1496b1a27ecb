import assert from 'node:assert/strict';
import type { Word64 } from '../../model/bits/pte64.ts';
import { word } from '../../model/bits/pte64.ts';
import { decodeRecord, encodeRecord, recordText } from '../../model/hw/common/record.ts';
import { RISCV_COMMANDS } from '../../model/hw/riscv/faultQueue.ts';
import type { RegisterDevice } from '../kernel/registerDevices.ts';
import { riscvRegisters } from './riscv.ts';

const RING = 0x10000;
const [CAPABILITIES, CQB, CQH, CQT, CQCSR, FQCSR, IPSR] = [0, 0x18, 0x20, 0x24, 0x48, 0x4c, 0x54];
const ON = 1n << 16n;
const ILLEGAL = 1n << 10n;

/** Registers of an IOMMU with a queue of four commands, what it took, and what it stored. */
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
      const record = decodeRecord(RISCV_COMMANDS, words);
      taken.push(record === undefined ? 'illegal' : recordText(record));
    },
    useContexts: () => undefined,
  };
  const device = riscvRegisters(port, new Map([[CAPABILITIES, 0x10n]]));
  device.write(CQB, 64, BigInt(RING / 4096) * 1024n + 1n);
  const put = (at: number, words: readonly Word64[]): void => {
    words.forEach((one, n) => memory.set(RING + at * 16 + n * 8, one));
  };
  return { device, taken, stored, put };
}

const inval = encodeRecord(RISCV_COMMANDS, 'IOTINVAL.VMA', { pscid: 5, pscv: 1 });
const fence = encodeRecord(RISCV_COMMANDS, 'IOFENCE.C', { pr: 1, pw: 1 });
/** AV, data 7, at 0x20004. */
const storing: readonly Word64[] = [word(2 | (1 << 10), 7), word(0x20004 / 4)];

describe('registers of a RISC-V IOMMU', () => {
  it('takes what is queued as soon as the tail moves, and ends a fence when time goes by', () => {
    const { device, taken, stored, put } = made();
    device.write(CQCSR, 32, 0x103n);
    assert.equal(device.read(CQCSR, 32), 3n | ON);
    put(0, inval);
    put(1, storing);
    device.write(CQT, 32, 2n);
    assert.deepEqual(taken, ['IOTINVAL.VMA pscid=5 pscv=1 page=0x0']);
    assert.equal(device.read(CQH, 32), 1n);
    device.goOn!();
    assert.deepEqual(taken.slice(1), ['IOFENCE.C av=1 data=7']);
    assert.equal(device.read(CQH, 32), 2n);
    assert.deepEqual(stored, [[0x20004, 4, 7n]]);
  });

  it('goes on at the beginning behind the last entry', () => {
    const { device, taken, put } = made();
    device.write(CQCSR, 32, 1n);
    for (const at of [0, 1, 2, 3]) put(at, inval);
    device.write(CQT, 32, 3n);
    device.write(CQT, 32, 1n);
    assert.equal(taken.length, 5);
    assert.equal(device.read(CQH, 32), 1n);
  });

  it('takes nothing while the queue is off, and begins anew when it is switched on', () => {
    const { device, taken, put } = made();
    put(0, inval);
    device.write(CQT, 32, 1n);
    assert.deepEqual(taken, []);
    device.write(CQCSR, 32, 1n);
    assert.equal(taken.length, 1);
    device.write(CQCSR, 32, 0n);
    device.write(CQT, 32, 0n);
    device.write(CQCSR, 32, 1n);
    assert.equal(device.read(CQH, 32), 0n);
    assert.equal(taken.length, 1);
  });

  it('stops at a command that there is none of, until the event is cleared', () => {
    const { device, taken, put } = made();
    device.write(CQCSR, 32, 1n);
    put(0, [word(0x7f), word(0)]);
    put(1, fence);
    device.write(CQT, 32, 2n);
    assert.deepEqual(taken, ['illegal']);
    assert.equal(device.read(CQCSR, 32), 1n | ON | ILLEGAL);
    put(0, inval);
    device.write(CQT, 32, 2n);
    assert.equal(taken.length, 1);
    device.write(CQCSR, 32, 1n | ILLEGAL);
    assert.equal(taken.length, 2);
  });

  it('keeps what only the hardware says, and has control of its other queues', () => {
    const { device } = made();
    device.write(CAPABILITIES, 64, 0n);
    device.write(CQH, 32, 3n);
    assert.equal(device.read(CAPABILITIES, 64), 0x10n);
    assert.equal(device.read(CQH, 32), 0n);
    device.write(FQCSR, 32, 1n);
    assert.equal(device.read(FQCSR, 32), 1n | ON);
    device.write(IPSR, 32, 1n);
    assert.equal(device.read(IPSR, 32), 0n);
    assert.equal(device.nameOf(CQT), 'cqt');
  });
});
