import { StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { GatheredRange, LoggedGather } from './runLog.ts';
import { MOST_WAITING } from './runLog.ts';

const TAG = 'iommu_iotlb_gather';
const WORD = 8;

/** What the C's memory says; undefined once the object is gone. */
export function orGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return undefined;
  }
}

/**
 * Looks at the gather that a run fills: the one that was made ready last, or that the entry was handed. It is decoded
 * only when one of its words changed, because every run is watched and few are shown.
 */
export class GatherWatch {
  private readonly machine: Machine;
  private address: number | undefined;
  private unit: Unit | undefined;
  private words: Int32Array | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** From now on this one is looked at. */
  follow(address: number): void {
    if (this.address === address) return;
    this.address = address;
    this.words = undefined;
  }

  /** What it holds, where that is not what it held when it was asked last. */
  changed(): { readonly gather: LoggedGather | undefined } | undefined {
    const { address, machine } = this;
    if (address === undefined) return undefined;
    const unit = this.unitThatHasIt();
    if (unit === undefined) return undefined;
    const { memory } = machine;
    // A variable of a function that has returned is no gather any more.
    if (orGone(() => memory.peekBits(address, WORD)) === undefined) {
      this.address = undefined;
      return { gather: undefined };
    }
    const size = StructView.sizeOf(unit, TAG);
    const words = new Int32Array((2 * size) / WORD);
    for (let at = 0; at < size; at += WORD)
      words.set(memory.halvesAt(address + at), (2 * at) / WORD);
    if (this.words?.every((half, n) => half === words[n]) === true) return undefined;
    this.words = words;
    return { gather: this.read(address) };
  }

  /** What a gather in the C's memory holds. */
  rangeAt(address: number): GatheredRange | undefined {
    const view = this.viewAt(address);
    return view === undefined ? undefined : orGone(() => rangeOf(view));
  }

  private viewAt(address: number): StructView | undefined {
    const unit = this.unitThatHasIt();
    return unit === undefined ? undefined : new StructView(this.machine.memory, unit, TAG, address);
  }

  private unitThatHasIt(): Unit | undefined {
    this.unit ??= this.machine.program.all.find((one) => one.aggregate(TAG) !== undefined);
    return this.unit;
  }

  private read(address: number): LoggedGather | undefined {
    const view = this.viewAt(address);
    if (view === undefined) return undefined;
    return orGone(() => {
      const number = (path: string): number => Number(view.get(path) ?? 0);
      // Since 7.2 generic_pt keeps levels where other drivers keep the size; every table of a situation is one.
      const hasLevels = view.has('pt.leaf_levels_bitmap');
      return {
        ...rangeOf(view),
        pageSize: hasLevels || !view.has('pgsize') ? undefined : BigInt(number('pgsize')),
        levels: hasLevels
          ? { leaves: number('pt.leaf_levels_bitmap'), tables: number('pt.table_levels_bitmap') }
          : undefined,
        waiting: view.has('freelist') ? this.lengthOf(view.at('freelist')) : 0,
        queued: view.has('queued') && number('queued') !== 0,
      };
    });
  }

  /** Entries of a list, without its head; of one that leads out of memory, those up to there. */
  private lengthOf(head: number): number {
    const { memory } = this.machine;
    const next = (from: number): number =>
      orGone(() => Number(memory.loadPointer(from, 'strict'))) ?? 0;
    let count = 0;
    for (let at = next(head); at !== 0 && at !== head && count < MOST_WAITING; at = next(at)) {
      count++;
    }
    return count;
  }
}

function rangeOf(view: StructView): GatheredRange {
  const start = BigInt.asUintN(64, BigInt(view.get('start')!));
  return { start, last: BigInt.asUintN(64, BigInt(view.get('end')!)) };
}
