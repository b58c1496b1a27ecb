import type {
  Both,
  ViewEntry,
  ViewRun,
  ViewSide,
  ViewStep,
  ViewTable,
} from '../../server/report/view/view.ts';

/** What the page shows at a moment. */
export interface PageState {
  run: number;
  side: ViewSide;
  /** 1-based. */
  step: number;
  /** A slot that was selected, `table slot`; until the next step. */
  picked: string | undefined;
  /** Index of how far the addresses are drawn out. */
  zoom: number;
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
    zoom: 0,
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
  /** Some step stores a leaf to it. */
  readonly holdsLeaf: boolean;
}

/** What was stored to a slot, step by step: key of the entry, or nothing where it was emptied. */
type History = readonly { readonly at: string; readonly value: string | undefined }[];

/** The stretches of a table: neighbours that were stored to together, with the same entry or one that goes on. */
export function stretchesOf(run: ViewRun, table: ViewTable): readonly Stretch[] {
  const known = STRETCHES.get(table);
  if (known !== undefined) return known;
  const made = drawnTogether(run, table);
  STRETCHES.set(table, made);
  return made;
}

/** The stretches of a table are the same at every step: they are found once. */
const STRETCHES = new WeakMap<ViewTable, readonly Stretch[]>();

function drawnTogether(run: ViewRun, { id, slots, level }: ViewTable): readonly Stretch[] {
  const histories = historiesOf(run, id);
  const item = 1n << BigInt(12 + 9 * level);
  const stretches: Stretch[] = [];
  for (let n = 0; n < slots; n++) {
    const [history, before] = [histories.get(n), histories.get(n - 1)];
    const last = stretches.at(-1);
    if (last !== undefined && goesOn(run, before, history, item)) {
      stretches[stretches.length - 1] = { ...last, count: last.count + 1 };
      continue;
    }
    const holdsLeaf = history?.some(({ value }) => entryAt(run, value)?.kind === 'leaf') ?? false;
    stretches.push({ first: n, count: 1, touched: history !== undefined, holdsLeaf });
  }
  return stretches;
}

function historiesOf({ steps }: ViewRun, table: string): ReadonlyMap<number, History> {
  const histories = new Map<number, History>();
  steps.forEach(({ stores }, at) => {
    for (const side of ['before', 'after'] as const) {
      for (const store of stores[side] ?? []) {
        if (store.table !== table) continue;
        for (let n = store.slot; n < store.slot + store.slots; n++) {
          const entry = { at: `${at} ${side}`, value: store.value };
          histories.set(n, [...(histories.get(n) ?? []), entry]);
        }
      }
    }
  });
  return histories;
}

function goesOn(
  run: ViewRun,
  before: History | undefined,
  history: History | undefined,
  item: bigint,
): boolean {
  if (before === undefined || history === undefined) return before === history;
  return (
    before.length === history.length &&
    before.every(({ at, value }, n) => {
      const next = history[n]!;
      return at === next.at && (value === next.value || continues(run, value, next.value, item));
    })
  );
}

/** A leaf of one slot behind another that leads to the memory behind it, alike in everything else. */
function continues(
  run: ViewRun,
  value: string | undefined,
  next: string | undefined,
  item: bigint,
): boolean {
  const [a, b] = [entryAt(run, value), entryAt(run, next)];
  if (a?.kind !== 'leaf' || b?.kind !== 'leaf' || a.short !== b.short) return false;
  if (a.to === undefined || b.to === undefined || BigInt(a.bytes) !== item) return false;
  return BigInt(b.to) - BigInt(a.to) === item && flagsOf(a) === flagsOf(b) && hasSameMemory(a, b);
}

function hasSameMemory({ memory: a }: ViewEntry, { memory: b }: ViewEntry): boolean {
  return a?.kind === b?.kind && a?.isWrong === b?.isWrong;
}

function flagsOf({ fields }: ViewEntry): string {
  const flags = fields.filter(({ high, low }) => high - low <= 8);
  return flags.map(({ name, value }) => `${name}=${value}`).join();
}

/** The slot that the last step up to here stored to on this side: what is worth decoding. */
export function lastStored(run: ViewRun, step: number, side: ViewSide): string | undefined {
  for (const { stores } of run.steps.slice(0, step).reverse()) {
    const stored = stores[side]?.findLast(({ value }) => value !== undefined);
    if (stored !== undefined) return slotKey(stored.table, stored.slot);
  }
  return undefined;
}

/** The step that last stored to a slot up to a step, from 1; 0 where none did. */
export function storedAt(run: ViewRun, { step, side }: PageState, key: string): number {
  return (
    run.steps.slice(0, step).findLastIndex(({ stores }) =>
      (stores[side] ?? []).some(({ table, slot, slots }) => {
        const [of, n] = [
          key.slice(0, key.lastIndexOf('#')),
          Number(key.slice(key.lastIndexOf('#') + 1)),
        ];
        return table === of && n >= slot && n < slot + slots;
      }),
    ) + 1
  );
}

/** An entry by its key. */
export function entryAt(run: ViewRun, key: string | undefined): ViewEntry | undefined {
  return key === undefined ? undefined : run.entries[key];
}
