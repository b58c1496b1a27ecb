import type { Executor, HoldingStep } from '../machine/executor.ts';
import { stateOf } from '../kernel/model.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { callSiteOf, placeOf } from '../machine/whereabouts.ts';
import type { ContractId } from './violation.ts';

/** What was taken: the interfaces that give it back differ. */
export type HoldingKind =
  | 'mapping'
  | 'list'
  | 'coherent'
  | 'pool'
  | 'block'
  | 'domain'
  | 'attachment'
  | 'iova-range'
  | 'iova'
  | 'bounce'
  | 'pin';

/** Memory that devices are let at. */
const REACHABLE: ReadonlySet<HoldingKind> = new Set([
  ...(['mapping', 'list', 'coherent', 'block', 'iova-range', 'bounce'] as const),
]);

/** Something that an interface gave out and wants back, or failed to give out. */
export interface Holding {
  /** 1-based, in the order in which the run took them. */
  readonly number: number;
  readonly kind: HoldingKind;
  /** Interface that gave it: the name that the C calls. */
  readonly api: string;
  /** The same as the C spells it, inlines and macros of headers included: `dma_alloc_coherent`. */
  readonly spelled: string;
  /** In words, for messages: `a mapping of 2048 bytes`. */
  readonly what: string;
  /** What it is found by: a DMA address, a list, a buffer, a domain. */
  readonly key: bigint;
  readonly device: number;
  readonly size: bigint;
  readonly direction: number;
  /** DMA address, where the key is another. */
  readonly handle: bigint;
  /** Where it was taken. */
  readonly taken: StackEntry | undefined;
  /** A managed allocation goes with its device. */
  readonly managed: boolean;
  /** It was taken before the function that is judged ran: whether it goes is not that one's duty. */
  isOlder: boolean;
  state: 'held' | 'failed' | 'returned';
  /** The question whose answer let it fail, as its number among those of the run; undefined: nothing was asked. */
  readonly question: number | undefined;
  /** The error test of the interface was made. */
  tested: boolean;
  returnedAt: StackEntry | undefined;
  /** The last time a part of it was given back, while the rest is held. */
  part: { readonly what: string; readonly at: StackEntry | undefined } | undefined;
}

/** A contract that the run broke. */
export interface Breach {
  readonly contract: ContractId;
  readonly message: string;
  /** Interface whose contract it is. */
  readonly api: string;
  readonly place: StackEntry | undefined;
  readonly about: Holding | undefined;
}

/** Calls of one interface with the same words that are recorded. */
const MOST_ALIKE = 16;

/** What a run took and gave back, and the contracts that it broke on the way. */
export class Ledger {
  readonly holdings: Holding[] = [];
  readonly breaches: Breach[] = [];
  private readonly byKey = new Map<bigint, Holding[]>();
  /** How often each call was made that takes and gives nothing. */
  private readonly calls = new Map<string, number>();
  private readonly machine: Executor;
  private nextHandle = 0x1000_0000n;

  constructor(machine: Executor) {
    this.machine = machine;
  }

  /** The C of a unit that is being executed: the innermost place that is in no header. */
  place(): StackEntry | undefined {
    let innermost: StackEntry | undefined;
    for (let frame = this.machine.frame; frame !== undefined; frame = frame.caller) {
      const place = placeOf(frame);
      innermost ??= place;
      if (place.file.endsWith('.c')) return place;
    }
    return innermost;
  }

  take(
    taken: Pick<Holding, 'kind' | 'api' | 'what' | 'key'> &
      Partial<
        Pick<Holding, 'device' | 'size' | 'direction' | 'handle' | 'managed' | 'state' | 'question'>
      >,
  ): Holding {
    const { state = 'held' } = taken;
    const holding: Holding = {
      ...{ device: 0, size: 0n, direction: 0, handle: taken.key, managed: false, tested: false },
      ...{ question: this.machine.decisions - 1, number: this.holdings.length + 1 },
      ...taken,
      state,
      isOlder: false,
      ...{ taken: this.place(), spelled: this.spelled() ?? taken.api },
      ...{ returnedAt: undefined, part: undefined },
    };
    this.holdings.push(holding);
    const alike = this.byKey.get(holding.key);
    if (alike === undefined) this.byKey.set(holding.key, [holding]);
    else alike.push(holding);
    const text = state === 'failed' ? `${taken.what}: fails` : taken.what;
    this.record(taken.api, text, holding, state === 'failed' ? 'failed' : 'taken');
    return holding;
  }

  /** The live holding of a kind and key; the latest one. */
  held(kind: HoldingKind, key: bigint): Holding | undefined {
    return this.find(kind, key, 'held');
  }

  find(kind: HoldingKind, key: bigint, state: Holding['state']): Holding | undefined {
    return this.byKey.get(key)?.findLast((h) => h.kind === kind && h.state === state);
  }

  give(holding: Holding, api: string, what: string = holding.what): void {
    holding.state = 'returned';
    holding.returnedAt = this.place();
    this.record(api, what, holding, 'returned');
  }

  /** Gives back a part; the rest stays held. */
  givePart(holding: Holding, api: string, what: string): void {
    holding.part = { what, at: this.place() };
    this.record(api, `${what}, of ${holding.what}`, holding, 'partly-returned');
  }

  /** What is held now was taken by a function that prepared the run. How many that are. */
  endSetup(): number {
    const held = this.holdings.filter(({ state }) => state === 'held');
    for (const holding of held) holding.isOlder = true;
    return held.length;
  }

  /** Whether something from the preparation was given back, or something was wrong with giving it back. */
  get touchedOlder(): boolean {
    const older = this.holdings.filter(({ isOlder }) => isOlder);
    return older.some(
      ({ state, taken }) =>
        state === 'returned' || this.breaches.some(({ about }) => about?.taken === taken),
    );
  }

  breach(contract: ContractId, api: string, message: string, about?: Holding): void {
    const place = this.place();
    this.breaches.push({ contract, message, api, place, about });
    this.machine.record({ kind: 'note', text: `${contract}: ${message}` });
  }

  /**
   * Records a call that neither takes nor gives back anything the run knows: a side that does not make it behaves
   * otherwise. Of what a loop repeats until a device answers, the first few.
   */
  call(name: string, text: string): void {
    const key = `${name} ${text}`;
    const count = (this.calls.get(key) ?? 0) + 1;
    this.calls.set(key, count);
    if (count <= MOST_ALIKE) this.machine.record({ kind: 'model', actor: 'api', name, text });
  }

  private spelled(): string | undefined {
    const { frame } = this.machine;
    return frame === undefined ? undefined : callSiteOf(frame).callee();
  }

  private record(
    name: string,
    text: string,
    { kind, number }: Holding,
    what: HoldingStep['what'],
  ): void {
    const holding = { number, what, reachable: REACHABLE.has(kind) };
    this.machine.record({ kind: 'model', actor: 'api', name, text, holding });
  }

  /** A DMA address that no other holding has. Below 4 GiB, so that 32-bit descriptors keep it whole. */
  newHandle(size: bigint): bigint {
    const handle = this.nextHandle;
    const pages = (size + 0xfffn) / 0x1000n + 1n;
    this.nextHandle += pages * 0x1000n;
    return handle;
  }
}

/** The ledger of a machine. */
export function ledgerOf(machine: Executor): Ledger {
  return stateOf(machine, 'ledger', () => new Ledger(machine));
}
