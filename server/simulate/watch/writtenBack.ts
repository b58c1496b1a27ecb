import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import { writtenByte } from '../situations/deviceWrites.ts';
import type { DeviceWrite, Environment } from '../situations/situation.ts';
import { counted } from './contractWords.ts';
import type { ReturnedCall } from './returnedAddress.ts';
import { ownsMapping, takesBack } from './takenBack.ts';
import type { Violation } from './violation.ts';

/** Interfaces after which the CPU reads what the device wrote, while the mapping stays (Documentation/core-api/dma-api.rst). */
const FOR_CPU: ReadonlySet<string> = new Set([
  ...['dma_sync_single_for_cpu', '__dma_sync_single_for_cpu', 'dma_sync_sg_for_cpu'],
  ...['__dma_sync_sg_for_cpu', 'dma_direct_sync_single_for_cpu', 'dma_direct_sync_sg_for_cpu'],
  ...['iommu_dma_sync_single_for_cpu', 'iommu_dma_sync_sg_for_cpu'],
  ...['swiotlb_sync_single_for_cpu', '__swiotlb_sync_single_for_cpu'],
]);

/**
 * What a device wrote before the entry is in the memory that was mapped, byte by byte, once the mapping is taken back
 * or synchronised for the CPU, whichever buffer the device was given.
 */
export function judgeWritten(
  machine: Machine,
  environment: Environment,
  call: ReturnedCall,
): Violation[] {
  const written = environment.written();
  if (written.length === 0 || !ownsMapping(environment, call.entry)) return [];
  const isSynced = FOR_CPU.has(call.entry.name);
  if (!isSynced && !takesBack(machine, environment, call)) return [];
  const lost = written.flatMap((write) => lostBytes(machine, write));
  const [first] = lost;
  if (first === undefined) return [];
  const message = `${counted(lost.length, 'byte')} that the device wrote are not in the memory that was mapped, from ${hex(first)} on`;
  const about = { subject: 'device writes', place: undefined, since: undefined };
  return [{ ...about, id: 'C-WRITTEN', message }];
}

/** Physical addresses at which memory is not what the device wrote. */
function lostBytes(
  { memory, directMap }: Machine,
  { memory: start, bytes, first }: DeviceWrite,
): bigint[] {
  const lost: bigint[] = [];
  for (let i = 0; i < bytes; i++) {
    const byte = memory.peekBits(directMap + Number(start) + i, 1);
    if (byte !== BigInt(writtenByte(first + i))) lost.push(start + BigInt(i));
  }
  return lost;
}
