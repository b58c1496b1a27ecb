import { word } from '../../model/bits/pte64.ts';
import type { TableShape } from '../../model/hw/common/entry.ts';
import { capabilities } from '../../model/hw/riscv/registers.ts';
import { shapeOf } from '../../model/world/shapes.ts';
import type { Machine } from '../machine/machine.ts';
import type { Probe } from './probe.ts';
import { entryFor } from './probe.ts';

const PAGE = 4096n;
/** log2 of the granule of Arm tables; no situation has one. */
const GRANULE_LG2 = 12;
const RISCV_CAPABILITIES = capabilities(word(0xe0e10, 56));

/** How hardware reads the entries of a table. */
export function shapeFor({
  format,
  encryptionMask,
}: Pick<Probe, 'format' | 'encryptionMask'>): TableShape {
  const encryptionPfn = Number(encryptionMask / PAGE);
  return shapeOf(format, { encryptionPfn, granuleLg2: GRANULE_LG2, caps: RISCV_CAPABILITIES })!;
}

/** The physical address that an IOVA leads to by what is in memory now; undefined: nowhere. */
export function leadsTo(machine: Machine, probe: Probe, iova: bigint): bigint | undefined {
  const { bits, level } = entryFor(machine, probe, iova);
  const entry = word(Number(bits & 0xffffffffn), Number(bits >> 32n));
  const reading = shapeFor(probe).read(entry, level);
  if (reading.kind !== 'leaf') return undefined;
  const within = (1n << BigInt(reading.lg2)) - 1n;
  return BigInt(reading.pfn) * PAGE + (iova & within);
}
