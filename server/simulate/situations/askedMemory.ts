import type { Parameter } from '../../cfront/types/type.ts';
import { physicalOfPage } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { pointerBits } from '../machine/values.ts';
import { typeText } from './stated.ts';

/** The physical address that a call of the DMA API is asked to map; undefined where it is handed none. */
export function askedMemory(
  machine: Machine,
  parameters: readonly Parameter[],
  args: readonly Value[],
): bigint | undefined {
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
