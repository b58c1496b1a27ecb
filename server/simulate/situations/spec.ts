import type { Arch } from '../../model/world/space.ts';

/**
 * A stretch of a user mapping. `rsvdram` is RAM whose struct pages are reserved, as GUP may hand it out.
 * Nothing else is known about it: where the pages are in memory is `pfn`, consecutive from there.
 */
export interface Segment {
  readonly kind: 'ram' | 'mmio' | 'rsvdram';
  readonly pages: number;
  /** Number of the first page frame. */
  readonly pfn: number;
}

/** Page tables a situation can make by running the tree's own init. */
export type GenericFormat = 'amdv1' | 'vtdss' | 'x86_64' | 'riscv_64';

/** Page tables that can be looked at while C runs; those of Arm have a granule of 4 KiB. */
export type TableFormat = GenericFormat | 'arm_64_lpae_s1' | 'arm_64_lpae_s2';

/** How a domain's page table is set up: the hardware that it is for. */
export interface TableSpec {
  /** `driver`: what the domain_alloc of the file's own `struct iommu_ops` makes. */
  readonly format: GenericFormat | 'driver';
  /** Of a driver's own domain: the table of generic_pt in its struct, where the tree has it there, or of io-pgtable. */
  readonly layout?: TableFormat;
  /** The host encrypts memory: RAM wants the C-bit, MMIO must not have it. Bit 51. */
  readonly memoryEncryption?: boolean;
  /** The IOMMU does not snoop: tables must be flushed. */
  readonly incoherent?: boolean;
  /** Page sizes the domain is left with, as its pgsize_bitmap. */
  readonly pageSizes?: StatedValue;
}

/**
 * Who encrypts memory: nobody, the host for itself (SME), or the host for this guest (SEV, TDX), which
 * shares with devices only what it decrypts.
 */
export type MemoryEncryption = 'none' | 'host' | 'guest';

/** RAM at fixed physical addresses, whose writers are told. */
export interface PhysicalSpec {
  /** Unit: bytes. */
  readonly start: number;
  /** Unit: bytes. */
  readonly bytes: number;
  /** `entries`: every word could be taken for a page-table entry that is present; `bytes`: no two neighbours are equal. */
  readonly fill: 'zero' | 'entries' | 'bytes';
  /** The C may write it: it is what data is moved from or to. */
  readonly buffer?: boolean;
}

/** What fails: the n-th allocation or pin from the entry call on, counted from 0. */
export interface Failures {
  readonly pages?: number;
  readonly slab?: number;
  readonly pin?: number;
  readonly dmaMap?: number;
}

/**
 * A value that a situation states. Text is hexadecimal, a constant of the tree, or `&struct.member`: the address of a
 * struct that stands for its type, or of a member of it, or `&name` that of a variable; `*value`: that of two pages that begin with the value and are zero
 * behind it.
 */
export type StatedValue = number | bigint | boolean | string;

/**
 * A device that does DMA: straight to memory, through bounce buffers, or through a domain of its group
 * whose page table the specification's `table` says.
 */
export interface DeviceSpec {
  readonly dma: 'direct' | 'swiotlb' | 'iommu';
  /** A PCI device that nobody trusts: of a page that is not all its own, it gets a bounce buffer. */
  readonly untrusted?: boolean;
  /** Low bits of addresses that mapping must not change, as its driver sets by dma_set_min_align_mask(). Default: none. */
  readonly minAlignMask?: number;
  /** How many address bits it can drive; 64 where nothing is said. */
  readonly addressBits?: number;
}

/** One entry of a scatter-gather list. */
export interface ScatterEntry {
  /** Number of the first page frame, of memory that `physical` puts in place; absent: frames of its own. */
  readonly pfn?: number;
  /** Unit: bytes. */
  readonly length: number;
  /** Unit: bytes into the first page. */
  readonly offset?: number;
}

/** An I/O address space of iommufd. */
export interface IommufdSpec {
  /** Domains that its areas are mapped in. */
  readonly domains: number;
  /** Ask for pages no larger than 4K, as IOMMU_OPTION_HUGE_PAGES set to 0 does. */
  readonly noHugePages?: boolean;
}

/** A stretch of IOVAs. Unit: bytes. */
export interface IovaRange {
  readonly iova: number;
  readonly bytes: number;
}

/** IOVAs with the physical address that the first one has to lead to. */
export interface LeadingRange extends IovaRange {
  readonly to: number;
}

/** A call made before the entry, to bring about the state that the entry finds. */
export interface CallSpec {
  /**
   * A function by name; a pointer as `struct.member.member`, pointers on the way followed; or the one
   * function of the file that takes exactly pointers to these structs. A name that ends in `?` is called only where
   * the tree has it, and the members that it is handed.
   */
  readonly call: string | readonly string[];
  /** Arguments by name, by position from 0 or by type, `(gfp_t)`; objects that are not named come by type. */
  readonly arguments?: Readonly<Record<string, StatedValue>>;
  /** How often it is called; default: once. */
  readonly times?: number;
  /** Arguments of the entry that are what this call returned, by name, by position or by type: `(dma_addr_t)`. */
  readonly result?: readonly string[];
  /** The device writes so many bytes through what the call maps, an address or a list. Unit: bytes. */
  readonly written?: number;
}

/** An IOMMU behind the registers of the driver under review: it takes the commands that the driver queues. */
export interface IommuSpec {
  readonly kind: Arch;
  /** Members that hold the address of the registers, `struct.member`. */
  readonly registers: readonly string[];
  /** What its registers tell of it, by offset, `0x8`. Unit of the keys: bytes; of a value: 64 bits. */
  readonly tells?: Readonly<Record<string, StatedValue>>;
  /** Calls that find out what the hardware can do and set it up, made before there is a domain. */
  readonly start?: readonly CallSpec[];
  /**
   * The number by which commands name the domain, once all that comes before the entry was called: a member,
   * `struct.member`, or a function that gives it. Of several members the first that the tree has.
   */
  readonly domainId: string | readonly string[];
  /** The device whose contexts the driver under review writes; absent: the model makes them. */
  readonly device?: IommuDeviceSpec;
  /** The IOMMU caches that something is not there. */
  readonly cachesNegative?: boolean;
}

/** A device behind an IOMMU, by the number that its requests carry. */
export interface IommuDeviceSpec {
  /** Requester id, stream id or device id. */
  readonly requester: number;
  /** It asks for translations and keeps them (ATS). */
  readonly ats?: boolean;
  /** What it is once the entry has returned; default: attached to the domain. */
  readonly after?: 'attached' | 'blocked';
}

/** A VFIO container of type 1. */
export interface VfioSpec {
  /** Domains in its list. */
  readonly domains: number;
  /** One more domain exists that is not in the list yet. */
  readonly another?: boolean;
}

/**
 * The environment in which C is run, as data: built-in ones and a user's JSON have this one form.
 * What it leaves open is chosen when the C first reads it.
 */
export interface SituationSpec {
  readonly name: string;
  /** One line: what is where. */
  readonly summary: string;
  /** What the user mapping covers, in order. */
  readonly memory?: readonly Segment[];
  readonly table?: TableSpec;
  readonly physical?: readonly PhysicalSpec[];
  /** `host` where the table says that memory is encrypted, otherwise `none`. */
  readonly encryption?: MemoryEncryption;
  readonly device?: DeviceSpec;
  /** A list of RAM; it stands for `struct scatterlist`, `struct sg_table` and, with its first page, `struct page`. */
  readonly scatterlist?: readonly ScatterEntry[];
  /** Structs that stand for their types before the domains are made, with members that are set. */
  readonly objects?: Readonly<Record<string, Readonly<Record<string, StatedValue>>>>;
  /** Variables of the program that hold numbers or pointers, set once the structs are made; of an array or a struct the first. */
  readonly globals?: Readonly<Record<string, StatedValue>>;
  readonly iommu?: IommuSpec;
  readonly vfio?: VfioSpec;
  readonly iommufd?: IommufdSpec;
  /**
   * Members of structs, as `struct.member.path`, set once everything is made. A name that ends in `?` is
   * set only where the tree has it.
   */
  readonly set?: Readonly<Record<string, StatedValue>>;
  /** Arguments of the entry, by name, by position from 0 or by type: `(gfp_t)`. */
  readonly arguments?: Readonly<Record<string, StatedValue>>;
  readonly before?: readonly CallSpec[];
  /** What is called instead of the function that changed, which is somewhere below it. */
  readonly entry?: CallSpec;
  /** Files of the tree that belong to what is run, where the tree has them. */
  readonly files?: readonly string[];
  readonly fail?: Failures;
  /** IOVAs that lead after the entry where they led before it. */
  readonly keeps?: readonly IovaRange[];
  /** Where IOVAs lead after the entry; nowhere, if it fails. */
  readonly leads?: readonly LeadingRange[];
  /** What the calls before the entry mapped leads nowhere after it. */
  readonly takesBack?: boolean;
  /** IOVAs that lead nowhere after the entry. */
  readonly removes?: readonly IovaRange[];
}
