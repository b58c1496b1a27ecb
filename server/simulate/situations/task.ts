import type { StructView } from '../machine/fields.ts';
import type { UserPage } from '../kernel/userMemory.ts';
import { putUserMemory } from '../kernel/userMemory.ts';
import { pagePool, pageStructOf } from '../kernel/pages.ts';
import type { ObjectPool } from './objects.ts';
import type { SituationSpec } from './spec.ts';

/** Where the user mapping starts. */
export const USER_START = 0x7f0000000000;
const PAGE = 4096;
/** A limit nobody reaches, in bytes. */
const NO_LIMIT = (1n << 63n) - 4096n;
const RLIMITS = 16;
const RLIMIT_BYTES = 16;

/** The running task with its address space, over the memory of a situation. */
export interface Task {
  readonly task: number;
  readonly mm: number;
  /** Unit: pages. */
  readonly pages: readonly UserPage[];
}

/** Makes the current task: its mm, its limits, and one VMA per stretch of RAM or of MMIO. */
export function makeTask(pool: ObjectPool, spec: SituationSpec): Task | undefined {
  const { machine } = pool;
  const pages = (spec.memory ?? []).flatMap(({ kind, pages: count, pfn }) =>
    Array.from({ length: count }, (_, i) => ({ kind, pfn: pfn + i })),
  );
  const task = pool.makeStanding('task_struct');
  const mm = pool.makeStanding('mm_struct');
  const signal = pool.make('signal_struct');
  if (task === undefined || mm === undefined || signal === undefined) return undefined;
  machine.modelState.set('current', task.address);
  task.set('mm', mm.address);
  task.set('group_leader', task.address);
  task.set('signal', signal.address);
  const limits = signal.at('rlim');
  for (let i = 0; i < RLIMITS; i++) {
    machine.memory.store64(limits + i * RLIMIT_BYTES, NO_LIMIT);
    machine.memory.store64(limits + i * RLIMIT_BYTES + 8, NO_LIMIT);
  }
  if (pool.knows('cred') && task.has('cred')) {
    const credentials = pool.makeStanding('cred')!;
    task.set('cred', credentials.address);
    task.set('real_cred', credentials.address);
    if (pool.knows('user_struct')) {
      const user = pool.makeStanding('user_struct')!;
      pool.setAny(user, ['__count.refs.counter'], 1);
      credentials.set('user', user.address);
    }
  }
  pool.setAny(task, ['usage.refs.counter', 'usage.counter'], 1);
  pool.setAny(mm, ['mm_users.counter'], 1);
  pool.setAny(mm, ['mm_count.counter'], 1);
  const areas = makeAreas(pool, mm, pages);
  const pins = new Map<number, number>();
  putUserMemory(machine, { start: USER_START, pages, areas, pins, failAfter: undefined });
  describePages(pool, pages);
  return { task: task.address, mm: mm.address, pages };
}

function makeAreas(pool: ObjectPool, mm: StructView, pages: readonly UserPage[]): number[] {
  const areas: number[] = [];
  for (let first = 0; first < pages.length;) {
    let end = first;
    const device = pages[first]!.kind === 'mmio';
    while (end < pages.length && (pages[end]!.kind === 'mmio') === device) end++;
    const area = pool.make('vm_area_struct');
    if (area === undefined) return [];
    area.set('vm_start', BigInt(USER_START + first * PAGE));
    area.set('vm_end', BigInt(USER_START + end * PAGE));
    area.set('vm_mm', mm.address);
    const flags = device
      ? 'VM_READ | VM_WRITE | VM_SHARED | VM_IO | VM_PFNMAP'
      : 'VM_READ | VM_WRITE';
    const value = pool.machine.constant(`(unsigned long)(${flags})`) ?? 0n;
    pool.setAny(area, ['vm_flags', '__vm_flags'], value);
    for (let i = first; i < end; i++) areas.push(area.address);
    first = end;
  }
  return areas;
}

/** RAM has struct pages; a reserved one says so. Page tables are made above all of it. */
function describePages(pool: ObjectPool, pages: readonly UserPage[]): void {
  const { machine } = pool;
  const reserved = machine.constant('1UL << PG_reserved') ?? 0n;
  for (const { kind, pfn } of pages) {
    if (kind === 'mmio') continue;
    const page = pool.view('page', pageStructOf(machine, pfn * PAGE));
    if (page === undefined) return;
    if (kind === 'rsvdram') pool.setAny(page, ['flags.f', 'flags'], reserved);
    pool.setAny(page, ['_refcount.counter'], 1);
  }
  const tables = pagePool(machine);
  const ram = pages.filter(({ kind }) => kind !== 'mmio');
  const end = ram.reduce((most, { pfn }) => Math.max(most, pfn + 1), 0) * PAGE;
  if (end > tables.base) tables.base = Math.ceil(end / 2 ** 30) * 2 ** 30;
}
