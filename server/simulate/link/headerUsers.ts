import { folderOf } from '../../cfront/preprocess/sources.ts';
import type { ListedSource } from './symbolFinder.ts';
import { isTestFile, LINKABLE_FILES, LINKABLE_FOLDERS } from './symbolFinder.ts';

/** A C file that names something of a header, and may include it. */
export interface HeaderUser {
  readonly path: string;
  /** What of the wanted names its text has. */
  readonly names: ReadonlySet<string>;
}

/** The C files that were found, the nearest first, and how many were looked at for them. */
export interface HeaderUsers {
  readonly users: readonly HeaderUser[];
  readonly lookedAt: number;
}

/** Files of which the text is looked at for one header. */
const MOST_LOOKED_AT = 400;
/** The same where none of them uses it. */
const MOST_LOOKED_AT_IN_VAIN = 4000;

/**
 * Finds C files that use names of a header, by text: those of its folder first, then of the folders below and above it,
 * or, for a public header, of the folders that its path names. Whether a file includes the header, maybe through
 * another one, is known when it is read.
 */
export function headerUsers(
  source: ListedSource,
  header: string,
  names: ReadonlySet<string>,
): HeaderUsers {
  const users: (HeaderUser & { readonly rank: number; readonly includes: boolean })[] = [];
  const ending = header.slice(header.lastIndexOf('/') + 1);
  const include = new RegExp(`^\\s*#\\s*include\\s*[<"][^>"]*\\b${escaped(ending)}[>"]`, 'm');
  const seen = new Set<string>();
  let rank = 0;
  for (const files of placesAround(source, header)) {
    if (seen.size >= (users.length > 0 ? MOST_LOOKED_AT : MOST_LOOKED_AT_IN_VAIN)) break;
    rank++;
    for (const path of files) {
      if (seen.has(path)) continue;
      seen.add(path);
      const text = source.read(path);
      if (text === undefined) continue;
      const used = wordsOf(text, names);
      if (used.size > 0) users.push({ path, names: used, rank, includes: include.test(text) });
    }
  }
  users.sort(
    (a, b) =>
      a.rank - b.rank || Number(b.includes) - Number(a.includes) || b.names.size - a.names.size,
  );
  return {
    users: users.map(({ path, names: used }) => ({ path, names: used })),
    lookedAt: seen.size,
  };
}

/** The wanted names that stand in a text. */
export function wordsOf(text: string, wanted: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const name of wanted) {
    if (text.includes(name) && new RegExp(`\\b${name}\\b`).test(text)) found.add(name);
  }
  return found;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** C files around a header, place by place, the nearest place first. */
function* placesAround(source: ListedSource, header: string): Iterable<readonly string[]> {
  const own = folderOf(header);
  yield* below(source, own);
  const [, root, inside] = /^(.*\/)?include\/(.+)\.h$/.exec(header) ?? [];
  if (inside === undefined) {
    // 'drivers' and the like have no C of their own.
    for (let folder = folderOf(own); folder.includes('/'); folder = folderOf(folder)) {
      yield* below(source, folder);
    }
    return;
  }
  // A folder or a driver may have public headers of its own.
  if (root !== undefined) yield* below(source, root.slice(0, -1));
  const words = wordsOfPath(inside);
  const named = new Set(words.flatMap((word) => [word, ...ROOTS.map((one) => `${one}/${word}`)]));
  for (const folder of LINKABLE_FOLDERS) {
    if (words.some((word) => folder.split('/').includes(word))) yield cFilesOf(source, folder);
  }
  yield LINKABLE_FILES.filter((file) => words.some((word) => file.endsWith(`/${word}.c`)));
  for (const folder of named) yield* below(source, folder);
  for (const folder of LINKABLE_FOLDERS) yield* below(source, folder);
  yield* below(source, 'drivers');
}

/** Folders of which those below are named by what they are about. */
const ROOTS: readonly string[] = ['kernel', 'drivers', 'lib', 'fs', 'net', 'arch/x86'];

/** What the path of a header says that it is about: `linux/dma-map-ops` is about dma-map-ops, dma, map and ops. */
function wordsOfPath(inside: string): readonly string[] {
  const parts = inside.split('/').reverse();
  return [...new Set(parts.flatMap((part) => [part, ...part.split(/[-_]/)]))].filter(
    (word) => word.length > 1 && !GENERAL.has(word),
  );
}

/** Folders of headers that say nothing about what is in them. */
const GENERAL: ReadonlySet<string> = new Set(['linux', 'uapi', 'asm', 'generic', 'asm-generic']);

/** The C files of a folder, and of those that its Makefile descends into. */
function* below(source: ListedSource, folder: string): Iterable<readonly string[]> {
  yield cFilesOf(source, folder);
  const makefile = source.read(`${folder}/Makefile`) ?? '';
  for (const [line] of makefile.matchAll(/^\s*[\w-]*obj-.*$/gm)) {
    for (const [, name] of line.matchAll(/[\s=]([\w-]+(?:\/[\w-]+)*)\/(?=\s|$)/g)) {
      yield* below(source, `${folder}/${name!}`);
    }
  }
}

function cFilesOf(source: ListedSource, folder: string): readonly string[] {
  return source
    .list(folder)
    .filter((name) => name.endsWith('.c') && !isTestFile(name))
    .map((name) => `${folder}/${name}`);
}
