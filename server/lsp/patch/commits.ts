import type { Git } from '../../host/git.ts';
import { commitPatches, topOf, worktreePatch } from '../../host/gitPatches.ts';
import type { CommitsParams, CommitsText } from '../messages.ts';

/** Commits, or the uncommitted changes, as a document to review. */
export function commitsText(git: Git, { range }: CommitsParams): CommitsText {
  const top = topOf(git);
  if (!top.ok) return top;
  const made = range === null ? worktreePatch(git) : commitPatches(git, range);
  if (!made.ok) return made;
  if (made.text === '') return { ok: false, reason: 'nothing is changed against HEAD' };
  return { ok: true, text: made.text, folder: top.folder, base: made.base };
}
