import type { Problem } from '../text/problem.ts';
import type { Entry, Host } from './host.ts';
import { testSources } from './testObjects.ts';

/** Files of a folder that iovet names but does not read. */
export type OtherLanguage = 'Rust' | 'device tree' | 'Kconfig' | 'assembly';

/** What a walk over a folder found. Paths are absolute and sorted. */
export interface SourceWalk {
  /** C sources and headers. */
  readonly sources: readonly string[];
  /** C files skipped because they are tests. */
  readonly tests: readonly string[];
  readonly others: ReadonlyMap<OtherLanguage, number>;
  /** Folders and files that could not be looked at. */
  readonly problems: readonly Problem[];
}

/** How a walk is limited. */
export interface WalkOptions {
  /** Selftests and kunit, which violate contracts on purpose. */
  readonly tests: 'skip' | 'include';
}

/** Folders without kernel sources. */
const passedOver = new Set(['.git', '.vscode', 'node_modules', 'Documentation']);

function languageOf(name: string): OtherLanguage | undefined {
  if (name.endsWith('.rs')) return 'Rust';
  if (/\.dtsi?$|\.dtso$/.test(name)) return 'device tree';
  if (name === 'Kconfig' || name.startsWith('Kconfig.')) return 'Kconfig';
  if (name.endsWith('.S')) return 'assembly';
  return undefined;
}

/** Names of the kernel's test files, where no Makefile says it. */
const testNames = [
  /(^|\/)tools\/testing\//,
  /(^|\/)(selftests?|kunit|tests?)\//,
  /(^|[/_-])(kunit|selftests?)([._-][^/]*)?\.[ch]$/,
  /[_-]test\.[ch]$|(^|\/)test_[^/]*\.[ch]$/,
];

/** True for files of kunit suites and selftests, which violate contracts on purpose. */
export function isTestPath(path: string): boolean {
  return testNames.some((name) => name.test(path));
}

/**
 * Lists the C files below a folder, without reading them. Links to folders are not followed: what they point at
 * is in the tree already, or outside of it, and they can form loops.
 */
export function walkSources(host: Host, folder: string, options: WalkOptions): SourceWalk {
  const sources: string[] = [];
  const tests: string[] = [];
  const others = new Map<OtherLanguage, number>();
  const problems: Problem[] = [];

  const visitFile = (path: string, entry: Entry, built: ReadonlySet<string>): void => {
    const language = languageOf(entry.name);
    if (language !== undefined) others.set(language, (others.get(language) ?? 0) + 1);
    if (!/\.[ch]$/.test(entry.name)) return;
    const isTest = built.has(entry.name) || isTestPath(path.slice(folder.length + 1));
    if (options.tests === 'skip' && isTest) tests.push(path);
    else sources.push(path);
  };
  const visitLink = (path: string, entry: Entry, built: ReadonlySet<string>): void => {
    const target = host.kind(path);
    if (target === 'file') visitFile(path, entry, built);
    // A dangling link to a source is worth a word; one to a folder or a device is not.
    if (target === 'missing' && /\.[ch]$/.test(entry.name)) {
      problems.push({ file: path, reason: 'a symbolic link that leads nowhere' });
    }
  };
  const visit = (current: string): void => {
    const entries = host.list(current);
    if (entries === undefined) {
      problems.push({ file: current, reason: 'no permission to list the folder' });
      return;
    }
    const makefile = entries.some(({ name }) => name === 'Makefile')
      ? host.readText(`${current}/Makefile`)
      : undefined;
    const built = makefile?.ok === true ? testSources(makefile.text) : new Set<string>();
    for (const entry of entries) {
      const path = current === '/' ? `/${entry.name}` : `${current}/${entry.name}`;
      if (entry.kind === 'folder' && !passedOver.has(entry.name)) visit(path);
      if (entry.kind === 'file') visitFile(path, entry, built);
      if (entry.kind === 'link') visitLink(path, entry, built);
    }
  };
  visit(folder);
  return { sources: sources.sort(), tests: tests.sort(), others, problems };
}
