import { spawnSync } from 'node:child_process';
import { decode } from './decode.ts';
import { gitArguments, gitEnvironment } from './gitSettings.ts';

/** The commit that brought a line, as far as git blame tells. */
interface Origin {
  readonly commit: string;
  readonly subject: string;
  /** Unit: seconds since 1970. */
  readonly time: number;
}

/** Blame walks the history of a file; a proposal is not worth more. */
const seconds = 20;

/**
 * The newest of the commits that brought some lines of a file, as a Fixes: tag names it.
 * Undefined where git does not know the lines, or they are not committed. The caller waits: the rule that asks is
 * synchronous, and only the command line has it ask.
 *
 * @param folder of the repository, or below.
 * @param revision where the lines are counted; undefined: in the working tree.
 */
export function commitOfLines(
  folder: string,
  revision: string | undefined,
  file: string,
  lines: readonly number[],
): string | undefined {
  const args = [
    'blame',
    '--line-porcelain',
    ...[...new Set(lines)].flatMap((line) => ['-L', `${line},${line}`]),
    ...(revision === undefined ? [] : [revision]),
    '--',
    file,
  ];
  const said = spawnSync('git', gitArguments(args), {
    cwd: folder,
    timeout: seconds * 1000,
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
    env: gitEnvironment(),
  });
  if (said.status !== 0) return undefined;
  let newest: Origin | undefined;
  for (const origin of originsOf(decode(said.stdout).text)) {
    if (newest === undefined || origin.time > newest.time) newest = origin;
  }
  return newest && `${newest.commit.slice(0, 12)} ("${newest.subject}")`;
}

/** One block for each line: its commit first, the line itself behind a tab last. */
function originsOf(porcelain: string): Origin[] {
  return porcelain.split(/^\t.*$/m).flatMap((block): Origin[] => {
    const commit = /^[0-9a-f]{40,64}/m.exec(block)?.[0];
    if (commit === undefined || /^0+$/.test(commit)) return [];
    const subject = /^summary (.*)$/m.exec(block)?.[1] ?? '';
    const time = Number(/^committer-time (\d+)$/m.exec(block)?.[1] ?? 0);
    return [{ commit, subject, time }];
  });
}
