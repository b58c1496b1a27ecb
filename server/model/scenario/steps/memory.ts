import { addr, formatAddr } from '../../bits/pfn.ts';
import { formatWord, or, parseWord, word, type Word64 } from '../../bits/pte64.ts';
import { allocPages } from '../../mem/iommuPages.ts';
import { flush, load, pageState, store as storeWord } from '../../mem/physMem.ts';
import type { Claim } from '../../check/violation.ts';
import { statesOf, type ContextKind } from '../../world/contextWrites.ts';
import { leafAt } from '../../world/leaves.ts';
import type { Space } from '../../world/space.ts';
import { note } from '../../world/trace.ts';
import type { World } from '../../world/world.ts';
import { gives, pagesOf, spaceOf, type Execute } from './step.ts';

const WORD_BYTES = 8;
const PAGE_LG2 = 12;

/** `release`. */
export const release: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const pages = pagesOf(args.at('length'));
  const how = args.text('how') ?? 'unpinned';
  note(world.trace, 'cpu', `${formatAddr(addr(pfn))}, ${pages} pages, ${how}`);
  return {
    results: ['ok'],
    claims: [{ kind: 'released', first: pfn, last: pfn + pages - 1, how }],
  };
};

function put(world: World, pfn: number, index: number, value: Word64): void {
  const before = load(world.mem, pfn, index);
  storeWord(world.mem, pfn, index, value.lo, value.hi);
  const at = formatAddr(addr(pfn, index * WORD_BYTES));
  note(world.trace, 'cpu', `[${at}] ${formatWord(before)} -> ${formatWord(value)}`);
}

/** `store`. */
export const store: Execute = (world, args) => {
  const at = args.at('at');
  put(world, at.pfn, at.offset / WORD_BYTES, parseWord(formatAddr(args.at('value')))!);
  if (args.flag('flush')) flush(world.mem, at.pfn, at.offset, WORD_BYTES);
  return gives('ok');
};

/** `clean`. */
export const clean: Execute = (world) => {
  world.mem.pending?.clear();
  note(world.trace, 'cpu', 'all cache lines are written back');
  return gives('ok');
};

/** `store-table`. */
export const storeTable: Execute = (world, args) => {
  pageState(world.mem, args.at('at').pfn).use = 'table';
  return gives('ok');
};

/** `store-entry`. */
export const storeEntry: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const iova = args.at('iova');
  const wanted = args.count('level', 0);
  const table = tableAt(world, space, iova.pfn, wanted);
  if (table === undefined)
    return { problem: `no table of level ${wanted} translates ${formatAddr(iova)}` };
  put(world, table, indexAt(space, iova.pfn, wanted), parseWord(formatAddr(args.at('value')))!);
  return gives('ok');
};

function indexAt(space: Space, page: number, level: number): number {
  return Math.floor(page / 2 ** (space.shape.itemLg2(level) - PAGE_LG2)) % space.shape.items;
}

/** The table page of a level that an IOVA page is translated through. */
function tableAt(world: World, space: Space, page: number, wanted: number): number | undefined {
  let { pfn, level } = space.top();
  while (level > wanted) {
    const reading = space.shape.read(load(world.mem, pfn, indexAt(space, page, level)), level);
    if (reading.kind !== 'table') return undefined;
    ({ pfn, nextLevel: level } = reading);
  }
  return level === wanted ? pfn : undefined;
}

const BLOCK_TO_PAGE = word(2);
const TABLE_TYPE = word(3);

/** `split`. */
export const split: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const page = args.at('iova').pfn;
  const leaf = leafAt(world, space, page);
  if (space.arch !== 'smmuv3' || leaf?.level !== 1) {
    return {
      problem: `no block of 2 MiB of an Arm table translates ${formatAddr(args.at('iova'))}`,
    };
  }
  const child = allocPages(world.pages, space.shape.items * WORD_BYTES);
  if (!args.flag('empty')) {
    // A page descriptor differs from that of a block in its type only, and in its address.
    for (let n = 0; n < space.shape.items; n++) {
      const bits = or(leaf.word, BLOCK_TO_PAGE);
      storeWord(world.mem, child, n, bits.lo + n * 4096, bits.hi);
    }
    flush(world.mem, child, 0, space.shape.items * WORD_BYTES);
  }
  put(
    world,
    leaf.table,
    leaf.index,
    or(word((child * 4096) | 0, Math.floor(child / 2 ** 20)), TABLE_TYPE),
  );
  return gives('ok');
};

/** `write-context`. */
export const writeContext: Execute = (world, args) => {
  const kind = args.name('kind') as ContextKind;
  const from = words(args.name('from'));
  const to = words(args.name('to'));
  if (from === undefined || to === undefined || from.length !== to.length) {
    return { problem: 'from and to have to be the same number of hexadecimal words' };
  }
  const order = args.text('order') === 'ascending' ? 'ascending' : 'driver';
  const states = statesOf(kind, from, to, order);
  for (const { words: seen, reading } of states) {
    note(world.trace, 'iommu', `can read ${reading}: ${seen.map(formatWord).join(' ')}`);
  }
  const torn = states.find(({ reading }) => reading === 'torn');
  const claims: Claim[] =
    torn === undefined
      ? []
      : [
          {
            kind: 'torn',
            what: `a ${kind} entry can be read as ${torn.words.map(formatWord).join(' ')}, which is neither old nor new`,
          },
        ];
  return { results: [...new Set(states.map(({ reading }) => reading))], claims };
};

function words(text: string): readonly Word64[] | undefined {
  const read = text.split(' ').map(parseWord);
  return read.every((one) => one !== undefined) ? read : undefined;
}
