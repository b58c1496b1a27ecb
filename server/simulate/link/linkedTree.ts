import { FrontEnd } from '../../cfront/frontEnd.ts';
import { folderOf } from '../../cfront/preprocess/sources.ts';
import type { LoadOptions } from '../../cfront/frontEnd.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Problem } from '../../text/problem.ts';
import { Program } from '../machine/program.ts';
import type { ListedSource } from './symbolFinder.ts';
import { SymbolFinder } from './symbolFinder.ts';

/** A C file ready to run, with the files of its tree that it calls into. */
export interface LinkedFile {
  readonly unit: Unit;
  /** A program over the file, the files named here and whatever they turn out to call. */
  readonly program: (beside: readonly string[]) => Program;
}

/** A file, or why it cannot be run. */
export type LinkedResult =
  | { readonly ok: true; readonly file: LinkedFile }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Loads C files of one tree. Units that several files and programs share are read once; a file whose
 * text is given stands for itself only.
 */
export class LinkedTree {
  private readonly source: ListedSource;
  private readonly frontEnd: FrontEnd;
  private readonly definitions = new Map<string, Map<string, string | undefined>>();
  private readonly units = new Map<string, Unit | undefined>();

  constructor(source: ListedSource, frontEnd: FrontEnd = new FrontEnd(source)) {
    this.source = source;
    this.frontEnd = frontEnd;
  }

  /** Reads a file; `options.text` replaces what the tree has. */
  open(path: string, options: LoadOptions = {}): LinkedResult {
    const loaded = this.frontEnd.load(path, options);
    if (!loaded.ok) return loaded;
    const { unit } = loaded;
    const finder = this.finder(path);
    const other = (found: string): Unit | undefined =>
      found === path ? unit : this.unit(found, unit);
    const link = (name: string): Unit | undefined => {
      const found = finder(name);
      return found === undefined || found === path ? undefined : other(found);
    };
    const program = (beside: readonly string[]): Program => {
      const named = beside.flatMap((found) => other(found) ?? []);
      return new Program([...new Set([unit, ...named])], link);
    };
    return { ok: true, file: { unit, program } };
  }

  /** Where names are defined, asked once per name: files of one folder share the answers. */
  private finder(path: string): (name: string) => string | undefined {
    const folder = folderOf(path);
    const known = this.definitions.get(folder) ?? new Map<string, string | undefined>();
    this.definitions.set(folder, known);
    const finder = new SymbolFinder(this.source, path);
    return (name) => {
      if (!known.has(name)) known.set(name, finder.definitionOf(name));
      return known.get(name);
    };
  }

  private unit(path: string, root: Unit): Unit | undefined {
    const { profile } = root.report;
    const key = `${profile.name} ${path}`;
    if (!this.units.has(key)) {
      const loaded = this.frontEnd.load(path, { profile });
      this.units.set(key, loaded.ok ? loaded.unit : undefined);
    }
    return this.units.get(key);
  }
}
