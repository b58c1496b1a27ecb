import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { physicalOfPage } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { hex, pointerBits } from '../machine/values.ts';
import type { Environment } from '../situations/situation.ts';
import { typeText } from '../situations/stated.ts';
import { MAPPING_ERROR } from './contractWords.ts';
import { leadsTo } from './leadsTo.ts';
import type { Violation } from './violation.ts';

/** A call that has returned. */
export interface ReturnedCall {
  readonly entry: FunctionSymbol;
  readonly args: readonly Value[];
  readonly value: Value;
  /** How many ranges the situation had mapped before it. */
  readonly mappedBefore: number;
  /** Physical addresses of the pages that were allocated before it. */
  readonly pagesBefore: ReadonlySet<number>;
}

const FROM_DEVICE = 2n;

/**
 * The address that an implementation of dma_map_phys() or dma_map_page() gives a device has to lead to what was to
 * be mapped, its offset within the page included (include/linux/dma-map-ops.h). A bounce buffer holds the same.
 */
export function judgeReturned(
  machine: Machine,
  { dma, probes }: Environment,
  call: ReturnedCall,
): Violation[] {
  if (dma === undefined) return [];
  const asked = askedFor(machine, call, dma === 'swiotlb');
  const given = call.value === undefined ? MAPPING_ERROR : pointerBits(call.value);
  if (asked === undefined || given === MAPPING_ERROR) return [];
  if (dma === 'swiotlb') {
    if (holdsTheSame(machine, asked, given, call)) return [];
    return [
      violation(given, `returns ${hex(given)}, which does not hold what is at ${hex(asked)}`),
    ];
  }
  const reached =
    dma === 'direct' ? [given] : probes.map((probe) => leadsTo(machine, probe, given));
  if (reached.every((one) => one === asked)) return [];
  const wrong = reached.find((one) => one !== asked);
  const where = wrong === undefined ? 'nowhere' : `to ${hex(wrong)}`;
  const what = `which leads a device ${where}, not to ${hex(asked)}`;
  return [violation(given, `returns ${hex(given)}, ${what}`)];
}

function violation(given: bigint, message: string): Violation {
  const about = { subject: 'returned address', place: undefined, since: undefined };
  return { ...about, id: 'C-TARGET', message, iova: { first: given, last: given } };
}

/** Whether a device that reads finds in a bounce buffer what it was meant to read. */
function holdsTheSame(
  { memory, directMap }: Machine,
  asked: bigint,
  given: bigint,
  { entry, args }: ReturnedCall,
): boolean {
  const types = entry.type.parameters.map(({ type }) => typeText(type));
  if (bitsOf(args[types.indexOf('enum dma_data_direction')]) === FROM_DEVICE) return true;
  const bytes = Number(bitsOf(args[types.indexOf('size_t')]) ?? 0n);
  const byteAt = (physical: bigint, i: number): bigint =>
    memory.peekBits(directMap + Number(physical) + i, 1);
  return Array.from({ length: bytes }, (_, i) => i).every(
    (i) => byteAt(asked, i) === byteAt(given, i),
  );
}

/** The physical address that a call was asked to map; undefined for everything that maps nothing. */
function askedFor(
  machine: Machine,
  { entry, args }: ReturnedCall,
  isBounced: boolean,
): bigint | undefined {
  const { parameters, result } = entry.type;
  if (typeText(result) !== 'dma_addr_t' && !(isBounced && typeText(result) === 'phys_addr_t')) {
    return undefined;
  }
  const at = (type: string): number => parameters.findIndex((one) => typeText(one.type) === type);
  const physical = at('phys_addr_t');
  if (physical >= 0) return bitsOf(args[physical]);
  const page = at('struct page *');
  const start = args[page];
  if (page < 0 || start === undefined) return undefined;
  return BigInt(physicalOfPage(machine, Number(start))) + (bitsOf(args[page + 1]) ?? 0n);
}

function bitsOf(value: Value): bigint | undefined {
  return value === undefined ? undefined : pointerBits(value);
}
