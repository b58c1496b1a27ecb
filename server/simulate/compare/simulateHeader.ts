import { profileFor } from '../../cfront/profile/profiles.ts';
import type { Unit } from '../../cfront/unit.ts';
import { lineMap } from '../../patch/apply/lineMap.ts';
import type { ChangedFile } from '../../patch/change.ts';
import { headerUsers, wordsOf } from '../link/headerUsers.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import { statedEntries } from '../situations/library.ts';
import type { ChangedFunctions, IsChanged } from './changedFunctions.ts';
import { callersOf, changedFunctions, functionsOf } from './changedFunctions.ts';
import type { ChangedName } from './headerItems.ts';
import { changedNames, headerItems, namesLeadingTo } from './headerItems.ts';
import { linesChangedIn, optionsAround } from './optionsAround.ts';
import type { Ran, RunningRequest } from './runChanged.ts';
import { runChanged } from './runChanged.ts';
import { extentOf } from './side.ts';
import type { Runnable, SideLoader } from './sideLoader.ts';
import type { SimulatedFunction, SimulatedRun } from './simulation.ts';
import type { Work } from './work.ts';

/** A header with both of its versions. */
export type ChangedHeader = Runnable['file'];

/** A changed header, and where C files that use it may be found. */
export interface HeaderRequest extends RunningRequest {
  readonly header: ChangedHeader;
  /** C files of the same change. */
  readonly beside: readonly ChangedHeader[];
  /** The tree after the change. */
  readonly tree: ListedSource;
  readonly loader: SideLoader;
  /** Only what is defined in these lines of the header after the change; absent: all that changed. */
  readonly only?: { readonly first: number; readonly last: number };
  readonly work: Work;
}

/** C files of the tree that are run for one header. */
const MOST_FILES = 3;
/** C files that are read for one header, to see whether they include it. */
const MOST_READ = 8;
/** Functions of a C file that are run because a macro or a constant is another. */
const MOST_USERS = 4;
/** Files that are named where others were not run. */
const MOST_NAMED = 3;

/**
 * Runs what a change does to functions, macros and constants of a header in C files that use them: those of the change
 * and, for what they do not use, the nearest of the tree.
 */
export function simulateHeader(request: HeaderRequest): Ran {
  const { header, tree, only } = request;
  const { path, text } = header.after;
  const items = headerItems(path, text);
  const names = changedNames(headerItems(header.before.path, header.before.text), items).filter(
    ({ first, last }) => only === undefined || (first <= only.last && last >= only.first),
  );
  if (names.length === 0) {
    const reason =
      only === undefined
        ? 'a header: comments, layout, declarations, types or new definitions only, which run with the C files of the patch that include it'
        : 'no function, macro or constant changed in these lines';
    return notRun(path, only?.first ?? firstChange(header), reason);
  }
  const search = new HeaderSearch(request, names, (name) => namesLeadingTo(name, items));
  const wanted = new Set(names.flatMap(({ name }) => [...namesLeadingTo(name, items)]));
  for (const file of request.beside) search.tryFile(file, 'of the change');
  if (search.isOpen) {
    const { users, lookedAt } = headerUsers(tree, path, wanted);
    const own = new Set(request.beside.map(({ after }) => after.path));
    search.tryUsers(
      users.map((user) => user.path).filter((one) => !own.has(one)),
      lookedAt,
    );
  }
  return search.result();
}

function notRun(file: string, line: number, reason: string): Ran {
  return { functions: [], notSimulated: [{ file, line, reason }] };
}

/** Why a header may be read by no C file; undefined where nothing speaks against it. */
function unreadable(path: string): string | undefined {
  const [, architecture] = /^arch\/(\w+)\//.exec(path) ?? [];
  return architecture === undefined || architecture === profileFor(path).architecture
    ? undefined
    : `a header of ${architecture}; C is read under the profiles of x86-64, arm64 and riscv only`;
}

function firstChange({ map }: ChangedFile): number {
  const changed = map.lines.filter(({ kind }) => kind !== 'context');
  return changed.find(({ after }) => after !== undefined)?.after ?? 1;
}

/** A file that did not change itself, as one that did: a header that it includes is another. */
export function unchangedFile(path: string, text: string): ChangedHeader {
  const same = { path, text };
  const length = text.split('\n').length;
  return {
    ...{ before: same, after: same, map: lineMap([{ before: 1, after: 1, length }], []) },
    ...{ filePatches: [], placements: [], extent: 'whole' as const, seen: [] },
  };
}

/** The C files that were tried for one header, and what came of it. */
class HeaderSearch {
  private readonly request: HeaderRequest;
  private readonly names: readonly ChangedName[];
  private readonly leading: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly constants: readonly string[];
  private readonly functions: SimulatedFunction[] = [];
  private readonly notSimulated: Ran['notSimulated'][number][] = [];
  private readonly ranIn: string[] = [];
  private readonly failures: string[] = [];
  private left: readonly string[] = [];
  private lookedAt = 0;
  /** Names by what was seen of them: at all, to the end of a run, or broken. */
  private readonly met = new Set<string>();
  private readonly settled = new Set<string>();
  private readonly broken = new Set<string>();

  constructor(
    request: HeaderRequest,
    names: readonly ChangedName[],
    leadingTo: (name: string) => ReadonlySet<string>,
  ) {
    this.request = request;
    this.names = names;
    this.leading = new Map(names.map(({ name }) => [name, leadingTo(name)]));
    this.constants = names.flatMap(({ name, kind }) => (kind === 'constant' ? [name] : []));
  }

  /** Whether something that changed was not run to its end yet. */
  get isOpen(): boolean {
    return this.names.some(({ name }) => !this.settled.has(name));
  }

  /** Runs C files of the tree, those first that use what was not run yet. */
  tryUsers(paths: readonly string[], lookedAt: number): void {
    const waiting = paths.map((path) => ({ path, text: this.request.tree.read(path) ?? '' }));
    this.lookedAt = lookedAt;
    let taken = 0;
    let read = 0;
    const left: string[] = [];
    while (waiting.length > 0 && taken < MOST_FILES && read < MOST_READ) {
      if (this.request.cancelled() || this.request.work.isUsedUp) break;
      const open = waiting.findIndex(({ text }) => this.namesIn(text, this.settled).length > 0);
      const [next] = waiting.splice(Math.max(0, open), 1);
      if (this.namesIn(next!.text, this.broken).length === 0) {
        left.push(next!.path);
        continue;
      }
      read++;
      if (this.tryFile(unchangedFile(next!.path, next!.text), 'of the tree')) taken++;
    }
    this.left = [...left, ...waiting.map(({ path }) => path)];
  }

  /** Runs what uses the header in one C file; false where nothing does. */
  tryFile(file: ChangedHeader, whose: 'of the change' | 'of the tree'): boolean {
    if (this.namesIn(file.after.text, new Set()).length === 0) return false;
    const runnable = this.loaded(file);
    if (runnable === undefined) return false;
    const { before, after } = runnable;
    const inHeader = this.changedIn(runnable, this.request.header.after.path);
    const inFile = this.changedIn(runnable, after.unit.path);
    const touched = {
      changed: [...new Set([...inHeader.changed, ...inFile.changed])],
      added: [...inHeader.added, ...inFile.added],
      removed: [...inHeader.removed, ...inFile.removed],
    };
    const { path } = this.request.header.after;
    const called = inHeader.changed.filter(
      (name) =>
        this.names.some((one) => this.leading.get(one.name)!.has(name)) &&
        isCalledFrom(after.unit, name, path),
    );
    const users = whose === 'of the tree' ? this.usersIn(after.unit, inFile.changed) : [];
    if (called.length + users.length === 0) return false;
    this.ranIn.push(after.unit.path);
    if (called.length > 0) this.runHeader(runnable, touched, called);
    if (users.length > 0 && before.unit !== after.unit) this.runUsers(runnable, touched, users);
    return true;
  }

  /** Everything that was found, and what was not run. */
  result(): Ran {
    const { path } = this.request.header.after;
    const unmet = this.names.filter(({ name }) => !this.met.has(name));
    if (unmet.length > 0) {
      const why = this.failures[0] ?? unreadable(path) ?? `no C file whose functions use it was found: ${this.lookedAt} around this header were looked at`; // prettier-ignore
      this.notSimulated.push({
        ...{ file: path, line: unmet[0]!.first },
        reason: `${listed(unmet.map(toldName), unmet.length > 1 ? 'names' : '')}: ${why}`,
      });
    }
    if (this.left.length > 0 && this.ranIn.length > 0) {
      const ran = listed(this.ranIn, 'files');
      const left = listed(this.left, 'files');
      const reason = `run in ${ran}; other C files that name what changed were not: ${left}`;
      this.notSimulated.push({ file: path, line: this.names[0]!.first, reason });
    }
    // A situation that does not fit, or does not lead there, is no news where another one does.
    const ran = new Set(
      this.functions.flatMap((result) =>
        result.verdict === 'not-simulated' ? [] : [keyOf(result)],
      ),
    );
    const functions = this.functions.filter(
      (result) => result.verdict !== 'not-simulated' || !ran.has(keyOf(result)),
    );
    return { functions, notSimulated: this.notSimulated };
  }

  /** The changed names that a text uses, itself or through the header, but for some. */
  private namesIn(text: string, but: ReadonlySet<string>): readonly ChangedName[] {
    return this.names.filter(
      ({ name }) => !but.has(name) && wordsOf(text, this.leading.get(name)!).size > 0,
    );
  }

  private changedIn({ before, after }: Runnable, file: string): ChangedFunctions {
    return changedFunctions(before.unit, after.unit, file, this.constants);
  }

  /** Both sides of a C file that includes the header, with options set where the profile leaves out what changed. */
  private loaded(file: ChangedHeader): Runnable | undefined {
    const { header, loader } = this.request;
    const usual = loader.sides(file);
    if (typeof usual === 'string') {
      this.failures.push(`${file.after.path}: ${usual}`);
      return undefined;
    }
    if (!usual.after.unit.reads(header.after.path)) return undefined;
    if (this.isTouched(usual)) return usual;
    const options = new Map([
      ...optionsAround(header.before.text, linesChangedIn(header, 'before')),
      ...optionsAround(header.after.text, linesChangedIn(header, 'after')),
    ]);
    const other = options.size === 0 ? usual : loader.sides(file, options);
    return typeof other !== 'string' && this.isTouched(other) ? other : usual;
  }

  private isTouched(runnable: Runnable): boolean {
    const files = [this.request.header.after.path, runnable.after.unit.path];
    return files.some((file) => this.changedIn(runnable, file).changed.length > 0);
  }

  /** The functions of a C file to run for macros and constants, those first whose inputs a situation states. */
  private usersIn(unit: Unit, changed: readonly string[]): readonly string[] {
    const isStated = (name: string): boolean =>
      statedEntries(unit, name, (one) => callersOf(unit, one)).length > 0;
    const stated = new Set(changed.filter(isStated));
    return [...stated, ...changed.filter((name) => !stated.has(name))].slice(0, MOST_USERS);
  }

  private runHeader(runnable: Runnable, touched: ChangedFunctions, names: readonly string[]): void {
    const { header } = this.request;
    const { map, before, after } = header;
    const isChanged: IsChanged = (side, line) =>
      (side === 'before' ? map.toAfter(line) : map.toBefore(line)) === undefined;
    const run = {
      ...{ ...runnable, file: header },
      before: {
        ...{ ...runnable.before, file: before.path },
        headerLineBefore: (line: number) => (map.toAfter(line) === undefined ? undefined : line),
      },
      after: {
        ...{ ...runnable.after, file: after.path },
        headerLineBefore: (line: number) => map.toBefore(line),
      },
    };
    const ran = runChanged(
      this.request,
      { runnable: run, touched, names, isChanged },
      this.request.work,
    );
    this.notSimulated.push(...ran.notSimulated);
    for (const result of ran.functions) {
      this.functions.push(result);
      for (const { name } of this.names) {
        if (this.leading.get(name)!.has(result.function)) this.note(name, result);
      }
    }
  }

  private runUsers(runnable: Runnable, touched: ChangedFunctions, names: readonly string[]): void {
    const { unit } = runnable.after;
    const run = { runnable, touched, names, isChanged: () => false };
    const ran = runChanged(this.request, run, this.request.work);
    this.notSimulated.push(...ran.notSimulated);
    const lines = runnable.file.after.text.split('\n');
    for (const result of ran.functions) {
      const extent = extentOf(unit, unit.function(result.function)!);
      const text = lines.slice((extent?.first ?? 1) - 1, extent?.last).join('\n');
      const used = this.namesIn(text, new Set());
      const told = used[0] ?? this.names[0]!;
      this.functions.push(becauseOf(result, told, this.request.header.after.path, unit.path));
      for (const { name } of used) this.note(name, result);
    }
  }

  private note(name: string, { verdict }: SimulatedFunction): void {
    this.met.add(name);
    if (verdict !== 'not-simulated') this.settled.add(name);
    if (verdict === 'newly-broken') this.broken.add(name);
  }
}

/** Whether a function of the C file of a unit calls a function of a header, itself or through the header. */
export function isCalledFrom(unit: Unit, name: string, header: string): boolean {
  const own = functionsOf(unit);
  const seen = new Set([name]);
  for (const one of seen) {
    for (const caller of callersOf(unit, one, header)) {
      if (own.has(caller)) return true;
      seen.add(caller);
    }
  }
  return false;
}

/** A result about a function of a C file as one about what a header defines otherwise. */
function becauseOf(
  result: SimulatedFunction,
  { name, first, before }: ChangedName,
  header: string,
  file: string,
): SimulatedFunction {
  const at = (run: SimulatedRun | undefined, line: number): SimulatedRun | undefined =>
    run?.changed === undefined ? run : { ...run, changed: run.changed.length === 0 ? [] : [line] };
  return {
    ...{ ...result, file: header, line: first, ranIn: file, changedName: name },
    ...{ before: at(result.before, before), after: at(result.after, first) },
  };
}

/** What a result is about, whichever C file it was run in. */
function keyOf({ function: name, changedName }: SimulatedFunction): string {
  return changedName ?? name;
}

function toldName({ name, kind }: ChangedName): string {
  return kind === 'function' ? `${name}()` : name;
}

/** The first of some texts, and how many more there are. */
function listed(texts: readonly string[], what: string): string {
  const shown = texts.slice(0, MOST_NAMED).join(', ');
  const more = texts.length - MOST_NAMED;
  return more > 0 ? `${shown} and ${more} more ${what}`.trimEnd() : shown;
}
