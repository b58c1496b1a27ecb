import type { SourceProvider } from '../../cfront/preprocess/sources.ts';
import { folderOf } from '../../cfront/preprocess/sources.ts';
import { DefinitionNames } from './definitionNames.ts';

/** A tree that can also be listed. */
export interface ListedSource extends SourceProvider {
  /** Names of the files in a folder, without path; empty when there is no such folder. */
  readonly list: (folder: string) => readonly string[];
}

/**
 * Folders whose C may be executed when something else calls into it. Everything outside is unknown:
 * the further away a callee is, the less its body says about DMA.
 */
export const LINKABLE_FOLDERS: readonly string[] = [
  'drivers/iommu',
  'drivers/iommu/iommufd',
  'kernel/dma',
  'drivers/vfio',
  'drivers/vfio/pci',
];

/** Containers of lib/ that the above build on. */
export const LINKABLE_FILES: readonly string[] = [
  ...['xarray', 'rbtree', 'interval_tree', 'scatterlist', 'list_sort', 'find_bit', 'bitmap'].map(
    (name) => `lib/${name}.c`,
  ),
];

/** Whether a C file is a test of the kernel itself, by its name. */
export function isTestFile(name: string): boolean {
  return /(?:test|kunit|selftest)/.test(name);
}

/** Layers whose code is about page tables and DMA itself: below them nothing stands in for the rest. */
const OWN_LAYERS: readonly string[] = ['drivers/iommu', 'drivers/vfio', 'kernel/dma'];

/** Finds the file that defines an external function, by text: no unit is read before it is needed. */
export class SymbolFinder {
  private readonly source: ListedSource;
  private readonly files: readonly string[];
  private readonly names: DefinitionNames;
  private index: ReadonlyMap<string, readonly string[]> | undefined;
  /** What was answered: every run asks for the same names. */
  private readonly found = new Map<string, string | undefined>();

  /**
   * Files of the folder of `root` may be linked too: drivers are made of several. `whole` links what lies
   * below the interfaces as well, which only code of those layers needs when models stand for interfaces.
   * `names` may be shared with other finders on the tree.
   */
  constructor(
    source: ListedSource,
    root: string,
    extent: 'whole' | 'above-interfaces' = 'whole',
    names: DefinitionNames = new DefinitionNames(),
  ) {
    this.source = source;
    this.names = names;
    const own = folderOf(root);
    const isBelow = OWN_LAYERS.some((layer) => own === layer || own.startsWith(`${layer}/`));
    const shared = extent === 'whole' || isBelow ? LINKABLE_FOLDERS : [];
    const inFolders = [...new Set([own, ...shared])].flatMap((folder) =>
      source
        .list(folder)
        .filter((name) => name.endsWith('.c') && !isTestFile(name))
        .map((name) => `${folder}/${name}`),
    );
    this.files = [...inFolders, ...LINKABLE_FILES];
  }

  /** Path of the file that defines a function visible to other units. */
  definitionOf(name: string): string | undefined {
    if (this.found.has(name)) return this.found.get(name);
    this.index ??= this.candidates();
    const path = this.index.get(name)?.find((file) => {
      const text = this.source.read(file);
      return text !== undefined && definesFunction(text, name);
    });
    this.found.set(name, path);
    return path;
  }

  /** Names that files may define, with the files. */
  private candidates(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const file of this.files) {
      const text = this.source.read(file) ?? '';
      for (const name of this.names.namesIn(file, text)) {
        const files = found.get(name);
        if (files === undefined) found.set(name, [file]);
        else files.push(file);
      }
    }
    return found;
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
