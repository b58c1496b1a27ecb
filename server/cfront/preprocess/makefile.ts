import type { SourceProvider } from './sources.ts';
import { folderOf, normalizePath } from './sources.ts';

/** What a folder's Makefile adds to the compiler flags of its files. */
export interface MakefileFlags {
  /** Include folders, relative to the tree, in order. */
  readonly includeFolders: readonly string[];
  /** Macros of `-D`, name to value. */
  readonly defines: ReadonlyMap<string, string>;
}

const FLAG_VARIABLE = /^\s*((?:subdir-)?ccflags-(?:y|m|\$\(CONFIG_\w+\)))\s*[:+?]?=(.*)$/;

/**
 * Reads `ccflags-y` and the `subdir-ccflags-y` of the folders above: `-I` and `-D` only.
 * Conditional lines (`ifdef`) are taken as they stand: an include folder too many is harmless.
 */
export function makefileFlags(provider: SourceProvider, cFile: string): MakefileFlags {
  const includeFolders: string[] = [];
  const defines = new Map<string, string>();
  // A Makefile may build objects of folders below it: the nearest one up is the one that compiles the file.
  let own: string | undefined;
  for (let folder = folderOf(cFile); folder !== ''; folder = folderOf(folder)) {
    const text = provider.read(`${folder}/Makefile`) ?? provider.read(`${folder}/Kbuild`);
    if (text === undefined) continue;
    own ??= folder;
    for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
      const match = FLAG_VARIABLE.exec(line);
      if (match === null) continue;
      if (folder !== own && !match[1]!.startsWith('subdir-')) continue;
      readFlags(match[2]!.replace(/#.*/, ''), folder, includeFolders, defines);
    }
  }
  return { includeFolders, defines };
}

function readFlags(
  flags: string,
  folder: string,
  includeFolders: string[],
  defines: Map<string, string>,
): void {
  for (const [, flag, argument] of flags.matchAll(/(?:^|\s)-([ID])\s*(\S+)/g)) {
    if (flag === 'D') {
      const [name, value] = argument!.split(/=(.*)/s);
      if (/^\w+$/.test(name!)) defines.set(name!, value ?? '1');
      continue;
    }
    const path = argument!
      .replace(/\$\(srctree\)\/\$\(src\)|\$\(src\)|\$\(obj\)/g, folder)
      .replace(/\$\(srctree\)\/?|\$\(objtree\)\/?/g, '');
    const normal = path.includes('$') ? undefined : normalizePath(path);
    if (normal !== undefined && !includeFolders.includes(normal)) includeFolders.push(normal);
  }
}
