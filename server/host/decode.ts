import type { ReadResult } from './host.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Decodes source text: UTF-8 where it is valid, Latin-1 (which accepts every byte) where it is not. */
export function decode(bytes: Uint8Array): { readonly text: string; readonly lossy: boolean } {
  try {
    return { text: strictUtf8.decode(bytes), lossy: false };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { text: latin1.decode(bytes), lossy: true };
  }
}

/** Share of control codes from which on bytes that are no UTF-8 are not Latin-1 text either; random bytes have 11 %. */
const mostControls = 0.02;

/** Share of C0 codes other than white space in the first 64 KiB. Range: 0–1. */
function controlShare(bytes: Uint8Array): number {
  const sample = bytes.subarray(0, 65536);
  let controls = 0;
  for (const byte of sample) if (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) controls++;
  return controls / Math.max(1, sample.length);
}

/** Text of a file that was read, or why its bytes are none. */
export function textOf(path: string, bytes: Uint8Array): ReadResult {
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return { ok: false, problem: { file: path, reason: `not text (NUL at byte ${nul + 1})` } };
  }
  const decoded = decode(bytes);
  if (decoded.lossy) {
    const share = controlShare(bytes);
    if (share > mostControls) {
      const percent = Math.round(share * 100);
      return {
        ok: false,
        problem: { file: path, reason: `not text (${percent} % control codes)` },
      };
    }
  }
  return { ok: true, ...decoded };
}
