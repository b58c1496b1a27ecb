import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import type { Stretch } from '../situations/deviceWrites.ts';
import { listEntries } from '../situations/deviceWrites.ts';
import { leadsTo } from '../situations/leadsTo.ts';
import { ObjectPool } from '../situations/objects.ts';
import type { Environment } from '../situations/situation.ts';
import { typeText } from '../situations/stated.ts';
import { counted } from './contractWords.ts';
import type { ReturnedCall } from './returnedAddress.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096n;
const IN_PAGE = PAGE - 1n;
const FROM_DEVICE = 2;

/** Bytes of a list that are together for the device and in memory, and in one page of each. */
interface Piece {
  /** Address that the device uses. */
  readonly used: bigint;
  /** Physical address. */
  readonly meant: bigint;
  readonly bytes: number;
}

/**
 * What an implementation of dma_map_sg() gives a device has to lead to the memory of the list, all of it and in
 * order, however entries are joined. Where the device gets a copy, that holds the same.
 */
export function judgeMappedList(
  machine: Machine,
  environment: Environment,
  { entry, args, value, mappedBefore }: ReturnedCall,
): Violation[] {
  const types = entry.type.parameters.map(({ type }) => typeText(type));
  const list = args[types.indexOf('struct scatterlist *')];
  const count = Number(value ?? 0);
  const maps = environment.dma !== undefined && entry.external && mappedBefore === 0;
  if (!maps || list === undefined || count <= 0 || entry.type.result.kind !== 'integer') return [];
  const { meant, used } = listEntries(new ObjectPool(machine), Number(list), count);
  const [wanted, mapped] = [bytesOf(meant), bytesOf(used)];
  if (wanted !== mapped) {
    return [violation(`maps ${mapped} of ${counted(wanted, 'byte')} of a list`)];
  }
  const isRead = Number(args[types.indexOf('enum dma_data_direction')] ?? 0) !== FROM_DEVICE;
  for (const piece of piecesOf(meant, used)) {
    const wrong = wrongIn(machine, environment, piece, isRead);
    if (wrong !== undefined) return [violation(wrong)];
  }
  return [];
}

function violation(message: string): Violation {
  const about = { subject: 'mapped list', place: undefined, since: undefined };
  return { ...about, id: 'C-TARGET', message };
}

function bytesOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Two ways through the same bytes, cut where either comes to the end of a stretch or of a page. */
function piecesOf(meant: readonly Stretch[], used: readonly Stretch[]): Piece[] {
  const pieces: Piece[] = [];
  const at = { meant: 0, used: 0 };
  const done = { meant: 0, used: 0 };
  for (;;) {
    const [memory, device] = [meant[at.meant], used[at.used]];
    if (memory === undefined || device === undefined) return pieces;
    const start = memory.start + BigInt(done.meant);
    const address = device.start + BigInt(done.used);
    const left = [memory.bytes - done.meant, device.bytes - done.used];
    const toEnd = [start, address].map((one) => Number(PAGE - (one & IN_PAGE)));
    const bytes = Math.min(...left, ...toEnd);
    if (bytes > 0) pieces.push({ used: address, meant: start, bytes });
    done.meant += bytes;
    done.used += bytes;
    if (done.meant === memory.bytes) [at.meant, done.meant] = [at.meant + 1, 0];
    if (done.used === device.bytes) [at.used, done.used] = [at.used + 1, 0];
  }
}

/** What is wrong about where a device gets by a piece of a list. */
function wrongIn(
  machine: Machine,
  { dma, probes, untrusted }: Environment,
  { used, meant, bytes }: Piece,
  isRead: boolean,
): string | undefined {
  const [probe] = probes;
  const reached = probe === undefined ? used : leadsTo(machine, probe, used);
  if (reached === undefined) return `gives ${hex(used)}, which leads a device nowhere`;
  const isPart = (meant & IN_PAGE) !== 0n || BigInt(bytes) !== PAGE;
  if (reached === meant) {
    if (untrusted !== true || !isPart) return undefined;
    return `lets a device that nobody trusts at all of the page at ${hex(meant & ~IN_PAGE)}`;
  }
  const mayBeCopy = dma === 'swiotlb' || untrusted === true;
  if (!mayBeCopy) return `gives ${hex(used)}, which leads a device to ${hex(reached)}, not to ${hex(meant)}`; // prettier-ignore
  const { memory, directMap } = machine;
  for (let i = 0; isRead && i < bytes; i++) {
    const [copy, own] = [reached, meant].map((at) =>
      memory.peekBits(directMap + Number(at) + i, 1),
    );
    if (copy !== own) return `gives ${hex(used)}, which does not hold what is at ${hex(meant)}`;
  }
  return undefined;
}
