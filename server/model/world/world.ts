import type { ContextReading } from '../hw/common/contextReading.ts';
import type { Gpt } from '../cc/gpt.ts';
import type { PkvmPages } from '../cc/pkvm.ts';
import { DEFAULT_RMP_POLICY, type Rmp, type RmpPolicy } from '../cc/rmp.ts';
import { createPageRequests, type PageRequests } from '../hw/common/pri.ts';
import {
  createStaleSet,
  type AtcOrder,
  type Invalidation,
  type Stale,
  type StaleSet,
} from '../hw/common/staleSet.ts';
import { createEventLog, type EventLog } from '../mem/events.ts';
import { createIommuPages, type IommuPages } from '../mem/iommuPages.ts';
import { createPhysMem, type PhysMem } from '../mem/physMem.ts';
import type { Device } from './device.ts';
import { createIotlbView, type IotlbView } from './iotlbView.ts';
import type { PageRange } from './rangeCoding.ts';
import type { ModelSpace, Space } from './space.ts';
import type { Trace } from './trace.ts';

/** What belongs to confidential computing. */
export interface CcState {
  readonly rmp: Rmp;
  rmpPolicy: RmpPolicy;
  readonly gpt: Gpt;
  readonly pkvm: PkvmPages;
  /** Page-number bit of the SME C-bit; 0 where memory encryption is off. */
  readonly encryptionPfn: number;
}

/** A live entry that became another live one in one store. IOVA pages, ends inclusive. */
export interface Rewrite {
  readonly space: string;
  readonly first: number;
  readonly last: number;
  readonly seq: number;
  /** Every page still translates to where it did. */
  readonly sameOutput: boolean;
}

/** A table page at the moment it was freed. */
export interface FreedTable {
  readonly pfn: number;
  readonly seq: number;
  /** Names of the spaces that still led to it. */
  readonly live: readonly string[];
  /** Cached pointers to it. */
  readonly stale: readonly Stale[];
  /** The store that unlinked it was still in the CPU's cache. */
  readonly unlinkPending: boolean;
}

/** A context that hardware can read, and what is wrong with it. */
export interface MisledContext {
  readonly device: string;
  readonly seq: number;
  /** In one clause. */
  readonly what: string;
}

/** Everything that a run happens in: memory, tables, devices, caches, ownership. */
export interface World<S extends Space = Space> {
  readonly mem: PhysMem;
  readonly log: EventLog;
  readonly pages: IommuPages;
  readonly spaces: Map<string, S>;
  readonly devices: Map<string, Device>;
  readonly stale: StaleSet;
  readonly cc: CcState;
  readonly trace: Trace;
  /** Where the pointer to a table page stood, for pages that were unlinked. */
  readonly unlinked: Map<number, { readonly pfn: number; readonly index: number }>;
  /** Pointers to tables that were stored: the page, the event, and whether the page was in the CPU's cache only. */
  readonly linked: { readonly pfn: number; readonly seq: number; readonly unflushed: boolean }[];
  /** Live entries that were replaced by other live ones, without an invalid entry between. */
  readonly rewritten: Rewrite[];
  /** IOVA pages whose entries were stored to since the last check, by the name of the table. */
  readonly changed: Map<string, PageRange[]>;
  /** The concrete IOTLB: for pictures and fast accesses, never for verdicts. */
  readonly iotlb: IotlbView;
  /** Table pages that were freed, with what could still reach them at that moment. */
  readonly freed: FreedTable[];
  /** Commands that have completed, oldest first. */
  readonly completed: Invalidation[];
  /** Break-before-make levels of everything that reads Arm tables. Range: 0 to 2. */
  readonly bbmLevels: Readonly<Record<string, number>>;
  /** What hardware reads of the contexts that C writes, by device. */
  readonly contexts: Map<string, ContextReading>;
  /** Contexts that lead elsewhere than they may, as soon as hardware can read them. */
  readonly misled: MisledContext[];
  /** Entries that caches may hold of tables that a device has left, by the id of the stale entry. */
  readonly left: Map<number, { readonly device: string; readonly space: string }>;
  /** Page requests of devices that wait for an answer. */
  readonly requests: PageRequests;
  /** 4 KiB IOVA pages that devices wrote to since dirty tracking last cleared them, by space. */
  readonly written: Map<string, Set<number>>;
  /** First page that context structures may take; they are laid out upwards. */
  nextContext: number;
}

/** A world whose tables the model's own page-table code builds. */
export type ModelWorld = World<ModelSpace>;

/** Where contexts begin: below the tables, above the first MiB. Unit: page frame number. */
const CONTEXT_BASE = 0x1000;

/** An empty world. */
export function createWorld<S extends Space = ModelSpace>(options: {
  readonly walks: 'coherent' | 'incoherent';
  readonly atcOrder: AtcOrder;
  readonly encryptionPfn: number;
  readonly bbmLevels?: Readonly<Record<string, number>>;
}): World<S> {
  const log = createEventLog({ images: 'kept' });
  const mem = createPhysMem({ walker: options.walks, log });
  return {
    mem,
    log,
    pages: createIommuPages(mem),
    spaces: new Map(),
    devices: new Map(),
    stale: createStaleSet(options.atcOrder),
    cc: {
      rmp: { entries: new Map() },
      rmpPolicy: DEFAULT_RMP_POLICY,
      gpt: { granules: new Map() },
      pkvm: { owners: new Map() },
      encryptionPfn: options.encryptionPfn,
    },
    trace: { lines: [], step: 0 },
    unlinked: new Map(),
    linked: [],
    rewritten: [],
    freed: [],
    changed: new Map(),
    iotlb: createIotlbView(),
    completed: [],
    bbmLevels: options.bbmLevels ?? {},
    contexts: new Map(),
    misled: [],
    left: new Map(),
    requests: createPageRequests(),
    written: new Map(),
    nextContext: CONTEXT_BASE,
  };
}
