import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Host } from './host.ts';

/** Text of a vector file, or one clause that says why there is none. */
export type VectorText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const GZIP_MAGIC = [0x1f, 0x8b];

/** Reads a JSON file that may be compressed; whether it is, its first bytes say, not its name. */
export function readVectorText(host: Host, path: string): VectorText {
  const bytes = host.readBytes(path);
  if (bytes === undefined) return { ok: false, reason: 'not readable' };
  try {
    const plain = GZIP_MAGIC.every((byte, n) => bytes[n] === byte) ? gunzipSync(bytes) : bytes;
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(plain) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const compressed = 'code' in error && error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    return {
      ok: false,
      reason: compressed ? 'compressed data is cut off or damaged' : 'not UTF-8 text',
    };
  }
}

/** SHA-256 of a text in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
