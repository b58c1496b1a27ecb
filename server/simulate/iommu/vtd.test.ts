import assert from 'node:assert/strict';
import type { Word64 } from '../../model/bits/pte64.ts';
import { word } from '../../model/bits/pte64.ts';
import type { ContextRoot } from './port.ts';
import { vtdRegisters } from './vtd.ts';

const [GCMD, GSTS, RTADDR, FSTS, IQH, IQT, IQA] = [0x18, 0x1c, 0x20, 0x34, 0x80, 0x88, 0x90];
const QUEUE = 0x10000;
const STATUS = 0x20000;
const [ENABLE, SET_ROOT, WRITE_BUFFER] = [1n << 26n, 1n << 30n, 1n << 27n];
const ERROR = 16n;
/** IOTLB invalidation of everything; a wait that stores 2. */
const FLUSH = word(2 | (1 << 4));
const WAIT = [word(5 | (1 << 5), 2), word(STATUS)] as const;

class Unit {
  readonly memory = new Map<number, Word64>();
  readonly taken: number[] = [];
  readonly roots: ContextRoot[] = [];
  private readonly device = vtdRegisters(
    {
      load: (physical) => this.memory.get(physical) ?? word(0),
      store: (physical, bytes, value) => {
        assert.equal(bytes, 4);
        this.memory.set(physical, word(Number(value)));
      },
      useContexts: (root) => this.roots.push(root),
      take: ([low]) => this.taken.push(low!.lo & 15),
    },
    new Map([[0x8, 0x1234n]]),
  );

  /** `address`: of IQA, with the size and the width of a descriptor. */
  static on(address: number = QUEUE): Unit {
    const unit = new Unit();
    unit.write(IQA, BigInt(address), 64);
    unit.write(GCMD, ENABLE);
    return unit;
  }

  put(slot: number, low: Word64, high: Word64 = word(0), width = 16): void {
    this.memory.set(QUEUE + slot * width, low);
    this.memory.set(QUEUE + slot * width + 8, high);
  }

  write(offset: number, value: bigint, bits = 32): void {
    this.device.write(offset, bits, value);
  }

  read(offset: number, bits = 32): bigint {
    this.device.goOn?.();
    return this.device.read(offset, bits);
  }
}

describe('registers of a VT-d unit', () => {
  it('tell what they were made with', () => {
    assert.equal(new Unit().read(0x8, 64), 0x1234n);
  });

  it('take descriptors up to a wait, which is done when somebody looks', () => {
    const unit = Unit.on();
    unit.put(0, FLUSH);
    unit.put(1, ...WAIT);
    unit.write(IQT, 32n);
    assert.deepEqual(unit.taken, [2]);
    assert.equal(unit.memory.has(STATUS), false);
    assert.equal(unit.read(IQH, 64), 32n);
    assert.deepEqual(unit.taken, [2, 5]);
    assert.deepEqual(unit.memory.get(STATUS), word(2));
  });

  it('take nothing before the queue is on, nor before they are told of a tail', () => {
    const unit = new Unit();
    unit.write(IQA, BigInt(QUEUE), 64);
    unit.put(0, FLUSH);
    unit.write(IQT, 16n);
    assert.equal(unit.read(GSTS) & ENABLE, 0n);
    assert.deepEqual(unit.taken, []);
    const on = Unit.on();
    on.put(0, FLUSH);
    assert.equal(on.read(IQH, 64), 0n);
    assert.deepEqual(on.taken, []);
  });

  it('go on at the first descriptor behind the last one', () => {
    const unit = Unit.on();
    for (let slot = 0; slot < 256; slot++) unit.put(slot, FLUSH);
    unit.write(IQT, 255n * 16n);
    assert.equal(unit.taken.length, 255);
    unit.write(IQT, 16n);
    assert.equal(unit.taken.length, 257);
    assert.equal(unit.read(IQH, 64), 16n);
  });

  it('take descriptors of 256 bits where IQA says so', () => {
    const unit = Unit.on(QUEUE | (1 << 11));
    unit.put(0, FLUSH, word(0), 32);
    unit.put(1, ...WAIT, 32);
    unit.write(IQT, 64n);
    assert.equal(unit.read(IQH, 64), 64n);
    assert.deepEqual(unit.taken, [2, 5]);
  });

  it('stop at a descriptor that there is none of, until the error is cleared', () => {
    const unit = Unit.on();
    unit.put(0, word(0));
    unit.put(1, FLUSH);
    unit.write(IQT, 32n);
    assert.equal(unit.read(FSTS) & ERROR, ERROR);
    assert.equal(unit.read(IQH, 64), 0n);
    unit.put(0, ...WAIT);
    unit.write(FSTS, ERROR);
    assert.equal(unit.read(FSTS) & ERROR, 0n);
    assert.deepEqual(unit.taken, [0, 5, 2]);
  });

  it('refuse a tail behind the end of the queue', () => {
    const unit = Unit.on();
    unit.write(IQT, 256n * 16n);
    assert.equal(unit.read(FSTS) & ERROR, ERROR);
    assert.deepEqual(unit.taken, []);
  });

  it('read contexts from the root that SRTP takes, in its mode', () => {
    const unit = new Unit();
    unit.write(RTADDR, 0x5000n, 64);
    assert.deepEqual(unit.roots, []);
    unit.write(GCMD, SET_ROOT);
    unit.write(RTADDR, 0x6400n, 64);
    unit.write(GCMD, SET_ROOT);
    assert.deepEqual(unit.roots, [
      { page: 5, mode: 'legacy' },
      { page: 6, mode: 'scalable' },
    ]);
    assert.equal(unit.read(GSTS) & SET_ROOT, SET_ROOT);
  });

  it('have flushed the write buffer by the time somebody looks', () => {
    const unit = new Unit();
    unit.write(GCMD, WRITE_BUFFER);
    assert.equal(unit.read(GSTS) & WRITE_BUFFER, 0n);
  });
});
