import type { Build } from '../program/openUnit.ts';
import type { Header, HeaderStore } from '../program/headers/store.ts';
import { Kind } from '../syntax/kinds.generated.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { kindOf } from '../syntax/tree.ts';
import type { Files } from './files.ts';

/** Includes are followed this far from a C file to a file that it builds. */
const deepestInclude = 4;

/**
 * The C files that build a header: those of its folder and of the folders below that include it, at any depth.
 * Only headers with functions that are not inline are built this way (generic_pt); for others there is none.
 */
export function buildsOf(
  file: string,
  source: SourceFile,
  headers: HeaderStore,
  files: Files,
  root: string,
): Build[] {
  if (!file.endsWith('.h') || !definesFunctions(source)) return [];
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  const candidates = [folder, ...foldersBelow(files, root, folder)].flatMap((each) =>
    (headers.tree.list(each) ?? [])
      .filter((name) => name.endsWith('.c'))
      .map((name) => `${each}/${name}`),
  );
  return candidates
    .filter((candidate) => includes(headers, headers.at(candidate), file, deepestInclude))
    .map((candidate) => ({ name: buildName(candidate, headers), file: candidate }));
}

const definesFunctions = (source: SourceFile): boolean =>
  source.items.some(
    ({ tree }) =>
      kindOf(tree, 0) === Kind.function_definition &&
      !/\b(?:inline|__always_inline)\b/.test(tree.text.slice(0, tree.text.indexOf('('))),
  );

function foldersBelow(files: Files, root: string, folder: string): string[] {
  const entries = files.list?.(`${root}/${folder}`) ?? [];
  return entries.filter(({ kind }) => kind === 'folder').map(({ name }) => `${folder}/${name}`);
}

function includes(
  headers: HeaderStore,
  from: Header | undefined,
  wanted: string,
  depth: number,
): boolean {
  if (from === undefined || depth === 0) return false;
  const folder = wanted.slice(0, wanted.lastIndexOf('/') + 1);
  return headers
    .included(from)
    .some(
      (header) =>
        header.path === wanted ||
        (header.path.startsWith(folder) && includes(headers, header, wanted, depth - 1)),
    );
}

/** The format that a build is for, as its file says (`#define PT_FMT amdv1`), else the file's name. */
function buildName(file: string, headers: HeaderStore): string {
  const text = headers.at(file)?.table.text ?? '';
  const format = /^#define PT_FMT (\w+)$/m.exec(text)?.[1];
  const variant = /^#define PT_FMT_VARIANT (\w+)$/m.exec(text)?.[1];
  if (format === undefined) return file.slice(file.lastIndexOf('/') + 1, -'.c'.length);
  return variant === undefined ? format : `${format}_${variant}`;
}
