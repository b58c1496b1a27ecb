import type { Call } from '../../program/ir.ts';
import type { LeakFact } from '../facts.ts';
import type { Contract } from '../contracts/contract.ts';
import { range } from '../facts/conditions.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import type { State } from '../state/state.ts';
import { someAtom } from '../terms/roots.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import type { Cursor, Run } from './run.ts';
import { describeCall } from './describe.ts';

const mostUnmaps = 4;

/** iommu_unmap() whose result nothing uses; `about` are the values that tell what was mapped there. */
export function noteUnmap(
  cursor: Cursor,
  call: Call,
  contract: Contract,
  values: readonly Term[],
  about: readonly Term[],
): void {
  const { run, state } = cursor;
  if (!run.dropped.has(call.id)) return;
  state.unmaps = [...state.unmaps, { call: call.id, contract, values, about }].slice(-mostUnmaps);
}

/** Pages go back to somebody. Whether they were still mapped is told by an unmap before, if anybody asked it. */
export function notePagesBack(cursor: Cursor, call: Call, values: readonly Term[]): void {
  const { run, state } = cursor;
  for (const unmap of state.unmaps) {
    if (unmap.back !== undefined) continue;
    const isAbout = values.some((value) =>
      unmap.about.some((one) => shareObject(run.table, one, value)),
    );
    if (!isAbout) continue;
    state.unmaps = state.unmaps.map((one) => (one === unmap ? { ...one, back: call.id } : one));
  }
}

/** Two values that are made from one object: `dma->iova` and `dma->pages`. */
function shareObject(table: TermTable, a: Term, b: Term): boolean {
  const isObject = (atom: Term): boolean =>
    table.kind(atom) === kinds.fresh || table.part(atom, 1) === spaces.parameter;
  return someAtom(
    table,
    a,
    (atom) => isObject(atom) && someAtom(table, b, (other) => other === atom),
  );
}

/** Judges at an end of the function what went back; on the way out of a failure nobody needs the result. */
export function judgeUnmaps(cursor: Cursor, outcome: LeakFact['outcome']): void {
  const { run, state } = cursor;
  noteAnswers(run, state, outcome);
  if (outcome === 'error') return;
  for (const { call: id, contract, values, back } of state.unmaps) {
    const unmap = run.calls.get(id);
    const free = back === undefined ? undefined : run.calls.get(back);
    if (unmap === undefined || free === undefined) continue;
    const memory = free.args[0] ?? free;
    run.recorder.pagesBack(`${id} ${free.id}`, () => ({
      unmap: describeCall(cursor, contract, unmap, values, unmap.args),
      freeName: free.name ?? '',
      free: placeIn(run, memory),
      memory: shortText(run, memory),
      steps: stepsOf(run, state.trace, -1, {
        place: placeIn(run, free),
        message: `${shortText(run, free)}: the device reaches what was left`,
      }),
    }));
  }
}

/** How the function ends where an unmap answered 0, and where it answered bytes. */
function noteAnswers(run: Run, state: State, outcome: LeakFact['outcome']): void {
  for (const [result, { contract, call }] of run.results) {
    if (contract.family !== 'iommu-map' || contract.effect !== 'release') continue;
    const { low, high, not } = range(run.table, state.known, result);
    if (low === 0 && high === 0) run.recorder.ending(call.id, 'zero', outcome);
    else if (low > 0 || not.includes(0)) run.recorder.ending(call.id, 'bytes', outcome);
  }
}
