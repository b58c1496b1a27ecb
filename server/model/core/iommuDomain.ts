import type { Addr } from '../bits/pfn.ts';
import type { PgSizes } from '../bits/pgSizes.ts';
import type { ArmTable } from '../pt/armTable.ts';
import { armIovaToPhys } from '../pt/armWalk.ts';
import { armMapPages, armUnmapPages } from '../pt/ioPgtableArm.ts';
import { iovaToPhys } from '../pt/iommuPt.ts';
import { mapDomainPgtbl, unmapDomainPgtbl, type PgtblOps } from './pgtblLoop.ts';
import type { IommuTable } from '../pt/iommuTable.ts';
import type { IotlbGather, IotlbSyncer } from '../pt/iotlbGather.ts';
import { mapRange, type MapResult } from '../pt/mapRange.ts';
import { unmapRange } from '../pt/unmapRange.ts';
import type { Ret } from '../bits/errno.ts';

/**
 * A paging domain as the core sees it: something that maps and unmaps whole ranges.
 * Kernel: struct iommu_domain with its ops; io-pgtable drivers reach it through the core's page-size loop.
 */
export interface IommuDomain extends IotlbSyncer {
  /** Sizes the domain may use; the core refuses to work without any. Kernel: iommu_domain.pgsize_bitmap. */
  pgsizes(): PgSizes;
  mapRange(iova: Addr, pa: Addr, length: Addr, prot: number): MapResult;
  unmapRange(iova: Addr, length: Addr, gather: IotlbGather): Addr;
  /** Address 0 also stands for no translation. */
  iovaToPhys(iova: Addr): Addr;
  /** Called once after a successful map, where the driver has it. Kernel: iommu_domain_ops.iotlb_sync_map(). */
  iotlbSyncMap?(iova: Addr, length: Addr): Ret;
}

/** The domain of a generic_pt table; the table's driver does its syncs. */
export function domainOfTable(
  table: IommuTable,
  iotlbSyncMap?: (iova: Addr, length: Addr) => Ret,
): IommuDomain {
  return {
    pgsizes: () => table.pgsizes,
    mapRange: (iova, pa, length, prot) => mapRange(table, iova, pa, length, prot),
    unmapRange: (iova, length, gather) => unmapRange(table, iova, length, gather),
    iovaToPhys: (iova) => iovaToPhys(table, iova),
    iotlbSync: (gather) => {
      table.driver.iotlbSync(gather);
    },
    ...(iotlbSyncMap === undefined ? {} : { iotlbSyncMap }),
  };
}

/**
 * The domain of an io-pgtable-arm table: the core splits ranges into page sizes.
 * `pgsizes` is what the driver leaves of the table's sizes.
 */
export function domainOfArm(
  table: ArmTable,
  syncer: IotlbSyncer,
  pgsizes: PgSizes = table.config.pgsizes,
): IommuDomain {
  const ops: PgtblOps = {
    pgsizes,
    mapPages: (iova, pa, size, count, prot) => armMapPages(table, iova, pa, size, count, prot),
    unmapPages: (iova, size, count, gather) => armUnmapPages(table, iova, size, count, gather),
  };
  return {
    pgsizes: () => pgsizes,
    mapRange: (iova, pa, length, prot) => mapDomainPgtbl(ops, iova, pa, length, prot),
    unmapRange: (iova, length, gather) => unmapDomainPgtbl(ops, iova, length, gather),
    iovaToPhys: (iova) => armIovaToPhys(table, iova),
    iotlbSync: (gather) => {
      syncer.iotlbSync(gather);
    },
  };
}
