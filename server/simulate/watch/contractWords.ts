import type { Executor } from '../machine/executor.ts';

/** `1 byte`, `2 bytes`. */
export function counted(count: number | bigint, one: string, more = `${one}s`): string {
  return `${count} ${BigInt(count) === 1n ? one : more}`;
}

/** DMA_MAPPING_ERROR of every release since 5.0: all ones. */
export const MAPPING_ERROR: bigint = (1n << 64n) - 1n;

/**
 * Whether an address is what a failed mapping returned. Drivers of 32-bit machines keep 32 bits of it: where they run
 * that is the whole of a dma_addr_t.
 */
export function isMappingError(handle: bigint): boolean {
  return handle === MAPPING_ERROR || handle === BigInt.asUintN(32, MAPPING_ERROR);
}

/** enum dma_data_direction (include/linux/dma-direction.h). */
const DIRECTIONS = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'];

/** A direction as C spells it. */
export function directionName(direction: number): string {
  return DIRECTIONS[direction] ?? `direction ${direction}`;
}

/** A direction that is not the one of the mapping. */
export function otherDirection(given: number, own: number): string {
  return `${directionName(given)} instead of ${directionName(own)}`;
}

/** Below the first page lies what is reached from a pointer that is NULL. */
const FIRST_PAGE = 4096;

/** A device that is not the one which something was taken for, with both where they can be told. */
export function otherDevice(machine: Executor, given: number, own: number): string {
  const text = (device: number): string => {
    if (device >= 0 && device < FIRST_PAGE) return device === 0 ? 'NULL' : `NULL + ${device}`;
    return machine.memory.regions.describe(device).replace(/^\*/, '');
  };
  return `another device (${text(given)} instead of ${text(own)})`;
}
