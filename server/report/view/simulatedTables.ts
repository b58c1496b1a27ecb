import type { SimulatedRun, SimulatedTable } from '../../simulate/compare/simulation.ts';
import type { ViewAccess, ViewEntry, ViewRun, ViewTable } from './view.ts';

/** Tables, entries and accesses of both sides, as the page shows them. */
export function picturesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): Pick<ViewRun, 'tables' | 'entries' | 'accesses'> {
  return { tables: [], entries: {}, accesses: accessesOf(before, after) };
}
