import path from 'node:path';
import { openGit } from '../host/git.ts';

/**
 * Text of a file at HEAD; undefined outside of git, without git, and for a file that HEAD does not have.
 * `cat-file` runs no filter, hook, pager or fsmonitor of the repository.
 */
export async function textAtHead(file: string): Promise<string | undefined> {
  const git = openGit(path.dirname(file));
  const read = await git.run(['cat-file', 'blob', `HEAD:./${path.basename(file)}`], { seconds: 5 });
  return read.ok ? read.text : undefined;
}
