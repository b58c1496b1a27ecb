import type { NewFlagFact } from '../../../checkers/patchChecker.ts';
import type { AddedCode } from './addedCode.ts';

/** Headers that define the flags, and the files that have to know each of them. */
const flagFamilies = [
  {
    kind: 'prot',
    header: 'include/linux/iommu.h',
    define: /^#define\s+(IOMMU_[A-Z0-9_]+)\s+\(1\s*<<\s*\d+\)/,
    handledBy: [
      'drivers/iommu/generic_pt/fmt/amdv1.h',
      'drivers/iommu/generic_pt/fmt/vtdss.h',
      'drivers/iommu/generic_pt/fmt/x86_64.h',
      'drivers/iommu/generic_pt/fmt/riscv64.h',
      'drivers/iommu/io-pgtable-arm.c',
      'drivers/iommu/io-pgtable-arm-v7s.c',
    ],
  },
  {
    kind: 'attrs',
    header: 'include/linux/dma-mapping.h',
    define: /^#define\s+(DMA_ATTR_[A-Z0-9_]+)\s+\(1UL\s*<<\s*\d+\)/,
    handledBy: ['Documentation/core-api/dma-attributes.rst', 'include/trace/events/dma.h'],
  },
] as const;

/** Flags that a patch defines, with the files of their siblings that the series leaves as they are. */
export function newFlags(
  code: AddedCode,
  seriesPaths: ReadonlySet<string>,
  exists: (path: string) => boolean,
  before: string | undefined,
): NewFlagFact[] {
  return flagFamilies
    .filter(({ header }) => header === code.path)
    .flatMap(({ kind, define, handledBy }) =>
      code.added.flatMap(({ text, start }): NewFlagFact[] => {
        const name = define.exec(text)?.[1];
        if (name === undefined) return [];
        // A flag that gets another number is not new.
        if (before !== undefined && new RegExp(`^#define\\s+${name}\\b`, 'm').test(before))
          return [];
        return [
          {
            name,
            kind,
            place: code.placeAt(start + text.indexOf(name), name.length),
            untouched: handledBy.filter((path) => !seriesPaths.has(path) && exists(path)),
          },
        ];
      }),
    );
}
