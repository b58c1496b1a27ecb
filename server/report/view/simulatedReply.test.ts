import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { failuresOf, replyOf } from './simulatedReply.ts';

const position = {
  file: 'drivers/dma/qring/qring.c',
  line: 19,
  column: 12,
  function: 'qring_setup',
};
const event = (
  kind: string,
  text: string,
  actor: SimulatedEvent['actor'] = 'driver',
): SimulatedEvent => ({
  ...{ sequence: 1, actor, kind, text, position },
});
const alloc = event('dma_alloc_attrs', 'dma_alloc_attrs(): 4096 bytes of coherent memory');
const free = event('dma_free_attrs', 'dma_free_attrs(): 4096 bytes of coherent memory');
const run = (outcome: string, ...events: readonly SimulatedEvent[]): SimulatedRun => ({
  ...{ outcome, events, violations: [], tables: [], accesses: [] },
});
const leak: SimulatedViolation = {
  ...{ id: 'C-LEAK', message: 'fails and keeps 4096 bytes of coherent memory', rules: [] },
  ...{ position, since: position },
};

const leaking: SimulatedFunction = {
  ...{ function: 'qring_setup', file: position.file, line: 17, entry: 'qring_setup' },
  ...{ situation: 'interfaces', summary: 'each DMA and IOMMU call may fail' },
  ...{ verdict: 'newly-broken', violations: [leak], models: [], pairs: 3 },
  reason: `C-LEAK: ${leak.message}`,
  before: run('returns -12', alloc, event('print', 'no memory', 'cpu'), free),
  after: run('returns -5', alloc),
  assumptions: [{ about: 'dma_map_single_attrs() fails', kind: 'failure', value: '1' }],
};

/** A page of RAM without the C-bit, in a situation with tables. */
const ciphertext: SimulatedFunction = {
  ...leaking,
  ...{ function: 'pin_all', entry: 'replay', situation: 'vfio-amdv1-sme-ram-mmio-second-domain' },
  summary: 'VFIO adds a domain to mapped RAM, then MMIO; AMD v1, SME',
  violations: [
    {
      ...{ id: 'I-CC-2', rules: [], position, since: undefined },
      message:
        'RAM is mapped without the C-bit at IOVA 0x100000, entry 0x7000000001001e01: devices see ciphertext',
      iova: { first: '0x100000', last: '0x103fff' },
    },
  ],
  before: {
    ...run('returns 0'),
    accesses: [
      { domain: 'domain 1', iova: '0x100000', write: true, outcomes: ['reaches RAM 0x1000000'] },
    ],
  },
  assumptions: [],
};

describe('the block for a mail', () => {
  it('says what was expected, and what came instead', () => {
    assert.deepEqual(replyOf(leaking), [
      'iovet: ran qring_setup() of qring.c: each DMA and IOMMU call may fail',
      'action:   calls qring_setup(), where dma_map_single_attrs() fails',
      'expected: calls dma_free_attrs(), returns -12, as before the patch',
      'got:      fails and keeps 4096 bytes of coherent memory (of line 19)',
      'newly broken: C-LEAK, qring.c:19; nothing assumed',
    ]);
  });

  it('says of tables what a device met there before', () => {
    assert.deepEqual(replyOf(ciphertext), [
      'iovet: VFIO adds a domain to mapped RAM, then MMIO; AMD v1, SME',
      'action:   calls replay(), which comes to pin_all()',
      'expected: device write to 0x100000 reaches RAM 0x1000000',
      'got:      RAM is mapped without the C-bit at IOVA 0x100000',
      'newly broken: I-CC-2, qring.c:19; nothing assumed',
    ]);
  });

  it('says before and after of what is fixed', () => {
    const { before, after } = leaking;
    const lines = replyOf({ ...leaking, verdict: 'fixed', before: after, after: before });
    assert.deepEqual(lines.slice(2), [
      'before:   fails and keeps 4096 bytes of coherent memory (of line 19)',
      'after:    calls dma_free_attrs(), returns -12',
      'fixed: C-LEAK, qring.c:19; nothing assumed',
    ]);
  });

  it('says of what was broken before, and of a function as it is, what the contract demands', () => {
    const still = replyOf({ ...leaking, verdict: 'still-broken' });
    assert.equal(still[2], 'expected: A function that fails holds nothing that it took');
    assert.match(still[3]!, /coherent memory \(before, too\)$/);
    const alone = replyOf({ ...leaking, verdict: 'still-broken', before: undefined });
    assert.equal(alone[3], 'got:      fails and keeps 4096 bytes of coherent memory (of line 19)');
    assert.match(alone[4]!, /^broken: C-LEAK/);
  });

  it('never says that nothing was assumed where nothing is known', () => {
    const open = { ...leaking, violations: [], assumptions: [], after: leaking.before };
    const reason = 'no difference in 49 environments, which rest on assumptions';
    assert.equal(replyOf({ ...open, verdict: 'unknown', reason })[4], `unknown: ${reason}`);
    const stopped = {
      ...open,
      verdict: 'not-simulated' as const,
      before: undefined,
      after: undefined,
    };
    const lines = replyOf({ ...stopped, reason: 'floats are not run' });
    assert.deepEqual(lines.slice(2), [
      'before:   not run',
      'after:    not run',
      'not simulated: floats are not run',
    ]);
  });

  it('names assumed values, and counts those for which there is no room', () => {
    const about = (name: string, kind: 'input' | 'result' = 'input') => ({
      about: name,
      kind,
      value: '1',
    });
    const one = replyOf({ ...leaking, assumptions: [about('q->late_init_of_the_whole_ring')] });
    assert.equal(one[4], 'C-LEAK, qring.c:19; assumes q->late_init_of_the_whole_ring = 1');
    const names = ['q->ready', 'q->a_name_that_is_long', 'q->another_name_that_is_long'];
    const many = replyOf({ ...leaking, assumptions: names.map((name) => about(name)) });
    assert.equal(many[4], 'newly broken: C-LEAK, qring.c:19; assumes q->ready = 1 and 2 more');
  });

  it('says of page-table code which operation shows it, and which entry is wrong', () => {
    const wrong: SimulatedViolation = {
      ...{ id: 'C-TABLE', rules: [], position: undefined, since: undefined },
      message: 'leaves 0x700d670000000e01 (8 KiB leaf) in table 0x100002000[21], not 0x0 (empty)',
      expected: 'table 0x100002000[21]: 0x0 (empty)',
      got: 'table 0x100002000[21]: 0x700d670000000e01 (8 KiB leaf)',
    };
    const unmap = event('unmap', 'iommu_unmap iova 0x14000 len 0x2000: unmapped 0x2000', 'cpu');
    const tables: SimulatedFunction = {
      ...{ ...leaking, function: '__unmap_range', entry: 'maps and unmaps at random' },
      ...{ situation: 'tables-amdv1', summary: 'amdv1 tables', assumptions: [] },
      ...{ violations: [wrong], before: run('unmapped 0x2000', unmap) },
      after: run('unmapped 0x2000', unmap),
    };
    assert.deepEqual(replyOf(tables), [
      'iovet: ran __unmap_range() of drivers/dma/qring/qring.c: amdv1 tables',
      'action:   iommu_unmap iova 0x14000 len 0x2000: unmapped 0x2000',
      'expected: table 0x100002000[21]: 0x0 (empty), as before the patch',
      'got:      table 0x100002000[21]: 0x700d670000000e01 (8 KiB leaf)',
      'newly broken: C-TABLE; nothing assumed',
    ]);
    const same = replyOf({
      ...{ ...tables, verdict: 'unchanged', violations: [], reason: 'all steps are equal' },
      ...{ before: undefined, after: undefined },
    });
    assert.deepEqual(same.slice(1), [
      'action:   maps and unmaps at random',
      'before:   as the model of the format says, at every step',
      'after:    the same',
      'unchanged: all steps are equal',
    ]);
  });

  it('names the failing call as the C does, by its turn where there are several', () => {
    const taken = { number: 1, what: 'taken', reachable: true } as const;
    const failed = { number: 2, what: 'failed', reachable: true } as const;
    const text = 'dma_alloc_coherent(): 4096 bytes of coherent memory';
    const result: SimulatedFunction = {
      ...leaking,
      after: run(
        'returns -12',
        { ...event('dma_alloc_attrs', text, 'api'), holding: taken },
        { ...event('dma_alloc_attrs', `${text}: fails`, 'api'), holding: failed },
        event('kmalloc', 'kzalloc(): 48 bytes: fails', 'kernel'),
      ),
      assumptions: [
        { about: 'dma_alloc_attrs() fails', kind: 'failure', value: '1' },
        { about: 'kmalloc() fails', kind: 'failure', value: '1' },
      ],
    };
    assert.deepEqual(failuresOf(result), ['the 2nd dma_alloc_coherent() fails', 'kzalloc() fails']);
  });

  it('has five lines of at most 72 columns, whatever the names are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (name, message, about) => {
        const lines = replyOf({
          ...{ ...leaking, function: name, entry: name, situation: message },
          violations: [{ ...leak, message }],
          assumptions: [{ about, kind: 'result', value: name }],
        });
        assert.equal(lines.length, 5);
        assert.ok(lines.every((line) => line.length <= 72 && !line.includes('\n')));
      }),
    );
  });
});
