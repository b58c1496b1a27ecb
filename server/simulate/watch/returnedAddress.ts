import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { physicalOfPage } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { hex, pointerBits } from '../machine/values.ts';
import type { Environment } from '../situations/situation.ts';
import { typeText } from '../situations/stated.ts';
import { leadsTo } from './leadsTo.ts';
import type { Violation } from './violation.ts';

/** A call that has returned. */
export interface ReturnedCall {
  readonly entry: FunctionSymbol;
  readonly args: readonly Value[];
  readonly value: Value;
}

const MAPPING_ERROR = 2n ** 64n - 1n;

/**
 * The address that an implementation of dma_map_phys() or dma_map_page() gives a device has to lead to what was to
 * be mapped, its offset within the page included (include/linux/dma-map-ops.h). Bounce buffers lead elsewhere.
 */
export function judgeReturned(
  machine: Machine,
  { dma, probes }: Environment,
  call: ReturnedCall,
): Violation[] {
  if (dma === undefined || dma === 'swiotlb') return [];
  const asked = askedFor(machine, call);
  const given = call.value === undefined ? MAPPING_ERROR : pointerBits(call.value);
  if (asked === undefined || given === MAPPING_ERROR) return [];
  const reached =
    dma === 'direct' ? [given] : probes.map((probe) => leadsTo(machine, probe, given));
  if (reached.every((one) => one === asked)) return [];
  const wrong = reached.find((one) => one !== asked);
  const where = wrong === undefined ? 'nowhere' : `to ${hex(wrong)}`;
  const message = `returns ${hex(given)}, which leads a device ${where}, not to ${hex(asked)}`;
  const about = { subject: 'returned address', place: undefined, since: undefined };
  return [{ ...about, id: 'C-TARGET', message, iova: { first: given, last: given } }];
}

/** The physical address that a call was asked to map; undefined for everything that maps nothing. */
function askedFor(machine: Machine, { entry, args }: ReturnedCall): bigint | undefined {
  const { parameters, result } = entry.type;
  if (typeText(result) !== 'dma_addr_t') return undefined;
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
