import type { Git } from './git.ts';

/** The commit that brought a line, as far as git blame tells. */
interface Origin {
  readonly commit: string;
  readonly subject: string;
  /** Unit: seconds since 1970. */
  readonly time: number;
}

/**
 * The newest of the commits that brought some lines of a file, as a Fixes: tag names it.
 * Undefined where git does not know the lines, or they are not committed.
 *
 * @param revision where the lines are counted; undefined: in the working tree.
 */
export function commitOfLines(
  git: Git,
  revision: string | undefined,
  file: string,
  lines: readonly number[],
): string | undefined {
  let newest: Origin | undefined;
  for (const line of new Set(lines)) {
    const origin = originOf(git, revision, file, line);
    if (origin !== undefined && (newest === undefined || origin.time > newest.time))
      newest = origin;
  }
  return newest && `${newest.commit.slice(0, 12)} ("${newest.subject}")`;
}

function originOf(
  git: Git,
  revision: string | undefined,
  file: string,
  line: number,
): Origin | undefined {
  const said = git.run([
    'blame',
    '--porcelain',
    '-L',
    `${line},${line}`,
    ...(revision === undefined ? [] : [revision]),
    '--',
    file,
  ]);
  if (!said.ok) return undefined;
  const commit = /^[0-9a-f]{40,64}/.exec(said.text)?.[0];
  if (commit === undefined || /^0+$/.test(commit)) return undefined;
  const subject = /^summary (.*)$/m.exec(said.text)?.[1] ?? '';
  const time = Number(/^committer-time (\d+)$/m.exec(said.text)?.[1] ?? 0);
  return { commit, subject, time };
}
