/** One message of a kernel log, explained. */
export interface ExplainedMessage {
  /** 1-based line where it starts, and how many lines it has. */
  readonly line: number;
  readonly lineCount: number;
  /** The message as the log has it, time stamps and levels taken off. */
  readonly quote: string;
  /** Who did what where, and why it failed: one clause. */
  readonly summary: string;
  /** Labels and sentences: fields, causes, what to look at next. */
  readonly details: readonly (readonly [string, string])[];
}

/** What a recogniser makes of the lines from `at` on. */
export interface Recognised {
  readonly lineCount: number;
  readonly summary: string;
  readonly details: ExplainedMessage['details'];
}

/** Recognises one kind of message at a line; undefined where it is none. */
export type Recogniser = (lines: readonly string[], at: number) => Recognised | undefined;

/** Why a device reaches an address that is not mapped, with the rules whose violation causes it. */
export const UNMAPPED_CAUSES =
  'DMA after the unmap; a map that failed unseen (dma-map-no-error-check, dma-map-null-check, iommu-map-ret-unchecked); a length beyond the mapping (dma-unmap-params-mismatch)';

/** Why a device is refused the access that it wants, although something is mapped. */
export const PERMISSION_CAUSES =
  'mapped DMA_TO_DEVICE and written; iommu_map() without IOMMU_WRITE (iommu-prot-empty when it has neither)';

/** The first byte of the 4 KiB page of an address. */
export function pageOf(address: bigint): string {
  return `0x${(address & ~0xfffn).toString(16)}`;
}

/** `0x1f` → 31n; undefined for anything else. */
export function hex(text: string | undefined): bigint | undefined {
  return text !== undefined && /^(?:0x)?[0-9a-fA-F]+$/.test(text)
    ? BigInt(text.startsWith('0x') ? text : `0x${text}`)
    : undefined;
}
