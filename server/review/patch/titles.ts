import type { Patch } from '../../patch/patch.ts';

/** `1/3`; empty for a patch that stands alone. */
export function numberOf(patch: Pick<Patch, 'number' | 'total'>): string {
  const { number, total } = patch;
  return number === undefined || total === undefined || total < 2 ? '' : `${number}/${total}`;
}

/** `[PATCH v2 1/3] accel/qcap: add a doorbell window`; a commit by its short name, a bare diff by its document's. */
export function titleOf(patch: Patch): string {
  if (patch.subject === undefined) {
    return patch.commit === undefined ? patch.name : `${shortCommit(patch.commit)} ${patch.name}`;
  }
  const version = patch.version > 1 ? ` v${patch.version}` : '';
  const number = numberOf(patch);
  return `[PATCH${version}${number === '' ? '' : ` ${number}`}] ${patch.name}`;
}

/** The twelve digits that the kernel writes in Fixes: tags. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}
