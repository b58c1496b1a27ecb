import { lex } from '../lex/lex.ts';
import type { LexedFile } from '../lex/lexedFile.ts';

/** Where the front end gets its texts: a tree, an editor's open texts over a tree, or a test's literals. */
export interface SourceProvider {
  /** Text of a path relative to the tree, or undefined when there is no such file. */
  read(path: string): string | undefined;
}

/**
 * Lexed files, by content: a header that did not change since another unit, edit or snapshot read it
 * is not lexed again. Lives as long as the process wants; dropping it costs time only.
 */
export class LexCache {
  private readonly files = new Map<string, LexedFile>();

  /** The tokens of `text`, lexed now or before. */
  lexed(path: string, text: string): LexedFile {
    const known = this.files.get(path);
    if (known !== undefined && known.text === text) return known;
    const file = lex(path, text);
    this.files.set(path, file);
    return file;
  }
}

/** A tree as it is now: every path is read at most once, so a unit sees one state of the tree. */
export class SourceSnapshot {
  private readonly provider: SourceProvider;
  private readonly cache: LexCache;
  private readonly files = new Map<string, LexedFile | null>();
  private readonly texts = new Map<string, string | undefined>();
  private readonly compared = new WeakMap<SourceSnapshot, boolean>();

  constructor(provider: SourceProvider, cache: LexCache) {
    this.provider = provider;
    this.cache = cache;
  }

  /** The lexed file at a path relative to the tree; undefined when it does not exist. */
  file(path: string): LexedFile | undefined {
    let file = this.files.get(path);
    if (file === undefined) {
      const text = this.provider.read(path);
      file = text === undefined ? null : this.cache.lexed(path, text);
      this.files.set(path, file);
    }
    return file ?? undefined;
  }

  /** The plain text at a path; for files that are no C. */
  text(path: string): string | undefined {
    const normal = normalizePath(path);
    if (normal === undefined) return undefined;
    if (!this.texts.has(normal)) this.texts.set(normal, this.provider.read(normal));
    return this.texts.get(normal);
  }

  /** Whether every file that was asked for here, there or not, is the same in another snapshot. */
  isSameIn(other: SourceSnapshot): boolean {
    if (other === this) return true;
    let isSame = other.compared.get(this);
    if (isSame === undefined) {
      isSame =
        [...this.files].every(([path, file]) => (other.file(path) ?? null) === file) &&
        [...this.texts].every(([path, text]) => other.text(path) === text);
      other.compared.set(this, isSame);
    }
    return isSame;
  }

  /** A file that is not in the tree but was made from what is. */
  made(path: string, text: string): LexedFile {
    const file = this.cache.lexed(path, text);
    this.files.set(path, file);
    return file;
  }
}

/** Removes `.` and `a/..` from a relative path; undefined when it leaves the tree. */
export function normalizePath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Folder of a path, '' for a file at the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
