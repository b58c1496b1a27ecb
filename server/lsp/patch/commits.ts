import type { Git } from '../../host/git.ts';
import { commitPatches, type PatchesWatch, topOf, worktreePatch } from '../../host/gitPatches.ts';
import type { CommitsParams, CommitsText } from '../messages.ts';

/** Commits, or the uncommitted changes, as a document to review. */
export async function commitsText(
  git: Git,
  { range }: CommitsParams,
  watch: PatchesWatch,
): Promise<CommitsText> {
  const top = await topOf(git);
  if (!top.ok) return top;
  const made = await (range === null
    ? worktreePatch(git, watch)
    : commitPatches(git, range, watch));
  if (!made.ok) return made;
  if (made.text === '') return { ok: false, reason: 'nothing is changed against HEAD' };
  return { ok: true, text: made.text, folder: top.folder, base: made.base };
}
