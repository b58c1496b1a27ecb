import path from 'node:path';
import { readViewFiles } from '../../host/viewFiles.ts';
import { viewPage } from '../../report/view/page.ts';
import type { View } from '../../report/view/view.ts';
import { hashText } from '../../text/hash.ts';
import { type Context, UsageError } from '../command.ts';

/**
 * Writes a view as one page to the file that `--html` names. The nonce comes from the content: equal views give
 * equal bytes.
 */
export function writeHtml(view: View, file: string, context: Context): void {
  const parts = readViewFiles(context.host, context.programFolder);
  const page = viewPage(view, { ...parts, nonce: hashText(JSON.stringify(view)) });
  const problem = context.save(path.resolve(context.folder, file), page);
  if (problem !== undefined) {
    throw new UsageError(`--html ${file}: ${problem}`, 'name a file in a folder that exists');
  }
  context.note(`iovet: wrote ${file}\n`);
}
