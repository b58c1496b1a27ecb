import type { Run } from './engine/run.ts';
import type { Provenance } from './facts.ts';
import { hasNameArgument, opName } from './terms/build.ts';
import { kinds, type Term } from './terms/term.ts';

/** What kind of value the result of a resource interface is; the engine knows it by the term. */
export type ResultKind = (term: Term) => 'dma-address' | 'ram' | undefined;

/**
 * Where an address comes from, as far as its term says.
 * A sum keeps the provenance of its only address; two that disagree are unknown.
 */
export function provenance(run: Run, term: Term, resultKind: ResultKind): Provenance {
  const { table } = run;
  const known = resultKind(term);
  if (known !== undefined) return known;
  switch (table.kind(term)) {
    case kinds.num:
      return table.constant(term) === 0 ? 'null' : 'unknown';
    case kinds.field: {
      const name = table.text(table.part(term, 1));
      if (name === 'dma_address') return 'dma-address';
      return isResourceMember(run, term, name) ? 'mmio' : 'unknown';
    }
    case kinds.lin: {
      let found: Provenance = 'unknown';
      for (let i = 1; i < table.arity(term); i += 2) {
        const part = provenance(run, table.part(term, i), resultKind);
        if (part === 'unknown') continue;
        if (found !== 'unknown' && found !== part) return 'unknown';
        found = part;
      }
      return found;
    }
    case kinds.op: {
      const name = opName(table, term)!;
      const said = run.context.meanings.of(name).provenance;
      if (said === 'ram' || said === 'mmio' || said === 'carveout') return said;
      const aligned = name === 'aligndown' || name === 'alignup';
      if (aligned && !hasNameArgument(table, term)) {
        return provenance(run, table.part(term, 1), resultKind);
      }
      return 'unknown';
    }
    default:
      return 'unknown';
  }
}

/** `res->start` of a struct resource that came from the bus, by the names the kernel uses for them. */
function isResourceMember({ table, context }: Run, term: Term, name: string): boolean {
  if (name !== 'start') return false;
  const base = table.part(term, 0);
  if (table.kind(base) !== kinds.deref) return false;
  const pointer = table.part(base, 0);
  return (
    table.kind(pointer) === kinds.op &&
    context.meanings.of(opName(table, pointer)!).provenance === 'resource'
  );
}
