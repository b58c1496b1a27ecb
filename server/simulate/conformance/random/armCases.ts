import { getField } from '../../../model/bits/pte64.ts';
import type { VectorCase } from '../../../model/scenario/vectorTypes.ts';
import { Random } from './random.ts';
import { CaseRecorder, type StepArgs } from './caseRecorder.ts';

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  arm_64_lpae_s1: [20, 25, 30, 31, 32, 33, 36, 39, 40, 41, 42, 43, 44, 47, 48, 48, 49, 52, 52, 53],
  arm_64_lpae_s2: [20, 25, 30, 31, 32, 33, 36, 39, 40, 41, 42, 43, 44, 47, 48, 48, 49, 52, 52, 53],
  arm_32_lpae_s1: [20, 24, 25, 28, 29, 30, 31, 32, 32, 32, 32, 33],
  arm_32_lpae_s2: [24, 25, 30, 31, 32, 33, 34, 35, 36, 38, 39, 40, 40, 40, 41],
  arm_mali_lpae: [20, 25, 30, 32, 33, 36, 39, 40, 43, 44, 47, 48, 48, 49],
};
/** Output widths and page sizes that the formats with 4 KiB granules take. */
const NARROW_OUTPUT_WIDTHS = [32, 36, 40, 40, 40, 40, 40, 42];
const NARROW_PAGE_SIZES: readonly bigint[] = [0x40201000n, 0x40201000n, 0x201000n, 0x1000n, 0x40062215000n, 0x2004000n]; // prettier-ignore
const OUTPUT_WIDTHS = [32, 36, 40, 40, 40, 40, 42, 44, 45, 48, 48, 52, 52, 53];
const PAGE_SIZES: readonly bigint[] = [
  0x40201000n, 0x40201000n, 0x40201000n, 0x2004000n, 0x2004000n, 0x20010000n, 0x40020010000n,
  0x40062215000n, 0x40060211000n, 0x1000n, 0x4000n, 0x10000n, 0x201000n, 0x40000000n, 0n,
]; // prettier-ignore
const QUIRKS: readonly bigint[] = [0n, 0n, 0n, 0n, 1n, 0x20n, 0x40n, 0x80n, 0x80n, 0x100n, 0x200n, 0xa0n, 0x21n, 8n]; // prettier-ignore
const STEPS_AFTER_INIT = 40;
const INITS = 4;
const U64 = (1n << 64n) - 1n;

/** A run of operations at random on one format of io-pgtable-arm.c, with what the model says to each of them. */
export function armCase(format: string, seed: number): VectorCase {
  const random = new Random(Math.imul(seed, 0x85ebca6b) ^ (format.length * 31));
  for (let n = 0; n < 8; n++) random.below(2);
  const recorder = new CaseRecorder(format, 'release');
  for (let n = 0; n < INITS; n++) {
    const space = start(recorder, random);
    if (space === undefined) continue;
    for (let step = 0; step < STEPS_AFTER_INIT; step++) oneStep(recorder, random, space);
    recorder.step('info');
    recorder.step('dump');
    recorder.step('deinit');
  }
  return recorder.vector(`${format} seed ${seed}`);
}

/** Where addresses are drawn from. */
interface Space {
  readonly ias: number;
  readonly oas: number;
  readonly upper: boolean;
  readonly sizes: readonly bigint[];
  readonly used: { readonly iova: bigint; readonly length: bigint; readonly size: bigint }[];
}

function start(recorder: CaseRecorder, random: Random): Space | undefined {
  const { format } = recorder;
  const narrow = format.startsWith('arm_32') || format === 'arm_mali_lpae';
  // Quirks of the other stage, or of none, are refused: now and then one is asked for.
  const foreign = format.endsWith('_s2') ? 0xe1n : format === 'arm_mali_lpae' ? U64 : 0x100n;
  const picked = random.pick(QUIRKS);
  const quirks = (picked & foreign) !== 0n && random.below(8) !== 0 ? 0n : picked;
  const result = recorder.step('init', {
    fmt: format,
    quirks,
    pgsizes: random.pick(narrow ? NARROW_PAGE_SIZES : PAGE_SIZES),
    ias: random.pick(WIDTHS[format]!),
    oas: random.pick(narrow ? NARROW_OUTPUT_WIDTHS : OUTPUT_WIDTHS),
    coherent: random.below(3) === 0 ? 0 : 1,
    ...(random.below(8) === 0 ? { fail_alloc: random.below(2) } : {}),
  });
  if (result['ret'] !== 0) return undefined;
  const info = result['info'] as Readonly<Record<string, string | number>>;
  const bitmap = BigInt(info['pgsize_bitmap']!);
  const sizes: bigint[] = [];
  for (let bit = 0n; bit < 64n; bit++) if (((bitmap >> bit) & 1n) === 1n) sizes.push(1n << bit);
  return {
    ias: Number(info['ias']),
    oas: Number(info['oas']),
    upper: format.endsWith('_s1') && (quirks & 0x20n) !== 0n,
    sizes,
    used: [],
  };
}

function bits64(random: Random): bigint {
  return (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
}

function iovaFrom(space: Space, random: Random, size: bigint): bigint {
  if (space.used.length > 0 && random.below(3) !== 0) {
    const { iova, length } = random.pick(space.used);
    const within = [0n, 0n, length, length - size, random.pick(space.sizes)];
    return ((iova + random.pick(within)) & U64 & ~(size - 1n)) + near(random);
  }
  const width = (1n << BigInt(space.ias)) - 1n;
  let iova = (random.below(3) === 0 ? bits64(random) : size * BigInt(random.below(600))) & width;
  if (random.below(12) === 0) iova = width - size * BigInt(random.below(3));
  iova &= ~(size - 1n);
  if (space.upper) iova |= U64 & ~width;
  if (random.below(40) === 0) iova ^= 1n << BigInt(space.ias);
  return (iova + near(random)) & U64;
}

/** Now and then a byte address within the page. */
function near(random: Random): bigint {
  return random.below(40) === 0 ? BigInt(random.below(4096)) : 0n;
}

function paFrom(space: Space, random: Random, size: bigint): bigint {
  const pa = bits64(random) & ((1n << BigInt(space.oas)) - 1n) & ~(size - 1n);
  return (random.below(60) === 0 ? bits64(random) : pa) + near(random);
}

function prot(random: Random): number {
  return random.below(20) === 0 ? random.below(64) : 1 + random.below(63);
}

/** Pages up to the end of the input range: beyond it 7.3 reads and writes behind a short top table. */
function within(space: Space, iova: bigint, size: bigint, count: number): number {
  const width = (1n << BigInt(space.ias)) - 1n;
  const room = Number((width + 1n - (iova & width)) / size);
  return Math.max(1, Math.min(count, room));
}

function mapPages(recorder: CaseRecorder, random: Random, space: Space): void {
  const size = random.below(30) === 0 ? 1n << 13n : random.pick(space.sizes);
  const iova = iovaFrom(space, random, size);
  const wanted = random.below(4) === 0 ? 1 + random.below(600) : 1 + random.below(5);
  const pgcount = within(space, iova, size, wanted);
  space.used.push({ iova, length: size * BigInt(pgcount), size });
  const pa = paFrom(space, random, size);
  recorder.step('map_pages', { iova, pa, pgsize: size, pgcount, prot: prot(random) });
}

function unmapPages(recorder: CaseRecorder, random: Random, space: Space): void {
  const known = space.used.length > 0 && random.below(2) === 0;
  const { iova, length, size } = known
    ? random.pick(space.used)
    : { iova: 0n, length: 0n, size: random.pick(space.sizes) };
  if (known && random.below(2) === 0) {
    const pgcount = within(space, iova, size, Number(length / size));
    recorder.step('unmap_pages', { iova, pgsize: size, pgcount });
    return;
  }
  const at = iovaFrom(space, random, size);
  const wanted = 1 + random.below(random.below(3) === 0 ? 600 : 4);
  recorder.step('unmap_pages', {
    iova: at,
    pgsize: size,
    pgcount: within(space, at, size, wanted),
  });
}

/** A range for the core's calls; many small pages take the C long. */
function range(space: Space, random: Random): { readonly iova: bigint; readonly len: bigint } {
  if (space.used.length > 0 && random.below(3) === 0) {
    const { iova, length } = random.pick(space.used);
    return { iova, len: length };
  }
  const size = random.pick(space.sizes);
  const count = BigInt(1 + random.below(4));
  const more = random.below(3) === 0 ? space.sizes[0]! * BigInt(random.below(4)) : 0n;
  const iova = iovaFrom(space, random, size);
  const granule = space.sizes[0]!;
  const len = size * count + more;
  return { iova, len: granule * BigInt(within(space, iova, granule, Number(len / granule))) };
}

function coreMap(recorder: CaseRecorder, random: Random, space: Space, op: string): void {
  const { iova, len } = range(space, random);
  const largest = space.sizes.at(-1)!;
  let pa = paFrom(space, random, largest) | (iova & (largest - 1n));
  let length = len;
  if (random.below(4) === 0) {
    pa = paFrom(space, random, space.sizes[0]!);
    const most = space.sizes[0]! * 600n;
    if (length > most) length = most;
  }
  space.used.push({ iova, length, size: space.sizes[0]! });
  recorder.step(op, { iova, pa, len: length, prot: prot(random) });
}

function oneStep(recorder: CaseRecorder, random: Random, space: Space): void {
  const kind = random.below(100);
  if (kind < 34) mapPages(recorder, random, space);
  else if (kind < 48) unmapPages(recorder, random, space);
  else if (kind < 58) coreMap(recorder, random, space, random.below(2) === 0 ? 'map' : 'iommu_map');
  else if (kind < 64) recorder.step('iommu_unmap', { ...range(space, random) });
  else if (kind < 68) recorder.step('unmap', { ...range(space, random) });
  else if (kind < 74) recorder.step('iova_to_phys', lookup(space, random));
  else if (kind < 80) recorder.step('walk', lookup(space, random));
  else if (kind < 87) readDirty(recorder, random, space);
  else if (kind < 89) recorder.step('gather_init', { queued: random.below(2) });
  else if (kind < 92) recorder.step('gather_sync');
  else if (kind < 94) recorder.step('fail_alloc', { n: random.below(4) });
  else if (kind < 95) recorder.step('clear_fail');
  else if (kind < 96) narrow(recorder, random, space);
  else if (kind < 98) pokeLeaf(recorder, random);
  else recorder.step('info');
}

function lookup(space: Space, random: Random): StepArgs {
  const iova = iovaFrom(space, random, space.sizes[0]!) + BigInt(random.below(4096));
  // The kernel's answer to the last address of all is what stood on the stack before.
  return { iova: iova >= U64 - 4096n ? 0n : iova };
}

function readDirty(recorder: CaseRecorder, random: Random, space: Space): void {
  const { iova, len } = range(space, random);
  const most = 1n << 31n;
  recorder.step('read_dirty', {
    iova,
    len: random.below(20) === 0 ? 0n : len > most ? most : len,
    flags: random.below(2),
    bitmap: random.below(5) === 0 ? 0 : 1,
  });
}

function narrow(recorder: CaseRecorder, random: Random, space: Space): void {
  let mask = 0n;
  for (const size of space.sizes) if (random.below(2) === 0) mask |= size;
  recorder.step('set_pgsizes', { mask: mask | space.sizes[0]! });
}

/** Flips a bit of a leaf that leaves its kind and its address as they are. */
function pokeLeaf(recorder: CaseRecorder, random: Random): void {
  const leaves = recorder.tables.filter(({ level, words }) => level === 0 && words.size > 0);
  if (leaves.length === 0) return;
  const table = random.pick(leaves);
  const [index, word] = random.pick([...table.words]);
  const old = (BigInt(getField(word, 63, 32)) << 32n) | BigInt(getField(word, 31, 0));
  const pa = BigInt(table.pfn) * 4096n + BigInt(index) * 8n;
  recorder.step('poke', { pa, val: old ^ (1n << random.pick([6n, 7n, 10n, 51n, 54n, 55n])) });
}
