import path from 'node:path';
import type { PatchDocument } from '../../patch/patch.ts';
import { type Context, UsageError } from '../command.ts';

/** Files of a folder that are taken for patches. */
const patchFile = /\.(?:patch|diff|mbox|eml|mail)$/;

/** The documents that a user named: files, folders of patches in the order of their names, `-` for standard input. */
export function readDocuments(context: Context, operands: readonly string[]): PatchDocument[] {
  return operands.flatMap((operand): PatchDocument[] => {
    if (operand === '-') return [{ name: '(standard input)', text: context.input() }];
    const target = path.resolve(context.folder, operand);
    switch (context.host.kind(target)) {
      case 'file':
        return [readDocument(context, operand)];
      case 'folder':
        return folderDocuments(context, operand);
      case 'missing':
        throw new UsageError(
          `${operand}: no such file`,
          'paths are relative to the current folder, not to --tree',
        );
      case 'other':
        throw new UsageError(
          `${operand}: neither a file nor a folder`,
          'name a patch, a mail, a mailbox or a folder of them',
        );
    }
  });
}

function readDocument(context: Context, name: string): PatchDocument {
  const read = context.host.readText(path.resolve(context.folder, name));
  if (!read.ok) {
    throw new UsageError(`${name}: ${read.problem.reason}`, 'patches are text');
  }
  return { name, text: read.text };
}

function folderDocuments(context: Context, folder: string): PatchDocument[] {
  const entries = context.host.list(path.resolve(context.folder, folder)) ?? [];
  const names = entries
    .filter(({ name, kind }) => kind === 'file' && patchFile.test(name))
    .map(({ name }) => path.join(folder, name))
    .sort();
  if (names.length === 0) {
    throw new UsageError(
      `${folder}: no patch in it`,
      'a folder is read for .patch, .diff, .mbox and .eml files',
    );
  }
  return names.map((name) => readDocument(context, name));
}
