import assert from 'node:assert/strict';
import type { Word64 } from '../../model/bits/pte64.ts';
import { word } from '../../model/bits/pte64.ts';
import { smmuRegisters } from './smmuv3.ts';

const [CR0, CR0ACK, GBPA, IRQ_CTRL, IRQ_CTRLACK] = [0x20, 0x24, 0x44, 0x50, 0x54];
const [GERROR, GERRORN, BASE, PROD, CONS] = [0x60, 0x64, 0x90, 0x98, 0x9c];
const ENABLE = 8n;
const QUEUE = 0x10000;
/** log2 of the entries of the queue. */
const LG2 = 2n;
const MSI = 0x20000;
/** CMD_TLBI_NSNH_ALL, CMD_SYNC without a signal, and one that writes 0 to memory. */
const FLUSH = word(0x30);
const SYNC = word(0x46);
const SYNC_MSI = [word(0x46 | (1 << 12)), word(MSI)] as const;
const RESERVED = word(0x2b);

class Smmu {
  readonly memory = new Map<number, Word64>();
  readonly taken: number[] = [];
  private readonly device = smmuRegisters(
    {
      load: (physical) => this.memory.get(physical) ?? word(0),
      store: (physical, bytes, value) => {
        assert.equal(bytes, 4);
        this.memory.set(physical, word(Number(value)));
      },
      useContexts: () => undefined,
      take: ([low]) => this.taken.push(low!.lo & 0xff),
    },
    new Map([[0, 0x1234n]]),
  );

  static on(): Smmu {
    const smmu = new Smmu();
    smmu.write(BASE, BigInt(QUEUE) | LG2, 64);
    smmu.write(CR0, ENABLE);
    return smmu;
  }

  put(slot: number, low: Word64, high: Word64 = word(0)): void {
    this.memory.set(QUEUE + slot * 16, low);
    this.memory.set(QUEUE + slot * 16 + 8, high);
  }

  write(offset: number, value: bigint, bits = 32): void {
    this.device.write(offset, bits, value);
  }

  /** A register, once time went by. */
  read(offset: number): bigint {
    this.device.goOn?.();
    return this.device.read(offset, 32);
  }
}

describe('registers of an SMMUv3', () => {
  it('tell what they were made with, and acknowledge what is written', () => {
    const smmu = new Smmu();
    assert.equal(smmu.read(0), 0x1234n);
    smmu.write(CR0, 0xdn);
    smmu.write(IRQ_CTRL, 5n);
    smmu.write(GBPA, (1n << 31n) | 7n);
    assert.deepEqual([smmu.read(CR0ACK), smmu.read(IRQ_CTRLACK), smmu.read(GBPA)], [0xdn, 5n, 7n]);
  });

  it('take commands up to a CMD_SYNC, which is done when somebody looks', () => {
    const smmu = Smmu.on();
    smmu.put(0, FLUSH);
    smmu.put(1, SYNC);
    smmu.write(PROD, 2n);
    assert.deepEqual(smmu.taken, [0x30]);
    assert.equal(smmu.read(CONS), 2n);
    assert.deepEqual(smmu.taken, [0x30, 0x46]);
  });

  it('write to memory that a CMD_SYNC is done, where it says so', () => {
    const smmu = Smmu.on();
    smmu.memory.set(MSI, word(7));
    smmu.put(0, SYNC);
    smmu.write(PROD, 1n);
    smmu.read(CONS);
    assert.deepEqual(smmu.memory.get(MSI), word(7));
    smmu.put(1, ...SYNC_MSI);
    smmu.write(PROD, 2n);
    smmu.read(CONS);
    assert.deepEqual(smmu.memory.get(MSI), word(0));
  });

  it('take nothing before the queue is on, nor before they are told of it', () => {
    const smmu = new Smmu();
    smmu.write(BASE, BigInt(QUEUE) | LG2, 64);
    smmu.put(0, FLUSH);
    smmu.write(PROD, 1n);
    assert.equal(smmu.read(CONS), 0n);
    smmu.write(CR0, ENABLE);
    assert.deepEqual(smmu.taken, [0x30]);
    smmu.put(1, FLUSH);
    smmu.read(CONS);
    assert.deepEqual(smmu.taken, [0x30]);
  });

  it('go on at the start of the queue with the wrap bit turned', () => {
    const smmu = Smmu.on();
    for (let slot = 0; slot < 4; slot++) smmu.put(slot, FLUSH);
    // Full: the indices are equal, the wrap bits are not.
    smmu.write(PROD, 4n);
    assert.equal(smmu.read(CONS), 4n);
    smmu.put(0, SYNC);
    smmu.write(PROD, 5n);
    assert.equal(smmu.read(CONS), 5n);
    assert.deepEqual(smmu.taken, [0x30, 0x30, 0x30, 0x30, 0x46]);
    smmu.write(PROD, 0n);
    assert.equal(smmu.read(CONS), 0n);
  });

  it('stop in front of a command that is none, until that is acknowledged', () => {
    const smmu = Smmu.on();
    smmu.put(0, RESERVED);
    smmu.put(1, FLUSH);
    smmu.write(PROD, 2n);
    assert.equal(smmu.read(CONS), 1n << 24n);
    assert.equal(smmu.read(GERROR), 1n);
    assert.deepEqual(smmu.taken, [0x2b]);
    // As its driver does: the command becomes a CMD_SYNC.
    smmu.put(0, SYNC);
    smmu.write(GERRORN, 1n);
    assert.equal(smmu.read(CONS), 2n);
    assert.deepEqual(smmu.taken, [0x2b, 0x46, 0x30]);
  });

  it('stop at a range without a level that is no range', () => {
    const smmu = Smmu.on();
    smmu.put(0, word(0x12), word(0x400000 | (1 << 10)));
    smmu.write(PROD, 1n);
    assert.equal(smmu.read(CONS), 1n << 24n);
  });
});
