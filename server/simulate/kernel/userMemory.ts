import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';
import { pageStructOf, physicalOfPage } from './pages.ts';

/** One page of a user mapping. */
export interface UserPage {
  /** MMIO pages have no struct page; reserved RAM has one that says so. */
  readonly kind: 'ram' | 'mmio' | 'rsvdram';
  readonly pfn: number;
}

/** The user address space of a path. */
export interface UserMemory {
  /** Virtual address of the first page. */
  readonly start: number;
  readonly pages: readonly UserPage[];
  /** The `struct vm_area_struct` over each page, once a situation made them. */
  readonly areas: number[];
  /** References that pinning took and nobody gave back: page frame to count. */
  readonly pins: Map<number, number>;
  /** Pins that still succeed; undefined: none fails. */
  failAfter: number | undefined;
}

const PAGE = 4096;
const EFAULT = -14;
const ENOMEM = -12;

const EMPTY: UserMemory = {
  ...{ start: 0, pages: [], areas: [], pins: new Map<number, number>(), failAfter: undefined },
};

/** The user address space of a machine; empty unless a situation made one. */
export function userMemory(machine: Executor): UserMemory {
  return (machine.modelState.get('user-memory') as UserMemory | undefined) ?? EMPTY;
}

/** Puts a user address space in place. */
export function putUserMemory(machine: Executor, memory: UserMemory): void {
  machine.modelState.set('user-memory', memory);
}

/** Page frames that are still pinned, lowest first. */
export function heldPins(machine: Executor): number[] {
  return [...userMemory(machine).pins.keys()].sort((a, b) => a - b);
}

/** Who is told when the last pin of a page frame goes. */
export function unpinListeners(machine: Executor): ((pfn: number) => void)[] {
  return stateOf<((pfn: number) => void)[]>(machine, 'unpin-listeners', () => []);
}

function pageIndex({ start }: UserMemory, address: bigint): number {
  return Math.floor((Number(BigInt.asUintN(64, address)) - start) / PAGE);
}

/** Pins pages from an address on; stops at the first that GUP does not hand out. */
function pin(machine: Executor, address: bigint, count: number, pages: number): number {
  const memory = userMemory(machine);
  const first = pageIndex(memory, address);
  let done = 0;
  for (; done < count; done++) {
    const page = memory.pages[first + done];
    // VM_PFNMAP is refused by GUP: such memory has no pages to take references on.
    if (page === undefined || page.kind === 'mmio') break;
    if (memory.failAfter !== undefined && memory.failAfter-- === 0) {
      memory.failAfter = undefined;
      machine.record({ kind: 'model', name: 'pin', text: `fails at page ${first + done}` });
      if (done === 0) return ENOMEM;
      break;
    }
    memory.pins.set(page.pfn, (memory.pins.get(page.pfn) ?? 0) + 1);
    if (pages !== 0) {
      const struct = pageStructOf(machine, page.pfn * PAGE);
      machine.memory.storePointer(pages + done * 8, struct);
    }
  }
  return done === 0 && count > 0 ? EFAULT : done;
}

/** A pinning function: positions of the address, the count and the array of pages. */
const pinning =
  (address: number, count: number, pages: number): ModelBody =>
  (machine, args) =>
    pin(machine, args.bits(address), args.number(count), Number(args.pointer(pages)));

function unpin(machine: Executor, pfn: number): void {
  const { pins } = userMemory(machine);
  const held = pins.get(pfn);
  if (held === undefined) {
    machine.record({ kind: 'note', text: `unpins page frame ${pfn}, which is not pinned` });
  } else if (held === 1) {
    pins.delete(pfn);
    for (const listener of unpinListeners(machine)) listener(pfn);
  } else pins.set(pfn, held - 1);
}

/** A count of pages that a path can mean. */
function pageCount(count: number): number {
  if (count > MOST_PAGES) throw new Stop('budget', `handles more than ${MOST_PAGES} pages at once`);
  return count;
}

const MOST_PAGES = 1 << 20;

const unpinArray: ModelBody = (machine, args) => {
  const pages = Number(args.pointer(0));
  const count = pageCount(args.number(1));
  for (let i = 0; i < count; i++) {
    const page = machine.memory.loadPointer(pages + i * 8, 'strict');
    unpin(machine, physicalOfPage(machine, Number(page)) / PAGE);
  }
  return undefined;
};

const unpinRange: ModelBody = (machine, args) => {
  const first = physicalOfPage(machine, Number(args.pointer(0))) / PAGE;
  const count = pageCount(args.number(1));
  for (let i = 0; i < count; i++) unpin(machine, first + i);
  return undefined;
};

const unpinOne: ModelBody = (machine, args) => {
  unpin(machine, physicalOfPage(machine, Number(args.pointer(0))) / PAGE);
  return undefined;
};

const areaAt =
  (address: number): ModelBody =>
  (machine, args) => {
    const memory = userMemory(machine);
    return memory.areas[pageIndex(memory, args.bits(address))] ?? 0;
  };

const followStart: ModelBody = (machine, args, { unit }) => {
  const found = new StructView(machine.memory, unit, 'follow_pfnmap_args', args.pointer(0));
  const memory = userMemory(machine);
  const page = memory.pages[pageIndex(memory, BigInt(found.get('address')!))];
  if (page?.kind !== 'mmio') return -22;
  found.set('pfn', page.pfn);
  // One page table entry per page: no larger mapping of the device is assumed.
  found.set('addr_mask', BigInt.asUintN(64, -BigInt(PAGE)));
  found.set('writable', 1);
  if (found.has('special')) found.set('special', 1);
  return 0;
};

/** 6.1 to 6.11 hand out the page table entry itself, under its lock. */
const followEntry =
  (out: number): ModelBody =>
  (machine, args) => {
    const memory = userMemory(machine);
    const page = memory.pages[pageIndex(memory, args.bits(out - 1))];
    if (page?.kind !== 'mmio') return -22;
    const entry = machine.allocate({
      ...{ kind: 'input', name: 'page table entry', size: 8, align: 8, contents: 'zero' },
    });
    // Present, writable, user, accessed, dirty: x86 bits 0, 1, 2, 5, 6.
    machine.memory.store64(entry, (BigInt(page.pfn) << 12n) | 0x67n);
    machine.memory.storePointer(Number(args.pointer(out)), entry);
    const lock = machine.allocate({
      ...{ kind: 'input', name: 'page table lock', size: 64, align: 8, contents: 'zero' },
    });
    machine.memory.storePointer(Number(args.pointer(out + 1)), lock);
    return 0;
  };

const account: ModelBody = (machine, args, { unit }) => {
  const mm = new StructView(machine.memory, unit, 'mm_struct', args.pointer(0));
  const change = args.bits(1) * (args.number(2) !== 0 ? 1n : -1n);
  mm.set('locked_vm', BigInt(mm.get('locked_vm')!) + change);
  return 0;
};

/** Frames without struct page: the MMIO of the user mapping. Everything else is RAM. */
const pfnValid: ModelBody = (machine, args) => {
  const pfn = args.number(0);
  const mmio = stateOf(machine, 'mmio-frames', () => {
    const { pages } = userMemory(machine);
    return new Set(pages.filter(({ kind }) => kind === 'mmio').map((page) => page.pfn));
  });
  return mmio.has(pfn) ? 0 : 1;
};

const zero: ModelBody = () => 0;

/** What C learns about user memory and its pages: pinning, areas, page table entries, accounting. */
export const USER_MEMORY: readonly Model[] = [
  ...family(
    {
      reads: 'the user memory of the situation, its failure injection',
      writes: 'the array of pages, and how often each is pinned',
    },
    {
      ...alike('pin_user_pages_remote get_user_pages_remote', pinning(1, 2, 4)),
      ...alike('pin_user_pages get_user_pages', pinning(0, 1, 3)),
      ...alike(
        'pin_user_pages_fast get_user_pages_fast get_user_pages_fast_only',
        pinning(0, 1, 3),
      ),
      ...alike('pin_user_pages_unlocked get_user_pages_unlocked', pinning(0, 1, 2)),
      ...alike('unpin_user_pages unpin_user_pages_dirty_lock', unpinArray),
      ...alike('unpin_user_page_range_dirty_lock', unpinRange),
      ...alike('unpin_user_page', unpinOne),
    },
  ),
  ...family(
    {
      reads: 'the user memory of the situation',
      writes: 'nothing',
      shadows: 'the areas are those of the situation, not of a maple tree',
    },
    {
      ...alike('vma_lookup find_vma find_vma_intersection', areaAt(1)),
    },
  ),
  ...family(
    { reads: 'the user memory of the situation', writes: 'the outputs of its argument' },
    {
      follow_pfnmap_start: followStart,
      follow_pfnmap_end: () => undefined,
      follow_pte: followEntry(2),
      // Whatever is mapped is present; nothing else can be faulted in.
      fixup_user_fault: (machine, args) => {
        const memory = userMemory(machine);
        return memory.pages[pageIndex(memory, args.bits(1))] === undefined ? EFAULT : 0;
      },
    },
  ),
  ...family(
    { reads: 'mm->locked_vm', writes: 'mm->locked_vm' },
    { ...alike('__account_locked_vm account_locked_vm', account) },
  ),
  ...family(
    {
      reads: 'the user memory of the situation',
      writes: 'nothing',
      shadows: 'which frames have a struct page is the situation’s to say',
    },
    { pfn_valid: pfnValid },
  ),
  ...family(
    { reads: 'the address', writes: 'nothing', shadows: 'no address tags: assembly elsewhere' },
    {
      ...alike('untagged_addr_remote __untagged_addr_remote', (_, args) => args.bits(1)),
      ...alike('untagged_addr __untagged_addr', (_, args) => args.bits(0)),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing' },
    {
      // The caller has every capability; a situation that wants less replaces this.
      ...alike('capable ns_capable capable_noaudit', () => 1),
      ...alike(
        'mmput mmput_async __mmdrop __put_task_struct __put_task_struct_rcu_cb free_uid __put_cred',
        zero,
      ),
      // Fault injection of the selftest, which nobody turned on.
      iommufd_should_fail: zero,
    },
  ),
];
