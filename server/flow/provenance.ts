import type { Provenance } from './facts.ts';
import { hasNameArgument, opName } from './terms/build.ts';
import { kinds, type Term, type TermTable } from './terms/term.ts';

const ram = new Set([
  'page_to_phys',
  'virt_to_phys',
  '__pa',
  'sg_phys',
  'page_address',
  'pfn_to_kaddr',
]);
const mmio = new Set(['pci_resource_start', 'pci_bus_address']);
const carveout = new Set(['gen_pool_virt_to_phys', 'gen_pool_alloc', 'gen_pool_dma_alloc']);

/** What kind of value the result of a resource interface is; the engine knows it by the term. */
export type ResultKind = (term: Term) => 'dma-address' | 'ram' | undefined;

/**
 * Where an address comes from, as far as its term says.
 * A sum keeps the provenance of its only address; two that disagree are unknown.
 */
export function provenance(table: TermTable, term: Term, resultKind: ResultKind): Provenance {
  const known = resultKind(term);
  if (known !== undefined) return known;
  switch (table.kind(term)) {
    case kinds.num:
      return table.constant(term) === 0 ? 'null' : 'unknown';
    case kinds.field: {
      const name = table.text(table.part(term, 1));
      if (name === 'dma_address') return 'dma-address';
      return isResourceMember(table, term, name) ? 'mmio' : 'unknown';
    }
    case kinds.lin: {
      let found: Provenance = 'unknown';
      for (let i = 1; i < table.arity(term); i += 2) {
        const part = provenance(table, table.part(term, i), resultKind);
        if (part === 'unknown') continue;
        if (found !== 'unknown' && found !== part) return 'unknown';
        found = part;
      }
      return found;
    }
    case kinds.op: {
      const name = opName(table, term)!;
      if (ram.has(name)) return 'ram';
      if (mmio.has(name)) return 'mmio';
      if (carveout.has(name)) return 'carveout';
      const aligned = name === 'aligndown' || name === 'alignup';
      if (aligned && !hasNameArgument(table, term)) {
        return provenance(table, table.part(term, 1), resultKind);
      }
      return 'unknown';
    }
    default:
      return 'unknown';
  }
}

/** `res->start` of a struct resource that came from the bus, by the names the kernel uses for them. */
function isResourceMember(table: TermTable, term: Term, name: string): boolean {
  if (name !== 'start') return false;
  const base = table.part(term, 0);
  if (table.kind(base) !== kinds.deref) return false;
  const pointer = table.part(base, 0);
  return (
    table.kind(pointer) === kinds.op &&
    ['platform_get_resource', 'platform_get_resource_byname'].includes(opName(table, pointer)!)
  );
}
