import { capabilityHeader } from '../generated/capabilityHeader.ts';
import { registerHeader } from '../generated/registerHeader.ts';
import type { LexedFile } from '../lex/lexedFile.ts';
import type { SourceSnapshot } from './sources.ts';
import { folderOf, normalizePath } from './sources.ts';

/** How an `#include` names its file. */
export interface IncludeName {
  readonly name: string;
  /** `"name"`: the including file's folder is searched first. */
  readonly quoted: boolean;
}

/** Architectures with drivers that only they build, those with most of them first. */
const OTHER_ARCHITECTURES = [
  'arm',
  'powerpc',
  'mips',
  'sh',
  'sparc',
  's390',
  'm68k',
  'parisc',
  'alpha',
];

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
    const described = this.fromRegisters(name, folders) ?? this.fromCapabilities(name);
    if (described !== undefined) return described;
    // A build generates one-line wrappers asm/X.h around the generic headers an architecture asks for.
    if (!name.startsWith('asm/')) return undefined;
    const generic = `asm-generic/${name.slice('asm/'.length)}`;
    return (
      this.snapshot.file(`include/${generic}`) ??
      this.snapshot.file(`include/uapi/${generic}`) ??
      this.elsewhere(name)
    );
  }

  /** A driver of machines of another architecture names headers that only that one has. */
  private elsewhere(name: string): LexedFile | undefined {
    for (const architecture of OTHER_ARCHITECTURES) {
      const file = this.snapshot.file(`arch/${architecture}/include/${name}`);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** A header that a build makes from a register description of the same name, with .xml for .xml.h. */
  private fromRegisters(name: string, folders: readonly string[]): LexedFile | undefined {
    if (!name.endsWith('.xml.h')) return undefined;
    const description = name.slice(name.lastIndexOf('/') + 1, -'.h'.length);
    for (const folder of folders) {
      const registers = `${folder}/registers`;
      for (const part of REGISTER_FOLDERS) {
        const xml = this.snapshot.text(`${registers}${part}/${description}`);
        if (xml === undefined) continue;
        const header = registerHeader(xml, (file) => this.snapshot.text(`${registers}/${file}`));
        return this.snapshot.made(`${folder}/generated/${description}.h`, header);
      }
    }
    return undefined;
  }

  /** A header that a build makes from the list of CPU capabilities of arm64. */
  private fromCapabilities(name: string): LexedFile | undefined {
    if (!CAPABILITY_HEADERS.includes(name)) return undefined;
    const list = this.snapshot.text(CAPABILITIES);
    if (list === undefined) return undefined;
    return this.snapshot.made(`arch/arm64/include/generated/${name}`, capabilityHeader(list));
  }
}

/** The list of CPU capabilities, and the headers that a build makes of it: the second in older releases. */
const CAPABILITIES = 'arch/arm64/tools/cpucaps';
const CAPABILITY_HEADERS: readonly string[] = ['asm/cpucap-defs.h', 'asm/cpucaps.h'];

/** Where register descriptions are, below a driver's folder of them. */
const REGISTER_FOLDERS: readonly string[] = ['', '/adreno', '/display'];
