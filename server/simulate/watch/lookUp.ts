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
    const pages = (changed.get(name) ?? []).map(({ first }) => first);
    for (const page of new Set(pages.slice(-MOST_ASKED))) {
      const physical = physicalOf(machine, domain, BigInt(page) << 12n);
      if (physical === undefined) return found;
      found.push({ table, page, translated: physical !== 0n });
    }
  }
  return found;
}

/** What the domain's own iova_to_phys() gives; undefined where it cannot be asked. */
function physicalOf(machine: Machine, domain: number, iova: bigint): bigint | undefined {
  const unit = machine.program.all.find((one) => one.aggregate('iommu_domain_ops') !== undefined);
  if (unit === undefined) return undefined;
  try {
    const ops = new StructView(machine.memory, unit, 'iommu_domain', domain).get('ops');
    const view = new StructView(machine.memory, unit, 'iommu_domain_ops', Number(ops));
    if (!view.has('iova_to_phys')) return undefined;
    const result = machine.callThrough(Number(view.get('iova_to_phys')), [domain, iova]);
    return result === undefined ? undefined : BigInt(result);
  } catch (error) {
    // A domain that is gone, or C that ends otherwise, has said what it can.
    if (!(error instanceof Stop)) throw error;
    machine.unwind();
    return undefined;
  }
}
