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
 * The address that an implementation of dma_map_phys() or dma_map_page() gives a device, or that dma_iova_link()
 * fills, has to lead to what was to be mapped, its offset within the page included (include/linux/dma-map-ops.h). A
 * bounce buffer holds the same.
 */
export function judgeReturned(
  machine: Machine,
  { dma, probes, untrusted }: Environment,
  call: ReturnedCall,
): Violation[] {
  if (dma === undefined) return [];
  const address = givenBy(machine, call, dma === 'swiotlb');
  if (address === undefined || address.given === MAPPING_ERROR) return [];
  const { asked, given, how } = address;
  const kept = address.kept | keptBits(machine, call);
  if (((asked ^ given) & kept) !== 0n) {
    const bits = `${hex(given & kept)} and not in ${hex(asked & kept)}`;
    return [violation(given, `${how} ${hex(given)}, which ends in ${bits}`)];
  }
  if (how === 'takes') return [];
  const shared = untrusted === true ? sharedPage(machine, probes, address) : undefined;
  if (shared !== undefined) {
    const what = `which lets a device that nobody trusts at all of the page at ${hex(shared)}`;
    return [violation(given, `${how} ${hex(given)}, ${what}`)];
  }
  const isBounced = ledgerOf(machine).holdings.some(
    ({ kind, state, isOlder }) => kind === 'bounce' && state === 'held' && !isOlder,
  );
  if (dma === 'swiotlb' || isBounced) {
    const through = dma === 'iommu' ? probes.slice(0, 1) : [];
    if (holdsTheSame({ machine, through }, address, call)) return [];
    return [violation(given, `${how} ${hex(given)}, which does not hold what is at ${hex(asked)}`)];
  }
  const reached =
    dma === 'direct' ? [given] : probes.map((probe) => leadsTo(machine, probe, given));
  if (reached.every((one) => one === asked)) return [];
  const wrong = reached.find((one) => one !== asked);
  const where = wrong === undefined ? 'nowhere' : `to ${hex(wrong)}`;
  const what = `which leads a device ${where}, not to ${hex(asked)}`;
  return [violation(given, `${how} ${hex(given)}, ${what}`)];
}

/** The first page that is in part the memory's which was asked for, and that a device reaches whole. */
function sharedPage(
  machine: Machine,
  probes: readonly Probe[],
  { asked, given, bytes }: GivenAddress,
): bigint | undefined {
  const end = asked + BigInt(bytes);
  const parts = [...((asked & IN_PAGE) === 0n ? [] : [asked]), ...((end & IN_PAGE) === 0n ? [] : [end - 1n])]; // prettier-ignore
  const shared = parts.find((at) =>
    probes.some((probe) => leadsTo(machine, probe, given + at - asked) === at),
  );
  return shared === undefined ? undefined : shared & ~IN_PAGE;
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
  { asked, given, bytes }: GivenAddress,
  { entry, args }: ReturnedCall,
): boolean {
  const types = entry.type.parameters.map(({ type }) => typeText(type));
  if (bitsOf(args[types.indexOf('enum dma_data_direction')]) === FROM_DEVICE) return true;
  const byteAt = (physical: bigint): bigint =>
    machine.memory.peekBits(machine.directMap + Number(physical), 1);
  return Array.from({ length: bytes }, (_, i) => BigInt(i)).every((i) => {
    const reached = probe === undefined ? given + i : leadsTo(machine, probe, given + i);
    return reached !== undefined && byteAt(asked + i) === byteAt(reached);
  });
}

/** An address for a device, and the memory that it stands for. */
interface GivenAddress {
  readonly given: bigint;
  readonly asked: bigint;
  /** How much was asked for. Unit: bytes. */
  readonly bytes: number;
  /** Low bits that are those of the memory, whatever the device demands. */
  readonly kept: bigint;
  /** What the call does with the address; what it only takes is not mapped yet. */
  readonly how: 'returns' | 'takes' | 'links';
}

/** Low bits that say where in a page an address is. */
const IN_PAGE = 0xfffn;

/** What a call gives a device for the memory that it is asked to map; undefined for everything that maps nothing. */
function givenBy(
  machine: Machine,
  { entry, args, value }: ReturnedCall,
  isBounced: boolean,
): GivenAddress | undefined {
  const { parameters, result } = entry.type;
  const types = parameters.map(({ type }) => typeText(type));
  const asked = askedMemory(machine, parameters, args);
  const returned = bitsOf(value);
  if (asked === undefined || returned === undefined) return undefined;
  const sizes = types.flatMap((type, i) => (type === 'size_t' ? [bitsOf(args[i]) ?? 0n] : []));
  const [first = 0n] = sizes;
  const state = args[types.indexOf(IOVA_STATE)];
  if (state !== undefined) {
    const start = addressIn(machine, Number(state));
    if (start === undefined || start === 0n) return undefined;
    const isLink = types.includes('enum dma_data_direction');
    return isLink
      ? { given: start + first, asked, bytes: Number(sizes.at(-1) ?? 0n), kept: 0n, how: 'links' }
      : { given: start, asked, bytes: 0, kept: IN_PAGE, how: 'takes' };
  }
  const text = typeText(result);
  if (text !== 'dma_addr_t' && !(isBounced && text === 'phys_addr_t')) return undefined;
  return { given: returned, asked, bytes: Number(first), kept: 0n, how: 'returns' };
}

/** IOVAs that were taken, before anything is linked to them. */
const IOVA_STATE = 'struct dma_iova_state *';

function addressIn({ memory, program }: Machine, state: number): bigint | undefined {
  const unit = program.all.find((one) => one.aggregate('dma_iova_state') !== undefined);
  if (unit === undefined) return undefined;
  return bitsOf(new StructView(memory, unit, 'dma_iova_state', state).get('addr'));
}

function bitsOf(value: Value): bigint | undefined {
  return value === undefined ? undefined : pointerBits(value);
}
