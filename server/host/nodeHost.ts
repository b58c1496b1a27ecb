import fs from 'node:fs';
import { textOf } from './decode.ts';
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
    // Headers are looked for in one folder after the other: looking costs a fraction of an error that is thrown.
    if (fs.statSync(path, { throwIfNoEntry: false }) === undefined) {
      return { ok: false, problem: { file: path, reason: reasonOf({ code: 'ENOENT' }) } };
    }
    bytes = fs.readFileSync(path);
  } catch (error) {
    return { ok: false, problem: { file: path, reason: reasonOf(error) } };
  }
  return textOf(path, bytes);
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
