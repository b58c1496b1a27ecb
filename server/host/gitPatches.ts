import type { Git } from './git.ts';

/** Patches that git made, and what they apply to; or its own words why there are none. */
export type GitPatches =
  | {
      readonly ok: true;
      /** A mailbox, or a bare diff for the working tree; empty without any change. */
      readonly text: string;
      /** Commit that the first patch applies to. */
      readonly base: string;
    }
  | { readonly ok: false; readonly reason: string };

/** The tree without files, which git knows by this name. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const patchOptions = [
  '--patch',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--find-renames',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--full-index',
];

/** Commits of a range as a mailbox, oldest first and without merges; a single revision is that commit. */
export function commitPatches(git: Git, range: string): GitPatches {
  const one = range.includes('..') ? [] : ['--max-count=1'];
  const listed = git.run(['rev-list', '--reverse', '--no-merges', ...one, '--end-of-options', range, '--']); // prettier-ignore
  if (!listed.ok) return listed;
  const [first] = listed.text.split('\n');
  if (first === undefined || first === '') return { ok: false, reason: 'no commit in it' };
  const log = git.run(['log', '--reverse', '--no-merges', '--no-notes', '--format=mboxrd', ...patchOptions, ...one, '--end-of-options', range, '--']); // prettier-ignore
  if (!log.ok) return log;
  const parent = git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${first}^`]);
  return { ok: true, text: log.text, base: parent.ok ? parent.text.trim() : emptyTree };
}

/** The uncommitted changes of tracked files as a diff against HEAD. */
export function worktreePatch(git: Git): GitPatches {
  const head = git.run(['rev-parse', '--verify', 'HEAD']);
  if (!head.ok) return head;
  const diff = git.run(['diff', ...patchOptions, 'HEAD', '--']);
  return diff.ok ? { ok: true, text: diff.text, base: head.text.trim() } : diff;
}

/** Top folder of the repository. */
export function topOf(
  git: Git,
):
  { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: string } {
  // prettier-ignore
  const top = git.run(['rev-parse', '--show-toplevel']);
  return top.ok ? { ok: true, folder: top.text.replace(/\n$/, '') } : top;
}
