import type { KeptUnits } from './keptUnits.ts';
import { lex } from './lex/lex.ts';
import type { LexedFile } from './lex/lexedFile.ts';
import { KEPT_NAMES } from './parse/intrinsics.ts';
import { IncludePath } from './preprocess/includePath.ts';
import { makefileFlags } from './preprocess/makefile.ts';
import type { Preamble } from './preprocess/preprocess.ts';
import { defineLines, preprocess } from './preprocess/preprocess.ts';
import type { SourceProvider } from './preprocess/sources.ts';
import { LexCache, SourceSnapshot } from './preprocess/sources.ts';
import { KconfigValues } from './profile/kconfig.ts';
import type { ConfigurationProfile } from './profile/profile.ts';
import { kbuildIncludeFolders, profileDefines } from './profile/profile.ts';
import { profileFor } from './profile/profiles.ts';
import { CHAR, PLAIN_UNSIGNED_CHAR } from './types/type.ts';
import type { Problem } from '../text/problem.ts';
import { Unit } from './unit.ts';

/** Files that kbuild makes the compiler read before every C file. */
const FORCED_INCLUDES = [
  'include/linux/compiler-version.h',
  'include/linux/kconfig.h',
  'include/linux/compiler_types.h',
];

/** How one unit is to be read. All fields are optional. */
export interface LoadOptions {
  /** Text of the C file, instead of what the tree has: an edited or patched file. */
  readonly text?: string;
  /** Configuration instead of the one that the path suggests. */
  readonly profile?: ConfigurationProfile;
  /** Options (without `CONFIG_`) that replace the profile's: values, or `n`; see parseDotConfig. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** Macros defined in addition, as with `-D`. */
  readonly defines?: ReadonlyMap<string, string>;
}

/** A unit, or the reason there is none. */
export type LoadResult =
  { readonly ok: true; readonly unit: Unit } | { readonly ok: false; readonly problem: Problem };

/**
 * Reads C files of one state of a tree. Keeps what units share: lexed headers, and per file the state
 * after its includes, so an edit below them costs only the file itself.
 */
export class FrontEnd {
  private readonly provider: SourceProvider;
  private readonly snapshot: SourceSnapshot;
  private readonly cache: LexCache;
  private readonly preambles = new Map<string, Preamble>();
  private readonly kept: KeptUnits | undefined;
  private unsignedChar: boolean | undefined;

  /** `cache` and `kept` may be shared with other states of the same tree. Without `kept` every load gives a new unit. */
  constructor(provider: SourceProvider, cache: LexCache = new LexCache(), kept?: KeptUnits) {
    this.provider = provider;
    this.kept = kept;
    this.cache = cache;
    this.snapshot = new SourceSnapshot(provider, cache);
  }

  /** Preprocesses and parses a C file. */
  load(path: string, options: LoadOptions = {}): LoadResult {
    const root = options.text === undefined ? this.snapshot.file(path) : lex(path, options.text);
    if (root === undefined) {
      return { ok: false, problem: { file: path, reason: 'there is no such file in the tree' } };
    }
    const profile = options.profile ?? profileFor(path);
    const flags = makefileFlags(this.provider, path);
    const defines = profileDefines(profile, options.overrides ?? new Map());
    for (const [name, value] of [...flags.defines, ...(options.defines ?? [])]) {
      defines.set(name, value);
    }
    const folders = [...kbuildIncludeFolders(profile.architecture), ...flags.includeFolders];
    const predefined = this.predefined(defines);
    const plainChar = this.charIsUnsigned() ? PLAIN_UNSIGNED_CHAR : CHAR;
    const key = [path, profile.name, plainChar.signed, ...folders, predefined.text].join('\n');
    // A unit that is looked at says what it was asked: those of edited files begin anew.
    const kept = options.text === undefined ? this.kept : undefined;
    const known = kept?.unit(key, this.snapshot);
    if (known !== undefined) return { ok: true, unit: known };
    const preprocessed = preprocess({
      root,
      includePath: new IncludePath(this.snapshot, folders),
      forced: FORCED_INCLUDES.flatMap((file) => this.snapshot.file(file) ?? []),
      predefined,
      kept: KEPT_NAMES,
      reuse: this.preambles.get(key) ?? this.kept?.preamble(key, this.snapshot),
    });
    const { preamble } = preprocessed;
    if (preamble !== undefined) {
      this.preambles.set(key, preamble);
      if (options.text !== undefined) this.kept?.keepPreamble(key, preamble, this.snapshot);
    }
    const settings = {
      ...{ profile, plainChar },
      options: new KconfigValues({ read: (file) => this.snapshot.text(file) }, path, profile),
    };
    const unit = new Unit(path, preprocessed, settings);
    kept?.keepUnit(key, unit, this.snapshot);
    return { ok: true, unit };
  }

  private predefined(defines: ReadonlyMap<string, string>): LexedFile {
    return this.cache.lexed('<configuration>', defineLines(defines));
  }

  /** The kernel compiles with -funsigned-char since 6.2. */
  private charIsUnsigned(): boolean {
    this.unsignedChar ??= this.provider.read('Makefile')?.includes('-funsigned-char') ?? false;
    return this.unsignedChar;
  }
}
