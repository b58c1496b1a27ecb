import type { NewFlagFact } from '../../../checkers/patchChecker.ts';
import { withoutComments } from '../../../program/headers/scan.ts';
import type { AddedCode } from './addedCode.ts';

/** The tree before the series, as far as this asks. */
export interface FlagTree {
  read(path: string): string | undefined;
  /** Every file below a folder, with its path; sorted. */
  below(folder: string): readonly string[];
}

/** Flags that one header defines, and who has to know each of them. */
interface FlagFamily {
  readonly kind: NewFlagFact['kind'];
  readonly header: string;
  readonly define: RegExp;
  /** A flag of the family; the others stand in one block with it, where the header has flags of other things too. */
  readonly oneOf?: string;
  /** Where those are whom the contract of the flags obliges. */
  readonly folders: readonly string[];
  /** Whether a file is one of them: by what its code does with the flags that are there already. */
  obliges(text: string, siblings: readonly string[]): boolean;
}

/**
 * Who turns prot into entries: `map_pages` of iommu_domain_ops or io_pgtable_ops (`map` before 6.2), or a format of
 * generic_pt. Others hand prot on, or ask it only what they may do.
 */
const takesProt = /\.map(?:_pages)?\s*=|^#define\s+pt_iommu_set_prot\b/m;

/** From this share of the flags on, a file is a list of them: documentation, a trace event, a check of all. */
const listShare = 3 / 4;

const flagFamilies: readonly FlagFamily[] = [
  {
    kind: 'prot',
    header: 'include/linux/iommu.h',
    define: /^#define\s+(IOMMU_[A-Z0-9_]+)\s+\(1\s*<<\s*\d+\)/,
    oneOf: 'IOMMU_READ',
    folders: ['drivers/iommu'],
    obliges: (text, siblings) =>
      takesProt.test(text) &&
      new RegExp(`&\\s*\\(?\\s*(?:${siblings.join('|')})\\b`).test(withoutComments(text)),
  },
  {
    kind: 'attrs',
    header: 'include/linux/dma-mapping.h',
    define: /^#define\s+(DMA_ATTR_[A-Z0-9_]+)\s+\(1UL\s*<<\s*\d+\)/,
    folders: ['Documentation/core-api', 'include/trace/events', 'kernel/dma'],
    obliges: (text, siblings) => {
      const named = siblings.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
      return named.length >= siblings.length * listShare;
    },
  },
];

/** Flags that a patch defines, with the files obliged to know them that the series leaves as they are. */
export function newFlags(
  code: AddedCode,
  seriesPaths: ReadonlySet<string>,
  tree: FlagTree,
  texts: { readonly before: string; readonly after: string },
): NewFlagFact[] {
  return flagFamilies
    .filter(({ header }) => header === code.path)
    .flatMap((family) => {
      const siblings = flagsOf(family, texts.before);
      const all = flagsOf(family, texts.after);
      // A flag that gets another number is not new.
      const fresh = code.added.filter(({ text }) => {
        const name = family.define.exec(text)?.[1];
        return name !== undefined && all.includes(name) && !siblings.includes(name);
      });
      if (fresh.length === 0 || siblings.length === 0) return [];
      const untouched = family.folders
        .flatMap((folder) => tree.below(folder))
        .filter((path) => !seriesPaths.has(path) && path !== family.header)
        .filter((path) => family.obliges(tree.read(path) ?? '', siblings));
      return fresh.map(({ text, start }): NewFlagFact => {
        const name = family.define.exec(text)![1]!;
        const place = code.placeAt(start + text.indexOf(name), name.length);
        return { name, kind: family.kind, place, untouched };
      });
    });
}

function flagsOf({ define, oneOf }: FlagFamily, text: string): string[] {
  const blocks: string[][] = [];
  let end = 0;
  for (const match of text.matchAll(new RegExp(define.source, 'gm'))) {
    const { index } = match;
    // The rest of the line before is a comment, or nothing.
    const between = withoutComments(text.slice(end, index)).trim();
    if (blocks.length === 0 || between !== '') blocks.push([]);
    blocks.at(-1)!.push(match[1]!);
    end = index + match[0].length;
  }
  return oneOf === undefined
    ? blocks.flat()
    : (blocks.find((block) => block.includes(oneOf)) ?? []);
}
