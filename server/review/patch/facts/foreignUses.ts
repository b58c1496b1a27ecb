import type { ForeignUseFact } from '../../../checkers/patchChecker.ts';
import type { KernelVersion } from '../../../program/kernelApi/contract.ts';
import { kernelApi, kernelApiOfAnyAge } from '../../../program/kernelApi/registry.ts';
import type { AddedCode } from './addedCode.ts';

/** Headers that declare the interfaces with contracts. What one of them mentions, the tree has. */
const interfaceHeaders = [
  'include/linux/iommu.h',
  'include/linux/iommu-dma.h',
  'include/linux/dma-mapping.h',
  'include/linux/dma-map-ops.h',
  'include/linux/dma-direct.h',
  'include/linux/dmapool.h',
  'include/linux/dma-buf.h',
  'include/linux/iommufd.h',
  'include/linux/io-pgtable.h',
  'include/linux/iova.h',
  'include/linux/vfio.h',
  'include/linux/scatterlist.h',
  'include/linux/set_memory.h',
  'include/linux/swiotlb.h',
  'include/linux/mm.h',
  'include/linux/skbuff.h',
  'include/scsi/scsi_cmnd.h',
  'drivers/iommu/iommu-pages.h',
] as const;

/** What the tree and the change say about names. */
export interface NameSources {
  readonly version: KernelVersion;
  /** Text of a file of the tree before the change. */
  read(path: string): string | undefined;
  /** The file itself before the change; empty for a new one. */
  readonly before: string;
  /** Texts of the change after the series. */
  readonly after: readonly string[];
}

const wordIn = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);

/** Added uses of interfaces and flags that the tree does not have, or not with so many arguments. */
export function foreignUses(code: AddedCode, sources: NameSources): ForeignUseFact[] {
  const here = kernelApi(sources.version);
  const ever = kernelApiOfAnyAge();
  const headers = interfaceHeaders
    .map((path) => sources.read(path))
    .filter((text) => text !== undefined);
  // Without headers nobody can say what the tree has.
  if (headers.length === 0) return [];
  const isKnown = (name: string): boolean =>
    headers.some((text) => wordIn(text, name)) ||
    // What the file used before, the tree has, if only in a header of the folder.
    wordIn(sources.before, name) ||
    sources.after.some((text) => isDefinedIn(text, name));
  const found = new Map<string, ForeignUseFact>();
  for (const { text, start } of code.added) {
    for (const match of text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
      const name = match[1]!;
      const forms = ever.forms(name).filter(({ relevant }) => relevant);
      if (forms.length === 0 || found.has(name) || /->\s*$|\.\s*$/.test(text.slice(0, match.index)))
        continue;
      const place = code.placeAt(start + match.index, name.length);
      const own = here.forms(name);
      if (own.length === 0) {
        if (!isKnown(name))
          found.set(name, { name, place, since: forms[0]!.since, why: { kind: 'absent' } });
        continue;
      }
      const given = argumentCount(code.text, start + match.index + match[0].length);
      const fits = own.some(({ params }) => params.length === given);
      const elsewhere = forms.find(({ params }) => params.length === given);
      if (given === undefined || fits || elsewhere === undefined) continue;
      if (sources.after.some((each) => isDefinedIn(each, name))) continue;
      const has = own[0]!.params.length;
      found.set(name, {
        name,
        place,
        since: elsewhere.since,
        why: { kind: 'arguments', given, has },
      });
    }
    for (const match of text.matchAll(
      /\b(?:IOMMU_(?:READ|WRITE|CACHE|NOEXEC|MMIO|PRIV)|DMA_ATTR_[A-Z0-9_]+)\b/g,
    )) {
      const [name] = match;
      if (found.has(name) || isKnown(name)) continue;
      const place = code.placeAt(start + match.index, name.length);
      found.set(name, { name, place, since: undefined, why: { kind: 'absent' } });
    }
  }
  return [...found.values()];
}

/** A definition as a macro, or as a function whose body or prototype begins in the first column. */
function isDefinedIn(text: string, name: string): boolean {
  return new RegExp(`^#\\s*define\\s+${name}\\b|^[A-Za-z_][^\\n;=]*\\b${name}\\s*\\(`, 'm').test(
    text,
  );
}

/** Number of arguments of a call whose opening parenthesis ends before an offset; undefined where it does not end. */
function argumentCount(text: string, from: number): number | undefined {
  let depth = 1;
  let commas = 0;
  let empty = true;
  for (let i = from; i < Math.min(text.length, from + 2000); i++) {
    const unit = text[i]!;
    if (unit === '(' || unit === '[' || unit === '{') depth++;
    else if (unit === ')' || unit === ']' || unit === '}') {
      depth--;
      if (depth === 0) return empty ? 0 : commas + 1;
    } else if (unit === ',' && depth === 1) commas++;
    else if (unit === ';' || unit === '#') return undefined;
    if (!/\s/.test(unit)) empty = false;
  }
  return undefined;
}
