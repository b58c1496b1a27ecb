import { DECODABLE } from '../../model/fmt/decode.ts';

/** Names that say which format an entry is in. */
const NAMES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bAMDV1PT_|\bIOMMU_PTE_|\bPM_LEVEL/, ['amdv1']],
  [/\bX86_64_FMT_|\bDMA_FL_PTE_/, ['x86_64']],
  [/\bVTDSS_FMT_|\bDMA_PTE_|\bDMA_SL_PTE_/, ['vtdss']],
  [/\bRISCVPT_|\bRISCV_IOMMU_PTE/, ['riscv_64']],
  [/\bARM_LPAE_PTE_(?:AP|ATTR|n?G\b|DBM|NS)/, ['arm_64_lpae_s1']],
  [/\bARM_LPAE_PTE_(?:HAP|MEMATTR)/, ['arm_64_lpae_s2']],
  [/\bARM_LPAE_/, ['arm_64_lpae_s1', 'arm_64_lpae_s2']],
];

/** What a file of one IOMMU's driver deals with. */
export interface FilePlace {
  /** Formats of its entries, likeliest first. */
  readonly formats: readonly string[];
  /** The IOMMU that reads them, where the path tells: x86_64 serves two. */
  readonly hardware: string | undefined;
}

/** Folders and files whose entries are of known formats, most specific first. */
const PLACES: readonly (readonly [RegExp, readonly string[], string?])[] = [
  [/generic_pt\/fmt\/\w*amdv1/, ['amdv1']],
  [/generic_pt\/fmt\/\w*x86_64/, ['x86_64']],
  [/generic_pt\/fmt\/\w*vtdss/, ['vtdss']],
  [/generic_pt\/fmt\/\w*riscv/, ['riscv_64']],
  [/drivers\/iommu\/intel\//, ['vtdss', 'x86_64'], 'VT-d'],
  [/drivers\/iommu\/amd\//, ['amdv1', 'x86_64'], 'AMD'],
  [/drivers\/iommu\/riscv\//, ['riscv_64'], 'RISC-V'],
  [/drivers\/iommu\/(?:arm\/|io-pgtable-arm)/, ['arm_64_lpae_s1', 'arm_64_lpae_s2'], 'SMMU'],
];

/** What the entries in a file are; undefined for files of no one IOMMU. `path` is relative to the tree. */
export function placeOfFile(path: string): FilePlace | undefined {
  const place = PLACES.find(([where]) => where.test(path));
  return place === undefined ? undefined : { formats: place[1], hardware: place[2] };
}

/** Variables that hold entries, by the names the kernel gives them. */
const ENTRY_WORDS = /(?:\b|_)(?:pte|ptep|iopte|sspte|fspte|entry|leaf|desc|descriptor)(?:\b|_)/i;

/**
 * Formats that a value at a place can be an entry of, likeliest first; empty where nothing says that it is an entry.
 * `statement` is the text around the value, `path` the file.
 */
export function formatsAt(path: string, statement: string): readonly string[] {
  const named = NAMES.find(([names]) => names.test(statement));
  const placed = placeOfFile(path)?.formats;
  if (named !== undefined) return unique([...named[1], ...(placed ?? [])]);
  const all = DECODABLE.filter((format) => !/mock|mali/.test(format));
  if (placed !== undefined) return unique([...placed, ...all]);
  return ENTRY_WORDS.test(statement) ? all : [];
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
