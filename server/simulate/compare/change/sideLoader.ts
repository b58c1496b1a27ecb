import type { LoadOptions, LoadResult } from '../../../cfront/frontEnd.ts';
import { FrontEnd } from '../../../cfront/frontEnd.ts';
import type { Unit } from '../../../cfront/unit.ts';
import {
  pathTakenAway,
  type Change,
  type ChangedFile,
  type FileText,
} from '../../../patch/change.ts';
import type { ListedSource } from '../../link/symbolFinder.ts';
import { SymbolFinder } from '../../link/symbolFinder.ts';
import type { TreeMemory } from '../../link/treeMemory.ts';
import { withdrawnDefines, withdrawnIn } from '../../link/withdrawn.ts';
import { Program } from '../../machine/program.ts';
import { completeQuote, isQuotedInPart } from './completeQuote.ts';
import type { Options } from './optionsAround.ts';
import type { Side } from './side.ts';

/** A changed C file that can be run on both sides. */
export interface Runnable {
  readonly file: ChangedFile & { readonly before: FileText; readonly after: FileText };
  readonly before: Side;
  readonly after: Side;
  /** Interfaces that the file uses and this tree has no more: they are run as what they were. */
  readonly withdrawn: readonly string[];
  /** What was added to a patch that a mail quotes in part; see completeQuote(). */
  readonly additions: readonly string[];
  /** Options that are set otherwise than the profile has them, so that the changed lines are compiled. */
  readonly options: Options;
}

/** A tree as it is on one side of a change. */
export function stateOf(
  source: ListedSource,
  change: Change,
  side: 'before' | 'after',
): ListedSource {
  const changed = new Map<string, string | undefined>();
  for (const file of change.files) {
    const gone = side === 'before' ? file.after?.path : pathTakenAway(file);
    if (gone !== undefined) changed.set(gone, undefined);
  }
  for (const file of change.files) {
    const shown = file[side];
    if (shown !== undefined) changed.set(shown.path, shown.text);
  }
  return {
    read: (path) => (changed.has(path) ? changed.get(path) : source.read(path)),
    list: (folder) => source.list(folder),
  };
}

/** Makes the two sides of changed files, sharing what they have in common. */
export class SideLoader {
  private readonly source: ListedSource;
  private readonly memory: TreeMemory;
  private readonly before: FrontEnd;
  private readonly after: FrontEnd;
  /** One C file changes and nothing else: all but itself is the same on both sides. */
  private readonly isAlone: boolean;

  constructor(source: ListedSource, change: Change, memory: TreeMemory) {
    this.source = source;
    this.memory = memory;
    const [only, more] = change.files;
    this.isAlone = more === undefined && (only?.after?.path ?? '').endsWith('.c');
    const frontEnd = (side: 'before' | 'after'): FrontEnd =>
      new FrontEnd(stateOf(source, change, side), memory.tokens, memory.units);
    this.before = frontEnd('before');
    this.after = this.isAlone ? this.before : frontEnd('after');
  }

  /** Both sides of a file, or why there are none. `options` are set instead of what the profile says. */
  sides(file: Runnable['file'], options: Options = new Map()): Runnable | string {
    const withdrawn = withdrawnIn(`${file.before.text}\n${file.after.text}`, this.source);
    const shared = { defines: withdrawnDefines(withdrawn), overrides: options };
    // As the tree of the side has it, so that it is kept: only the side after is looked at for what it asked.
    const before = this.before.load(file.before.path, shared);
    if (!before.ok) return before.problem.reason;
    const after = this.loadAfter(before.unit, file, shared);
    if (!after.ok) return after.problem.reason;
    const linked = new Map<string, Unit | undefined>();
    const { path: own } = file.after;
    const { names } = this.memory;
    const above = new SymbolFinder(this.source, own, 'above-interfaces', names);
    // What a situation links runs down to the page tables, so what those call is run too.
    // A program is built for one architecture, whatever its other files are read as by themselves.
    const { profile } = before.unit.report;
    const whole = new SymbolFinder(this.source, own, 'whole', names);
    const unitAt = (frontEnd: FrontEnd, path: string): Unit | undefined => {
      const key = this.isAlone ? path : `${frontEnd === this.before ? '-' : '+'}${path}`;
      if (!linked.has(key)) {
        const loaded = frontEnd.load(path, { overrides: options, profile });
        linked.set(key, loaded.ok ? loaded.unit : undefined);
      }
      return linked.get(key);
    };
    const link =
      (frontEnd: FrontEnd, finder: SymbolFinder) =>
      (name: string): Unit | undefined => {
        const path = finder.definitionOf(name);
        return path === undefined || path === own ? undefined : unitAt(frontEnd, path);
      };
    const { map } = file;
    const program =
      (frontEnd: FrontEnd, unit: Unit) =>
      (beside: readonly string[]): Program => {
        const others = beside.filter((path) => path !== own);
        const named = others.flatMap((path) => unitAt(frontEnd, path) ?? []);
        return new Program([unit, ...named], link(frontEnd, beside.length > 0 ? whole : above));
      };
    return {
      ...{ file, withdrawn, additions: after.additions, options },
      before: {
        ...{ name: 'before', unit: before.unit, file: before.unit.path },
        // A line that goes has no counterpart: what it asks is matched with what the new lines ask.
        lineBefore: (line) => (map.toAfter(line) === undefined ? undefined : line),
        program: program(this.before, before.unit),
      },
      after: {
        ...{ name: 'after', unit: after.unit, file: after.unit.path },
        lineBefore: (line) => map.toBefore(line),
        program: program(this.after, after.unit),
      },
    };
  }

  /** The file after the change; where a mail quotes only a part of it, with what that part makes necessary. */
  private loadAfter(
    before: Unit,
    file: Runnable['file'],
    shared: LoadOptions,
  ): LoadResult & { readonly additions: readonly string[] } {
    const { path, text } = file.after;
    const quoted = this.after.load(path, { text, ...shared });
    const whole =
      quoted.ok && isQuotedInPart(file) ? completeQuote(before, quoted.unit, file) : undefined;
    if (whole === undefined) return { ...quoted, additions: [] };
    const { additions } = whole;
    return { ...this.after.load(path, { text: whole.text, ...shared }), additions };
  }
}
