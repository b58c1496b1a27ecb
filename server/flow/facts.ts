import type { Problem } from '../text/problem.ts';
import type { Span } from '../text/span.ts';

/**
 * What the engine tells the rules about one unit.
 * A rule names the lists it needs, matches facts, compares values and fills a message; it never
 * walks paths itself. Every fact holds on at least one path that was not found contradictory.
 */
export interface Facts {
  /** One entry per acquiring call, summed up over all paths. */
  readonly resources: readonly ResourceFact[];
  /** Results of interface calls that were compared with something. */
  readonly checks: readonly CheckFact[];
  /** Resources whose life ended on some path while nobody had looked at the result. */
  readonly unchecked: readonly UncheckedFact[];
  /** Releases and syncs, each with the acquisition it belongs to. */
  readonly pairings: readonly PairingFact[];
  /** Resources still held at an end of the function where nobody can reach them any more. */
  readonly leaks: readonly LeakFact[];
  /** Calls of kernel interfaces with a contract: arguments and context as they are on a path. */
  readonly calls: readonly CallFact[];
  /** Results of interface calls stored into a variable or field, with the types of both sides. */
  readonly stores: readonly StoreFact[];
  /** A second mapping over a live one. */
  readonly overlaps: readonly OverlapFact[];
  /** Life of `struct iommu_iotlb_gather` objects. */
  readonly gathers: readonly GatherFact[];
  /** Pages given back after an unmap whose result nothing uses. */
  readonly pagesBack: readonly PagesBackFact[];
  /** Memory freed although an operation on it had failed and left its state unknown. */
  readonly tainted: readonly TaintedFreeFact[];
  /** Walks over the entries of a scatter list. */
  readonly walks: readonly ScatterWalkFact[];
  /** Memory types decided page by page and kept in an object that spans many chunks. */
  readonly attributes: readonly ChunkAttributeFact[];
}

/** The facts that one function gives by itself. */
export type FunctionFacts = Omit<Facts, 'attributes'>;

/** What the engine made of one unit: the facts, and the names of what it did not look at. */
export interface UnitFacts {
  /** Path relative to the tree. */
  readonly file: string;
  readonly facts: Facts;
  /** Bounds that were hit and constructs that were not understood, by function. */
  readonly problems: readonly Problem[];
  readonly counts: FlowCounts;
}

/** How much work the engine did; steps are (node, state) pairs and do not depend on the machine. */
export interface FlowCounts {
  readonly functions: number;
  /** Functions that reach an interface with a contract, and were therefore analysed. */
  readonly analysed: number;
  readonly capped: number;
  readonly steps: number;
  /** Functions answered from the cache. */
  readonly reused: number;
}

/** Where in the code something happens. */
export interface FlowPlace {
  /** Path relative to the tree; differs from the unit only for inlines of headers. */
  readonly file: string;
  readonly span: Span;
  /** 1-based line of the start, for messages that mention another place. */
  readonly line: number;
  /** Enclosing function. */
  readonly function: string;
}

/** One numbered step of a witness path: what happens there, in a few words. */
export interface FlowStep {
  readonly place: FlowPlace;
  readonly message: string;
}

/** Identifies one acquiring call of a unit. Stable within one analysis only. */
export type ResourceId = number;

/** What kind of thing is held. */
export type Family =
  | 'dma-map'
  | 'dma-sg'
  | 'dma-sgtable'
  | 'coherent'
  | 'pool-memory'
  | 'dma-pool'
  | 'noncontiguous'
  | 'sg-table'
  | 'iommu-map'
  | 'iommu-domain'
  | 'iommu-attach'
  | 'pin'
  | 'pages'
  | 'memory'
  | 'decrypted'
  | 'iova';

/** How a call tells success. */
export type Convention =
  /** 0 or a negative errno. */
  | 'errno'
  /** dma_addr_t, to be asked with dma_mapping_error(). */
  | 'dma-address'
  /** Number of entries, 0 is failure, never negative. */
  | 'count'
  /** Bytes, never negative. */
  | 'length'
  /** Bytes, or a negative errno. */
  | 'length-or-errno'
  /** Entries or pages, or a negative errno. */
  | 'count-or-errno'
  | 'pointer-or-null'
  | 'error-pointer'
  | 'none';

/** Meaning of a parameter of an interface; the names are those of data/kernel-api.json. */
export type Role =
  | 'dev'
  | 'domain'
  | 'iova'
  | 'paddr'
  | 'size'
  | 'prot'
  | 'gfp'
  | 'dir'
  | 'attrs'
  | 'dma_addr'
  | 'cpu_addr'
  | 'dma_addr_out'
  | 'sg'
  | 'sgtable'
  | 'nents'
  | 'page'
  | 'pages'
  | 'npages'
  | 'pool'
  | 'gather'
  | 'offset'
  | 'other';

/** Where an address comes from. Rules fire on known provenance only. */
export type Provenance =
  'ram' | 'mmio' | 'carveout' | 'dma-address' | 'iova' | 'user' | 'null' | 'unknown';

/** Where a number or handle comes from, when that matters to a contract. */
export type Origin =
  /** The result of an acquiring call: the mapped count of dma_map_sg(), the handle of dma_map_single(). */
  | { readonly kind: 'result'; readonly resource: ResourceId; readonly function: string }
  /** `nents` of a struct sg_table: the mapped count after mapping. */
  | { readonly kind: 'sgtable-nents'; readonly table: string }
  /** A field into which every writer of the file stores the result of dma_map_sg(). */
  | {
      readonly kind: 'field-of-mapped-count';
      readonly field: string;
      readonly writer: FlowPlace;
    };

/** An argument as it is on a path. */
export interface Value {
  /** The code's own spelling at the call, one line. */
  readonly text: string;
  readonly place: FlowPlace;
  /** Canonical value, printed with the names of the code; equal values print equally. */
  readonly canonical: string;
  /** Where known on this path. */
  readonly constant?: number;
  /** Smallest and largest value possible on this path; infinities where unbounded. */
  readonly range: readonly [number, number];
  /**
   * Macro constants combined with `|` (prot, gfp, attrs): names certainly included,
   * and whether that is all there is.
   */
  readonly flags: { readonly names: readonly string[]; readonly complete: boolean };
  readonly provenance: Provenance;
  readonly origin?: Origin;
  /** Declared type of the expression as C writes it, where known. */
  readonly type?: string;
}

/** Whether two values are the same on the path: `different` is only said when it is proven. */
export type Relation = 'equal' | 'different' | 'unknown';

/** The context a call runs in. `atomic` names the reason, for the message. */
export interface Context {
  readonly kind: 'may-sleep' | 'atomic' | 'unknown';
  /** For instance `spin_lock_irqsave(&priv->lock) in line 120`, or `registered as an interrupt handler`. */
  readonly why?: string;
  readonly place?: FlowPlace;
}

/** A call of an interface with a contract, on some path. */
export interface CallFact {
  readonly function: string;
  /** The whole call expression. */
  readonly place: FlowPlace;
  /** The name at the call. */
  readonly callee: FlowPlace;
  /** In order of the parameters. */
  readonly args: readonly (Value & { readonly role: Role; readonly index: number })[];
  readonly convention: Convention;
  readonly context: Context;
  /** True when no expression uses the result. */
  readonly resultDropped: boolean;
  readonly inLoop: boolean;
  readonly steps: readonly FlowStep[];
}

/** An acquiring call, summed up over all paths of its function. */
export interface ResourceFact {
  readonly id: ResourceId;
  readonly family: Family;
  readonly acquire: CallFact;
  readonly inLoop: boolean;
  /** The expression that holds the handle afterwards, as spelled; empty if dropped. */
  readonly handle: string;
  /** Some path tests the result by its convention. */
  readonly checkedSomewhere: boolean;
  readonly releasedSomewhere: boolean;
  /** The raw result is returned to the caller, whose duty the check then is. */
  readonly returnedRaw: boolean;
}

/** How a result was tested. */
export type CheckKind =
  | 'mapping-error'
  | 'equals-mapping-error'
  | 'zero'
  | 'negative'
  | 'not-positive'
  | 'err-pointer'
  | 'err-or-null'
  | 'minus-one'
  | 'against-value';

/** How a function ends after one answer of a test: always alike, or not. */
export type CheckEnd = LeakFact['outcome'] | 'mixed' | 'never';

/** The result of an acquiring or interface call is compared with something. */
export interface CheckFact {
  readonly resource?: ResourceId;
  /** The interface whose result is tested. */
  readonly function: string;
  readonly call: FlowPlace;
  readonly convention: Convention;
  readonly kind: CheckKind;
  /** Can this test tell failure from success for this convention at all? */
  readonly tells: 'failure' | 'part' | 'nothing';
  /** How the function ends on the paths where an unmap removed nothing, and where it removed something. */
  readonly ends?: { readonly zero: CheckEnd; readonly bytes: CheckEnd };
  /** The whole test. */
  readonly place: FlowPlace;
  readonly text: string;
  /** The tested operand. */
  readonly operand: FlowPlace;
  readonly operandText: string;
  /** Declared type of the operand, where known. */
  readonly operandType?: string;
  readonly steps: readonly FlowStep[];
}

/** A resource whose success nobody tested before this point of a path. */
export interface UncheckedFact {
  readonly resource: ResourceFact;
  readonly at: FlowPlace;
  readonly why: 'used' | 'released' | 'stored' | 'passed' | 'end' | 'overwritten';
  /** A test that was made on this path and cannot tell, or that tested something else. */
  readonly wrongCheck?: CheckFact;
  readonly steps: readonly FlowStep[];
}

/** One argument of the acquisition beside the same argument of the release. */
export interface PairedValue {
  readonly role: Role;
  readonly acquired: Value;
  readonly released: Value;
  readonly relation: Relation;
}

/** A release or sync and the acquisition it belongs to. */
export interface PairingFact {
  readonly kind: 'release' | 'sync';
  readonly resource: ResourceFact;
  readonly call: CallFact;
  /**
   * `exact`: the handle is the same value; `element`: same array or container, another index form;
   * `field`: the handle was read back from the field another function of the file stored it in.
   */
  readonly match: 'exact' | 'element' | 'field';
  readonly pairs: readonly PairedValue[];
  /** The releasing interface is one that belongs to the acquiring one. */
  readonly interfacesFit: boolean;
  /** Several acquisitions were still live and are covered by this one release. */
  readonly aggregated: boolean;
  /** The code asks the release how much it removed, and releases the rest only where it is still there. */
  readonly answered: boolean;
  /** The release runs once per turn of a loop that the acquisition is not in. */
  readonly releasedPerTurn: boolean;
  readonly steps: readonly FlowStep[];
}

/** Why nobody can release it any more. */
export type LeakOwnership =
  /** Only locals held the handle. */
  | 'local'
  /** Held by an object made here that nobody else can reach. */
  | 'own-object'
  /** In a field of a parameter or global, and this function releases it on another path. */
  | 'field-released-elsewhere'
  /** In a field of a parameter or global, and no caller that sees the error releases it. */
  | 'field-callers-do-not-unwind'
  /** Handed to a call that failed. */
  | 'taker-failed'
  /** Overwritten by another handle while still held. */
  | 'overwritten';

/** A resource that stays behind. */
export interface LeakFact {
  readonly resource: ResourceFact;
  readonly ownership: LeakOwnership;
  /** The statement that ends the path, or that overwrites the handle. */
  readonly at: FlowPlace;
  readonly atText: string;
  readonly outcome: 'error' | 'success' | 'unknown';
  /** Where another path of this function releases it. */
  readonly releasedAt?: FlowPlace;
  /** An earlier turn's resource of a loop. */
  readonly earlierTurn: boolean;
  /** Number of places where this one stays behind; one fact is kept per site. */
  readonly exits: number;
  /** A label to leave by instead. */
  readonly wayOut?: WayOut;
  readonly steps: readonly FlowStep[];
}

/** A label behind which exactly what is held at an exit is released, and the same value is returned. */
export interface WayOut {
  readonly label: string;
  /** What makes the exit go there. */
  readonly edits: readonly { readonly place: FlowPlace; readonly text: string }[];
}

/** A result stored into a variable or field. */
export interface StoreFact {
  readonly function: string;
  readonly convention: Convention;
  readonly call: FlowPlace;
  readonly callReturns: string;
  readonly target: FlowPlace;
  readonly targetText: string;
  readonly targetType: string;
  readonly targetSigned: boolean;
  /** Bits of the target on a 64-bit kernel. */
  readonly targetBits: number;
  /** Where the target is declared, if in this unit. */
  readonly declaredAt?: FlowPlace;
  readonly steps: readonly FlowStep[];
}

/** iommu_map() of a range that is still mapped. */
export interface OverlapFact {
  readonly first: ResourceFact;
  readonly second: CallFact;
  readonly steps: readonly FlowStep[];
}

/** Something wrong in the life of a gather. */
export interface GatherFact {
  readonly kind:
    /** Used before iommu_iotlb_gather_init(). */
    | 'uninitialised'
    /** The function ends or frees memory after iommu_unmap_fast() without a sync. */
    | 'not-synced-at-end'
    | 'freed-before-sync';
  readonly gather: string;
  /** Where a local gather is declared, and what its declaration sets it to. */
  readonly declared?: FlowPlace;
  readonly init?: string;
  /** The beginning of the line behind the declarations of its block: empty, a statement can be put there. */
  readonly statements?: { readonly place: FlowPlace; readonly indent: string };
  /** The unmapping or using call. */
  readonly call: CallFact;
  /** The end or the free. */
  readonly at: FlowPlace;
  readonly atText: string;
  readonly steps: readonly FlowStep[];
}

/** Pages given back after an unmap that nobody asked whether it removed them. */
export interface PagesBackFact {
  readonly unmap: CallFact;
  readonly freeName: string;
  /** The pages, as the freeing call names them. */
  readonly free: FlowPlace;
  readonly memory: string;
  readonly steps: readonly FlowStep[];
}

/** Memory given back after a failed change of its encryption state. */
export interface TaintedFreeFact {
  /** The set_memory_decrypted() or set_memory_encrypted() that failed on this path. */
  readonly failed: CallFact;
  readonly freeName: string;
  readonly free: FlowPlace;
  readonly memory: string;
  readonly steps: readonly FlowStep[];
}

/** A walk over scatter list entries and what its body reads. */
export interface ScatterWalkFact {
  /** The macro or loop, e.g. `for_each_sg`. */
  readonly macro: string;
  readonly place: FlowPlace;
  /** The list head as spelled and the count expression. */
  readonly list: Value;
  readonly count: Value;
  /** Accessors of the CPU side (sg_page, sg_phys, length) and the DMA side used on the entry in the body. */
  readonly cpuReads: readonly FlowPlace[];
  readonly dmaReads: readonly FlowPlace[];
  /** The list was mapped for DMA on the way here. */
  readonly mappedHere: boolean;
}

/** A memory type flag that belongs to one contiguous chunk, stored in an object from which every chunk is mapped. */
export interface ChunkAttributeFact {
  /** For instance `IOMMU_MMIO`. */
  readonly flag: string;
  /** As spelled where chunks are mapped: `dma->prot`; `*prot` where no caller is in sight. */
  readonly object: string;
  /**
   * `both`: set and cleared for pages behind the chunk; `kept`: set and never cleared; `cleared`: cleared, and what sets
   * it is not in sight; `per-chunk`: decided once for each chunk, right while nobody reads it later.
   */
  readonly kind: 'both' | 'kept' | 'cleared' | 'per-chunk';
  readonly sets: readonly FlowPlace[];
  readonly clears: readonly FlowPlace[];
  /** The protection argument that maps a chunk; absent where no caller is in sight. */
  readonly read?: FlowPlace;
  /** Protection arguments of other loops that read the last value for every chunk. */
  readonly replays: readonly FlowPlace[];
}
