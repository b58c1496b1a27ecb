import { Stop } from '../machine/stop.ts';
import { addIommu } from '../iommu/hardware.ts';
import { makeCall } from './calls.ts';
import type { ObjectPool } from './objects.ts';
import type { Target } from './situation.ts';
import type { IommuSpec, StatedValue } from './spec.ts';
import { hasMember, setMember, statedNumber } from './stated.ts';

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
  const unit = pool.machine.mainUnit;
  for (const call of spec.start ?? []) makeCall(pool, { unit }, call);
}

/** The number by which commands name the domain. */
export class DomainNumber {
  private readonly pool: ObjectPool;
  private readonly from: string | readonly string[];
  private target: Target | undefined;
  private known: number | undefined;

  /** `from`: a member, `struct.member`, the first of several that the tree has, or a function that gives it. */
  constructor(pool: ObjectPool, from: string | readonly string[]) {
    this.pool = pool;
    this.from = from;
  }

  /** Asks once everything that comes before the entry is done; a driver that has no number yet is asked again. */
  ask(target: Target): void {
    this.target = target;
    this.known = this.asked();
  }

  /** The number; 0 where the driver never gave one. */
  get value(): number {
    this.known ??= this.asked();
    return this.known ?? 0;
  }

  private asked(): number | undefined {
    const { pool, from, target } = this;
    if (target === undefined) return undefined;
    try {
      return domainNumber(pool, target, firstKnown(pool, from));
    } catch (error) {
      // What has no number may not be there at all, which the driver does not check.
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }
}

/** Of several members the first that the tree has, or the last, which is named then. */
function firstKnown(pool: ObjectPool, from: string | readonly string[]): string {
  if (typeof from === 'string') return from;
  return from.find((member) => hasMember(pool, `&${member}`)) ?? from.at(-1)!;
}

function domainNumber(pool: ObjectPool, target: Target, from: string): number | undefined {
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
