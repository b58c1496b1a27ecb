import { PAGE_LG2 } from '../bits/pfn.ts';
import { POW2 } from '../bits/pow2.ts';
import { addressHi, addressLo } from '../fmt/ptFormat.ts';
import { store } from '../mem/physMem.ts';
import type { IommuTable } from './iommuTable.ts';

/** Writes the entry that points from a slot of `level` to a table. Kernel: pt_install_table(). */
export function installTable(
  table: IommuTable,
  pfn: number,
  index: number,
  level: number,
  childPfn: number,
): void {
  const { format, sme } = table;
  const bits = format.tableBits(level);
  const granule = childPfn * POW2[PAGE_LG2 - format.granuleLg2]!;
  store(
    table.mem,
    pfn,
    index,
    bits.lo | sme.lo | addressLo(format, granule),
    bits.hi | sme.hi | addressHi(format, granule),
  );
}
