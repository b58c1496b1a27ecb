import assert from 'node:assert/strict';
import type {
  SimulatedAccess,
  SimulatedEvent,
  SimulatedRun,
  SimulatedTable,
} from '../../simulate/compare/result/simulation.ts';
import { entryOf } from './entries.ts';
import { accessesOf } from './simulatedAccesses.ts';
import { memoryBehind } from './simulatedMemory.ts';
import { stepsOf } from './simulatedSteps.ts';
import { absencesOf } from './tableLives.ts';
import type { Both } from './view.ts';

function event(kind: string, more: Partial<SimulatedEvent> = {}): SimulatedEvent {
  return { sequence: 0, actor: 'cpu', kind, text: kind, position: undefined, ...more };
}

const run = (
  events: readonly SimulatedEvent[],
  more: Partial<SimulatedRun> = {},
): SimulatedRun => ({
  ...{ outcome: 'returns 0', violations: [], tables: [], accesses: [] },
  events: events.map((one, n) => ({ ...one, sequence: n + 1 })),
  ...more,
});

const iova = { first: '0x1000', last: '0x1fff' };

describe('caches of a run on the page', () => {
  const entry = { domain: 'domain 1', iova, to: '0x80001000', access: ['read', 'write'] as const };

  it('counts steps as the page does, where the sides are aligned', () => {
    const old = run([event('map'), event('store', { iotlb: [{ ...entry, since: 2 }] })]);
    const made = run([
      event('alloc'),
      event('map'),
      event('store', { iotlb: [{ ...entry, since: 2, stale: 3 }] }),
    ]);
    const { steps } = stepsOf(old, made);
    const stored = steps.find(({ mark }) => mark === 'store');
    assert.equal(stored?.cached.before?.[0]?.says, 'filled at step 3');
    assert.equal(stored.cached.after?.[0]?.says, 'stale since step 3');
    assert.deepEqual(
      [stored.cached.before[0].isStale, stored.cached.after[0].isStale],
      [false, true],
    );
    assert.equal(
      stored.cached.before[0].text,
      'domain 1: 0x1000-0x1fff, 4 KiB to 0x80001000, read write, filled at step 3',
    );
  });

  it('tells entries behind each other that lead to memory behind each other as one', () => {
    const leaf = (n: number, to: number) => ({
      ...{ kind: 'leaf' as const, where: ['iotlb'], domain: 'domain 1' },
      iova: { first: `0x${n}000`, last: `0x${n}fff` },
      to: `0x${to}000`,
    });
    const stale = [leaf(2, 8), leaf(1, 7), leaf(3, 5)];
    const iotlb = stale.map(({ domain, iova: at, to }) => ({
      ...entry,
      domain,
      iova: at,
      to,
      since: 1,
    }));
    const { steps } = stepsOf(undefined, run([event('store', { stale, iotlb })]));
    assert.deepEqual(
      steps[0]?.stale.after?.map(({ text }) => text),
      [
        'iotlb: 2 old leaves of domain 1, 0x1000-0x2fff to 0x7000',
        'iotlb: old leaf of domain 1, 0x3000-0x3fff to 0x5000',
      ],
    );
    assert.deepEqual(
      steps[0].cached.after?.map(({ size, to, short }) => [size, to, short]),
      [
        ['2 × 4 KiB', '0x7000', '0x1000-0x2fff: 0x7000'],
        ['4 KiB', '0x5000', '0x5000'],
      ],
    );
  });

  it('holds what it held where only the other side does something', () => {
    const iotlb = [{ ...entry, since: 1 }];
    const { steps } = stepsOf(
      run([event('map', { iotlb, stale: [] }), event('end of it', { iotlb, stale: [] })]),
      run([event('map', { iotlb: [] }), event('alloc', { iotlb: [] }), event('end of it')]),
    );
    const alone = steps.find(({ only }) => only === 'after');
    assert.equal(alone?.cached.before?.length, 1);
    assert.deepEqual(alone.stale, { before: [] });
  });

  it('shows what a gather holds, and nothing of an empty one', () => {
    const gather = { waiting: 0, queued: false, text: 'the gather is empty' };
    const full = { ...gather, iova, waiting: 1, text: 'the gather holds it' };
    const { steps } = stepsOf(
      undefined,
      run([event('unmap', { gather }), event('gather', { gather: full })], { gather: full }),
    );
    assert.deepEqual(
      steps.map((step) => step.gather?.after?.short),
      [
        undefined,
        'waits for the flush, then 1 table freed',
        'waits for the flush, then 1 table freed',
      ],
    );
  });
});

describe('what a device meets on the page', () => {
  const access = (write: boolean, outcome: string): SimulatedAccess => ({
    ...{ domain: 'domain 1', iova: '0x1000', write, outcomes: [outcome] },
  });
  const strips = (accesses: readonly SimulatedAccess[]): readonly string[] => {
    const made = run([event('call', { accesses })], { accesses });
    const events: Both<SimulatedEvent>[] = made.events.map((after) => ({ after }));
    return accessesOf(undefined, made, events).map(
      ({ title, outcomes }) => `${title}: ${outcomes.after?.flatMap(({ says }) => says).join()}`,
    );
  };

  it('is one strip where reads and writes come to the same', () => {
    assert.deepEqual(strips([access(true, 'reaches RAM 0x0'), access(false, 'reaches RAM 0x0')]), [
      'read and write to 0x1000-0x1fff: reaches RAM 0x0',
    ]);
    const past = (how: string): string => `${how} 0x5000 past the encryption`;
    assert.deepEqual(strips([access(true, past('writes')), access(false, past('reads'))]), [
      'read and write to 0x1000-0x1fff: reads and writes 0x5000 past the encryption',
    ]);
  });

  it('is two where only one of them gets through', () => {
    assert.deepEqual(strips([access(true, 'fault: no write'), access(false, 'reaches RAM 0x0')]), [
      'write to 0x1000-0x1fff: fault: no write',
      'read to 0x1000-0x1fff: reaches RAM 0x0',
    ]);
  });
});

describe('memory behind a leaf', () => {
  const C = 51;
  const memory = [
    { first: '0x1000000', last: '0x1003fff', kind: 'ram' as const },
    { first: '0xfe000000', last: '0xfe003fff', kind: 'mmio' as const },
  ];
  const leaf = (to: string, encrypted: boolean, bytes = '0x4000') => ({
    ...entryOf(
      `0x${(BigInt(to) | (encrypted ? 1n << BigInt(C) : 0n)).toString(16)}`,
      '',
      undefined,
    ),
    ...{ to, bytes },
  });

  it('wants the C-bit for RAM, and none for MMIO', () => {
    const told = (to: string, encrypted: boolean) => {
      const { kind, says, isWrong } = memoryBehind(leaf(to, encrypted), C, memory)!;
      return [kind, says, isWrong];
    };
    assert.deepEqual(told('0x1000000', true), ['ram', 'C=1 encrypted', false]);
    assert.deepEqual(told('0x1000000', false), ['ram', 'C=0: ciphertext', true]);
    assert.deepEqual(told('0xfe000000', false), ['mmio', 'C=0 plain', false]);
    assert.deepEqual(told('0xfe000000', true), ['mmio', 'C=1: as address', true]);
  });

  it('is not judged where nothing says what is there, and right for no leaf over both kinds', () => {
    assert.equal(memoryBehind(leaf('0x2000000', true), C, memory), undefined);
    const all = leaf('0x0', true, '0x100000000');
    assert.equal(memoryBehind(all, C, memory)?.kind, 'mixed');
    assert.equal(memoryBehind({ ...all, kind: 'table' }, C, memory), undefined);
  });
});

describe('the life of a table', () => {
  const table = (physical: string): SimulatedTable => ({
    ...{ domain: 'domain 1', format: 'amdv1', level: 0, physical, entries: [] },
  });
  const tables = [table('0x5000'), table('0x6000')];
  const made = run(
    [
      event('call'),
      event('alloc', { page: '0x5000' }),
      event('free', { page: '0x5000' }),
      event('free', { page: '0x6000' }),
      event('alloc', { page: '0x6000' }),
    ],
    { tables },
  );
  const events: Both<SimulatedEvent>[] = made.events.map((after) => ({
    after,
    before: event('x'),
  }));

  it('begins where it is allocated and ends where it is freed', () => {
    const absent = absencesOf('0x5000', undefined, made, events)?.after;
    assert.deepEqual(
      absent?.map(({ from, to, says }) => [from, to, says]),
      [
        [1, 1, 'not allocated yet'],
        [3, 5, 'freed at step 3'],
      ],
    );
    assert.deepEqual(absencesOf('0x6000', undefined, made, events)?.after, [
      { from: 4, to: 4, says: 'freed at step 4', isFreed: true },
    ]);
  });

  it('is named where only the other side has it', () => {
    const absent = absencesOf('0x5000', run([], { tables: [] }), made, events);
    assert.equal(absent?.before?.[0]?.says, 'no table before');
    assert.equal(
      absencesOf('0x7000', undefined, run([], { tables: [table('0x7000')] }), []),
      undefined,
    );
  });
});
