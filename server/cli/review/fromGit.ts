import path from 'node:path';
import { type Git, openGit } from '../../host/git.ts';
import {
  commitPatches,
  type GitPatches,
  NO_HEAD,
  topOf,
  worktreePatch,
} from '../../host/gitPatches.ts';
import { commitFiles } from '../../host/gitTree.ts';
import type { PatchDocument } from '../../patch/patch.ts';
import type { Files } from '../../review/files.ts';
import { type Context, UsageError } from '../command.ts';

/** Commits, or uncommitted changes, as patches on the tree that they were made from. */
export interface GitInput {
  readonly documents: readonly PatchDocument[];
  /** Top folder of the repository. */
  readonly top: string;
  /** The files that the first patch was made from. */
  readonly files: Files;
  /** The commit of {@link files}. */
  readonly base: string;
  /** What was left out, for people. */
  readonly notes: readonly string[];
}

/** Commits of a range, oldest first; a single revision is that commit. */
export async function commitsOf(
  context: Context,
  range: string,
  folder: string,
): Promise<GitInput> {
  const { git, top } = await repository(context, folder);
  const made = known(await commitPatches(git, range), `--git ${range}`);
  return {
    documents: [{ name: range, text: made.text }],
    top,
    files: commitFiles(git, top, made.base),
    base: made.base,
    notes:
      made.merges === 0 ? [] : [`${made.merges} merge commits of the range were not looked at`],
  };
}

/** The working tree against HEAD. */
export async function worktreeOf(context: Context, folder: string): Promise<GitInput> {
  const { git, top } = await repository(context, folder);
  const { text, base } = known(await worktreePatch(git), '--worktree');
  const untracked = await git.run([
    'ls-files',
    '-z',
    '--others',
    '--exclude-standard',
    '--',
    '*.c',
    '*.h',
  ]);
  return {
    documents: text === '' ? [] : [{ name: 'working tree', text }],
    top,
    files: commitFiles(git, top, base),
    base,
    notes: untracked.ok ? untrackedFiles(untracked.text) : [],
  };
}

function untrackedFiles(list: string): string[] {
  const count = list.split('\0').filter((name) => name !== '').length;
  if (count === 0) return [];
  return [`${count} untracked C files are not part of HEAD and were not looked at (git add -N)`];
}

async function repository(
  context: Context,
  folder: string,
): Promise<{ readonly git: Git; readonly top: string }> {
  const at = path.resolve(context.folder, folder);
  if (context.host.kind(at) !== 'folder') {
    throw new UsageError(
      `${folder}: no such folder`,
      'name a folder of a git working tree: --tree DIR',
    );
  }
  const git = openGit(at);
  const top = await topOf(git);
  if (!top.ok) {
    throw new UsageError(`${folder}: ${top.reason}`, 'name a git working tree: --tree DIR');
  }
  return { git: openGit(top.folder), top: top.folder };
}

/** What git made, or what the user can do about it. */
function known(made: GitPatches, what: string): GitPatches & { readonly ok: true } {
  if (made.ok) return made;
  const { reason } = made;
  if (reason === 'no commit in it') {
    throw new UsageError(`${what}: no commit in it`, 'for example --git HEAD~3..HEAD');
  }
  if (reason === NO_HEAD) {
    throw new UsageError(
      `${what}: ${reason}`,
      'commit the tree first: changes are compared with HEAD',
    );
  }
  if (reason.startsWith('a merge')) {
    throw new UsageError(
      `${what}: ${reason}`,
      'name its parents for what it brought: --git MERGE^1..MERGE^2',
    );
  }
  const unknown = /unknown revision|bad revision|ambiguous argument|Needed a single/.test(reason);
  throw new UsageError(
    `${what}: ${unknown ? unknownRevision(reason, what) : reason}`,
    unknown ? 'git fetch --tags, or name an existing revision' : 'git has to be able to read it',
  );
}

function unknownRevision(reason: string, what: string): string {
  const name = /'([^']+)'/.exec(reason)?.[1] ?? what;
  return `git does not know ${name}`;
}
