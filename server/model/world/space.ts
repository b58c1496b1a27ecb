import type { Word64 } from '../bits/pte64.ts';
import type { IommuDomain } from '../core/iommuDomain.ts';
import type { TableShape } from '../hw/common/entry.ts';
import type { IotlbGather } from '../pt/iotlbGather.ts';
import type { IommuTable } from '../pt/iommuTable.ts';

/** Architectures of IOMMUs. */
export type Arch = 'amd' | 'vtd' | 'smmuv3' | 'riscv';

/** What a driver may do wrong. A scenario names it to trip an invariant; none is the correct driver. */
export interface DriverFaults {
  /** Unmaps without flushing. */
  readonly skipFlush: boolean;
  /** Flushes with the leaf form only, whatever tables were removed. */
  readonly leafOnly: boolean;
  /** Frees table pages before the flush. */
  readonly freeFirst: boolean;
  /** Flushes only the first page of the gathered range. */
  readonly shortRange: boolean;
  /** Does not wait for the commands. */
  readonly skipSync: boolean;
  /** Invalidates device caches before the IOTLB. */
  readonly atcFirst: boolean;
  /** Does not tell the hardware of a new top. */
  readonly lateTop: boolean;
}

/** Where a table page stands in the tree of its space. */
export interface TablePosition {
  /** Level of the table, counted as in generic_pt. */
  readonly level: number;
  /** First IOVA page that the table translates. */
  readonly base: number;
}

/**
 * A translation table with the identity that the hardware's caches know it by. Who builds it does not matter here:
 * the page-table code of the model, or C that is executed.
 */
export interface Space {
  readonly name: string;
  readonly arch: Arch;
  /** Name of the format, as in vectors. */
  readonly format: string;
  readonly stage: 'first' | 'second';
  /** What caches tag its entries with. */
  readonly tag: string;
  /** Number behind the tag: DomID, DID, ASID or VMID, PSCID or GSCID. */
  readonly id: number;
  /** Root and top level as software has them now. */
  readonly top: () => { readonly pfn: number; readonly level: number };
  /** The hardware's reading of entries. */
  readonly shape: TableShape;
  /** Table pages that the top reaches, by page number. */
  readonly positions: Map<number, TablePosition>;
  /** The hardware caches that something is not present (VT-d CM=1, AMD NpCache). */
  readonly cachesNegative: boolean;
  readonly coherent: boolean;
  /** Whether software takes an entry for present; absent where software can only be asked by IOVA. */
  readonly isPresent?: (entry: Word64, level: number) => boolean;
}

/** A table that the model's own page-table code builds, with the driver around it. */
export interface ModelSpace extends Space {
  readonly domain: IommuDomain;
  readonly faults: DriverFaults;
  /** What iommu_unmap_fast() left to be flushed. */
  readonly gather: IotlbGather;
  /** The generic_pt table, where it is one. */
  readonly table: IommuTable | undefined;
}

/** A driver that does everything right. */
export const CORRECT_DRIVER: DriverFaults = {
  skipFlush: false,
  leafOnly: false,
  freeFirst: false,
  shortRange: false,
  skipSync: false,
  atcFirst: false,
  lateTop: false,
};
