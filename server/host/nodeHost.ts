import fs from 'node:fs';
import type { Entry, EntryKind, Host, ReadResult } from './host.ts';

const kindOf = (stat: fs.Stats | fs.Dirent): EntryKind =>
  stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';

const entryOf = (entry: fs.Dirent): Entry => ({
  name: entry.name,
  kind: entry.isSymbolicLink() ? 'link' : kindOf(entry),
});

/** Words for the errors that people meet; other codes are shown as the system names them. */
function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'EISDIR':
      return 'is a folder';
    case 'ELOOP':
      return 'symbolic links form a loop';
    default:
      return `not readable (${code})`;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Decodes source text: UTF-8 where it is valid, Latin-1 (which accepts every byte) where it is not. */
function decode(bytes: Uint8Array): { text: string; lossy: boolean } {
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

function readBytes(path: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function readText(path: string): ReadResult {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(path);
  } catch (error) {
    return { ok: false, problem: { file: path, reason: reasonOf(error) } };
  }
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

function list(path: string): readonly Entry[] | undefined {
  try {
    return fs
      .readdirSync(path, { withFileTypes: true })
      .map(entryOf)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function kind(path: string): EntryKind {
  try {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? 'missing' : kindOf(stat);
  } catch (error) {
    // A link in a loop, a file taken for a folder, a folder without permission: nothing can be read there.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return 'missing';
  }
}

/** The host on a real file system. */
export const nodeHost: Host = { readText, readBytes, list, kind };
