import assert from 'node:assert/strict';
import {
  createEventLog,
  eventAt,
  eventsSince,
  firstHeld,
  logIova,
  logPage,
  logPlain,
  logSync,
  type EventLog,
} from './events.ts';
import {
  allocatedBytes,
  allocPages,
  createIommuPages,
  freePages,
  putPagesList,
  startIncoherent,
} from './iommuPages.ts';
import {
  attachLog,
  cleanLines,
  createPhysMem,
  flush,
  hardwareLoad,
  load,
  memoryInUse,
  pageState,
  reportStores,
  snapshot,
  store,
} from './physMem.ts';

describe('physical memory', () => {
  it('is sparse: what nobody stored reads as zero', () => {
    const mem = createPhysMem();
    assert.deepEqual(load(mem, 0xf_ffff_ffff, 511), { lo: 0, hi: 0 });
    store(mem, 0xf_ffff_ffff, 511, 1, -1);
    store(mem, 5, 0, 2, 3);
    assert.deepEqual(load(mem, 0xf_ffff_ffff, 511), { lo: 1, hi: -1 });
    assert.deepEqual(load(mem, 5, 0), { lo: 2, hi: 3 });
    assert.equal(memoryInUse(mem), 2 << 20);
  });

  it('large tables span pages', () => {
    const mem = createPhysMem();
    store(mem, 16, 8191, 7, 0);
    assert.deepEqual(load(mem, 16 + 15, 511), { lo: 7, hi: 0 });
  });

  it('knows what pages are for', () => {
    const mem = createPhysMem();
    assert.equal(pageState(mem, 7).use, 'free');
    pageState(mem, 7).owner = { vm: 1 };
    assert.deepEqual(pageState(mem, 7).owner, { vm: 1 });
  });
});

describe('an incoherent walker', () => {
  it('may see the word before the first unflushed store, or the present one', () => {
    const mem = createPhysMem({ walker: 'incoherent' });
    store(mem, 3, 8, 1, 0);
    store(mem, 3, 8, 2, 0);
    assert.deepEqual(hardwareLoad(mem, 3, 8), {
      now: { lo: 2, hi: 0 },
      older: { lo: 0, hi: 0 },
    });
    assert.equal(hardwareLoad(mem, 3, 9).older, undefined, 'same line, same word');
    assert.equal(hardwareLoad(mem, 3, 0).older, undefined, 'another line');
    flush(mem, 3, 64, 8);
    assert.deepEqual(hardwareLoad(mem, 3, 8), { now: { lo: 2, hi: 0 }, older: undefined });
  });

  it('sees runs of stores line by line', () => {
    const mem = createPhysMem({ walker: 'incoherent' });
    const before = snapshot(mem, 4, 6, 12);
    for (let n = 6; n < 18; n++) mem.lastChunks[0]![(4 << 10) + 2 * n] = n;
    reportStores(mem, 4, 6, 12, before);
    reportStores(mem, 4, 6, 0, before);
    assert.equal(mem.pending!.size, 3);
    cleanLines(mem, 4, 0, 0);
    cleanLines(mem, 4, 64, 64);
    assert.equal(mem.pending!.size, 2);
    assert.deepEqual(hardwareLoad(mem, 4, 17).older, { lo: 0, hi: 0 });
    assert.equal(hardwareLoad(mem, 4, 10).older, undefined);
  });

  it('of coherent memory there is one view', () => {
    const mem = createPhysMem();
    store(mem, 3, 8, 1, 0);
    assert.deepEqual(hardwareLoad(mem, 3, 8), { now: { lo: 1, hi: 0 }, older: undefined });
  });
});

describe('page-table memory', () => {
  it('has predictable, naturally aligned addresses that are never reused', () => {
    const pages = createIommuPages(createPhysMem(), { basePfn: 0x1000 });
    assert.equal(allocPages(pages, 8), 0x1000);
    assert.equal(allocPages(pages, 0x4000), 0x1004);
    freePages(pages, 0x1000);
    assert.equal(allocPages(pages, 4096), 0x1008);
    assert.equal(pages.live, 2);
    assert.equal(allocatedBytes(pages, 0x1004), 0x4000);
    assert.equal(allocatedBytes(pages, 0x9999), 4096);
    freePages(pages, 0x9999);
  });

  it('is zeroed, and says when it was allocated and freed', () => {
    const log = createEventLog();
    const mem = createPhysMem({ log });
    const pages = createIommuPages(mem, { basePfn: 8 });
    store(mem, 8, 1, 5, 5);
    const pfn = allocPages(pages, 4096);
    assert.deepEqual(load(mem, pfn, 1), { lo: 0, hi: 0 });
    putPagesList(pages, [pfn]);
    const { use, allocSeq, freeSeq } = pageState(mem, pfn);
    assert.equal(use, 'free');
    assert.equal(eventAt(log, allocSeq)?.kind, 'alloc');
    assert.equal(eventAt(log, freeSeq)?.kind, 'free');
  });

  it('fails where a failure was injected, once', () => {
    const pages = createIommuPages(createPhysMem());
    pages.failAt = 1;
    assert.ok(allocPages(pages, 1) > 0);
    assert.equal(allocPages(pages, 1), -1);
    assert.ok(allocPages(pages, 1) > 0);
    startIncoherent(pages, pages.basePfn);
  });
});

describe('the event log', () => {
  const pfns = (log: EventLog): readonly number[] =>
    eventsSince(log, 0).map((event) => (event.kind === 'free' ? event.pfn : -1));

  it('grows up to its capacity, then drops the oldest', () => {
    const log = createEventLog({ capacity: 1024 });
    for (let n = 0; n < 1000; n++) logPage(log, 'free', n);
    assert.equal(firstHeld(log), 0);
    assert.equal(pfns(log).length, 1000);
    for (let n = 1000; n < 1500; n++) logPage(log, 'free', n);
    assert.equal(firstHeld(log), 476);
    assert.deepEqual([pfns(log)[0], pfns(log).at(-1)], [476, 1499]);
    assert.equal(eventAt(log, 475), undefined);
    assert.equal(eventAt(log, 1500), undefined);
  });

  it('reads back every kind of event', () => {
    const log = createEventLog({ images: 'kept' });
    const seen: number[] = [];
    log.listener = (_, seq) => {
      seen.push(seq);
    };
    const mem = createPhysMem();
    attachLog(mem, log);
    store(mem, 1, 2, 3, 4);
    logIova(log, 'sync_map', { pfn: 1, offset: 0 }, { pfn: 2, offset: 0 });
    logSync(log, { pfn: 1, offset: 0 }, { pfn: 2, offset: 4095 }, 1, 2, [7, 8]);
    logPlain(log, 'flush_all');
    attachLog(mem, null);
    store(mem, 1, 2, 0, 0);
    const events = eventsSince(log, 0);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['store', 'sync_map', 'sync', 'flush_all'],
    );
    const [first, second, third] = events;
    assert.deepEqual(first, {
      seq: 0,
      kind: 'store',
      pfn: 1,
      index: 2,
      count: 1,
      before: { lo: 0, hi: 0 },
      after: { lo: 3, hi: 4 },
    });
    assert.deepEqual(log.images!.get(0), Int32Array.of(0, 0));
    assert.ok(second?.kind === 'sync_map');
    assert.equal(second.length.pfn, 2);
    assert.ok(third?.kind === 'sync');
    assert.deepEqual(third.freelist, [7, 8]);
    // A freelist takes records of its own.
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5]);
  });
});
