import type { Git } from '../../host/git.ts';
import { commitPatches, type PatchesWatch, topOf, worktreePatch } from '../../host/gitPatches.ts';
import type { CommitsParams, CommitsText } from '../messages.ts';

/** Largest text that VS Code hands on to extensions, with some room. Unit: UTF-16 units. */
const mostText = 48 << 20;

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
  const { text, base, merges } = made;
  if (text === '') return { ok: false, reason: 'nothing is changed against HEAD' };
  if (text.length > mostText) {
    const size = Math.ceil(text.length / (1 << 20));
    return { ok: false, reason: `patches of ${size} MiB are more than an editor takes, iovet review --git reads them` }; // prettier-ignore
  }
  return { ok: true, text, folder: top.folder, base, merges };
}
