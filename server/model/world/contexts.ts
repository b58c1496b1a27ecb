import { bit, mask, or, without, word, type Word64 } from '../bits/pte64.ts';
import { cleanLines, load, pageState, store, type PhysMem } from '../mem/physMem.ts';
import type { Arch, Space } from './space.ts';
import type { World } from './world.ts';

/*
 * Contexts as a correct driver leaves them: one device table entry, PASID entry, stream table entry or device context.
 * Bits: the decoders of server/model/hw, by the same manuals. How contexts *change* is a matter of its own: see
 * contextWrites.ts.
 */

/** What a context is made from. */
export interface ContextInit {
  readonly requester: number;
  readonly pasid: number | undefined;
  readonly first: Space | undefined;
  readonly second: Space | undefined;
  readonly ats: boolean;
  /** SMMUv3: faults of its transactions wait for software's answer. */
  readonly stall?: boolean;
}

/** A word with a page number at bit 12 and other bits. */
function pointer(pfn: number, ...bits: readonly Word64[]): Word64 {
  return or(word((pfn * 4096) | 0, Math.floor(pfn / 2 ** 20)), ...bits);
}

function put(mem: PhysMem, pfn: number, index: number, value: Word64): void {
  const page = pfn + Math.floor(index / 512);
  store(mem, page, index % 512, value.lo, value.hi);
  // Drivers allocate contexts coherently, or clean them at once.
  cleanLines(mem, page, (index % 512) * 8, 8);
}

/** Takes fresh pages for contexts. */
function take(world: World, pages: number): number {
  const pfn = world.nextContext;
  world.nextContext += pages;
  for (let page = pfn; page < pfn + pages; page++) pageState(world.mem, page).use = 'context';
  return pfn;
}

/** Builds the contexts of a device. Gives the page that the IOMMU's base register points to. */
export function writeContexts(world: World, arch: Arch, init: ContextInit): number {
  switch (arch) {
    case 'amd':
      return writeAmd(world, init);
    case 'vtd':
      return writeVtd(world, init);
    case 'smmuv3':
      return writeSmmu(world, init);
    case 'riscv':
      return writeRiscv(world, init);
  }
}

/** Pages of an AMD device table with an entry for every requester id below 512. */
export const DEVICE_TABLE_PAGES = 4;

/** Bits of a PASID that one level of a GCR3 table indexes. */
const GCR3_LEVEL_LG2 = 9;

function writeAmd(world: World, { requester, pasid, first, second }: ContextInit): number {
  const table = take(world, DEVICE_TABLE_PAGES);
  const c = world.cc.encryptionPfn;
  const entry = requester * 4;
  const id = second?.id ?? first?.id ?? 0;
  let low = or(word(3), mask(62, 61));
  let high = word(id);
  if (second !== undefined) {
    const { pfn, level } = second.top();
    low = or(low, pointer(pfn + c), word((level + 1) << 9));
  }
  if (first !== undefined) {
    const { pfn, level } = first.top();
    const index = pasid ?? 0;
    // As many levels as the PASID needs: GLX is one less.
    let glx = 0;
    let gcr3 = take(world, 1);
    put(world.mem, gcr3, index % 2 ** GCR3_LEVEL_LG2, pointer(pfn + c, word(1)));
    for (let rest = index >> GCR3_LEVEL_LG2; rest > 0; rest >>= GCR3_LEVEL_LG2) {
      const above = take(world, 1);
      put(world.mem, above, rest % 2 ** GCR3_LEVEL_LG2, pointer(gcr3 + c, word(1)));
      gcr3 = above;
      glx++;
    }
    // GV, GLX, and GIOV for requests without a PASID; the root's bits 14:12, 30:15 and 51:31 are apart.
    const giov = pasid === undefined ? bit(54) : word(0);
    low = or(low, bit(55), giov, word(0, glx << 24), word(0, (gcr3 & 7) << 26));
    high = or(high, word((gcr3 >> 3) << 16));
    put(world.mem, table, entry + 2, level === 4 ? word(0, 1 << 22) : word(0));
  }
  put(world.mem, table, entry + 1, high);
  put(world.mem, table, entry, low);
  return table;
}

/** Entries of a PASID table. Kernel: PASID_PDE_SHIFT. */
const PASIDS_PER_TABLE = 64;
const PGTT = { first: 1, second: 2, nested: 3, pass: 4 } as const;

function writeVtd(world: World, { requester, pasid, first, second }: ContextInit): number {
  const index = pasid ?? 0;
  const slot = Math.floor(index / PASIDS_PER_TABLE);
  const sizes = [1, 2, Math.floor(slot / 512) + 1, 1];
  const [root, context, directory, table] = sizes.map((pages) => take(world, pages)) as [
    number,
    number,
    number,
    number,
  ];
  const bus = Math.floor(requester / 256);
  const devfn = requester % 256;
  put(world.mem, root, bus * 2 + (devfn < 128 ? 0 : 1), pointer(context, word(1)));
  // P, PASIDE for requests that carry a PASID, and the size of the directory: 2^(PDTS + 7) entries.
  let pdts = 0;
  while (slot >= 2 ** (pdts + 7)) pdts++;
  const control = word((pasid === undefined ? 1 : 9) | (pdts << 9));
  put(world.mem, context, (devfn % 128) * 4, pointer(directory, control));
  put(world.mem, directory, slot, pointer(table, word(1)));
  const pgtt = first === undefined ? (second === undefined ? PGTT.pass : PGTT.second) : second === undefined ? PGTT.first : PGTT.nested; // prettier-ignore
  const entry = (index % PASIDS_PER_TABLE) * 8;
  const id = second?.id ?? first?.id ?? 0;
  put(world.mem, table, entry + 1, word(id));
  if (first !== undefined) {
    const { pfn, level } = first.top();
    put(world.mem, table, entry + 2, pointer(pfn, word((level - 3) << 2)));
  }
  const aw = second === undefined ? 0 : second.top().level - 1;
  const low = word(1 | (aw << 2) | (pgtt << 6));
  put(world.mem, table, entry, second === undefined ? low : pointer(second.top().pfn, low));
  return root;
}

const STE_CONFIG = { first: 5, second: 6, nested: 7, bypass: 4 } as const;

/** Context descriptors: 64 bytes each. */
const CD_WORDS = 8;
const CDS_PER_PAGE = 64;
/** CD.S. Kernel: CTXDESC_CD_0_S. */
const CD_STALL = word(0, 1 << 12);
/** STE.S2S. Kernel: STRTAB_STE_2_S2S. */
const STE_STALL = word(0, 1 << 25);

function writeSmmu(world: World, init: ContextInit): number {
  const { requester, pasid, first, second, stall = false } = init;
  const table = take(world, 8);
  const entry = requester * 8;
  const config = first === undefined ? (second === undefined ? STE_CONFIG.bypass : STE_CONFIG.second) : second === undefined ? STE_CONFIG.first : STE_CONFIG.nested; // prettier-ignore
  let low = word(1 | (config << 1));
  if (first !== undefined) {
    // A linear table that is large enough for the substream; without one, the one descriptor.
    let substreamsLg2 = 0;
    while (pasid !== undefined && pasid >= 2 ** substreamsLg2) substreamsLg2++;
    if (pasid === 0) substreamsLg2 = 1;
    const cd = take(world, Math.max(1, 2 ** substreamsLg2 / CDS_PER_PAGE));
    // T0SZ 16 (48 bits), 4 KiB granule, 48-bit output, EPD1, V, AA64, and the ASID.
    const control = or(word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)), word(0, first.id << 16));
    const descriptor = (pasid ?? 0) * CD_WORDS;
    put(world.mem, cd, descriptor, stall ? or(control, CD_STALL) : control);
    put(world.mem, cd, descriptor + 1, pointer(first.top().pfn));
    low = or(low, pointer(cd), word(0, substreamsLg2 << 27));
  }
  if (second !== undefined) {
    // S2T0SZ 16 with four levels from level 0, 48-bit output, S2AA64, and the VMID.
    const control = word(second.id, 16 | (2 << 6) | (5 << 16) | (1 << 19));
    put(world.mem, table, entry + 2, stall ? or(control, STE_STALL) : control);
    put(world.mem, table, entry + 3, pointer(second.top().pfn));
  }
  put(world.mem, table, entry, low);
  return table;
}

/** Devices that share a page of the directory in the base format. Unit: lg2. */
const RISCV_DDI0_LG2 = 7;
/** DC.tc.PDTV. */
const PDTV = word(1 << 5);
/** Mode of pdtp for process ids of 20 bits, and the bits that its two lower levels index. */
const PD20 = word(0, 3 << 28);
const PDI0_LG2 = 8;
const PDI1_LG2 = 9;

/** A directory of two levels, and for requests with a process id one of processes. */
function writeRiscv(world: World, { requester, pasid, first, second }: ContextInit): number {
  const [root, table] = [take(world, 1), take(world, 1)];
  put(world.mem, root, requester >> RISCV_DDI0_LG2, directoryEntry(table));
  const entry = (requester % 2 ** RISCV_DDI0_LG2) * 4;
  const mode = (space: Space): Word64 => word(space.top().pfn, (space.top().level + 6) << 28);
  if (second !== undefined) {
    put(world.mem, table, entry + 1, or(mode(second), word(0, second.id << 12)));
  }
  const ta = word(first === undefined ? 0 : first.id << 12);
  const fsc = first === undefined ? word(0) : mode(first);
  if (pasid === undefined) {
    put(world.mem, table, entry + 2, ta);
    put(world.mem, table, entry + 3, fsc);
    put(world.mem, table, entry, word(1));
    return root;
  }
  const [top, middle, leaf] = [1, 1, 1].map((pages) => take(world, pages)) as [number, number, number]; // prettier-ignore
  const below = Math.floor(pasid / 2 ** PDI0_LG2);
  put(world.mem, top, Math.floor(below / 2 ** PDI1_LG2), directoryEntry(middle));
  put(world.mem, middle, below % 2 ** PDI1_LG2, directoryEntry(leaf));
  put(world.mem, leaf, (pasid % 2 ** PDI0_LG2) * 2, or(ta, word(1)));
  put(world.mem, leaf, (pasid % 2 ** PDI0_LG2) * 2 + 1, fsc);
  put(world.mem, table, entry + 3, or(word(top), PD20));
  put(world.mem, table, entry, or(word(1), PDTV));
  return root;
}

/** A valid entry that leads to the next page of a directory of RISC-V. */
function directoryEntry(pfn: number): Word64 {
  return word((pfn << 10) | 1, pfn >>> 22);
}

/**
 * Tells the hardware of a new top: new root and mode in one 128-bit store of each device table entry.
 * Kernel: amd/iommu.c:amd_iommu_change_top().
 */
export function rewriteTops(world: World, space: Space, pfn: number, level: number): void {
  for (const device of world.devices.values()) {
    if (device.second !== space.name || device.arch !== 'amd') continue;
    const entry = device.requester * 4;
    const table = device.contextRoot + Math.floor(entry / 512);
    const old = load(world.mem, table, entry % 512);
    const kept = without(old, mask(51, 9));
    const next = or(kept, pointer(pfn + world.cc.encryptionPfn), word((level + 1) << 9));
    put(world.mem, device.contextRoot, entry, next);
  }
}
