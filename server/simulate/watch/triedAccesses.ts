import { addr } from '../../model/bits/pfn.ts';
import { isZero } from '../../model/bits/pte64.ts';
import { load } from '../../model/mem/physMem.ts';
import { possibleOutcomes } from '../../model/world/access.ts';
import type { PageRange } from '../../model/world/rangeCoding.ts';
import type { Space } from '../../model/world/space.ts';
import { outcomeText } from './outcomeText.ts';
import type { ReplayWorld } from './replayWorld.ts';

/** A device access, and what may come of it. */
export interface SeenAccess {
  readonly domain: string;
  readonly iova: bigint;
  readonly write: boolean;
  readonly outcomes: readonly string[];
}

/** A page that a device asks for. */
export interface TriedPage {
  readonly space: Space;
  readonly page: number;
}

/** IOVA pages whose entries a run changed, by the name of the table. */
export type ChangedPages = ReadonlyMap<string, readonly PageRange[]>;

const PAGE = 4096n;
const PAGE_LG2 = 12;
/** IOVAs at which accesses are tried, for one run. */
const MOST_ACCESSES = 24;

/** First page of every leaf item of the tables: where something can be reached. */
function leavesOf({ world, spaces }: ReplayWorld): TriedPage[] {
  return spaces.flatMap((space) =>
    [...space.positions].flatMap(([pfn, { level, base }]) => {
      const itemPages = 2 ** (space.shape.itemLg2(level) - PAGE_LG2);
      const found = [];
      for (let index = 0; index < space.shape.items; index++) {
        const entry = load(world.mem, pfn, index);
        if (isZero(entry) || space.shape.read(entry, level).kind !== 'leaf') continue;
        found.push({ space, page: base + index * itemPages });
      }
      return found;
    }),
  );
}

/** Where accesses are tried: at what changed first, then at what was mapped; in order of IOVA. */
export function chosenPages(replay: ReplayWorld, changed: ChangedPages): TriedPage[] {
  const known = new Map<string, TriedPage>();
  const add = (space: Space, page: number): void => {
    if (known.size < MOST_ACCESSES) known.set(`${space.name} ${page}`, { space, page });
  };
  for (const space of replay.spaces) {
    for (const { first, last } of changed.get(space.name) ?? []) {
      // A long stretch is a large leaf, or a table: its first page speaks for it.
      const pages = last - first < MOST_ACCESSES ? last - first + 1 : 1;
      for (let page = first; page < first + pages; page++) add(space, page);
    }
  }
  for (const { space, page } of leavesOf(replay)) add(space, page);
  const order = new Map(replay.spaces.map(({ name }, n) => [name, n]));
  return [...known.values()].sort(
    (a, b) => order.get(a.space.name)! - order.get(b.space.name)! || a.page - b.page,
  );
}

/** What a device's reads and writes of a page may come to now. */
export function triedAt({ world }: ReplayWorld, { space, page }: TriedPage): readonly SeenAccess[] {
  const device = world.devices.get(`device of ${space.name}`)!;
  return (['write', 'read'] as const).map((access) => ({
    ...{ domain: space.name, iova: BigInt(page) * PAGE, write: access === 'write' },
    outcomes: possibleOutcomes(world, device, addr(page), access).map((one) =>
      outcomeText(world, one, access),
    ),
  }));
}
