import type { CallObserver } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { hex, pointerBits } from '../machine/values.ts';
import { counted, isMappingError } from './contractWords.ts';
import type { Ledger } from './ledger.ts';
import { ledgerOf } from './ledger.ts';

/**
 * Tells the ledger what an implementation of the DMA API takes and gives back where its C is run: IOVAs
 * (drivers/iommu/iova.c) and bounce buffers (kernel/dma/swiotlb.c). Of calls within each other the outermost counts.
 */
export function underneath(machine: Machine): ReadonlyMap<string, CallObserver> {
  return new Map([...outermost(iovas(machine)), ...outermost(bounces(machine))]);
}

/** Interfaces that call each other: only who is outermost promises anything. */
interface Interfaces {
  /** Hear of a call that is over, by name. */
  readonly takes: Readonly<Record<string, (args: readonly bigint[], result: bigint) => void>>;
  /** Hear of a call that begins: afterwards, what is given back may be gone. */
  readonly gives: Readonly<Record<string, (args: readonly bigint[], name: string) => void>>;
}

function outermost({ takes, gives }: Interfaces): Map<string, CallObserver> {
  let depth = 0;
  const observers = new Map<string, CallObserver>();
  for (const [name, take] of Object.entries(takes)) {
    observers.set(name, (args) => {
      depth++;
      return (result) => {
        depth--;
        if (depth === 0) take(args.map(bitsOf), bitsOf(result));
      };
    });
  }
  for (const [name, give] of Object.entries(gives)) {
    observers.set(name, (args) => {
      if (depth === 0) give(args.map(bitsOf), name);
      depth++;
      return () => {
        depth--;
      };
    });
  }
  return observers;
}

function bitsOf(value: Value): bigint {
  return value === undefined ? 0n : pointerBits(value);
}

function addressOf(bits: bigint): number {
  return Number(BigInt.asIntN(64, bits));
}

/** IOVAs that allocators give out, by the number of their first granule. */
function iovas(machine: Machine): Interfaces {
  const ledger = ledgerOf(machine);
  const take = (api: string, allocator: bigint, first: bigint, count: bigint): void => {
    const handle = first * (memberOf(machine, 'iova_domain', allocator, 'granule') ?? PAGE);
    const what = `${counted(count, 'page')} of IOVA at ${hex(handle)}`;
    const about = { key: first, size: count, handle, device: addressOf(allocator) };
    ledger.take({ kind: 'iova', api, what, ...about });
  };
  const firstOf = (iova: bigint): bigint => memberOf(machine, 'iova', iova, 'pfn_lo') ?? 0n;
  const give = ([, first = 0n, count]: readonly bigint[], name: string): void => {
    giveIova(ledger, name, first, count);
  };
  return {
    takes: {
      alloc_iova_fast: ([allocator = 0n, count = 0n], first) => {
        if (first !== 0n) take('alloc_iova_fast', allocator, first, count);
      },
      alloc_iova: ([allocator = 0n, count = 0n], iova) => {
        if (iova !== 0n) take('alloc_iova', allocator, firstOf(iova), count);
      },
    },
    gives: {
      ...{ free_iova_fast: give, queue_iova: give },
      free_iova: ([, first = 0n], name) => {
        giveIova(ledger, name, first, undefined);
      },
      __free_iova: ([, iova = 0n], name) => {
        giveIova(ledger, name, firstOf(iova), undefined);
      },
    },
  };
}

/** What allocators count by where nothing else is said. Unit: bytes. */
const PAGE = 4096n;

/** A member of a struct, where the tree has that. */
function memberOf(
  { memory, program }: Machine,
  tag: string,
  address: bigint,
  path: string,
): bigint | undefined {
  const unit = program.all.find((one) => one.aggregate(tag) !== undefined);
  if (unit === undefined || address === 0n) return undefined;
  return bitsOf(new StructView(memory, unit, tag, addressOf(address)).get(path));
}

/** Takes an IOVA back; `count` undefined: whatever was given out there. */
function giveIova(ledger: Ledger, api: string, first: bigint, count: bigint | undefined): void {
  const held = ledger.held('iova', first);
  if (held !== undefined) {
    if (count !== undefined && count !== held.size) {
      const message = `gives back ${counted(count, 'page')} of ${held.what}`;
      ledger.breach('C-FREE-ARGUMENTS', api, message, held);
    }
    ledger.give(held, api);
    return;
  }
  const earlier = ledger.find('iova', first, 'returned');
  if (earlier !== undefined) {
    ledger.breach('C-TWICE', api, `gives back ${earlier.what} again`, earlier);
    return;
  }
  const around = ledger.holdings.find(
    ({ kind, state, key, size }) =>
      kind === 'iova' && state === 'held' && first > key && first < key + size,
  );
  if (around === undefined) return;
  const behind = counted(first - around.key, 'page');
  const message = `gives back what begins ${behind} into ${around.what}`;
  ledger.breach('C-FREE-ARGUMENTS', api, message, around);
}

/** Buffers that memory is copied through, by their physical address. */
function bounces(machine: Machine): Interfaces {
  const ledger = ledgerOf(machine);
  const give = ([, physical = 0n]: readonly bigint[], name: string): void => {
    const held = ledger.held('bounce', physical);
    // Memory that does not bounce is handed to these, too, and left alone.
    if (held !== undefined) ledger.give(held, name);
  };
  return {
    takes: {
      swiotlb_tbl_map_single: ([device = 0n, , size = 0n], physical) => {
        if (isMappingError(physical)) return;
        const what = `a bounce buffer of ${counted(size, 'byte')}`;
        const about = { key: physical, size, device: addressOf(device) };
        ledger.take({ kind: 'bounce', api: 'swiotlb_tbl_map_single', what, ...about });
      },
    },
    gives: { swiotlb_tbl_unmap_single: give, __swiotlb_tbl_unmap_single: give },
  };
}
