/** Unit of backing memory. Independent of the kernel's own page size. */
export const PAGE_BYTES = 4096;

/** Shadow bit: a live region covers the byte. */
export const BACKED = 1;
/** Shadow bit: the byte has been written. */
export const WRITTEN = 2;
/** Shadow bit: the contents are an assumption; who reads them rests on it. */
export const ASSUMED = 4;
/** Shadow bit: the byte belonged to a region that was freed. */
export const FREED = 8;
/** Shadow bit: an unknown function may have written here; the contents are unknown. */
export const CLOBBERED = 16;

/** Shadow bit: a copy of an input byte that was not read yet; the page's origin says which copy. */
export const DEFERRED = 32;

/** Four bytes that are backed and written, seen as one word of the shadow. */
export const GOOD_WORD = 0x03030303;
/** Four backed bytes, whatever else they are. */
export const BACKED_WORD = 0x01010101;

/** Called for each store into a watched page, after it is done. */
export type StoreObserver = (address: number, size: number) => void;

/** A page of memory with one shadow byte per byte. */
export interface Page {
  readonly data: DataView;
  readonly bytes: Uint8Array;
  readonly shadow: Uint8Array;
  readonly shadowWords: Uint32Array;
  observer: StoreObserver | undefined;
  /** Per byte, the assumption it is (ASSUMED) or the copy it belongs to (DEFERRED); made when first needed. */
  origins: Uint16Array | undefined;
}

/** The origins of a page, made when they are needed. */
export function originsOf(page: Page): Uint16Array {
  page.origins ??= new Uint16Array(PAGE_BYTES);
  return page.origins;
}

/** A page whose bytes are zero and whose shadow is `shadow` everywhere. */
export function makePage(shadow: number): Page {
  // One buffer for both: a run touches dozens of pages, and there are hundreds of runs.
  const buffer = new ArrayBuffer(2 * PAGE_BYTES);
  const flags = new Uint8Array(buffer, PAGE_BYTES, PAGE_BYTES);
  if (shadow !== 0) flags.fill(shadow);
  return {
    data: new DataView(buffer, 0, PAGE_BYTES),
    bytes: new Uint8Array(buffer, 0, PAGE_BYTES),
    shadow: flags,
    shadowWords: new Uint32Array(buffer, PAGE_BYTES, PAGE_BYTES / 4),
    observer: undefined,
    origins: undefined,
  };
}
