/**
 * Settings of the repository that would start a program of its own, or change what is printed, do not apply.
 * Filters are the exception: `git diff` against the working tree runs those that `.gitattributes` and the
 * configuration name (`filter.*.clean`) on changed files, as `git status` does, since the diff would not be true
 * without them. No other command used here runs one, and in workspaces that are not trusted git is not started.
 */
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

/** Arguments of git for a reading command. */
export function gitArguments(args: readonly string[]): string[] {
  return ['--no-pager', ...settings, ...args];
}

/** Environment of every git command: nothing is asked for, refreshed on the side, or fetched. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LC_ALL: 'C',
    // `git diff` would refresh the index on the side.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EXTERNAL_DIFF: '',
    // A partial clone would fetch what it lacks; before git 2.44 only the second one keeps it from that.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}
