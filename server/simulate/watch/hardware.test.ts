import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import { driverListeners } from '../kernel/domainDriver.ts';
import { flushListener } from '../kernel/helpers.ts';
import { allocatePages, freePages, prepareMemoryMap } from '../kernel/pages.ts';
import type { UserPage } from '../kernel/userMemory.ts';
import { putUserMemory, unpinListeners } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import type { RamWrite } from '../situations/physical.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import type { HardwareView, WatchedEnd } from './hardware.ts';
import { HardwareWatch } from './hardware.ts';

type HardwareCached = ReturnType<HardwareView['pictures']>['cachedBefore'];

/** VT-d second stage: read and write. */
const READ_WRITE = 3n;
const DOMAIN = 4096;
const RAM = 0x80000000n;
const SECOND = 0x1000n;
const ENDED: WatchedEnd = { succeeded: true, syncs: 'itself', gather: undefined };
const BY_CALLER: WatchedEnd = { ...ENDED, syncs: 'caller' };

/** Three levels of tables with two pages mapped from IOVA 0 on, watched. */
class Tables {
  readonly machine: Machine = machineFor('int nothing(void) { return 0; }');
  readonly ramWrites: RamWrite[] = [];
  readonly top: number;
  readonly middle: number;
  readonly leaves: number;
  readonly probe: Probe;
  readonly watch: HardwareWatch;

  constructor(more: Partial<Probe> = {}, pages: readonly UserPage[] = []) {
    prepareMemoryMap(this.machine);
    [this.top, this.middle, this.leaves] = [0, 0, 0].map(() => this.allocate()) as [
      number,
      number,
      number,
    ];
    this.link(this.top, 0, this.middle);
    this.link(this.middle, 0, this.leaves);
    this.map(0, RAM);
    this.map(1, RAM + SECOND);
    this.probe = {
      ...{ name: 'domain 1', format: 'vtdss', domain: DOMAIN, encryptionMask: 0n },
      ...{ top: () => ({ physical: this.top, level: 2 }), flushes: 'recorded', ...more },
    };
    putUserMemory(this.machine, {
      ...{ start: 0, pages, areas: [], pins: new Map(), failAfter: undefined },
    });
    const environment: Environment = {
      ...NO_SITUATION.build(this.machine),
      ...{ probes: [this.probe], ramWrites: this.ramWrites },
    };
    this.watch = new HardwareWatch(this.machine, environment);
  }

  allocate(): number {
    return allocatePages(this.machine, 0, true)!;
  }

  free(physical: number): void {
    freePages(this.machine, physical);
  }

  store(table: number, index: number, bits: bigint): void {
    this.machine.memory.store64(this.machine.directMap + table + index * 8, bits);
  }

  link(table: number, index: number, to: number): void {
    this.store(table, index, BigInt(to) | READ_WRITE);
  }

  map(index: number, to: bigint): void {
    this.store(this.leaves, index, to | READ_WRITE);
  }

  unmap(index: number): void {
    this.store(this.leaves, index, 0n);
  }

  tell(event: DriverEvent): void {
    for (const listener of driverListeners(this.machine).listeners) listener(event);
  }

  sync(start: bigint, last: bigint, form: 'leaves' | 'tables' = 'leaves'): void {
    this.tell({ kind: 'iotlb_sync', domain: DOMAIN, start, last, tables: form === 'tables' });
  }

  unpin(pfn: number): void {
    for (const listener of unpinListeners(this.machine)) listener(pfn);
  }

  clean(physical: number, bytes: number): void {
    flushListener(this.machine).current!(this.machine.directMap + physical, bytes);
  }

  broken(end: WatchedEnd = ENDED): string[] {
    return this.watch.finish(end).violations.map(({ id }) => id);
  }
}

/** Entries of an AMD host table: present, readable and writable, and the level it points to. */
const AMD = { leaf: (7n << 60n) | 1n, table: (level: bigint) => (3n << 61n) | (level << 9n) | 1n };
const C_BIT = 1n << 51n;

describe('HardwareWatch', () => {
  it('reads tables as the hardware does, and tries an access at each leaf', () => {
    const { violations, pictures } = new Tables().watch.finish(ENDED);
    const { tables, accesses } = pictures();
    assert.deepEqual(violations, []);
    assert.deepEqual(
      tables.map(({ level, entries }) => [level, entries.map(({ kind }) => kind)]),
      [
        [2, ['table']],
        [1, ['table']],
        [0, ['leaf', 'leaf']],
      ],
    );
    assert.deepEqual(
      accesses.map(({ write, outcomes }) => [write, outcomes]),
      [
        [true, ['reaches memory 0x80000000']],
        [false, ['reaches memory 0x80000000']],
        [true, ['reaches memory 0x80001000']],
        [false, ['reaches memory 0x80001000']],
      ],
    );
  });

  it('I-REACH-1: a leaf that went without a flush, unless somebody else flushes', () => {
    for (const [end, ids] of [
      [ENDED, ['I-REACH-1']],
      [BY_CALLER, []],
    ] as const) {
      const tables = new Tables();
      tables.unmap(1);
      const { violations, pictures } = tables.watch.finish(end);
      assert.deepEqual(
        violations.map(({ id }) => id),
        ids,
      );
      const second = pictures().accesses.find(({ iova }) => iova === SECOND)!;
      assert.equal(second.outcomes[1], 'stale entry: reaches memory 0x80001000');
    }
  });

  it('I-REACH-1: a flush that covers what went, and one beside it', () => {
    for (const [last, ids] of [
      [0x1fffn, []],
      [0xfffn, ['I-REACH-1']],
    ] as const) {
      const tables = new Tables();
      tables.unmap(1);
      tables.sync(0n, last);
      assert.deepEqual(tables.broken(), ids);
    }
  });

  it('I-REACH-1: nothing is said where nobody sees the driver flush', () => {
    const tables = new Tables({ flushes: 'unseen' });
    tables.unmap(1);
    const { violations, notWatched } = tables.watch.finish(ENDED);
    assert.deepEqual(violations, []);
    assert.ok(notWatched.some(({ ids }) => ids.includes('I-REACH-1')));
  });

  it('I-REACH-2: a page that is unpinned before the flush, and after it', () => {
    const early = new Tables();
    early.unmap(1);
    early.unpin(0x80001);
    early.sync(SECOND, 0x1fffn);
    assert.deepEqual(early.broken(), ['I-REACH-2']);
    const late = new Tables();
    late.unmap(1);
    late.sync(SECOND, 0x1fffn);
    late.unpin(0x80001);
    assert.deepEqual(late.broken(), []);
  });

  it('I-REACH-2: a page that is freed while it is mapped', () => {
    const tables = new Tables();
    const page = tables.allocate();
    tables.map(2, BigInt(page));
    tables.free(page);
    assert.deepEqual(tables.broken(), ['I-REACH-2']);
  });

  it('I-LIFE-1: a table that is freed while a pointer leads to it', () => {
    const tables = new Tables();
    tables.free(tables.leaves);
    const [first] = tables.watch.finish(BY_CALLER).violations;
    assert.equal(first!.id, 'I-LIFE-1');
    assert.match(first!.message, /is freed while domain 1 leads to it/);
  });

  it('I-LIFE-1, I-LIFE-2: a table that is freed before its pointer went from the caches', () => {
    const run = (flush: (tables: Tables) => void): string[] => {
      const tables = new Tables();
      tables.unmap(0);
      tables.unmap(1);
      tables.store(tables.middle, 0, 0n);
      flush(tables);
      tables.free(tables.leaves);
      return tables.broken(BY_CALLER);
    };
    const last = 0x1fffffn;
    assert.deepEqual(run(() => undefined), ['I-LIFE-1']); // prettier-ignore
    assert.deepEqual(run((tables) => { tables.sync(0n, last); }), ['I-LIFE-1', 'I-LIFE-2']); // prettier-ignore
    assert.deepEqual(run((tables) => { tables.sync(0n, last, 'tables'); }), []); // prettier-ignore
  });

  it('I-LIFE-3: stores to RAM that is no table, joined, with who stored', () => {
    const tables = new Tables();
    for (const physical of [0x80000000, 0x80000008]) {
      tables.ramWrites.push({ physical, size: 8, by: 'clear', place: undefined });
    }
    const { violations } = tables.watch.finish(ENDED);
    assert.deepEqual(
      violations.map(({ id, message }) => [id, message]),
      [['I-LIFE-3', 'a table entry is stored to 0x80000000, which is RAM: 2 words by clear()']],
    );
  });

  it('I-FMT-1: an entry that hardware faults on', () => {
    const bad = new Tables();
    // Bit 7 makes a leaf of level 1, whose address is not aligned to 2 MiB.
    bad.store(bad.middle, 1, 0x80001000n | READ_WRITE | 0x80n);
    assert.deepEqual(bad.broken(), ['I-FMT-1']);
    const good = new Tables();
    good.store(good.middle, 1, 0x80200000n | READ_WRITE | 0x80n);
    assert.deepEqual(good.broken(), []);
  });

  it('I-COH-1, I-COH-2: what an incoherent walker does not see yet', () => {
    const run = (clean: 'table' | 'pointer' | 'both'): string[] => {
      const tables = new Tables({ incoherent: () => true });
      const table = tables.allocate();
      if (clean !== 'pointer') tables.clean(table, 4096);
      tables.link(tables.middle, 1, table);
      if (clean !== 'table') tables.clean(tables.middle + 8, 8);
      return tables.broken();
    };
    assert.deepEqual(run('pointer'), ['I-COH-2']);
    assert.deepEqual(run('table'), ['I-COH-1']);
    assert.deepEqual(run('both'), []);
  });

  it('I-COH-3: a table that is freed before the line that unlinked it is written back', () => {
    for (const [cleans, ids] of [
      [false, ['I-COH-3']],
      [true, []],
    ] as const) {
      const tables = new Tables({ incoherent: () => true });
      tables.unmap(0);
      tables.unmap(1);
      tables.clean(tables.leaves, 16);
      tables.store(tables.middle, 0, 0n);
      if (cleans) tables.clean(tables.middle, 8);
      tables.sync(0n, 0x1fffffn, 'tables');
      tables.free(tables.leaves);
      assert.deepEqual(tables.broken({ ...BY_CALLER, succeeded: false }), ids);
    }
  });

  it('I-TOP-1: software that walks from a new top before the hardware knows it', () => {
    for (const [first, ids] of [
      ['software', ['I-TOP-1']],
      ['hardware', []],
    ] as const) {
      const tables = new Growing();
      const next = tables.allocate();
      tables.store(next, 0, BigInt(tables.top) | AMD.table(2n));
      const tell = (): void => {
        const event = { kind: 'change_top' as const, domain: DOMAIN, top: BigInt(next), level: 2 };
        for (const listener of driverListeners(tables.machine).listeners) listener(event);
      };
      if (first === 'hardware') tell();
      tables.now = { physical: next, level: 2 };
      if (first === 'software') tell();
      assert.deepEqual(tables.broken(), ids);
    }
  });

  it('I-CC-2: RAM without the C-bit and MMIO with it', () => {
    const ram: UserPage = { kind: 'ram', pfn: 0x1234 };
    const mmio: UserPage = { kind: 'mmio', pfn: 0xfe000 };
    const run = (entry: bigint): HardwareView => {
      const tables = new Growing(C_BIT, [ram, mmio]);
      tables.store(tables.leaves, 0, entry);
      tables.sync(0n, 0xfffn);
      return tables.watch.finish(ENDED);
    };
    const wrong = run(0x1234000n | AMD.leaf);
    assert.deepEqual(
      wrong.violations.map(({ id, subject }) => [id, subject]),
      [['I-CC-2', 'domain 1: RAM']],
    );
    assert.deepEqual(wrong.pictures().accesses[0]!.outcomes, [
      'writes 0x1234000 past the encryption',
    ]);
    assert.equal(run(0xfe000000n | C_BIT | AMD.leaf).violations[0]!.subject, 'domain 1: MMIO');
    assert.deepEqual(run(0x1234000n | C_BIT | AMD.leaf).violations, []);
    assert.deepEqual(run(0xfe000000n | AMD.leaf).violations, []);
  });

  it('tells each step: what was stored, what accesses come to from there on, what stays stale until when', () => {
    const tables = new Tables();
    tables.unmap(1);
    tables.sync(SECOND, 0x1fffn);
    const { steps } = tables.watch.finish(ENDED).pictures();
    assert.deepEqual(
      steps.map(({ kind, stores, stale }) => [kind, stores.length, stale.length]),
      [
        ['top', 0, 0],
        ['store', 1, 1],
        ['driver', 0, 0],
      ],
    );
    assert.equal(steps[1]!.stores[0]!.text, '4 KiB leaf to 0x80001000 -> empty');
    assert.deepEqual(
      steps.map(({ accesses }) => accesses.map(({ outcomes }) => outcomes.length)),
      // A write and a read.
      [[], [2, 2], [1, 1]],
    );
  });

  it('tells what one IOTLB holds: filled by what devices ask for, stale until a flush drops it', () => {
    const tables = new Tables();
    tables.unmap(1);
    tables.sync(SECOND, 0x1fffn);
    tables.map(1, RAM + 2n * SECOND);
    const { cachedBefore, steps } = tables.watch.finish(ENDED).pictures();
    const told = (cached: HardwareCached): unknown =>
      cached?.map(({ first, target, since, staleSince }) => [first, target, since, staleSince]);
    const first = [0, 0x80000, -1, undefined];
    assert.deepEqual(told(cachedBefore), [first, [1, 0x80001, -1, undefined]]);
    assert.deepEqual(
      steps.map(({ cached }) => told(cached)),
      [
        [first, [1, 0x80001, -1, undefined]],
        [first, [1, 0x80001, -1, 1]],
        [first],
        [first, [1, 0x80002, 3, undefined]],
      ],
    );
    assert.deepEqual(cachedBefore?.[0]?.access, ['read', 'write', 'execute']);
  });

  it('keeps what it told of a step: what a later flush drops was held up to there', () => {
    const tables = new Tables();
    tables.unmap(1);
    tables.sync(SECOND, 0x1fffn);
    const { steps } = tables.watch.finish(ENDED).pictures();
    assert.deepEqual(
      steps[1]!.stale.map(({ where }) => [...where]),
      [['iotlb']],
    );
  });

  it('tells of no IOTLB where nobody sees the driver flush', () => {
    const tables = new Tables({ flushes: 'unseen' });
    tables.unmap(1);
    const { cachedBefore, steps } = tables.watch.finish(ENDED).pictures();
    assert.deepEqual([cachedBefore, steps.map(({ cached }) => cached)], [undefined, [undefined, undefined]]); // prettier-ignore
  });

  it('tells what memory the situation states, and which bit encrypts it', () => {
    const pages: readonly UserPage[] = [
      { kind: 'ram', pfn: 0x1235 },
      { kind: 'mmio', pfn: 0xfe000 },
      { kind: 'ram', pfn: 0x1234 },
    ];
    const { memory, encryptionMask } = new Growing(C_BIT, pages).watch.finish(ENDED).pictures();
    assert.deepEqual(memory, [
      { first: 0x1234, last: 0x1235, kind: 'ram' },
      { first: 0xfe000, last: 0xfe000, kind: 'mmio' },
    ]);
    assert.equal(encryptionMask, C_BIT);
  });

  it('says of itself when a run stores more than is kept', () => {
    const tables = new Tables();
    for (let round = 0; round <= 256; round++) {
      for (let index = 0; index < 512; index++) tables.store(tables.leaves, index, BigInt(round));
    }
    const { violations, notWatched } = tables.watch.finish(ENDED);
    assert.deepEqual(violations, []);
    assert.match(notWatched[0]!.reason, /more words than are kept/);
  });
});

/** An AMD table of two levels that can grow: a top at level 1 with a table of leaves. */
class Growing {
  readonly machine: Machine = machineFor('int nothing(void) { return 0; }');
  readonly top: number;
  readonly leaves: number;
  readonly watch: HardwareWatch;
  now: { readonly physical: number; readonly level: number };

  constructor(encryptionMask = 0n, pages: readonly UserPage[] = []) {
    prepareMemoryMap(this.machine);
    [this.top, this.leaves] = [this.allocate(), this.allocate()];
    this.store(this.top, 0, BigInt(this.leaves) | AMD.table(1n) | encryptionMask);
    this.now = { physical: this.top, level: 1 };
    putUserMemory(this.machine, {
      ...{ start: 0, pages, areas: [], pins: new Map(), failAfter: undefined },
    });
    const probe: Probe = {
      ...{ name: 'domain 1', format: 'amdv1', domain: DOMAIN, encryptionMask },
      ...{ top: () => this.now, flushes: 'recorded' },
    };
    this.watch = new HardwareWatch(this.machine, {
      ...NO_SITUATION.build(this.machine),
      probes: [probe],
    });
  }

  allocate(): number {
    return allocatePages(this.machine, 0, true)!;
  }

  store(table: number, index: number, bits: bigint): void {
    this.machine.memory.store64(this.machine.directMap + table + index * 8, bits);
  }

  sync(start: bigint, last: bigint): void {
    const event = { kind: 'iotlb_sync' as const, domain: DOMAIN, start, last, tables: false };
    for (const listener of driverListeners(this.machine).listeners) listener(event);
  }

  broken(): string[] {
    return this.watch.finish(ENDED).violations.map(({ id }) => id);
  }
}
