import { addAddr, addr, type Addr } from '../../bits/pfn.ts';
import type { Access } from './faults.ts';
import type { AddressSpace, FullTranslation } from './translation.ts';

/** The address-translation cache: complete translations, tagged with the address space they belong to. */
export interface TranslationCache {
  find(space: AddressSpace, iova: Addr, access: Access): FullTranslation | undefined;
  keep(space: AddressSpace, iova: Addr, found: FullTranslation): void;
  /** Drops every entry for which the test holds. */
  drop(test: (entry: CachedTranslation) => boolean): void;
}

/** One entry of the cache. */
export interface CachedTranslation {
  readonly pscid: number | undefined;
  readonly gscid: number | undefined;
  readonly supervisor: boolean;
  /** First page of the IOVA range. */
  readonly firstPfn: number;
  /** Pages of the range. */
  readonly pages: number;
  readonly global: boolean;
  readonly found: FullTranslation;
}

const PAGE_LG2 = 12;

/** A cache without a limit: an entry stays until software invalidates it, the most that hardware is allowed to keep. */
export function translationCache(): TranslationCache {
  let entries: CachedTranslation[] = [];
  return {
    find: (space, iova, access) => {
      const entry = entries.find(
        ({ pscid, gscid, supervisor, firstPfn, pages, found }) =>
          pscid === space.pscid &&
          gscid === space.gscid &&
          supervisor === space.privilege.supervisor &&
          iova.pfn >= firstPfn &&
          iova.pfn < firstPfn + pages &&
          // A lack of permission is never answered from the cache: the walk says which fault it is.
          (!access.read || found.read) &&
          (!access.write || found.write) &&
          (!access.execute || found.execute),
      );
      if (entry === undefined) return undefined;
      const { found, firstPfn } = entry;
      const start = addr(found.pa.pfn - (found.pa.pfn % entry.pages));
      return { ...found, pa: addAddr(start, addr(iova.pfn - firstPfn, iova.offset)) };
    },
    keep: (space, iova, found) => {
      const pages = 2 ** (found.pageLg2 - PAGE_LG2);
      entries.push({
        pscid: space.pscid,
        gscid: space.gscid,
        supervisor: space.privilege.supervisor,
        firstPfn: iova.pfn - (iova.pfn % pages),
        pages,
        global: found.global,
        found,
      });
    },
    drop: (test) => {
      entries = entries.filter((entry) => !test(entry));
    },
  };
}
