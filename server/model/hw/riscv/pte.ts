import { getField, hasBit, or, word, type Word64 } from '../../bits/pte64.ts';
import type { Capabilities } from './registers.ts';
import type { Pbmt } from './request.ts';

/*
 * Page-table entries of RV64, both stages.
 * Source: RISC-V Privileged Architecture, "Sv39: Page-Based 39-bit Virtual-Memory System", "Svnapot", "Svpbmt",
 * "Svrsw60t59b". Kernel: include/linux/generic_pt, fmt/riscv.h (RISCVPT_*). The model's own reading: nothing is shared
 * with the software formats, so that the two can disagree.
 */

/** What a walker sees in one entry. */
export type PteReading =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'table'; readonly ppn: number }
  | {
      readonly kind: 'leaf';
      readonly ppn: number;
      readonly read: boolean;
      readonly write: boolean;
      readonly execute: boolean;
      readonly user: boolean;
      readonly global: boolean;
      readonly accessed: boolean;
      readonly dirty: boolean;
      readonly pbmt: Pbmt;
      /** log2 of the bytes the entry maps. */
      readonly pageLg2: number;
    };

const INVALID: PteReading = { kind: 'invalid' };
const LEVEL_BITS = 9;
const PAGE_LG2 = 12;
/** The only NAPOT size: 64 KiB, coded as 0b1000 in the low four bits of the page number. */
const NAPOT_PAGES = 16;
const NAPOT_CODE = 8;
const NAPOT_LG2 = 16;

/** Reads an entry at a level, level 0 being that of 4 KiB pages. Everything a walk must refuse is `invalid`. */
export function readPte(entry: Word64, level: number, caps: Capabilities): PteReading {
  const read = hasBit(entry, 1);
  const write = hasBit(entry, 2);
  const execute = hasBit(entry, 3);
  const pbmt = getField(entry, 62, 61);
  const napot = hasBit(entry, 63);
  if (!hasBit(entry, 0) || (write && !read)) return INVALID;
  if (getField(entry, 58, 54) !== 0) return INVALID;
  if (!caps.svrsw60t59b && getField(entry, 60, 59) !== 0) return INVALID;
  if (pbmt === 3 || (pbmt !== 0 && !caps.svpbmt)) return INVALID;
  const ppn = getField(entry, 53, 10);
  if (!read && !execute) {
    // D, A, U, PBMT and N have no meaning in a pointer and are reserved.
    const reserved =
      hasBit(entry, 4) || hasBit(entry, 6) || hasBit(entry, 7) || pbmt !== 0 || napot;
    return reserved || level === 0 ? INVALID : { kind: 'table', ppn };
  }
  if (ppn % 2 ** (LEVEL_BITS * level) !== 0) return INVALID;
  if (napot && (level !== 0 || ppn % NAPOT_PAGES !== NAPOT_CODE)) return INVALID;
  return {
    kind: 'leaf',
    ppn: napot ? ppn - NAPOT_CODE : ppn,
    read,
    write,
    execute,
    user: hasBit(entry, 4),
    global: hasBit(entry, 5),
    accessed: hasBit(entry, 6),
    dirty: hasBit(entry, 7),
    pbmt: pbmt as Pbmt,
    pageLg2: napot ? NAPOT_LG2 : PAGE_LG2 + LEVEL_BITS * level,
  };
}

const ACCESSED = word(1 << 6);
const DIRTY = word(1 << 7);

/** The entry after an access: A set, and D for a write. */
export function touched(entry: Word64, write: boolean): Word64 {
  return write ? or(entry, ACCESSED, DIRTY) : or(entry, ACCESSED);
}
