import type { PageRange } from '../../model/world/rangeCoding.ts';
import { StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import type { Probe } from '../situations/probe.ts';
import type { LookedUp } from './replay.ts';

/** IOVAs that are asked about, for each table: the first page of what changed last. */
const MOST_ASKED = 2;

/**
 * Asks the C of each domain whether IOVAs lead anywhere whose entries the run changed. Software's own answer is what
 * the hardware's reading is compared with.
 */
export function lookUp(
  machine: Machine,
  probes: readonly Probe[],
  changed: ReadonlyMap<string, readonly PageRange[]>,
): LookedUp[] {
  const found: LookedUp[] = [];
  for (const [table, { domain, name }] of probes.entries()) {
    if (!isLookUpUnderReview(machine, domain)) continue;
    const pages = (changed.get(name) ?? []).map(({ first }) => first);
    for (const page of new Set(pages.slice(-MOST_ASKED))) {
      const physical = physicalOf(machine, domain, BigInt(page) << 12n);
      if (physical === undefined) return found;
      found.push({ table, page, translated: physical !== 0n });
    }
  }
  return found;
}

/** Whether the C of a domain that finds IOVAs is in the file under review: other C is the same on both sides. */
export function isLookUpUnderReview(machine: Machine, domain: number): boolean {
  const pointer = lookUpOf(machine, domain);
  return pointer !== undefined && machine.functionAt(pointer)?.unit === machine.mainUnit;
}

/** The domain's own iova_to_phys(). */
function lookUpOf(machine: Machine, domain: number): number | undefined {
  const unit = machine.program.all.find((one) => one.aggregate('iommu_domain_ops') !== undefined);
  if (unit === undefined) return undefined;
  return unlessStopped(machine, () => {
    const ops = new StructView(machine.memory, unit, 'iommu_domain', domain).get('ops');
    const view = new StructView(machine.memory, unit, 'iommu_domain_ops', Number(ops));
    return view.has('iova_to_phys') ? Number(view.get('iova_to_phys')) : undefined;
  });
}

/** What it gives for an IOVA; undefined where it cannot be asked. */
function physicalOf(machine: Machine, domain: number, iova: bigint): bigint | undefined {
  const pointer = lookUpOf(machine, domain);
  if (pointer === undefined) return undefined;
  return unlessStopped(machine, () => {
    const result = machine.callThrough(pointer, [domain, iova]);
    return result === undefined ? undefined : BigInt(result);
  });
}

/** A domain that is gone, or C that ends otherwise, has said what it can. */
function unlessStopped<T>(machine: Machine, ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    machine.unwind();
    return undefined;
  }
}
