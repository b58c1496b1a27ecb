import path from 'node:path';
import type { SourceProvider } from '../cfront/preprocess/sources.ts';
import type { Host } from '../host/host.ts';
import type { ListedSource } from '../simulate/link/symbolFinder.ts';
import { type Context, UsageError } from './command.ts';

/** Files that every kernel tree has; a folder without them is none. */
const MARKS = ['Makefile', 'include/linux/kconfig.h'];

/** The absolute path of a kernel tree that the user named. */
export function kernelTree({ host, folder }: Context, named: string): string {
  const tree = path.resolve(folder, named);
  const missing = MARKS.find((mark) => host.kind(path.join(tree, mark)) !== 'file');
  if (missing === undefined) return tree;
  throw new UsageError(
    `${named}: no kernel tree: it has no ${missing}`,
    'name the top folder of a Linux source tree',
  );
}

/** The texts of a tree, by paths relative to it. */
export function treeSource(host: Host, tree: string): SourceProvider {
  return {
    read: (file) => {
      const read = host.readText(path.join(tree, file));
      return read.ok ? read.text : undefined;
    },
  };
}

/** The texts of a tree together with the files of its folders. */
export function listedSource(host: Host, tree: string): ListedSource {
  return {
    ...treeSource(host, tree),
    list: (folder) =>
      (host.list(path.join(tree, folder)) ?? [])
        .filter(({ kind }) => kind === 'file')
        .map(({ name }) => name)
        .sort(),
  };
}

/** A path as the tree knows it: the operand may be relative to the tree or to the current folder. */
export function insideTree(context: Context, tree: string, named: string): string {
  if (context.host.kind(path.join(tree, named)) === 'file') return path.posix.normalize(named);
  const relative = path.relative(tree, path.resolve(context.folder, named));
  if (!relative.startsWith('..') && context.host.kind(path.join(tree, relative)) === 'file') {
    return relative;
  }
  throw new UsageError(`${named}: no such file in the tree`, 'paths are relative to the tree');
}
