import { mask, or, without, word, type Word64 } from '../bits/pte64.ts';
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

function writeAmd(world: World, { requester, first, second }: ContextInit): number {
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
    const gcr3 = take(world, 1);
    const { pfn, level } = first.top();
    put(world.mem, gcr3, 0, pointer(pfn + c, word(1)));
    // GV, GIOV; the root's bits 14:12, 30:15 and 51:31 are apart.
    low = or(low, mask(55, 54), word(0, (gcr3 & 7) << 26));
    high = or(high, word((gcr3 >> 3) << 16));
    put(world.mem, table, entry + 2, level === 4 ? word(0, 1 << 22) : word(0));
  }
  put(world.mem, table, entry + 1, high);
  put(world.mem, table, entry, low);
  return table;
}

const PGTT = { first: 1, second: 2, nested: 3, pass: 4 } as const;

function writeVtd(world: World, { requester, pasid, first, second }: ContextInit): number {
  const [root, context, directory, table] = [1, 2, 1, 4].map((pages) => take(world, pages)) as [
    number,
    number,
    number,
    number,
  ];
  const bus = Math.floor(requester / 256);
  const devfn = requester % 256;
  put(world.mem, root, bus * 2 + (devfn < 128 ? 0 : 1), pointer(context, word(1)));
  // P, and PASIDE for requests that carry a PASID.
  put(world.mem, context, (devfn % 128) * 4, pointer(directory, word(pasid === undefined ? 1 : 9)));
  const index = pasid ?? 0;
  put(world.mem, directory, Math.floor(index / 64), pointer(table, word(1)));
  const pgtt = first === undefined ? (second === undefined ? PGTT.pass : PGTT.second) : second === undefined ? PGTT.first : PGTT.nested; // prettier-ignore
  const entry = (index % 64) * 8;
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

/** CD.S. Kernel: CTXDESC_CD_0_S. */
const CD_STALL = word(0, 1 << 12);
/** STE.S2S. Kernel: STRTAB_STE_2_S2S. */
const STE_STALL = word(0, 1 << 25);

function writeSmmu(world: World, { requester, first, second, stall = false }: ContextInit): number {
  const table = take(world, 8);
  const entry = requester * 8;
  const config = first === undefined ? (second === undefined ? STE_CONFIG.bypass : STE_CONFIG.second) : second === undefined ? STE_CONFIG.first : STE_CONFIG.nested; // prettier-ignore
  let low = word(1 | (config << 1));
  if (first !== undefined) {
    const cd = take(world, 1);
    // T0SZ 16 (48 bits), 4 KiB granule, 48-bit output, EPD1, V, AA64, and the ASID.
    const control = or(word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)), word(0, first.id << 16));
    put(world.mem, cd, 0, stall ? or(control, CD_STALL) : control);
    put(world.mem, cd, 1, pointer(first.top().pfn));
    low = or(low, pointer(cd));
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

function writeRiscv(world: World, { requester, first, second }: ContextInit): number {
  const table = take(world, 4);
  const entry = requester * 4;
  const mode = (space: Space): number => (space.top().level + 6) << 28;
  if (second !== undefined) {
    put(
      world.mem,
      table,
      entry + 1,
      or(word(second.top().pfn, mode(second)), word(0, second.id << 12)),
    );
  }
  if (first !== undefined) {
    put(world.mem, table, entry + 2, word(first.id << 12));
    put(world.mem, table, entry + 3, word(first.top().pfn, mode(first)));
  }
  put(world.mem, table, entry, word(1));
  return table;
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
