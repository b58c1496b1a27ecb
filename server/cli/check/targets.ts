import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { findKernelTree, isKernelTree } from '../../host/kernelTree.ts';
import { type SourceWalk, walkSources, type WalkOptions } from '../../host/sourceWalk.ts';
import type { NotLookedAt } from '../../review/review.ts';
import type { Problem } from '../../text/problem.ts';
import { UsageError } from '../command.ts';

/** The files that a run is about. Paths are absolute. */
export interface Targets {
  readonly files: readonly string[];
  /** Those of {@link files} that were named one by one, not found in a folder. */
  readonly named: ReadonlySet<string>;
  readonly notLookedAt: readonly NotLookedAt[];
  readonly problems: readonly Problem[];
}

/** Makes files of the paths that a user named. A path that does not exist is a {@link UsageError}. */
export function findTargets(
  host: Host,
  folder: string,
  operands: readonly string[],
  options: WalkOptions,
): Targets {
  const files = new Set<string>();
  const named = new Set<string>();
  const problems: Problem[] = [];
  const counts = new Map<string, number>();
  const count = (what: string, by: number): void => {
    if (by > 0) counts.set(what, (counts.get(what) ?? 0) + by);
  };
  const add = (walk: SourceWalk): void => {
    for (const file of walk.sources) files.add(file);
    problems.push(...walk.problems);
    count('kunit or selftest', walk.tests.length);
    for (const [language, number] of walk.others) count(language, number);
  };
  for (const operand of operands) {
    const target = path.resolve(folder, operand);
    switch (host.kind(target)) {
      case 'file':
        files.add(target);
        named.add(target);
        break;
      case 'folder':
        add(walkSources(host, target, options));
        break;
      case 'missing':
        throw new UsageError(
          `${operand}: no such file`,
          'paths are relative to the current folder, not to --tree',
        );
      case 'other':
        throw new UsageError(`${operand}: neither a file nor a folder`, 'name C files or folders');
    }
  }
  return {
    files: [...files].sort(),
    named,
    problems,
    notLookedAt: [...counts].map(([what, number]) => ({ what, count: number })),
  };
}

/** The tree of a run: the one named, else the nearest above the first path that has one. */
export function treeOf(
  host: Host,
  folder: string,
  named: string | undefined,
  operands: readonly string[],
): string | undefined {
  if (named === undefined) {
    for (const operand of operands) {
      const tree = findKernelTree(host, path.resolve(folder, operand));
      if (tree !== undefined) return tree;
    }
    return undefined;
  }
  const tree = path.resolve(folder, named);
  if (!isKernelTree(host, tree)) {
    throw new UsageError(
      `--tree ${named}: no kernel tree`,
      'a kernel tree is a folder with Makefile, Kbuild and include/linux',
    );
  }
  return tree;
}
