import assert from 'node:assert/strict';
import { DEFAULT_BUDGET } from '../machine/budget.ts';
import type { PathOutcome, RunResult } from '../runFunction.ts';
import { runFunction } from '../runFunction.ts';
import { situationFrom } from './fromSpec.ts';
import { situationsFor } from './library.ts';
import type { CallSpec, SituationSpec } from './spec.ts';

/** The few structs that the builders name, and what C declares of the functions below it. */
const KERNEL = `
  #define VM_READ 1
  #define VM_WRITE 2
  #define VM_SHARED 8
  #define VM_PFNMAP 0x400
  #define VM_IO 0x4000
  #define PG_reserved 14
  struct page { unsigned long flags; struct { int counter; } _refcount; };
  #define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
  #define page_to_pfn(p) ((unsigned long)((p) - (struct page *)0xffffea0000000000UL))
  struct rlimit { unsigned long cur, max; };
  struct signal_struct { struct rlimit rlim[16]; };
  struct mm_struct { unsigned long locked_vm; };
  struct task_struct { struct mm_struct *mm; struct task_struct *group_leader; struct signal_struct *signal; };
  struct vm_area_struct { unsigned long vm_start, vm_end, vm_flags; struct mm_struct *vm_mm; };
  struct task_struct *get_current(void);
  long pin_user_pages(unsigned long start, unsigned long n, unsigned int flags, struct page **pages);
  struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long address);
  int pfn_valid(unsigned long pfn);
  typedef unsigned long long dma_addr_t;
  dma_addr_t take(unsigned long size) { return size ? 2 * size : ~0ULL; }
`;
const USER = '0x7f0000000000UL';

function run(body: string, spec: Partial<SituationSpec>, parameters = 'void'): RunResult {
  const text = `${KERNEL}\nlong f(${parameters})\n{\n${body}\n}\n`;
  return runFunction({
    source: { read: (path) => (path === 'a.c' ? text : undefined), list: () => [] },
    ...{ file: 'a.c', function: 'f', budget: DEFAULT_BUDGET, now: () => 0 },
    situation: situationFrom({ name: 'test', summary: 'a test', ...spec }),
  });
}

function outcome(body: string, spec: Partial<SituationSpec>, parameters = 'void'): PathOutcome {
  const result = run(body, spec, parameters);
  assert.ok(result.ok, result.ok ? '' : result.problem.reason);
  assert.equal(result.run.paths.length, 1);
  return result.run.paths[0]!.outcome;
}

const RAM_THEN_MMIO: Partial<SituationSpec> = {
  memory: [
    { kind: 'ram', pages: 2, pfn: 0x1000 },
    { kind: 'rsvdram', pages: 1, pfn: 0x2000 },
    { kind: 'mmio', pages: 2, pfn: 0xfe000 },
  ],
};

describe('situations', () => {
  const pinned = (first: number, count: number): string =>
    `struct page *pages[8]; long n = pin_user_pages(${USER} + ${first} * 4096, ${count}, 0, pages);`;

  it('pins RAM up to the first page that GUP does not hand out', () => {
    const pins = `${pinned(0, 8)} return n * 0x10000 + page_to_pfn(pages[n - 1]);`;
    assert.deepEqual(outcome(pins, RAM_THEN_MMIO), { kind: 'returned', value: String(0x32000) });
    assert.deepEqual(outcome(`${pinned(3, 1)} return n;`, RAM_THEN_MMIO), {
      ...{ kind: 'returned', value: '-14' },
    });
  });

  it('says which pages are reserved and which frames have none', () => {
    const flags = `${pinned(0, 3)} return (pages[2]->flags >> PG_reserved) * 2 + (pages[1]->flags >> PG_reserved);`;
    assert.deepEqual(outcome(flags, RAM_THEN_MMIO), { kind: 'returned', value: '2' });
    const valid = 'return pfn_valid(0x1001) * 2 + pfn_valid(0xfe001);';
    assert.deepEqual(outcome(valid, RAM_THEN_MMIO), { kind: 'returned', value: '2' });
  });

  it('has an area over each stretch of one kind', () => {
    const body = `
      struct vm_area_struct *ram = vma_lookup(get_current()->mm, ${USER} + 4096);
      struct vm_area_struct *mmio = vma_lookup(get_current()->mm, ${USER} + 4 * 4096);
      if (vma_lookup(get_current()->mm, ${USER} + 5 * 4096)) return -1;
      return (ram->vm_end - ram->vm_start) / 4096 * 10 + ((mmio->vm_flags & VM_PFNMAP) != 0);`;
    assert.deepEqual(outcome(body, RAM_THEN_MMIO), { kind: 'returned', value: '31' });
  });

  it('lets the n-th pin fail', () => {
    const failing = { ...RAM_THEN_MMIO, fail: { pin: 1 } };
    assert.deepEqual(outcome(`${pinned(0, 2)} return n;`, failing), {
      ...{ kind: 'returned', value: '1' },
    });
  });

  it('gives arguments by type, by name and by position', () => {
    const parameters = 'struct mm_struct *mm, unsigned long a, unsigned long b';
    const body = 'return mm == get_current()->mm ? a * 10 + b + mm->locked_vm : -1;';
    const spec: Partial<SituationSpec> = {
      arguments: { a: 4, '2': 'PG_reserved' },
      set: { 'mm_struct.locked_vm': '0x100' },
    };
    assert.deepEqual(outcome(body, spec, parameters), {
      ...{ kind: 'returned', value: String(40 + 14 + 256) },
    });
  });

  it('hands the entry what a call before it returned', () => {
    const body = 'return bus * 10 + size;';
    const parameters = 'dma_addr_t bus, unsigned long size';
    const spec: Partial<SituationSpec> = {
      arguments: { '(dma_addr_t)': 1, size: 3 },
      before: [{ call: 'take', arguments: { size: 7 }, result: ['(dma_addr_t)'] }],
    };
    assert.deepEqual(outcome(body, spec, parameters), { kind: 'returned', value: '143' });
    const failing = { ...spec, before: [{ ...spec.before![0]!, arguments: { size: 0 } }] };
    const stopped = outcome(body, failing, parameters);
    assert.match(JSON.stringify(stopped), /take\(\), which has to run before, fails/);
  });

  it('names what the tree lacks', () => {
    const lacking = (spec: Partial<SituationSpec>): unknown => {
      const result = run('return 0;', spec);
      assert.ok(!result.ok);
      return result.situation;
    };
    assert.deepEqual(lacking({ set: { 'mm_struct.locked_mv': 1 } }), {
      ...{ subject: 'mm_struct.locked_mv', reason: 'field "locked_mv" is not in struct mm_struct' },
      nearest: 'locked_vm',
    });
    const file = 'drivers/iommu/generic_pt/fmt/iommu_amdv1.c';
    assert.deepEqual(lacking({ table: { format: 'amdv1' } }), {
      ...{ subject: file, reason: `this tree has no ${file}`, nearest: undefined },
    });
    assert.deepEqual(lacking({ before: [{ call: ['mm_struct'] }] }), {
      subject: 'a function of (struct mm_struct)',
      ...{ reason: 'a function of (struct mm_struct) is not here', nearest: undefined },
    });
  });

  it('leaves out calls that not all releases have', () => {
    const body = 'return size;';
    const called = (call: string, more: CallSpec['arguments'] = {}): unknown =>
      outcome(
        body,
        { before: [{ call, arguments: { size: 7, ...more }, result: ['size'] }] },
        'unsigned long size',
      );
    assert.deepEqual(called('take?'), called('take'));
    for (const absent of [called('take_away?'), called('take?', { size: '&mm_struct.none' })]) {
      assert.match(JSON.stringify(absent), /which has to run before, fails/);
    }
    assert.deepEqual(
      outcome(
        body,
        { before: [{ call: 'take_away?' }], arguments: { size: 3 } },
        'unsigned long size',
      ),
      { kind: 'returned', value: '3' },
    );
  });

  it('chooses built-in situations by what the entry takes', () => {
    const pointer = (tag: string) => ({
      name: undefined,
      type: {
        kind: 'pointer' as const,
        toConst: false,
        to: { kind: 'aggregate' as const, union: false, tag, layout: undefined },
      },
    });
    const entry = (tags: readonly string[]): string[] =>
      situationsFor({
        ...{ kind: 'function', name: 'anything', external: false, body: 0, at: 0 },
        type: {
          ...{ kind: 'function', result: { kind: 'void' }, variadic: false },
          parameters: tags.map(pointer),
        },
      }).map(({ name }) => name);
    assert.deepEqual(entry(['file']), []);
    assert.ok(entry(['vfio_iommu', 'vfio_dma']).includes('vfio-amdv1-sme-ram-mmio'));
    assert.ok(
      entry(['vfio_iommu', 'vfio_domain']).every((name) => name.endsWith('-second-domain')),
    );
  });
});
