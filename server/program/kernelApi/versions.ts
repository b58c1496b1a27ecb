import type { KernelVersion } from './contract.ts';

/** The releases whose headers were compared, oldest first. */
export const comparedReleases: readonly KernelVersion[] = ['6.1', '6.12', '7.2', '7.3'];

/** The release assumed where no tree and no setting says another. */
export const newestRelease: KernelVersion = '7.3';

function rank(version: KernelVersion): number {
  const [major, minor] = version.split('.');
  return Number(major) * 1000 + Number(minor);
}

/** Negative when `a` is older than `b`, 0 when equal. */
export function compareVersions(a: KernelVersion, b: KernelVersion): number {
  return rank(a) - rank(b);
}

/**
 * Whether something seen from `since` to `until` may exist in `version`.
 * Between two compared releases both forms are accepted: which of them is in force is told by the number of arguments.
 */
export function mayExist(
  since: KernelVersion | undefined,
  until: KernelVersion | undefined,
  version: KernelVersion,
): boolean {
  if (since !== undefined) {
    const lastWithout = comparedReleases[comparedReleases.indexOf(since) - 1];
    if (lastWithout !== undefined && compareVersions(version, lastWithout) <= 0) return false;
  }
  if (until !== undefined) {
    const firstWithout = comparedReleases[comparedReleases.indexOf(until) + 1];
    if (firstWithout !== undefined && compareVersions(version, firstWithout) >= 0) return false;
  }
  return true;
}

/** `VERSION` and `PATCHLEVEL` of a kernel tree's top Makefile, or undefined where it is none. */
export function versionOfMakefile(text: string): KernelVersion | undefined {
  const major = /^VERSION\s*=\s*(\d+)\s*$/m.exec(text)?.[1];
  const minor = /^PATCHLEVEL\s*=\s*(\d+)\s*$/m.exec(text)?.[1];
  if (major === undefined || minor === undefined) return undefined;
  return `${Number(major)}.${Number(minor)}`;
}
