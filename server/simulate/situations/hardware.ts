import { addIommu } from '../iommu/hardware.ts';
import { makeCall } from './calls.ts';
import type { ObjectPool } from './objects.ts';
import type { Target } from './situation.ts';
import type { IommuSpec, StatedValue } from './spec.ts';
import { setMember, statedNumber } from './stated.ts';

/** Makes structs that stand for their types, with the members that a situation states, in its order. */
export function makeObjects(
  pool: ObjectPool,
  objects: Readonly<Record<string, Readonly<Record<string, StatedValue>>>>,
): void {
  const tags = Object.keys(objects);
  for (const tag of tags) {
    if (pool.standingFor(tag) === undefined) pool.makeStanding(tag);
  }
  for (const tag of tags) {
    for (const [member, value] of Object.entries(objects[tag]!)) {
      setMember(pool, `${tag}.${member}`, value);
    }
  }
}

/** Puts the hardware of an IOMMU behind the registers that its driver's struct points to. */
export function makeIommu(pool: ObjectPool, spec: IommuSpec): void {
  const { kind, registers, tells = {} } = spec;
  const reset = new Map<number, bigint>();
  for (const [offset, value] of Object.entries(tells)) {
    const number = statedNumber(pool, offset, value);
    if (number !== undefined) reset.set(Number(offset), BigInt(number));
  }
  const start = addIommu(pool.machine, kind, reset);
  if (start === undefined) {
    pool.problem('iommu', `no registers of ${kind} are modelled`, undefined);
    return;
  }
  for (const member of registers) setMember(pool, member, start);
}

/** The number by which commands name the domain, once everything that comes before the entry is done. */
export function domainNumber(pool: ObjectPool, target: Target, from: string): number | undefined {
  const dot = from.indexOf('.');
  if (dot < 0) {
    const value = makeCall(pool, target, { call: from })?.value;
    return value === undefined ? undefined : Number(value);
  }
  const [tag, member] = [from.slice(0, dot), from.slice(dot + 1)];
  const address = pool.standingFor(tag);
  const view = address === undefined ? undefined : pool.view(tag, address);
  if (view?.has(member) === true) return Number(view.get(member));
  pool.missingField(tag, member);
  return undefined;
}
