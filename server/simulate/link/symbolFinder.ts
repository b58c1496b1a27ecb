import type { SourceProvider } from '../../cfront/preprocess/sources.ts';
import { folderOf } from '../../cfront/preprocess/sources.ts';

/** A tree that can also be listed. */
export interface ListedSource extends SourceProvider {
  /** Names of the files in a folder, without path; empty when there is no such folder. */
  readonly list: (folder: string) => readonly string[];
}

/**
 * Folders whose C may be executed when something else calls into it. Everything outside is unknown:
 * the further away a callee is, the less its body says about DMA.
 */
const LINKABLE_FOLDERS: readonly string[] = [
  'drivers/iommu',
  'drivers/iommu/iommufd',
  'kernel/dma',
  'drivers/vfio',
  'drivers/vfio/pci',
];

/** Containers of lib/ that the above build on. */
const LINKABLE_FILES: readonly string[] = [
  ...['xarray', 'rbtree', 'interval_tree', 'scatterlist', 'list_sort', 'find_bit', 'bitmap'].map(
    (name) => `lib/${name}.c`,
  ),
];

/** Finds the file that defines an external function, by text: no unit is read before it is needed. */
export class SymbolFinder {
  private readonly source: ListedSource;
  private readonly files: readonly string[];

  /** Files of the folder of `root` may be linked too: drivers are made of several. */
  constructor(source: ListedSource, root: string) {
    this.source = source;
    const folders = [...new Set([folderOf(root), ...LINKABLE_FOLDERS])];
    const inFolders = folders.flatMap((folder) =>
      source
        .list(folder)
        .filter((name) => name.endsWith('.c') && !/(?:test|kunit|selftest)/.test(name))
        .map((name) => `${folder}/${name}`),
    );
    this.files = [...inFolders, ...LINKABLE_FILES];
  }

  /** Path of the file that defines a function visible to other units. */
  definitionOf(name: string): string | undefined {
    return this.files.find((file) => {
      const text = this.source.read(file);
      return text !== undefined && definesFunction(text, name);
    });
  }
}

/** Whether a C text has a body for a function that is not static. */
export function definesFunction(text: string, name: string): boolean {
  const call = new RegExp(`(?<![\\w.>])${name}\\s*\\(`, 'g');
  for (const match of text.matchAll(call)) {
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    const before = text.slice(lineStart, match.index);
    if (/^\s/.test(before) || /\bstatic\b/.test(before) || /^[#/*]/.test(before)) continue;
    const close = closingParenthesis(text, match.index + match[0].length - 1);
    if (close === undefined) continue;
    const previousLine = text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, lineStart);
    if (before === '' && /\bstatic\b/.test(previousLine)) continue;
    if (/^\s*(?:__\w+(?:\([^)]*\))?\s*)*\{/.test(text.slice(close + 1, close + 120))) return true;
  }
  return false;
}

function closingParenthesis(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return i;
  }
  return undefined;
}
