import type { Addr } from '../../bits/pfn.ts';
import { addr } from '../../bits/pfn.ts';
import { hasBit, or, without, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { Refused } from '../common/dma.ts';
import { entryFrom, fits, inLeaf } from '../common/tables.ts';
import { levelLg2, readDescriptor } from './descriptor.ts';
import { Event, refuse, type EventId } from './events.ts';

/*
 * Source of every bit in this file: Arm ARM (DDI 0487), "The VMSAv8-64 translation table format descriptors".
 */

/** What a walk of VMSAv8-64 tables needs to know, for either stage. */
export interface TableWalk {
  readonly stage: 'first' | 'second';
  readonly granuleLg2: number;
  /** Width of the input address. Unit: bits. */
  readonly inputLg2: number;
  /** Width of the output address. Unit: bits. */
  readonly outputLg2: number;
  /** Level of the root: 0 to 3, 3 being that of pages. */
  readonly startLevel: number;
  readonly root: Addr;
  /** Hardware sets the access flag. */
  readonly ha: boolean;
  /** Hardware clears read-only where DBM allows it; first stage only. */
  readonly hd: boolean;
  /** Finds a table of this stage in physical memory: through the second stage when nested. */
  readonly locate: (table: Addr) => Addr | Refused;
}

/** A leaf, before permissions are judged: the two stages read those differently. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly oa: Addr;
  readonly pageLg2: number;
  /** The leaf descriptor. */
  readonly descriptor: Word64;
  /** Restrictions that the table descriptors above add (first stage only). */
  readonly above: {
    readonly readOnly: boolean;
    readonly noUser: boolean;
    readonly noExecute: boolean;
  };
}

const PAGE_LG2 = 12;
const DESCRIPTOR_BYTES_LG2 = 3;
const ACCESS_FLAG = word(1 << 10);
/** AP[2] of the first stage, the only one whose dirty state is modelled. */
const READ_ONLY = word(1 << 7);
const DBM = 51;

/**
 * Walks down to a leaf.
 * Source: Arm Architecture Reference Manual (DDI 0487), "The VMSAv8-64 translation table format descriptors".
 */
export function walkTables(
  bus: Bus,
  walk: TableWalk,
  address: Addr,
  access: 'read' | 'write' | 'execute',
): Leaf | Refused {
  const stop = (event: EventId, why: string): Refused => refuse(walk.stage, event, why);
  if (!fits(address, walk.inputLg2)) {
    return stop(
      Event.translation,
      `the address is beyond the ${walk.inputLg2} bits of the ${walk.stage} stage`,
    );
  }
  const raw = new Int32Array(2);
  let table = walk.root;
  let level = walk.startLevel;
  let readOnly = false;
  let noUser = false;
  let noExecute = false;
  for (;;) {
    const lg2 = levelLg2(level, walk.granuleLg2);
    const above = Math.floor(address.pfn / 2 ** (lg2 - PAGE_LG2));
    // A root that is several concatenated tables takes all bits that are left.
    const index =
      level === walk.startLevel ? above : above % 2 ** (walk.granuleLg2 - DESCRIPTOR_BYTES_LG2);
    const at = walk.locate(entryFrom(table, index));
    if ('kind' in at) return at;
    if (bus.read(at, 1, raw) !== 'ok')
      return stop(Event.walkAbort, `the table of level ${level} is not readable`);
    const descriptor = word(raw[0]!, raw[1]);
    const reading = readDescriptor(descriptor, level, walk.granuleLg2, walk.stage);
    if (reading.kind === 'empty')
      return stop(Event.translation, `no valid descriptor at level ${level}`);
    if (reading.pfn >= 2 ** (walk.outputLg2 - PAGE_LG2)) {
      return stop(
        Event.addressSize,
        `the address at level ${level} is wider than ${walk.outputLg2} bits`,
      );
    }
    if (reading.kind === 'table') {
      if (walk.stage === 'first') {
        // APTable and XNTable limit what is below.
        noUser ||= hasBit(descriptor, 61);
        readOnly ||= !reading.write;
        noExecute ||= hasBit(descriptor, 60);
      }
      table = addr(reading.pfn);
      level++;
      continue;
    }
    const next = withHardwareFlags(descriptor, walk, access);
    if (!hasBit(next, 10)) return stop(Event.access, 'the access flag is clear');
    if (next.lo !== descriptor.lo) {
      const stored = bus.compareAndStore(at, descriptor, next);
      // Another agent changed the descriptor: it is read and judged again.
      if (stored === 'changed') continue;
      if (stored !== 'ok') return stop(Event.walkAbort, 'the access flag can not be stored');
    }
    return {
      kind: 'leaf',
      oa: inLeaf(reading.pfn, lg2, address),
      pageLg2: lg2,
      descriptor: next,
      above: { readOnly, noUser, noExecute },
    };
  }
}

/** The descriptor after hardware management of the access flag and of dirty state. */
function withHardwareFlags(
  descriptor: Word64,
  walk: TableWalk,
  access: 'read' | 'write' | 'execute',
): Word64 {
  const next = walk.ha ? or(descriptor, ACCESS_FLAG) : descriptor;
  return access === 'write' && walk.hd && hasBit(descriptor, DBM) ? without(next, READ_ONLY) : next;
}
