import type { ContractId } from '../../watch/violation.ts';
import type { HoldingStep } from '../../machine/executor.ts';
import type { InvariantId } from '../../../model/check/violation.ts';

/**
 * What running a change says about one function in one situation. `unchanged` only where the changed
 * lines were executed and nothing assumed decided anything.
 */
export type Verdict =
  'newly-broken' | 'fixed' | 'still-broken' | 'unchanged' | 'unknown' | 'not-simulated';

/** A place in the C, in the file of its side. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function: string;
}

/**
 * Who did something: the function under review and what it calls, an interface for DMA or IOMMUs, other kernel code
 * that something stood in for, the driver of the IOMMU, the queue that the driver under review fills, the IOMMU
 * itself, a device.
 */
export type Actor = 'cpu' | 'api' | 'kernel' | 'driver' | 'queue' | 'iommu' | 'device';

/** One step of a run. */
export interface SimulatedEvent {
  /** 1-based, in order. */
  readonly sequence: number;
  readonly actor: Actor;
  /**
   * What happened: a model's name (`iotlb_sync`), `print`, `warn`, `note`, `assume`; and, where tables are watched,
   * `call` (the entry), `map`, `unmap`, `store`, `clean` (from the CPU's cache), `alloc`, `free`, `unpin`, `iova`
   * (given back), `top`, `gather` (what the gather holds changes), `command` (the IOMMU takes it from its queue).
   */
  readonly kind: string;
  readonly text: string;
  readonly position: Position | undefined;
  /** What is called there, as the source spells it, where the text does not say it. */
  readonly call?: string;
  /** What it does to something that the run takes and gives back: a mapping, coherent memory. */
  readonly holding?: HoldingStep;
  /** Entries of page tables that changed with this step; absent where nobody looked. */
  readonly stores?: readonly SimulatedStore[];
  /** Device accesses that end otherwise from this step on; with the first step, all that are tried. */
  readonly accesses?: readonly SimulatedAccess[];
  /** What caches may hold after the step although memory says otherwise; absent where nobody looked. */
  readonly stale?: readonly SimulatedStale[];
  /** What one IOTLB holds after the step whose devices ask for the same pages after every step; absent where nobody looked. */
  readonly iotlb?: readonly SimulatedCached[];
  /** What the gather of the run holds after the step; absent where it has none, or none any more. */
  readonly gather?: SimulatedGather;
  /** Physical address of the page that is allocated or freed. */
  readonly page?: string;
  /** Memory that a device of a guest is given, or that is taken back. */
  readonly given?: SimulatedGiven;
}

/** Memory that a device of a guest is given. */
export interface SimulatedGiven {
  /** Number of the mapping. */
  readonly number: number;
  /** Physical addresses of the pages, hexadecimal, end inclusive. */
  readonly first: string;
  readonly last: string;
  /** Who may read it: `shared by its caller` is what the caller says, and nobody looked. */
  readonly sharing: 'shared' | 'private' | 'shared by its caller';
}

/** An entry of the IOTLB: what one piece of hardware holds, where `stale` is what any may hold. */
export interface SimulatedCached {
  readonly domain: string;
  /** Hexadecimal, end inclusive. */
  readonly iova: { readonly first: string; readonly last: string };
  readonly to: string;
  readonly access: readonly ('read' | 'write' | 'execute')[];
  /** Sequence number of the step after which it was filled. */
  readonly since: number;
  /** Sequence number of the step since which the tables say otherwise; absent where they say the same. */
  readonly stale?: number;
}

/** What a `struct iommu_iotlb_gather` holds. */
export interface SimulatedGather {
  /** Hexadecimal, end inclusive; absent where it holds no range. */
  readonly iova?: { readonly first: string; readonly last: string };
  /** Interval of the flush; absent where the tree keeps levels in its place, or nothing. */
  readonly pageSize?: string;
  /** Pages of tables that are freed after the flush. */
  readonly waiting: number;
  /** A flush of everything completes it later: the flush queue. */
  readonly queued: boolean;
  /** All of it in words. */
  readonly text: string;
}

/** Memory of which the situation says what it is. */
export interface SimulatedMemory {
  /** Physical addresses, hexadecimal, end inclusive. */
  readonly first: string;
  readonly last: string;
  readonly kind: 'ram' | 'mmio';
}

/** Something that a cache may still hold although memory says otherwise. */
export interface SimulatedStale {
  readonly kind: 'leaf' | 'table' | 'context' | 'negative';
  /** Caches that may hold it: `iotlb`, `walk`, `context`, `atc`. */
  readonly where: readonly string[];
  readonly domain: string;
  /** Hexadecimal, end inclusive. */
  readonly iova: { readonly first: string; readonly last: string };
  /** Where it still leads. */
  readonly to?: string;
}

/** Slots of a table, next to each other, that got alike entries. */
export interface SimulatedStore {
  /** Physical address of the table's page. */
  readonly physical: string;
  readonly index: number;
  readonly count: number;
  /** Undefined where the slots were emptied. */
  readonly bits: string | undefined;
  /** What was there; undefined where the slots were empty. */
  readonly old?: string;
  /** Before and after, in words. */
  readonly text?: string;
}

/** Something that a run broke. */
export interface SimulatedViolation {
  readonly id: ContractId | InvariantId;
  readonly message: string;
  /** Where a value or an entry is wrong: what it should be, and what it is. */
  readonly expected?: string;
  readonly got?: string;
  /** Rules that look for the same in the text. */
  readonly rules: readonly string[];
  readonly position: Position | undefined;
  /** Where what it is about began: the map, the allocation. */
  readonly since: Position | undefined;
  /** Hexadecimal, end inclusive. */
  readonly iova?: { readonly first: string; readonly last: string };
  /** Domain of these addresses, where that is known. */
  readonly domain?: string;
  readonly page?: string;
  /** What it is about, as {@link SimulatedEvent.holding} numbers it. */
  readonly holding?: number;
  /** Sequence number of the step at which it broke, where steps are watched. */
  readonly step?: number;
}

/** An entry of a page table, decoded. Numbers that may exceed 53 bits are hexadecimal text. */
export interface SimulatedEntry {
  readonly index: number;
  /** First IOVA that it translates. */
  readonly iova: string;
  readonly physical: string;
  readonly bits: string;
  readonly kind: 'empty' | 'table' | 'leaf';
  /** Address that it leads to: a table, or what is mapped. */
  readonly to?: string;
  /** In words: `2 MiB leaf, R W, C-bit`. */
  readonly text: string;
}

/** A page of a page table at the end of a run. */
export interface SimulatedTable {
  readonly domain: string;
  readonly format: string;
  readonly level: number;
  readonly physical: string;
  /** First address that slot 0 translates. */
  readonly iova?: string;
  /** It was part of the tables during the run, and is not any more. */
  readonly gone?: true;
  /** The entries that are not empty. */
  readonly entries: readonly SimulatedEntry[];
}

/** A device access that was tried on what the run left. */
export interface SimulatedAccess {
  readonly domain: string;
  readonly iova: string;
  readonly write: boolean;
  /** What may come of it: more than one where caches may still hold something. */
  readonly outcomes: readonly string[];
}

/** One side of a witness. */
export interface SimulatedRun {
  /** `returns -12`, or why it ended before. */
  readonly outcome: string;
  /** The statement that returned, or at which it ended before. */
  readonly endedAt?: Position | undefined;
  /** Lines of the changed file, on this side, at which changed statements begin that ran. */
  readonly changed?: readonly number[];
  readonly events: readonly SimulatedEvent[];
  readonly violations: readonly SimulatedViolation[];
  readonly tables: readonly SimulatedTable[];
  readonly accesses: readonly SimulatedAccess[];
  /** What the gather that the entry was handed holds in the end. */
  readonly gather?: SimulatedGather;
  /** Memory that the situation states; absent where it states none. */
  readonly memory?: readonly SimulatedMemory[];
  /** The C-bit of a host that encrypts RAM, by its number in an entry; absent where the host does not. */
  readonly encryptionBit?: number;
  /** Invariants that this run could not have broken, because nothing of them can be seen there. */
  readonly notWatched?: readonly {
    readonly ids: readonly InvariantId[];
    readonly reason: string;
  }[];
}

/** A choice that nothing in the C determines. */
export interface SimulatedChoice {
  readonly about: string;
  readonly kind: 'input' | 'result' | 'failure';
  readonly value: string;
}

/** What was found about one function in one situation. */
export interface SimulatedFunction {
  readonly function: string;
  readonly file: string;
  /** 1-based line of the function in the file after the change. */
  readonly line: number;
  /** C file that was run, where the function, or a macro, is of a header that it includes. */
  readonly ranIn?: string;
  /** Macro or constant of the header that the function uses, where that is what changed. */
  readonly changedName?: string;
  /** Function that was called: the changed one, or one that calls it. */
  readonly entry: string;
  /** Function that ran before it on the same objects, where one was needed. */
  readonly setup?: string;
  readonly situation: string;
  /** The situation in words. */
  readonly summary: string;
  readonly verdict: Verdict;
  /** One sentence: why this verdict. */
  readonly reason: string;
  /** What makes the verdict: broken after (newly, still) or before (fixed). */
  readonly violations: readonly SimulatedViolation[];
  readonly before: SimulatedRun | undefined;
  readonly after: SimulatedRun | undefined;
  /** The choices that the verdict hangs on; with others it would be another. */
  readonly assumptions: readonly SimulatedChoice[];
  /** Models that stood in for the kernel in the runs shown. */
  readonly models: readonly string[];
  /** Environments in which both sides were run. */
  readonly pairs: number;
}

/** Everything that running a change said. Self-contained: a view needs nothing else. */
export interface Simulation {
  readonly functions: readonly SimulatedFunction[];
  /** Changed files and lines that were not run, one clause each. */
  readonly notSimulated: readonly {
    readonly file: string;
    readonly line: number;
    readonly reason: string;
  }[];
  /** Unit: milliseconds. */
  readonly elapsed: number;
}
