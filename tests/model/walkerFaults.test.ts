import assert from 'node:assert/strict';
import { addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { readHostEntry } from '../../server/model/hw/amd/hostEntry.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { decodeCommand } from '../../server/model/hw/riscv/commandQueue.ts';
import { capabilities, ddtp, featureControl } from '../../server/model/hw/riscv/registers.ts';
import { riscvIommu, translate } from '../../server/model/hw/riscv/walker.ts';
import { readSecondEntry } from '../../server/model/hw/vtd/secondEntry.ts';
import { createPhysMem, load } from '../../server/model/mem/physMem.ts';
import { ask, build, change, HOST, index, KINDS, put, ROOT } from './handTables.ts';

const IOVA = addr(0x12345);

/** A bus that refuses its n-th read, counted from 0; `reads` counts them. */
function refusing(honest: Bus, refused: number): Bus & { readonly reads: () => number } {
  let reads = 0;
  return {
    ...honest,
    reads: () => reads,
    read: (at, words, into) =>
      reads++ === refused ? 'access-fault' : honest.read(at, words, into),
  };
}

describe('Walkers on memory that refuses or changes', () => {
  for (const kind of KINDS) {
    it(`${kind.name}: a refused read, whichever it is, is a reported fault`, () => {
      const mem = build(kind, IOVA);
      const counting = refusing(memBus(mem), -1);
      assert.equal(ask(kind, mem, IOVA, 'read', counting).kind, 'reached');
      assert.ok(counting.reads() >= 5, 'a context and four levels');
      for (let n = 0; n < counting.reads(); n++) {
        const found = ask(kind, mem, IOVA, 'read', refusing(memBus(mem), n));
        assert.ok(found.kind === 'fault' && found.reported, `read ${n}: ${JSON.stringify(found)}`);
      }
    });
  }

  it('VT-d first stage: A is set at every level and D by writes; an entry that changes is read again', () => {
    const kind = KINDS.find(({ name }) => name === 'VT-d first stage')!;
    const mem = build(kind, IOVA);
    const honest = memBus(mem);
    let changed = 0;
    const racing: Bus = {
      ...honest,
      compareAndStore: (at, old, next) =>
        changed++ === 0 ? 'changed' : honest.compareAndStore(at, old, next),
    };
    assert.equal(ask(kind, mem, IOVA, 'write', racing).kind, 'reached');
    assert.equal(changed, 5, 'four levels, one of them twice');
    const flags = (level: number): number => load(mem, HOST + 3 - level, index(IOVA, level)).lo & 0x60; // prettier-ignore
    assert.deepEqual([3, 2, 1, 0].map(flags), [0x20, 0x20, 0x20, 0x60]);
    const fresh = build(kind, IOVA);
    const refused: Bus = { ...memBus(fresh), compareAndStore: () => 'access-fault' };
    const found = ask(kind, fresh, IOVA, 'read', refused);
    assert.equal(found.kind, 'fault');
  });

  it('SMMUv3 stage 1: without HA a clear access flag faults; with HA and HD hardware keeps both flags', () => {
    const kind = KINDS.find(({ name }) => name === 'SMMUv3 stage 1')!;
    const mem = build(kind, IOVA);
    // AF clear, read-only, with DBM: a clean page that may become dirty.
    const clean = (old: Word64): Word64 => or(word((old.lo & ~(1 << 10)) | (1 << 7), old.hi), bit(51)); // prettier-ignore
    change(mem, IOVA, 0, clean);
    const without = ask(kind, mem, IOVA, 'read');
    assert.ok(without.kind === 'fault' && without.name === 'F_ACCESS');
    const cd = load(mem, ROOT + 1, 0);
    put(mem, ROOT + 1, 0, or(cd, mask(43, 42)));
    assert.equal(ask(kind, mem, IOVA, 'read').kind, 'reached');
    const leaf = (): Word64 => load(mem, HOST + 3, index(IOVA, 0));
    assert.equal(leaf().lo & 0x480, 0x480, 'accessed, still clean');
    assert.equal(ask(kind, mem, IOVA, 'write').kind, 'reached');
    assert.equal(leaf().lo & 0x480, 0x400, 'dirty');
    change(mem, IOVA, 0, clean);
    let races = 0;
    const honest = memBus(mem);
    const racing: Bus = {
      ...honest,
      compareAndStore: (at, old, next) =>
        races++ === 0 ? 'changed' : honest.compareAndStore(at, old, next),
    };
    assert.equal(ask(kind, mem, IOVA, 'read', racing).kind, 'reached');
    change(mem, IOVA, 0, clean);
    const refused: Bus = { ...honest, compareAndStore: () => 'access-fault' };
    const found = ask(kind, mem, IOVA, 'read', refused);
    assert.ok(found.kind === 'fault' && found.name === 'F_WALK_EABT');
  });
});

describe('Entries that make no sense', () => {
  const why = (reading: ReturnType<typeof readHostEntry>): string =>
    reading.kind === 'invalid' ? reading.why : reading.kind;

  it('AMD host tables', () => {
    assert.equal(why(readHostEntry(word(0x1001), 1, 0)), 'the leaf is not aligned to its size');
    assert.match(why(readHostEntry(word(0xe01), 1, 0)), /cannot stand at level 1/);
    assert.match(
      why(readHostEntry(word(0x401), 0, 0)),
      /NextLevel 2 does not go down from level 1/,
    );
    assert.equal(why(readHostEntry(or(word(1), bit(58)), 0, 0)), 'bits 58:52 are reserved');
  });

  it('VT-d second stage', () => {
    assert.equal(why(readSecondEntry(word(0x83), 3, 52)), 'PS is reserved here');
    assert.equal(why(readSecondEntry(word(0x1083), 1, 52)), 'the leaf is not aligned to its size');
    assert.equal(why(readSecondEntry(or(word(3), bit(47)), 0, 46)), 'address bits from 46 up are reserved'); // prettier-ignore
  });

  it('RISC-V commands stop the queue, with a reason', () => {
    const caps = capabilities(word(0xe10, 56));
    const read = (first: Word64, second = word(0)): string => {
      const found = decodeCommand([first, second], caps);
      return found.kind === 'illegal' ? found.why : found.kind;
    };
    assert.equal(read(word(9)), 'opcode 9');
    assert.equal(read(word(1 | (2 << 7))), 'IOTINVAL with func3 2');
    assert.equal(read(word(2 | (1 << 7))), 'IOFENCE with func3 1');
    assert.equal(read(word(3 | (2 << 7))), 'IODIR with func3 2');
    assert.equal(read(word(3 | (1 << 7))), 'IODIR.INVAL_PDT without DV');
    assert.equal(read(word(1 | (1 << 7), 1)), 'IOTINVAL.GVMA with PSCV');
    assert.equal(read(word(1, 4)), 'NL without capabilities.NL');
    assert.equal(read(word(1), word(1 << 9)), 'S without capabilities.S');
    assert.equal(read(word(4)), 'ATS command');
    assert.equal(read(word(3)), 'IODIR.INVAL_DDT');
  });
});

describe('RISC-V: modes of the device directory', () => {
  const outcomeOf = (
    mode: number,
    at: 'untranslated' | 'ats-translation-request' = 'untranslated',
  ): string => {
    // prettier-ignore
    const found = translate(
      riscvIommu({
        caps: capabilities(word(0xe10, 56)),
        fctl: featureControl(word(0)),
        ddtp: ddtp(word(mode)),
        bus: memBus(createPhysMem({})),
        bareLg2: 30,
      }),
      { deviceId: 3, privileged: false, execute: false, noWrite: false, at, access: 'read', iova: IOVA }, // prettier-ignore
    );
    return found.kind === 'fault' ? `cause ${found.cause}` : found.kind;
  };

  it('off refuses, bare passes, a reserved mode is unknown', () => {
    assert.equal(outcomeOf(0), 'cause 256');
    assert.equal(outcomeOf(1), 'translated');
    assert.equal(outcomeOf(1, 'ats-translation-request'), 'cause 260');
    assert.equal(outcomeOf(15), 'unknown');
    assert.equal(outcomeOf(2), 'cause 258', 'an empty directory');
  });
});
