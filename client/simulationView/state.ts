import type {
  Both,
  ViewEntry,
  ViewRun,
  ViewSide,
  ViewStep,
} from '../../server/report/view/view.ts';

/** What the page shows at a moment. */
export interface PageState {
  run: number;
  side: ViewSide;
  /** 1-based. */
  step: number;
  /** A slot that was selected, `table slot`; until the next step. */
  picked: string | undefined;
}

/** The state in which a run opens: at what breaks, else at the first difference, else at the end. */
export function opened(
  run: number,
  { opensOn, witness, firstDifference, steps }: ViewRun,
): PageState {
  return {
    run,
    side: opensOn,
    step: witness || firstDifference || Math.max(1, steps.length),
    picked: undefined,
  };
}

/** The side that is not shown. */
export function otherSide(side: ViewSide): ViewSide {
  return side === 'after' ? 'before' : 'after';
}

/** What a step is on a side, or on the other where it has nothing there. */
export function onSide<T>(value: Both<T>, side: ViewSide): T | undefined {
  return value[side] ?? value[otherSide(side)];
}

/** Whether a step happened on a side. */
export function happened({ only }: ViewStep, side: ViewSide): boolean {
  return only === undefined || only === side;
}

/** Slots that are not empty after a step, by `table slot`: the stores up to there. */
export function slotsAt(run: ViewRun, step: number, side: ViewSide): ReadonlyMap<string, string> {
  const slots = new Map<string, string>();
  for (const { stores } of run.steps.slice(0, step)) {
    for (const { table, slot, slots: count, value } of stores[side] ?? []) {
      for (let n = slot; n < slot + count; n++) {
        if (value === undefined) slots.delete(slotKey(table, n));
        else slots.set(slotKey(table, n), value);
      }
    }
  }
  return slots;
}

/** Names a slot of a table. */
export function slotKey(table: string, slot: number): string {
  return `${table}#${slot}`;
}

/** A stretch of slots that is drawn as one box, at every step and on both sides: so nothing moves. */
export interface Stretch {
  readonly first: number;
  readonly count: number;
  /** Some step stores to it. */
  readonly touched: boolean;
}

/** The stretches of a table: neighbours with the same history are one. */
export function stretchesOf(run: ViewRun, table: string, slots: number): readonly Stretch[] {
  const histories = new Map<number, string>();
  run.steps.forEach(({ stores }, at) => {
    for (const side of ['before', 'after'] as const) {
      for (const store of stores[side] ?? []) {
        if (store.table !== table) continue;
        for (let n = store.slot; n < store.slot + store.slots; n++) {
          histories.set(n, `${histories.get(n) ?? ''}|${at} ${side} ${store.value ?? ''}`);
        }
      }
    }
  });
  const stretches: Stretch[] = [];
  for (let n = 0; n < slots; n++) {
    const history = histories.get(n);
    const last = stretches.at(-1);
    const same = last !== undefined && histories.get(n - 1) === history;
    if (same) stretches[stretches.length - 1] = { ...last, count: last.count + 1 };
    else stretches.push({ first: n, count: 1, touched: history !== undefined });
  }
  return stretches;
}

/** The slot that the last step up to here stored to on this side: what is worth decoding. */
export function lastStored(run: ViewRun, step: number, side: ViewSide): string | undefined {
  for (const { stores } of run.steps.slice(0, step).reverse()) {
    const stored = stores[side]?.findLast(({ value }) => value !== undefined);
    if (stored !== undefined) return slotKey(stored.table, stored.slot);
  }
  return undefined;
}

/** An entry by its key. */
export function entryAt(run: ViewRun, key: string | undefined): ViewEntry | undefined {
  return key === undefined ? undefined : run.entries[key];
}
