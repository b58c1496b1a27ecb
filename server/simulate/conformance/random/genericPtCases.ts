import { getField } from '../../../model/bits/pte64.ts';
import { BUILDS, supportedFeatures, type BuildMode } from '../../../model/fmt/builds.ts';
import type { VectorCase } from '../../../model/scenario/vectorTypes.ts';
import { Random } from './random.ts';
import { CaseRecorder, type StepArgs } from './caseRecorder.ts';

/** Highest address bits that a format's configurations are drawn from. Unit: lg2 bytes. */
const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  amdv1: [12, 21, 30, 32, 39, 40, 48, 49, 57, 63, 64, 64, 64],
  amdv1_mock: [20, 38, 47, 48, 56, 56, 57],
  x86_64: [30, 39, 47, 48, 48, 56, 57, 57, 58],
  vtdss: [30, 39, 39, 48, 48, 57, 57, 58],
  riscv_64: [32, 39, 39, 39, 48, 48, 57, 57, 64],
};
const OUTPUT_WIDTHS = [0, 32, 39, 46, 48, 51, 52, 52, 52, 56, 56];
/** Memory encryption bit of the formats that have one. */
const ENCRYPTION: Readonly<Record<string, readonly bigint[]>> = {
  amdv1: [0n, 0n, 1n << 51n],
  x86_64: [0n, 0n, 1n << 47n, 1n << 51n],
};
const PAGES: readonly bigint[] = [12n, 12n, 12n, 13n, 16n, 21n, 21n, 22n, 30n, 39n].map(
  (lg2) => 1n << lg2,
);
/** A map of pages that do not fit together is one step of C per smallest page. */
const MOST_SMALL_PAGES = 400n;
const STEPS_AFTER_INIT = 30;
const INITS = 4;
const U64 = (1n << 64n) - 1n;

/** A run of operations at random on one build of generic_pt, with what the model says to each of them. */
export function genericPtCase(format: string, seed: number): VectorCase {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ format.length);
  for (let n = 0; n < 8; n++) random.below(2);
  const build: BuildMode = random.below(4) === 0 ? 'debug' : 'release';
  const recorder = new CaseRecorder(format, build);
  for (let n = 0; n < INITS; n++) {
    const space = start(recorder, random, build);
    if (space === undefined) continue;
    onePage(recorder, random, space);
    for (let step = 0; step < STEPS_AFTER_INIT; step++) oneStep(recorder, random, space);
    recorder.step('info');
    recorder.step('dump');
    recorder.step('deinit');
  }
  return recorder.vector(`${format} seed ${seed}`);
}

/** Where addresses are drawn from. */
interface Space {
  readonly widthLg2: number;
  readonly outputLg2: number;
  readonly granule: bigint;
  readonly signExtend: boolean;
  readonly sizes: readonly bigint[];
  /** What the driver left of them. */
  left: readonly bigint[];
  /** Starts and lengths of what was mapped, whether it still is or not. */
  readonly used: { readonly iova: bigint; readonly length: bigint }[];
  /** Some regions that everything meets in. */
  readonly regions: readonly bigint[];
}

function start(recorder: CaseRecorder, random: Random, build: BuildMode): Space | undefined {
  const { format } = recorder;
  const kind = BUILDS[format]!;
  const supported = supportedFeatures(kind, build) & 0x1ff;
  let feat = kind.forced;
  for (let bit = 0; bit < 9; bit++) {
    const one = 1 << bit;
    const wanted = (supported & one) === 0 ? random.below(40) === 0 : random.below(2) === 0;
    if (wanted) feat |= one;
  }
  if (random.below(30) === 0) feat &= ~kind.forced;
  const widthLg2 = random.pick(WIDTHS[format]!);
  const outputLg2 = random.pick(OUTPUT_WIDTHS);
  const args: Record<string, bigint | number | string> = {
    fmt: format,
    feat: BigInt(feat),
    vasz: widthLg2,
    oasz: outputLg2,
    top: topFor(format, widthLg2, random),
  };
  const sme = random.pick(ENCRYPTION[format] ?? [0n]);
  if (sme !== 0n) args['sme'] = sme;
  if (random.below(6) === 0) args['fail_alloc'] = random.below(3);
  if (random.below(40) === 0) args['nodev'] = 1;
  const result = recorder.step('init', args);
  if (result['ret'] !== 0) return undefined;
  const info = result['info'] as Readonly<Record<string, string>>;
  const sizes = sizesOf(BigInt(info['pgsize_bitmap']!));
  const [granule] = sizes;
  // Output addresses can be too narrow for any page.
  if (granule === undefined) return undefined;
  const signExtend = (feat & 8) !== 0;
  const regions = Array.from({ length: 3 }, () => region(random, widthLg2, signExtend));
  regions.push(0n, (1n << BigInt(widthLg2)) - (1n << 30n));
  return { widthLg2, outputLg2, granule, signExtend, sizes, left: sizes, used: [], regions };
}

/** The level at which a table starts: mostly one that fits. */
function topFor(format: string, widthLg2: number, random: Random): number {
  if (random.below(10) === 0) return random.below(6);
  if (format.startsWith('amdv1')) return random.below(5);
  return Math.max(0, Math.ceil((widthLg2 - 12) / 9) - 1);
}

function sizesOf(bitmap: bigint): bigint[] {
  const found: bigint[] = [];
  for (let bit = 0n; bit < 64n; bit++) if (((bitmap >> bit) & 1n) === 1n) found.push(1n << bit);
  return found;
}

function bits64(random: Random): bigint {
  return (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
}

function region(random: Random, widthLg2: number, signExtend: boolean): bigint {
  const aligned = bits64(random) & ((1n << BigInt(widthLg2)) - 1n) & ~((1n << 30n) - 1n);
  const upper = signExtend && (aligned >> BigInt(widthLg2 - 1)) & 1n;
  return upper ? aligned | (U64 & ~((1n << BigInt(widthLg2)) - 1n)) : aligned;
}

/** An address near something interesting. */
function iovaFrom(space: Space, random: Random): bigint {
  if (space.used.length > 0 && random.below(2) === 0) {
    const { iova, length } = random.pick(space.used);
    const within = [0n, 0n, length, length - space.granule, random.pick(space.sizes)];
    return (iova + random.pick(within)) & U64;
  }
  const step = random.pick(PAGES.slice(0, 7));
  let iova = random.pick(space.regions) + step * BigInt(random.below(40));
  if (random.below(25) === 0) iova += BigInt(random.below(4096));
  if (random.below(60) === 0) iova = bits64(random);
  return iova & U64;
}

/** An address somewhere in what was mapped, in the middle of its pages as well, or any. */
function looked(space: Space, random: Random): bigint {
  if (space.used.length === 0 || random.below(2) === 0) return iovaFrom(space, random);
  const { iova, length } = random.pick(space.used);
  const pages = length / space.granule;
  const page = pages > 1n ? bits64(random) % pages : 0n;
  return (iova + page * space.granule + BigInt(random.below(4096))) & U64;
}

function lengthFrom(space: Space, random: Random): bigint {
  const size = random.below(2) === 0 ? random.pick(PAGES) : random.pick(space.sizes);
  const count = BigInt(1 + random.below(5));
  const off = random.below(12);
  const more = off === 0 ? space.granule : off === 1 ? -space.granule : off === 2 ? 1n : 0n;
  return (size * count + more) & U64;
}

function mapArgs(space: Space, random: Random): StepArgs {
  const { outputLg2, granule } = space;
  const iova = iovaFrom(space, random);
  // One page has a way of its own.
  let len = random.below(5) === 0 ? granule : lengthFrom(space, random);
  const width = BigInt(outputLg2 === 0 ? 46 : outputLg2);
  const alignment = random.pick(PAGES);
  let pa = bits64(random) & ((1n << width) - 1n) & ~(alignment - 1n);
  // Pages that fit together as far as the alignment goes.
  if (random.below(4) !== 0) pa |= iova & (alignment - 1n);
  if (random.below(50) === 0) pa = bits64(random);
  const together = (iova ^ pa) & ((1n << 30n) - 1n);
  const common = together === 0n ? 1n << 30n : together & -together;
  const fitting = space.left.filter((size) => size <= common);
  const most = MOST_SMALL_PAGES * (fitting.at(-1) ?? granule);
  if (len > most) len = most;
  // A length that ends within a page makes 7.3 go on with a page size of 0: there is no answer to compare.
  if (len > granule) len -= len % granule;
  const prot = random.below(20) === 0 ? random.below(64) : 1 + random.below(31);
  space.used.push({ iova, length: len });
  return { iova, pa, len, prot };
}

function rangeArgs(space: Space, random: Random): StepArgs {
  if (space.used.length > 0 && random.below(2) === 0) {
    const { iova, length } = random.pick(space.used);
    return { iova, len: length };
  }
  return { iova: iovaFrom(space, random), len: lengthFrom(space, random) };
}

/** Larger pages are mapped by chance alone. */
const MOST_BYTES_OF_PAGE = 1n << 21n;

/** Maps a page and takes it back: over some tables, pages of every size have been there. */
function onePage(recorder: CaseRecorder, random: Random, { sizes, regions }: Space): void {
  const some = sizes.filter((size) => size <= MOST_BYTES_OF_PAGE);
  const size = random.pick(some.length === 0 ? sizes : some);
  const iova = random.pick(regions) & ~(size - 1n) & U64;
  const pa = (random.pick(PAGES) * BigInt(random.below(64))) & ~(size - 1n);
  recorder.step('iommu_map', { iova, pa, len: size, prot: 3 });
  recorder.step('iommu_unmap', { iova, len: size });
}

function oneStep(recorder: CaseRecorder, random: Random, space: Space): void {
  const kind = random.below(100);
  if (kind < 28) recorder.step('map', mapArgs(space, random));
  else if (kind < 38) recorder.step('iommu_map', mapArgs(space, random));
  else if (kind < 52) recorder.step('unmap', rangeArgs(space, random));
  else if (kind < 66) recorder.step('iommu_unmap', rangeArgs(space, random));
  else if (kind < 74) recorder.step('iova_to_phys', { iova: looked(space, random) });
  else if (kind < 80) recorder.step('set_dirty', { iova: iovaFrom(space, random) });
  else if (kind < 86) readDirty(recorder, random, space);
  else if (kind < 88) recorder.step('gather_init', { queued: random.below(2) });
  else if (kind < 92) recorder.step('gather_sync');
  else if (kind < 94) recorder.step('fail_alloc', { n: random.below(4) });
  else if (kind < 95) recorder.step('clear_fail');
  else if (kind < 96) narrow(recorder, random, space);
  else if (kind < 98) pokeLeaf(recorder, random);
  else recorder.step('info');
}

function readDirty(recorder: CaseRecorder, random: Random, space: Space): void {
  // A walk over a range without an end would take the C long.
  const { iova, len } = rangeArgs(space, random);
  const most = 1n << 31n;
  const length = (len as bigint) > most ? most : len!;
  recorder.step('read_dirty', { iova: iova!, len: length, flags: random.below(2), bitmap: random.below(5) === 0 ? 0 : 1 }); // prettier-ignore
}

function narrow(recorder: CaseRecorder, random: Random, space: Space): void {
  space.left = space.sizes.filter((size) => size === space.granule || random.below(2) === 0);
  recorder.step('set_pgsizes', { mask: space.left.reduce((mask, size) => mask | size, 0n) });
}

/** Flips bits of a leaf that hardware or software may flip: everything but its kind, its size and its address. */
function pokeLeaf(recorder: CaseRecorder, random: Random): void {
  const leaves = recorder.tables.filter(({ level, words }) => level === 0 && words.size > 0);
  if (leaves.length === 0) return;
  const table = random.pick(leaves);
  const [index, word] = random.pick([...table.words]);
  const old = (BigInt(getField(word, 63, 32)) << 32n) | BigInt(getField(word, 31, 0));
  const flips: Readonly<Record<string, readonly bigint[]>> = {
    amdv1: [5n, 6n, 61n, 62n],
    amdv1_mock: [5n, 6n, 61n, 62n],
    x86_64: [1n, 5n, 6n, 63n],
    vtdss: [8n, 9n],
    riscv_64: [6n, 7n, 8n],
  };
  const flip = 1n << random.pick(flips[recorder.format]!);
  const pa = BigInt(table.pfn) * 4096n + BigInt(index) * 8n;
  recorder.step('poke', { pa, val: old ^ flip });
}
