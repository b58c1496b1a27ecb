import { spawnSync } from 'node:child_process';

/** What a git command said; `failed` with git's own words. */
export type GitResult =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** A repository, read through the git command. Neither index nor working tree is touched. */
export interface Git {
  /** Runs one reading command; arguments are passed as they are, without a shell. */
  run(args: readonly string[]): GitResult;
}

/** Configuration of the repository that could start other programs, or change what is printed, does not apply. */
const settings = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'true'],
  ['core.pager', 'cat'],
  ['diff.external', ''],
  ['diff.noprefix', 'false'],
  ['diff.mnemonicPrefix', 'false'],
  ['diff.renames', 'true'],
  ['log.showSignature', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const mostBytes = 512 * 1024 * 1024;

/** Opens the repository around a folder; nothing is run before the first question. */
export function openGit(folder: string): Git {
  return {
    run: (args) => {
      const done = spawnSync('git', ['--no-pager', ...settings, ...args], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: mostBytes,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          LC_ALL: 'C',
          // `git diff` would refresh the index on the side.
          GIT_OPTIONAL_LOCKS: '0',
          GIT_TERMINAL_PROMPT: '0',
          GIT_EXTERNAL_DIFF: '',
        },
      });
      if (done.error !== undefined) {
        const { code } = done.error as NodeJS.ErrnoException;
        return {
          ok: false,
          reason: code === 'ENOENT' ? 'git is not installed' : done.error.message,
        };
      }
      if (done.status === 0) return { ok: true, text: done.stdout };
      const [first] = done.stderr.trim().split('\n');
      return { ok: false, reason: (first ?? '').replace(/^fatal: /, '') || 'git failed' };
    },
  };
}
