import path from 'node:path';
import type { SourceProvider } from '../cfront/preprocess/sources.ts';
import type { Host } from '../host/host.ts';
import { findKernelTree, isKernelTree } from '../host/kernelTree.ts';
import type { ListedSource } from '../simulate/link/symbolFinder.ts';
import { type Context, UsageError } from './command.ts';

/** The absolute path of a kernel tree that the user named. */
export function kernelTree({ host, folder }: Context, named: string): string {
  const tree = path.resolve(folder, named);
  if (isKernelTree(host, tree)) return tree;
  throw new UsageError(
    `--tree ${named}: no kernel tree`,
    'a kernel tree is a folder with Makefile, Kbuild and include/linux',
  );
}

/** The tree of a run: the one named, else the nearest above the first path that has one. */
export function treeOf(
  context: Context,
  named: string | undefined,
  operands: readonly string[],
): string | undefined {
  if (named !== undefined) return kernelTree(context, named);
  for (const operand of operands) {
    const tree = findKernelTree(context.host, path.resolve(context.folder, operand));
    if (tree !== undefined) return tree;
  }
  return undefined;
}

/** Like {@link treeOf}, for what cannot be done without a tree. */
export function neededTree(
  context: Context,
  named: string | undefined,
  operands: readonly string[],
): string {
  const tree = treeOf(context, named, [...operands, '.']);
  if (tree !== undefined) return tree;
  throw new UsageError(
    `no kernel tree above ${operands[0] ?? '.'}`,
    'name one: --tree DIR (a folder with Makefile, Kbuild and include/linux)',
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

/** A path as the tree knows it: the operand may be relative to the current folder or to the tree. */
export function insideTree(context: Context, tree: string, named: string): string {
  for (const from of [context.folder, tree]) {
    const relative = path.relative(tree, path.resolve(from, named));
    const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
    if (isInside && context.host.kind(path.join(tree, relative)) === 'file') return relative;
  }
  throw new UsageError(
    `${named}: no such file in the tree`,
    'paths are relative to the current folder, or to the tree',
  );
}
