import type { Call } from '../../program/ir.ts';
import type { Contract } from '../contracts/contract.ts';
import { provenEqual, range } from '../facts/conditions.ts';
import { admits } from '../facts/interval.ts';
import type { Resource } from '../state/state.ts';
import { add, sub } from '../terms/build.ts';
import type { Term } from '../terms/term.ts';
import type { Cursor } from './run.ts';

const mostParts = 4;

/** Name of the pairing of a release with what it releases. */
export function pairingKey(what: 'release' | 'sync', site: number, call: number): string {
  return `${what} ${site} ${call}`;
}

function valueOf(
  contract: Contract,
  values: readonly Term[],
  role: Contract['roles'][number],
): Term | undefined {
  return values[contract.roles.indexOf(role)];
}

/** iommu_unmap() of less than was mapped: its result tells whether all of it went nevertheless. */
export function notePart(
  cursor: Cursor,
  { site, values: mapped }: Resource,
  call: Call,
  contract: Contract,
  values: readonly Term[],
  result: Term,
): void {
  const { state } = cursor;
  const whole = valueOf(site.contract, mapped, 'size');
  const size = valueOf(contract, values, 'size');
  const iova = valueOf(contract, values, 'iova');
  if (whole === undefined || size === undefined || iova === undefined || whole === size) return;
  const domain = valueOf(contract, values, 'domain');
  const part = { key: pairingKey('release', site.id, call.id), domain, iova, size, whole, result };
  state.parts = [...state.parts, part].slice(-mostParts);
}

/**
 * An unmap of exactly what an earlier one left, on a path that asked the earlier one how much it removed:
 * the code knows that a mapping may go as a whole, and looks whether it did.
 */
export function answerParts(cursor: Cursor, contract: Contract, values: readonly Term[]): void {
  const { run, state } = cursor;
  if (state.parts.length === 0) return;
  const { table } = run;
  const size = valueOf(contract, values, 'size');
  const iova = valueOf(contract, values, 'iova');
  const domain = valueOf(contract, values, 'domain');
  if (size === undefined || iova === undefined) return;
  for (const part of state.parts) {
    if (part.domain !== domain) continue;
    const equal = (a: Term, b: Term): boolean => provenEqual(table, state.known, a, b);
    if (!equal(iova, add(table, part.iova, part.size))) continue;
    if (!equal(size, sub(table, part.whole, part.size))) continue;
    const isPart =
      equal(part.result, part.size) ||
      !admits(range(table, state.known, sub(table, part.result, part.whole)), 0);
    if (!isPart) continue;
    run.recorder.answered(part.key);
  }
}
