import type { Git } from './git.ts';

/** Patches that git made, and what they apply to; or its own words why there are none. */
export type GitPatches =
  | {
      readonly ok: true;
      /** A mailbox, or a bare diff for the working tree; empty without any change. */
      readonly text: string;
      /** Commit that the first patch applies to. */
      readonly base: string;
      /** Merges of the range, which have no patch of their own. */
      readonly merges: number;
    }
  | { readonly ok: false; readonly reason: string };

/** Who waits for patches. */
export interface PatchesWatch {
  readonly signal?: AbortSignal;
  /** Hears how many commits were written of how many, as they come. */
  readonly progress?: (done: number, total: number) => void;
}

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

/** Diffs of many commits take their time. */
const seconds = 300;

/** Commits of a range as a mailbox, oldest first and without merges; a single revision is that commit. */
export async function commitPatches(
  git: Git,
  range: string,
  { signal, progress }: PatchesWatch = {},
): Promise<GitPatches> {
  const one = range.includes('..') ? [] : ['--max-count=1'];
  const watch = { seconds, ...(signal && { signal }) };
  const listed = await git.run(['rev-list', '--reverse', '--parents', ...one, '--end-of-options', range, '--'], watch); // prettier-ignore
  if (!listed.ok) return listed;
  const commits = listed.text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));
  const ordinary = commits.filter(({ length }) => length <= 2);
  const [first] = ordinary;
  const merges = commits.length - ordinary.length;
  if (first === undefined) {
    return { ok: false, reason: merges === 0 ? 'no commit in it' : 'a merge has no patch of its own' }; // prettier-ignore
  }
  progress?.(0, ordinary.length);
  const hear = progress && heardCommits((done) => { progress(done, ordinary.length); }); // prettier-ignore
  const log = await git.run(
    ['log', '--reverse', '--no-merges', '--no-notes', '--format=mboxrd', ...patchOptions, ...one, '--end-of-options', range, '--'], // prettier-ignore
    { ...watch, ...(hear && { hear }) },
  );
  if (!log.ok) return log;
  return { ok: true, text: log.text, base: first[1] ?? emptyTree, merges };
}

/** Counts the mails in bytes that come in pieces; one that is cut between two pieces is not counted. */
function heardCommits(tell: (done: number) => void): (bytes: Uint8Array) => void {
  let done = 0;
  return (bytes) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const found = text.match(/^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$/gm)?.length ?? 0;
    if (found > 0) tell((done += found));
  };
}

/** Why there is nothing that the working tree of a new repository could be compared with. */
export const NO_HEAD = 'the repository has no commit yet';

/** The uncommitted changes of tracked files as a diff against HEAD. */
export async function worktreePatch(git: Git, { signal }: PatchesWatch = {}): Promise<GitPatches> {
  const watch = { seconds, ...(signal && { signal }) };
  const head = await git.run(['rev-parse', '--verify', 'HEAD'], watch);
  if (!head.ok) {
    return /Needed a single revision/.test(head.reason) ? { ok: false, reason: NO_HEAD } : head;
  }
  const diff = await git.run(['diff', ...patchOptions, 'HEAD', '--'], watch);
  return diff.ok ? { ok: true, text: diff.text, base: head.text.trim(), merges: 0 } : diff;
}

/** Top folder of the repository. */
export async function topOf(
  git: Git,
): Promise<
  { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: string }
> {
  const top = await git.run(['rev-parse', '--show-toplevel']);
  return top.ok ? { ok: true, folder: top.text.replace(/\n$/, '') } : top;
}
