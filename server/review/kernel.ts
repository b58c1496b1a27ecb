import type { KernelVersion } from '../program/kernelApi/contract.ts';
import { newestRelease, versionOfMakefile } from '../program/kernelApi/versions.ts';
import type { Files } from './files.ts';
import type { KernelSource } from './review.ts';

/** The release whose contracts apply, and who says so. */
export interface ChosenKernel {
  readonly version: KernelVersion;
  readonly source: KernelSource;
}

/** Chooses the release: the one that is set, else the tree's, else the newest. */
export function chooseKernel(
  files: Files,
  tree: string | undefined,
  set: KernelVersion | undefined,
): ChosenKernel {
  if (set !== undefined) return { version: set, source: 'setting' };
  const makefile = tree === undefined ? undefined : files.readText(`${tree}/Makefile`);
  const version = makefile?.ok === true ? versionOfMakefile(makefile.text) : undefined;
  return version === undefined
    ? { version: newestRelease, source: 'newest' }
    : { version, source: 'tree' };
}
