import type { LexedFile } from '../lex/lexedFile.ts';
import type { SourceSnapshot } from './sources.ts';
import { folderOf, normalizePath } from './sources.ts';

/** How an `#include` names its file. */
export interface IncludeName {
  readonly name: string;
  /** `"name"`: the including file's folder is searched first. */
  readonly quoted: boolean;
}

/** Finds included files the way kbuild's compiler flags do. */
export class IncludePath {
  private readonly snapshot: SourceSnapshot;
  private readonly folders: readonly string[];
  private readonly found = new Map<string, LexedFile | null>();

  /** `folders` are searched in order, relative to the tree. */
  constructor(snapshot: SourceSnapshot, folders: readonly string[]) {
    this.snapshot = snapshot;
    this.folders = folders;
  }

  /** The file an `#include` in `from` means; undefined when the tree has none. */
  find({ name, quoted }: IncludeName, from: string): LexedFile | undefined {
    const key = quoted ? `${folderOf(from)}"${name}` : name;
    let file = this.found.get(key);
    if (file === undefined) {
      file = this.search(name, quoted ? [folderOf(from), ...this.folders] : this.folders) ?? null;
      this.found.set(key, file);
    }
    return file ?? undefined;
  }

  private search(name: string, folders: readonly string[]): LexedFile | undefined {
    for (const folder of folders) {
      const path = normalizePath(`${folder}/${name}`);
      const file = path === undefined ? undefined : this.snapshot.file(path);
      if (file !== undefined) return file;
    }
    // A build generates one-line wrappers asm/X.h around the generic headers an architecture asks for.
    if (!name.startsWith('asm/')) return undefined;
    const generic = `asm-generic/${name.slice('asm/'.length)}`;
    return (
      this.snapshot.file(`include/${generic}`) ?? this.snapshot.file(`include/uapi/${generic}`)
    );
  }
}
