/** A side of a comparison. A scenario has no before: its only side is `after`. */
export type ViewSide = 'before' | 'after';

/** One value where both sides agree, else one for each side that has it. */
export type Both<T> = { readonly before?: T; readonly after?: T };

/** How a run ended up, as the badge says it. */
export type ViewVerdict =
  | 'newly-broken'
  | 'still-broken'
  | 'fixed'
  | 'unchanged'
  | 'unknown'
  | 'not-simulated'
  | 'broken'
  | 'nothing-broken'
  | 'as-expected'
  | 'differs';

/** A line of C that a mark leads to. */
export interface ViewPlace {
  /** Relative to the tree. */
  readonly file: string;
  /** 1-based, in the file of its side. */
  readonly line: number;
  readonly function: string;
}

/** Slots of a table, next to each other, that a step stored alike entries to. */
export interface ViewStore {
  /** {@link ViewTable.id}. */
  readonly table: string;
  readonly slot: number;
  readonly slots: number;
  /** Key into {@link ViewRun.entries}; undefined where the slots were emptied. */
  readonly value?: string;
}

/** One step of the time line: what both sides did there, or one of them. */
export interface ViewStep {
  readonly text: Both<string>;
  readonly at: Both<ViewPlace>;
  /** Set where the other side does not have this step. */
  readonly only?: ViewSide;
  /** One of {@link ViewRun.lanes}. */
  readonly lane: string;
  /** A word for the mark. */
  readonly mark: string;
  /** Sides on which an invariant or contract breaks here. */
  readonly bad: readonly ViewSide[];
  /** What breaks, one sentence each. */
  readonly breaks: Both<readonly string[]>;
  /** Said otherwise on the other side, or not at all. */
  readonly differs: boolean;
  readonly stores: Both<readonly ViewStore[]>;
  /** What caches hold after the step; absent where nobody looked. */
  readonly cached: Both<readonly ViewCached[]>;
  /** What caches may still hold although memory says otherwise; absent where nobody looked. */
  readonly stale: Both<readonly ViewHeld[]>;
  /** What waits to be flushed after the step; absent where the run has no gather. */
  readonly gather?: Both<ViewHeld>;
  /** IOVAs that are wrong after the step, because of what an invariant says. */
  readonly wrong: Both<readonly ViewSpan[]>;
  /** Who owns memory that is mapped, where that is not the same for all of it. */
  readonly owners: Both<readonly ViewOwner[]>;
}

/** Addresses with something to say of them: hexadecimal, end inclusive. */
export interface ViewSpan {
  readonly first: string;
  readonly last: string;
  readonly text: string;
  /** The domain of these addresses; absent: any. */
  readonly domain?: string;
}

/** An entry of a cache; the IOVAs are absent where it holds something about all of them. */
export interface ViewHeld {
  readonly text: string;
  readonly first?: string;
  readonly last?: string;
  /** The domain of these addresses; absent: any. */
  readonly domain?: string;
  /** What a cell that stands under the addresses still has to say. */
  readonly short?: string;
}

/** An entry of the IOTLB. */
export interface ViewCached extends ViewHeld {
  /** Bytes that it translates, in words. */
  readonly size: string;
  readonly to: string;
  /** `read write`. */
  readonly access: string;
  /** Since when, and whether the tables still say the same. */
  readonly says: string;
  readonly isStale: boolean;
}

/** Memory of one owner. The addresses are those that tables lead to. */
export interface ViewOwner extends ViewSpan {
  /** Size at which ownership is recorded, hexadecimal; absent where it is recorded page by page and nothing depends on it. */
  readonly bytes?: string;
}

/** A page of a page table. */
export interface ViewTable {
  readonly id: string;
  readonly domain: string;
  readonly format: string;
  readonly level: number;
  readonly physical: string;
  /** First address that its slot 0 translates. */
  readonly iova: string;
  /** What one slot covers, in words: `4K`. */
  readonly covers: string;
  /** How many slots it has. */
  readonly slots: number;
  /** When it is no table: before it is allocated, and once it is freed. */
  readonly absent?: Both<readonly ViewAbsence[]>;
}

/** Steps during which a page is no table, both included. */
export interface ViewAbsence {
  readonly from: number;
  readonly to: number;
  /** `freed at step 9`. */
  readonly says: string;
  readonly isFreed: boolean;
}

/** A bit field of an entry, for the bit strip. */
export interface ViewField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** The value as the strip shows it. */
  readonly value: string;
  readonly meaning: string;
}

/** An entry of a page table, decoded: the page decodes nothing by itself. */
export interface ViewEntry {
  readonly bits: string;
  readonly kind: 'empty' | 'table' | 'leaf';
  /** Bytes that a leaf translates, hexadecimal; `0x0` for the other kinds. */
  readonly bytes: string;
  /** `2M leaf`. */
  readonly short: string;
  /** In words, whole. */
  readonly text: string;
  readonly to?: string;
  readonly fields: readonly ViewField[];
  /** What is behind a leaf, and whether its C-bit is right; absent where nothing says what is there. */
  readonly memory?: ViewMemory;
}

/** Memory that a leaf leads to, on a host that encrypts. */
export interface ViewMemory {
  readonly kind: 'ram' | 'mmio' | 'mixed';
  /** `RAM`. */
  readonly name: string;
  /** `C=0: ciphertext`. */
  readonly says: string;
  readonly isWrong: boolean;
}

/** A device access that was tried, at every step or on what each side left. */
export interface ViewAccess {
  readonly title: string;
  readonly outcomes: Both<readonly ViewOutcome[]>;
  readonly differs: boolean;
}

/** What comes of an access while nothing changes it. */
export interface ViewOutcome {
  /** 1-based steps, both included. */
  readonly from: number;
  readonly to: number;
  /** More than one where caches may answer either way. */
  readonly says: readonly string[];
  /** Whether an invariant says that it must not be so. */
  readonly isWrong: boolean;
}

/** What becomes of something that was taken, while nothing changes it. */
export interface ViewLife extends ViewOutcome {
  readonly state: 'held' | 'failed' | 'returned' | 'absent';
}

/** Something that the run takes and gives back: a mapping, coherent memory, a domain. */
export interface ViewHolding {
  /** `4096 bytes of coherent memory`. */
  readonly title: string;
  /** `dma_alloc_coherent()`. */
  readonly by: string;
  readonly at: Both<ViewPlace>;
  readonly lives: Both<readonly ViewLife[]>;
}

/** From where a cause was set to where it broke something. */
export interface ViewCause {
  readonly side: ViewSide;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A contract or an invariant that breaks. */
export interface ViewBroken {
  readonly id: string;
  /** What it demands: one sentence. */
  readonly demands: string;
  readonly rules: readonly string[];
}

/** One function in one situation, or one scenario. */
export interface ViewRun {
  readonly id: string;
  /** `qcap_ring_exit()`. */
  readonly title: string;
  /** In words. */
  readonly situation: string;
  readonly verdict: ViewVerdict;
  /** What breaks, for whom: one sentence. */
  readonly sentence: string;
  /** The first difference between the sides, in one sentence; absent where there is none. */
  readonly difference?: string;
  /** `C-LEAK`, with the rules that look for the same in the text. */
  readonly broken: readonly ViewBroken[];
  /** Where it breaks. */
  readonly at?: ViewPlace;
  /** One dim line: entry, models, environments. */
  readonly facts: string;
  readonly sides: readonly ViewSide[];
  /** How each side ended. */
  readonly outcome: Both<string>;
  /** Changed lines that ran. */
  readonly changed: Both<readonly ViewPlace[]>;
  readonly lanes: readonly string[];
  readonly steps: readonly ViewStep[];
  /** 1-based; 0 where the sides do not differ. */
  readonly firstDifference: number;
  /** 1-based step at which it breaks, on the side that breaks; 0 where nothing does. */
  readonly witness: number;
  /** The side on which to begin. */
  readonly opensOn: ViewSide;
  readonly causes: readonly ViewCause[];
  readonly tables: readonly ViewTable[];
  readonly entries: Readonly<Record<string, ViewEntry>>;
  readonly accesses: readonly ViewAccess[];
  /** What is taken and given back, that which breaks something first. */
  readonly holdings: readonly ViewHolding[];
  readonly assumed: readonly string[];
  /** Functions that a model stood for. */
  readonly models: readonly string[];
  /** Functions that were not run, and of which nothing is known. */
  readonly unknown: readonly string[];
  /** What the view cannot say, and why. */
  readonly notes: readonly string[];
  /** The block for a mail reply: five lines of at most 72 columns. */
  readonly reply: readonly string[];
}

/** All that the page shows. It computes nothing about IOMMUs. */
export interface View {
  readonly version: 1;
  readonly tool: string;
  /** Release of the tree; absent where there is none, or it does not say. */
  readonly kernel?: string;
  /** What was run: a patch's subject, a scenario's id. */
  readonly subject: string;
  readonly runs: readonly ViewRun[];
  /** Changed code that was not run, one line each. */
  readonly notSimulated: readonly string[];
}
