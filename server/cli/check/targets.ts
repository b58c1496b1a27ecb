import path from 'node:path';
import type { Host } from '../../host/host.ts';
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
  /** Operands that are no file and no folder, as they were written. */
  readonly unusable: readonly Problem[];
  readonly problems: readonly Problem[];
}

/** Makes files of the paths that a user named. Where none of them can be used, that is a {@link UsageError}. */
export function findTargets(
  host: Host,
  folder: string,
  operands: readonly string[],
  options: WalkOptions,
): Targets {
  const files = new Set<string>();
  const named = new Set<string>();
  const problems: Problem[] = [];
  const unusable: Problem[] = [];
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
        unusable.push({ file: operand, reason: 'no such file' });
        break;
      case 'other':
        unusable.push({ file: operand, reason: 'neither a file nor a folder' });
    }
  }
  const [first] = unusable;
  if (first !== undefined && unusable.length === operands.length) {
    throw new UsageError(`${first.file}: ${first.reason}`, remedyFor(first.reason));
  }
  return {
    files: [...files].sort(),
    named,
    unusable,
    problems,
    notLookedAt: [...counts].map(([what, number]) => ({ what, count: number })),
  };
}

/** What helps where a path that was named could not be used. */
export function remedyFor(reason: string): string {
  if (reason === 'no such file') {
    return 'paths are relative to the current folder, not to --tree';
  }
  if (reason === 'neither a file nor a folder') return 'name C files or folders';
  return reason.startsWith('not text')
    ? 'binary files are skipped in a folder; drop it from the list'
    : 'nothing was read from it; drop it from the list or make it readable';
}
