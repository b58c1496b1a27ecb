import type { Executor, Model } from '../machine/executor.ts';
import { pageStructOf } from '../kernel/pages.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family } from '../kernel/model.ts';
import { Stop } from '../machine/stop.ts';
import { hex } from '../machine/values.ts';
import { counted } from './contractWords.ts';
import { ledgerOf } from './ledger.ts';

const REASON = 'the interface is what a driver sees; whose memory it is, no situation states';
const EFAULT = -14;
const PAGE = 4096;
/** Pages that a path can mean; a count beyond is none that a driver hands over at once. */
const MOST_PAGES = 512;

/** How a request to pin ends: all pages, none, or all but the last. */
function pinnedOf(machine: Executor, name: string, wanted: number): number {
  if (wanted <= 0) return 0;
  if (wanted > MOST_PAGES) throw new Stop('budget', `pins more than ${MOST_PAGES} pages at once`);
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) return 0;
  const isShort =
    wanted > 1 && machine.choose(`${name}() pins one page less`, [0, 1], 'failure') === 1;
  return isShort ? wanted - 1 : wanted;
}

/** Pins pages and writes which: `key` says by what each is found again. */
function pin(
  machine: Executor,
  api: string,
  { wanted, pages, key }: { wanted: number; pages: number; key?: (i: number) => bigint },
): number {
  const count = pinnedOf(machine, api, wanted);
  const ledger = ledgerOf(machine);
  for (let i = 0; i < count; i++) {
    const frame = machine.allocate({
      ...{ kind: 'input', name: 'a page of user memory', size: PAGE, align: PAGE },
      contents: 'unwritten',
    });
    const page = pageStructOf(machine, frame - machine.directMap);
    if (pages !== 0) machine.memory.storePointer(pages + i * 8, page);
    const about = { kind: 'pin' as const, api, what: 'a pinned page', question: undefined };
    ledger.take({ ...about, key: key?.(i) ?? BigInt(page) });
  }
  return count === 0 && wanted > 0 ? EFAULT : count;
}

/** Positions of the count and of the array of pages. */
const pinning =
  (count: number, pages: number): ModelBody =>
  (machine, args, { name }) =>
    pin(machine, name, { wanted: args.number(count), pages: Number(args.pointer(pages)) });

/** Gives back what was pinned here; other pages came from somebody who pinned them. */
function unpin(machine: Executor, key: bigint, api: string): void {
  const ledger = ledgerOf(machine);
  const held = ledger.held('pin', key);
  if (held !== undefined) ledger.give(held, api);
  else {
    ledger.call(api, 'a pinned page');
    const earlier = ledger.find('pin', key, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', api, 'unpins a page again', earlier);
  }
}

function pageCount(count: number): number {
  if (count > MOST_PAGES) throw new Stop('budget', `unpins more than ${MOST_PAGES} pages at once`);
  return count;
}

const unpinArray: ModelBody = (machine, args, { name }) => {
  const pages = Number(args.pointer(0));
  for (let i = 0; i < pageCount(args.number(1)); i++) {
    const page = machine.memory.loadPointer(pages + i * 8, 'strict');
    unpin(machine, BigInt(Number(page)), name);
  }
  return undefined;
};

const unpinOne: ModelBody = (machine, args, { name }) => {
  unpin(machine, BigInt(args.pointer(0)), name);
  return undefined;
};

/** IOVAs of a device of VFIO, by page. */
const vfioKey = (iova: bigint, i: number): bigint => (iova & ~0xfffn) + BigInt(i * PAGE);

const vfioPin: ModelBody = (machine, args, { name }) =>
  pin(machine, name, {
    ...{ wanted: args.number(2), pages: Number(args.pointer(4)) },
    key: (i) => vfioKey(args.bits(1), i),
  });

/** A count that is not positive is warned about, and nothing is unpinned (vfio_device_container_unpin_pages). */
const vfioUnpin: ModelBody = (machine, args, { name }) => {
  const count = args.number(2);
  if (count <= 0) {
    const message = `unpins ${counted(count, 'page')} at ${hex(args.bits(1))}`;
    ledgerOf(machine).breach('C-UNPIN', name, message);
  }
  for (let i = 0; i < pageCount(count); i++) unpin(machine, vfioKey(args.bits(1), i), name);
  return undefined;
};

/** Pinned user memory as a driver sees it: fewer pages than asked for may come, and what came goes back. */
export const PIN_CONTRACT: readonly Model[] = family(
  { reads: 'nothing', writes: 'the array of pages', shadows: REASON },
  {
    pin_user_pages: pinning(1, 3),
    pin_user_pages_fast: pinning(1, 3),
    pin_user_pages_unlocked: pinning(1, 2),
    pin_user_pages_remote: pinning(2, 4),
    ...alike('unpin_user_pages unpin_user_pages_dirty_lock', unpinArray),
    unpin_user_page: unpinOne,
    vfio_pin_pages: vfioPin,
    vfio_unpin_pages: vfioUnpin,
  },
);
