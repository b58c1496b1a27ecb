import path from 'node:path';
import { type Git, openGit } from '../../host/git.ts';
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
  /** Files that git does not know, and that were therefore not looked at. */
  readonly untracked: number;
  readonly git: Git;
}

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

/** Commits of a range, oldest first; a single revision is that commit. */
export function commitsOf(context: Context, range: string, folder: string): GitInput {
  const { git, top } = repository(context, folder);
  const one = range.includes('..') ? [] : ['--max-count=1'];
  const commits = reading(
    git,
    ['rev-list', '--reverse', '--no-merges', ...one, '--end-of-options', range, '--'],
    `--git ${range}`,
  )
    .split('\n')
    .filter((line) => line !== '');
  const [first] = commits;
  if (first === undefined) {
    throw new UsageError(`--git ${range}: no commit in it`, 'for example --git HEAD~3..HEAD');
  }
  const text = reading(
    git,
    ['log', '--reverse', '--no-merges', '--no-notes', '--format=mboxrd', ...patchOptions, ...one, '--end-of-options', range, '--'], // prettier-ignore
    `--git ${range}`,
  );
  const parent = git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${first}^`]);
  const base = parent.ok ? parent.text.trim() : emptyTree;
  return {
    documents: [{ name: range, text }],
    top,
    files: commitFiles(git, top, base),
    untracked: 0,
    git,
  };
}

/** The tree without files, which git knows by this name. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The working tree against HEAD. */
export function worktreeOf(context: Context, folder: string): GitInput {
  const { git, top } = repository(context, folder);
  const head = reading(git, ['rev-parse', '--verify', 'HEAD'], '--worktree').trim();
  const text = reading(git, ['diff', ...patchOptions, 'HEAD', '--'], '--worktree');
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
    files: commitFiles(git, top, head),
    untracked: untracked.ok ? untracked.text.split('\0').filter((name) => name !== '').length : 0,
    git,
  };
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
  const top = git.run(['rev-parse', '--show-toplevel']);
  if (!top.ok) {
    throw new UsageError(`${folder}: ${top.reason}`, 'name a git working tree: --tree DIR');
  }
  const toplevel = top.text.replace(/\n$/, '');
  return { git: openGit(toplevel), top: toplevel };
}

function reading(git: Git, args: readonly string[], what: string): string {
  const result = git.run(args);
  if (result.ok) return result.text;
  const unknown = /unknown revision|bad revision|ambiguous argument|Needed a single/.test(
    result.reason,
  );
  throw new UsageError(
    `${what}: ${unknown ? unknownRevision(result.reason, what) : result.reason}`,
    unknown ? 'git fetch --tags, or name an existing revision' : 'git has to be able to read it',
  );
}

function unknownRevision(reason: string, what: string): string {
  const name = /'([^']+)'/.exec(reason)?.[1] ?? what;
  return `git does not know ${name}`;
}
