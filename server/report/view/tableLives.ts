import type { SimulatedEvent, SimulatedRun } from '../../simulate/compare/result/simulation.ts';
import { both } from './sides.ts';
import type { Both, ViewAbsence, ViewSide } from './view.ts';

/** When a page is no table on the sides; undefined where it is one from the first step to the last. */
export function absencesOf(
  physical: string,
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
  events: readonly Both<SimulatedEvent>[],
): Both<readonly ViewAbsence[]> | undefined {
  const of = (
    run: SimulatedRun | undefined,
    side: ViewSide,
  ): readonly ViewAbsence[] | undefined => {
    if (run === undefined) return undefined;
    const isTable = run.tables.some((table) => table.physical === physical);
    return isTable ? absencesOn(physical, events, side) : [never(events.length, side)];
  };
  const [old, made] = [of(before, 'before'), of(after, 'after')];
  return [...(old ?? []), ...(made ?? [])].length === 0 ? undefined : both(old, made);
}

function never(last: number, side: ViewSide): ViewAbsence {
  return { from: 1, to: last, says: `no table ${side}`, isFreed: false };
}

function absencesOn(
  physical: string,
  events: readonly Both<SimulatedEvent>[],
  side: ViewSide,
): readonly ViewAbsence[] {
  const found: ViewAbsence[] = [];
  let open: Omit<ViewAbsence, 'to'> | undefined;
  let isKnown = false;
  events.forEach((event, n) => {
    const { kind, page } = event[side] ?? {};
    if (page !== physical) return;
    const step = n + 1;
    if (kind === 'alloc') {
      const missing = isKnown ? open : { from: 1, says: 'not allocated yet', isFreed: false };
      if (missing !== undefined && step > 1) found.push({ ...missing, to: step - 1 });
      open = undefined;
    }
    if (kind === 'free') open = { from: step, says: `freed at step ${step}`, isFreed: true };
    isKnown = true;
  });
  return open === undefined ? found : [...found, { ...open, to: events.length }];
}
