import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { hex, pointerBits } from '../machine/values.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import { typeText } from '../situations/stated.ts';
import { MAPPING_ERROR } from './contractWords.ts';
import { askedMemory } from '../situations/askedMemory.ts';
import { leadsTo } from '../situations/leadsTo.ts';
import { ledgerOf } from './ledger.ts';
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
  const kept = keptBits(machine, call);
  if (((asked ^ given) & kept) !== 0n) {
    const bits = `${hex(given & kept)} and not in ${hex(asked & kept)}`;
    return [violation(given, `returns ${hex(given)}, which ends in ${bits} as the device demands`)];
  }
  const isBounced = ledgerOf(machine).holdings.some(
    ({ kind, state, isOlder }) => kind === 'bounce' && state === 'held' && !isOlder,
  );
  if (dma === 'swiotlb' || isBounced) {
    const through = dma === 'iommu' ? probes.slice(0, 1) : [];
    if (holdsTheSame({ machine, through }, asked, given, call)) return [];
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

/** Low bits of an address that mapping must not change for a device (dma_get_min_align_mask()). */
function keptBits({ memory, program }: Machine, { entry, args }: ReturnedCall): bigint {
  const at = entry.type.parameters.findIndex(({ type }) => typeText(type) === 'struct device *');
  const unit = program.all.find((one) => one.aggregate('device_dma_parameters') !== undefined);
  const device = args[at];
  if (unit === undefined || device === undefined) return 0n;
  const demands = new StructView(memory, unit, 'device', Number(device)).get('dma_parms');
  if (demands === undefined || Number(demands) === 0) return 0n;
  const view = new StructView(memory, unit, 'device_dma_parameters', Number(demands));
  return bitsOf(view.get('min_align_mask')) ?? 0n;
}

function violation(given: bigint, message: string): Violation {
  const about = { subject: 'returned address', place: undefined, since: undefined };
  return { ...about, id: 'C-TARGET', message, iova: { first: given, last: given } };
}

/** Whether a device that reads, through a table where there is one, finds in a bounce buffer what it was meant to read. */
function holdsTheSame(
  { machine, through: [probe] }: { machine: Machine; through: readonly Probe[] },
  asked: bigint,
  given: bigint,
  { entry, args }: ReturnedCall,
): boolean {
  const types = entry.type.parameters.map(({ type }) => typeText(type));
  if (bitsOf(args[types.indexOf('enum dma_data_direction')]) === FROM_DEVICE) return true;
  const bytes = Number(bitsOf(args[types.indexOf('size_t')]) ?? 0n);
  const byteAt = (physical: bigint): bigint =>
    machine.memory.peekBits(machine.directMap + Number(physical), 1);
  return Array.from({ length: bytes }, (_, i) => BigInt(i)).every((i) => {
    const reached = probe === undefined ? given + i : leadsTo(machine, probe, given + i);
    return reached !== undefined && byteAt(asked + i) === byteAt(reached);
  });
}

/** The physical address that a call was asked to map; undefined for everything that maps nothing. */
function askedFor(
  machine: Machine,
  { entry, args }: ReturnedCall,
  isBounced: boolean,
): bigint | undefined {
  const result = typeText(entry.type.result);
  if (result !== 'dma_addr_t' && !(isBounced && result === 'phys_addr_t')) return undefined;
  return askedMemory(machine, entry.type.parameters, args);
}

function bitsOf(value: Value): bigint | undefined {
  return value === undefined ? undefined : pointerBits(value);
}
