import type { Addr } from '../../bits/pfn.ts';
import { isEqual } from '../../bits/pte64.ts';
import { chunkOf, hardwareLoad, load, pageBase, store, type PhysMem } from '../../mem/physMem.ts';
import type { Bus } from './bus.ts';

/**
 * Which of two words a walker gets while the CPU's cache holds one that memory does not have yet.
 * `index` counts 64-bit words from the start of the page.
 */
export type PendingChoice = (pfn: number, index: number) => 'now' | 'older';

const WORD_BYTES = 8;
const WORDS_PER_PAGE = 4096 / WORD_BYTES;
const HALF_BYTES = WORD_BYTES / 2;

/** The simulated memory as an IOMMU sees it. Without a choice, pending lines are seen as written. */
export function memBus(mem: PhysMem, choose: PendingChoice = (): 'now' => 'now'): Bus {
  return {
    read: (at, words, into) => {
      if (mem.pending === null) {
        readPlain(mem, at, words, into);
        return 'ok';
      }
      for (let n = 0; n < words; n++) {
        const { pfn, index } = place(at, n);
        const view = hardwareLoad(mem, pfn, index);
        const seen =
          view.older !== undefined && choose(pfn, index) === 'older' ? view.older : view.now;
        into[2 * n] = seen.lo;
        into[2 * n + 1] = seen.hi;
      }
      return 'ok';
    },
    compareAndStore: (at, old, next) => {
      const { pfn, index } = place(at, 0);
      if (!isEqual(load(mem, pfn, index), old)) return 'changed';
      store(mem, pfn, index, next.lo, next.hi);
      return 'ok';
    },
  };
}

/**
 * Where walks are coherent there is one view of memory; walkers read it word by word in their inner loop.
 * What they read in one access is aligned to its size, so it lies within a page.
 */
function readPlain(mem: PhysMem, at: Addr, words: number, into: Int32Array): void {
  const chunk = chunkOf(mem, at.pfn);
  const half = pageBase(at.pfn) + at.offset / HALF_BYTES;
  for (let n = 0; n < 2 * words; n++) into[n] = chunk[half + n]!;
}

function place(at: Addr, word: number): { readonly pfn: number; readonly index: number } {
  const index = at.offset / WORD_BYTES + word;
  return { pfn: at.pfn + Math.floor(index / WORDS_PER_PAGE), index: index % WORDS_PER_PAGE };
}
