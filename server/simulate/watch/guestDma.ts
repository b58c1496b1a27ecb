import { confidentiality } from '../kernel/confidential.ts';
import type { CallObserver } from '../machine/executor.ts';
import type { Machine } from '../machine/machine.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { placeUnderReview } from '../machine/whereabouts.ts';
import type { Value } from '../machine/values.ts';
import { hex } from '../machine/values.ts';
import { ENCRYPTION_MASK } from '../situations/encryption.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096;
const MAPPING_ERROR = -1n;
/** The caller says that it shared the memory itself; include/linux/dma-mapping.h, since 7.2. */
const SHARED_BY_CALLER = 'DMA_ATTR_CC_SHARED';
/** What is mapped is no memory of the guest. */
const MMIO = 'DMA_ATTR_MMIO';

/** Positions of arguments of what maps for a device and returns the address that the device uses. */
const MAPS: Readonly<Record<string, { readonly size: number; readonly attrs: number }>> = {
  dma_map_phys: { size: 2, attrs: 4 },
  dma_map_page_attrs: { size: 3, attrs: 5 },
};
/** The same of what takes that back: the device's address is their second argument. */
const UNMAPS: Readonly<Record<string, { readonly attrs: number }>> = {
  dma_unmap_phys: { attrs: 4 },
  dma_unmap_page_attrs: { attrs: 4 },
};

/** What a device may reach now. */
interface Mapping {
  readonly number: number;
  /** Page frames, both ends included. */
  readonly first: number;
  readonly last: number;
  readonly place: StackEntry | undefined;
  readonly sharedByCaller: boolean;
}

/** Who may read memory that a device of a guest is given. */
export type Sharing = 'shared' | 'private' | 'shared by its caller';

/** Something that becomes of memory that a device is given. */
export interface GivenStep {
  /** Number of the mapping. */
  readonly number: number;
  readonly what: 'given' | 'taken-back' | 'becomes-private';
  /** Page frames, both ends included. */
  readonly first: number;
  readonly last: number;
  readonly sharing: Sharing;
  /** The function that did it. */
  readonly by: string;
  /** Events of the trace that were there before. */
  readonly after: number;
  readonly place: StackEntry | undefined;
}

/**
 * Watches the DMA API of a guest whose memory is encrypted (I-DMA-1): what a device is given is shared with the
 * host when it is mapped and until it is unmapped, and whoever says that it shared it says so both times.
 */
export class GuestDma {
  /** Whether there is anything to see: memory is encrypted for a guest. */
  readonly isWatched: boolean;
  readonly violations: Violation[] = [];
  /** What devices were given and gave back, in order. */
  readonly given: GivenStep[] = [];
  private readonly machine: Machine;
  private readonly eventCount: () => number;
  private readonly mappings = new Map<bigint, Mapping>();
  /** Calls of the DMA API that have not returned: what it does by itself is judged by its result. */
  private depth = 0;

  /** `eventCount`: events of the trace so far. */
  constructor(machine: Machine, eventCount: () => number) {
    this.machine = machine;
    this.eventCount = eventCount;
    const state = confidentiality(machine);
    this.isWatched = state.encryption === 'guest';
    if (!this.isWatched) return;
    state.listeners.push((first, count) => {
      this.becomesPrivate(first, first + count - 1);
    });
  }

  /** What has to be told of calls; nothing where nothing is watched. */
  observers(): ReadonlyMap<string, CallObserver> {
    const observers = new Map<string, CallObserver>();
    if (!this.isWatched) return observers;
    for (const [name, at] of Object.entries(MAPS)) {
      observers.set(name, (args) => this.within(name, (result) => {
        const attrs = bitsOf(args[at.attrs]);
        this.mapped(name, result, Number(bitsOf(args[at.size])), attrs);
      })); // prettier-ignore
    }
    for (const [name, { attrs }] of Object.entries(UNMAPS)) {
      observers.set(name, (args) => this.within(name, () => {
        this.unmapped(name, bitsOf(args[1]), bitsOf(args[attrs]));
      })); // prettier-ignore
    }
    return observers;
  }

  private within(name: string, then: (result: bigint) => void): (result: Value) => void {
    this.depth++;
    return (result) => {
      this.depth--;
      if (this.depth === 0) then(result === undefined ? 0n : BigInt.asIntN(64, BigInt(result)));
    };
  }

  private mapped(name: string, handle: bigint, size: number, attrs: bigint): void {
    if (handle === MAPPING_ERROR || this.has(attrs, MMIO)) return;
    const address = BigInt.asUintN(64, handle) & ~ENCRYPTION_MASK;
    const first = Number(address) / PAGE;
    const last = Math.floor((Number(address) + Math.max(size, 1) - 1) / PAGE);
    const place = placeUnderReview(this.machine);
    const sharedByCaller = this.has(attrs, SHARED_BY_CALLER);
    const number = this.given.filter(({ what }) => what === 'given').length + 1;
    const mapping = { number, first: Math.floor(first), last, place, sharedByCaller };
    this.mappings.set(handle, mapping);
    const kept = sharedByCaller ? undefined : this.firstPrivate(mapping);
    const sharing = sharedByCaller ? 'shared by its caller' : 'shared';
    this.note('given', mapping, kept === undefined ? sharing : 'private', name);
    if (kept === undefined) return;
    const page = hex(kept * PAGE);
    const message = `${name}() gives a device ${page}, private to the guest`;
    this.broken(message, kept, undefined);
  }

  /** The first page of a mapping that the guest keeps to itself. */
  private firstPrivate({ first, last }: Mapping): number | undefined {
    const { shared } = confidentiality(this.machine);
    for (let pfn = first; pfn <= last; pfn++) if (!shared.has(pfn)) return pfn;
    return undefined;
  }

  private note(what: GivenStep['what'], mapping: Mapping, sharing: Sharing, by: string): void {
    const { number, first, last } = mapping;
    const place = placeUnderReview(this.machine);
    this.given.push({ number, what, first, last, sharing, by, after: this.eventCount(), place });
  }

  private unmapped(name: string, handle: bigint, attrs: bigint): void {
    const key = BigInt.asIntN(64, handle);
    const mapping = this.mappings.get(key);
    if (mapping === undefined) return;
    this.mappings.delete(key);
    const kept = mapping.sharedByCaller ? undefined : this.firstPrivate(mapping);
    const sharing = mapping.sharedByCaller ? 'shared by its caller' : 'shared';
    this.note('taken-back', mapping, kept === undefined ? sharing : 'private', name);
    if (this.has(attrs, SHARED_BY_CALLER) === mapping.sharedByCaller) return;
    const how = mapping.sharedByCaller ? 'without' : 'with';
    const message = `${name}() ${how} ${SHARED_BY_CALLER}, other than what it was mapped with`;
    this.broken(message, mapping.first, mapping.place);
  }

  private becomesPrivate(first: number, last: number): void {
    for (const mapping of this.mappings.values()) {
      if (mapping.last < first || mapping.first > last) continue;
      const page = Math.max(first, mapping.first);
      const by = this.machine.frame?.callable.name ?? '';
      this.note('becomes-private', mapping, 'private', by);
      const message = `${hex(page * PAGE)} becomes private while a device may still reach it`;
      this.broken(message, page, mapping.place);
    }
  }

  /** Whether attributes have one that this tree may not know. */
  private has(attrs: bigint, name: string): boolean {
    const bit = this.machine.constant(name);
    return bit !== undefined && (attrs & bit) !== 0n;
  }

  private broken(message: string, pfn: number, since: StackEntry | undefined): void {
    this.violations.push({
      ...{ id: 'I-DMA-1', message, subject: 'guest memory', since },
      ...{ place: placeUnderReview(this.machine), page: pfn * PAGE, given: this.given.length - 1 },
    });
  }
}

function bitsOf(value: Value): bigint {
  return BigInt.asUintN(64, BigInt(value ?? 0));
}
