import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import { situationFrom } from './fromSpec.ts';
import type { Situation } from './situation.ts';
import type { Segment, SituationSpec, TableSpec } from './spec.ts';

/** A built-in situation with what C must touch for it to say anything. */
interface BuiltIn {
  readonly spec: SituationSpec;
  /** Structs of which the entry takes a pointer, all of them. */
  readonly takes: readonly string[];
}

/** AMD, format 1, on a host that encrypts its memory. */
const SME: TableSpec = { format: 'amdv1', memoryEncryption: true };

const RAM: Segment = { kind: 'ram', pages: 4, pfn: 0x1000 };
const MMIO: Segment = { kind: 'mmio', pages: 4, pfn: 0xfe000 };

/** What user mappings are made of, with a name each. */
const LAYOUTS: readonly (readonly [string, readonly Segment[]])[] = [
  ['ram', [RAM]],
  ['mmio', [MMIO]],
  ['ram-mmio', [RAM, MMIO]],
  ['mmio-ram', [MMIO, RAM]],
];

/** VFIO asks for a mapping over each layout; a second domain finds the mapping there. */
const VFIO: readonly BuiltIn[] = LAYOUTS.flatMap(([name, memory]) => [
  {
    takes: ['vfio_iommu'],
    spec: {
      name: `vfio-amdv1-sme-${name}`,
      summary: `VFIO type 1 maps ${name} for an AMD IOMMU on a host with SME`,
      ...{ memory, table: SME, vfio: { domains: 1 } },
    },
  },
  {
    takes: ['vfio_iommu', 'vfio_domain'],
    spec: {
      name: `vfio-amdv1-sme-${name}-second-domain`,
      summary: `the same, mapped, and a second domain is attached`,
      ...{ memory, table: SME, vfio: { domains: 1, another: true } },
      before: [{ call: ['vfio_iommu', 'vfio_iommu_type1_dma_map'] }],
    },
  },
]);

const BUILT_IN: readonly BuiltIn[] = VFIO;

/** The built-in situations by name. */
export const SITUATIONS: ReadonlyMap<string, SituationSpec> = new Map(
  BUILT_IN.map(({ spec }) => [spec.name, spec]),
);

/** The built-in situations that say something about an entry function, the most specific kind only. */
export function situationsFor(entry: FunctionSymbol): Situation[] {
  const taken = new Set(entry.type.parameters.flatMap(({ type }) => structOf(type) ?? []));
  const fitting = BUILT_IN.filter(({ takes }) => takes.every((tag) => taken.has(tag)));
  const most = Math.max(0, ...fitting.map(({ takes }) => takes.length));
  return fitting
    .filter(({ takes }) => takes.length === most)
    .map(({ spec }) => situationFrom(spec));
}

function structOf(type: Type): string | undefined {
  return type.kind === 'pointer' && type.to.kind === 'aggregate' ? type.to.tag : undefined;
}
