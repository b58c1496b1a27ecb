import path from 'node:path';
import { type Git, openGit } from '../../host/git.ts';
import { commitPatches, type GitPatches, topOf, worktreePatch } from '../../host/gitPatches.ts';
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
  readonly git: Git;
}

/** Commits of a range, oldest first; a single revision is that commit. */
export function commitsOf(context: Context, range: string, folder: string): GitInput {
  const { git, top } = repository(context, folder);
  const made = known(commitPatches(git, range), `--git ${range}`);
  return {
    documents: [{ name: range, text: made.text }],
    top,
    files: commitFiles(git, top, made.base),
    base: made.base,
    notes: range.includes('..') ? mergesIn(git, range) : [],
    git,
  };
}

/** The working tree against HEAD. */
export function worktreeOf(context: Context, folder: string): GitInput {
  const { git, top } = repository(context, folder);
  const { text, base } = known(worktreePatch(git), '--worktree');
  const untracked = git.run([
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
    git,
  };
}

function mergesIn(git: Git, range: string): string[] {
  const counted = git.run(['rev-list', '--merges', '--count', '--end-of-options', range, '--']);
  const count = counted.ok ? Number(counted.text) : 0;
  return count === 0 ? [] : [`${count} merge commits of the range were not looked at`];
}

function untrackedFiles(list: string): string[] {
  const count = list.split('\0').filter((name) => name !== '').length;
  if (count === 0) return [];
  return [`${count} untracked C files are not part of HEAD and were not looked at (git add -N)`];
}

function repository(context: Context, folder: string): { git: Git; top: string } {
  const at = path.resolve(context.folder, folder);
  if (context.host.kind(at) !== 'folder') {
    throw new UsageError(
      `${folder}: no such folder`,
      'name a folder of a git working tree: --tree DIR',
    );
  }
  const git = openGit(at);
  const top = topOf(git);
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
