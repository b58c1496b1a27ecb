import { profileFor } from '../../cfront/profile/profiles.ts';
import type { Unit } from '../../cfront/unit.ts';
import { lineMap } from '../../patch/apply/lineMap.ts';
import type { ChangedFile } from '../../patch/change.ts';
import { folderOf } from '../../cfront/preprocess/sources.ts';
import { headerUsers, wordsOf } from '../link/headerUsers.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import { statedEntries, tableFiles } from '../situations/library.ts';
import { INTERFACES } from '../watch/interfaces.ts';
import type { ChangedFunctions, IsChanged } from './change/changedFunctions.ts';
import {
  callersOf,
  changedFunctions,
  changedStatements,
  functionsOf,
} from './change/changedFunctions.ts';
import type { ChangedName } from './change/headerItems.ts';
import { changedNames, headerItems, namesLeadingTo } from './change/headerItems.ts';
import { linesChangedIn, optionsAround } from './change/optionsAround.ts';
import type { Ran, RunningRequest } from './runChanged.ts';
import { runChanged } from './runChanged.ts';
import type { Side } from './change/side.ts';
import { extentOf } from './change/side.ts';
import type { Runnable, SideLoader } from './change/sideLoader.ts';
import type { SimulatedFunction, SimulatedRun } from './result/simulation.ts';
import { asFarAsDriven, compareDriver } from './statedEntries.ts';
import type { Work } from './search/work.ts';

/** A header with both of its versions. */
export type ChangedHeader = Runnable['file'];

/** A changed header, and where C files that use it may be found. */
export interface HeaderRequest extends RunningRequest {
  readonly header: ChangedHeader;
  /** C files of the same change. */
  readonly beside: readonly ChangedHeader[];
  /** The tree after the change. */
  readonly tree: ListedSource;
  /** Loads the C files of the change; those of the tree are loaded by one each, so that their units do not pile up. */
  readonly loader: SideLoader;
  readonly newLoader: () => SideLoader;
  /** Only what is defined in these lines of the header after the change; absent: all that changed. */
  readonly only?: { readonly first: number; readonly last: number };
  readonly work: Work;
  /** What comparing page tables said of the header. */
  readonly tables: readonly SimulatedFunction[];
  /** Functions of the header to run as they are, where nothing changed. */
  readonly asTheyAre?: readonly string[];
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
  const all =
    request.asTheyAre === undefined
      ? changedNames(headerItems(header.before.path, header.before.text), items)
      : items.flatMap(({ kind, name, first, last }) =>
          request.asTheyAre!.includes(name) ? [{ kind, name, first, last, before: first }] : [],
        );
  const names = all.filter(
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
  for (const file of tableFiles()) search.tryTables(file);
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

/** The first line that a change made, or that stands where it took one away. */
function firstChange({ map }: ChangedFile): number {
  const changed = map.lines.filter(({ kind }) => kind !== 'context');
  const [first] = changed.map(({ after, before }) =>
    after === undefined && before !== undefined ? (map.toAfter(before - 1) ?? 0) + 1 : after,
  );
  return first ?? 1;
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
  /** Names that a C file has, but nothing else than before under the profile of its unit. */
  private readonly alike = new Map<string, Unit>();
  /** Names that C which builds page tables compiles. */
  private readonly inTables = new Set<string>();
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
    const { loader, newLoader } = this.request;
    const runnable = this.loaded(file, whose === 'of the change' ? loader : newLoader());
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
    if (called.length + users.length === 0) {
      for (const { name } of this.namesIn(file.after.text, new Set())) {
        this.alike.set(name, after.unit);
      }
      return false;
    }
    this.ranIn.push(after.unit.path);
    if (called.length > 0) this.runHeader(runnable, touched, called);
    if (users.length > 0 && before.unit !== after.unit) this.runUsers(runnable, touched, users);
    return true;
  }

  /**
   * Runs what builds page tables through the IOMMU core, where headers beside it use what changed: the C file itself
   * is made of them.
   */
  tryTables(path: string): void {
    const { tree, header, work, limits, cancelled } = this.request;
    const text = tree.read(path);
    const folder = folderOf(path);
    const isUsed = [folder, folderOf(folder)].some((one) =>
      tree.list(one).some((name) => {
        const other = `${one}/${name}`;
        return name.endsWith('.h') && this.namesIn(tree.read(other) ?? '', new Set()).length > 0;
      }),
    );
    if (text === undefined || !isUsed || this.request.situations !== undefined || cancelled())
      return;
    const runnable = this.loaded(unchangedFile(path, text), this.request.newLoader());
    if (runnable === undefined) return;
    const touched = this.changedIn(runnable, header.after.path);
    if (touched.changed.length === 0) return;
    for (const { name } of this.names) {
      const leading = this.leading.get(name)!;
      if (touched.changed.some((one) => leading.has(one))) this.inTables.add(name);
    }
    const { before, after, isChanged } = this.aboutHeader(runnable);
    const about = { ...this.request, ...limits, before, after, isChanged, touched };
    const driven = compareDriver({ ...about, work }, touched.changed);
    for (const result of driven.functions) {
      const own = changedStatements(
        ...([before.unit, after.unit, isChanged, [result.function], after.file] as const),
      );
      this.take(asFarAsDriven(result, driven, own), 'tables');
    }
  }

  /** Everything that was found, and what was not run. */
  result(): Ran {
    const { path } = this.request.header.after;
    const unmet = this.names.filter(({ name }) => !this.met.has(name));
    const isCompared = this.request.tables.some(({ verdict }) => verdict !== 'not-simulated');
    const reasons = new Map<string, ChangedName[]>();
    for (const name of isCompared ? [] : unmet) {
      const why = this.whyUnmet(name.name);
      reasons.set(why, [...(reasons.get(why) ?? []), name]);
    }
    for (const [why, names] of reasons) {
      const told = listed(names.map(toldName), 'names');
      this.notSimulated.push({ file: path, line: names[0]!.first, reason: `${told}: ${why}` });
    }
    if (this.left.length > 0 && this.ranIn.length > 0) {
      const ran = listed(this.ranIn, 'files');
      const left = listed(this.left, 'files');
      const reason = `run in ${ran}; other C files that name it were not: ${left}`;
      this.notSimulated.push({ file: path, line: this.names[0]!.first, reason });
    }
    // A situation that does not fit, or does not lead there, is no news where another one does.
    const ran = new Set(
      this.functions.flatMap((result) =>
        result.verdict === 'not-simulated' ? [] : [keyOf(result)],
      ),
    );
    const functions = this.functions
      .filter((result) => result.verdict !== 'not-simulated' || !ran.has(keyOf(result)))
      .map((result) => this.asOneOfMany(result));
    // What a header has is not understood in every C file that includes it.
    const told = new Map(
      this.notSimulated.map((one) => [`${one.file}:${one.line} ${one.reason}`, one]),
    );
    return { functions, notSimulated: [...told.values()] };
  }

  /**
   * A result that calls nothing unchanged for one of many callers: only where operations at random say the same, or
   * where the one C file that names it runs on any input.
   */
  private asOneOfMany(result: SimulatedFunction): SimulatedFunction {
    const { tables, asTheyAre, header } = this.request;
    if (result.verdict !== 'unchanged' || tables.length > 0 || asTheyAre !== undefined)
      return result;
    const isPublic = /(?:^|\/)include\//.test(header.after.path);
    const isOnly = !isPublic && this.left.length === 0 && this.ranIn.length === 1;
    if (isOnly && result.situation === INTERFACES.name) return result;
    const reason = `no difference below ${result.entry}() of this situation; what else calls it was not run`;
    return { ...result, verdict: 'unknown', reason };
  }

  private whyUnmet(name: string): string {
    if (this.inTables.has(name)) return 'no run of the tables below the IOMMU core got to it';
    const unit = this.alike.get(name);
    if (unit !== undefined) {
      const { profile, inactive } = unit.report;
      const left = inactive.length > 0 ? '; text behind options that are off is not run' : '';
      return `what ${unit.path} uses of it is the same under profile ${profile.name}${left}`;
    }
    return (
      this.failures[0] ??
      unreadable(this.request.header.after.path) ??
      `no C file whose functions use it was found: ${this.lookedAt} around this header were looked at`
    );
  }

  /** The changed names that a text uses, itself or through the header, but for some. */
  private namesIn(text: string, but: ReadonlySet<string>): readonly ChangedName[] {
    return this.names.filter(
      ({ name }) => !but.has(name) && wordsOf(text, this.leading.get(name)!).size > 0,
    );
  }

  private changedIn({ before, after }: Runnable, file: string): ChangedFunctions {
    const { header, asTheyAre } = this.request;
    if (asTheyAre !== undefined) {
      const own = functionsOf(after.unit, file);
      const changed = file === header.after.path ? asTheyAre.filter((name) => own.has(name)) : [];
      return { changed, added: [], removed: [] };
    }
    return changedFunctions(before.unit, after.unit, file, this.constants);
  }

  /** Both sides of a C file that includes the header, with options set where the profile leaves out what changed. */
  private loaded(file: ChangedHeader, loader: SideLoader): Runnable | undefined {
    const { header } = this.request;
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
    const { before, after, isChanged } = this.aboutHeader(runnable);
    const run = { ...runnable, file: this.request.header, before, after };
    const ran = runChanged(
      this.request,
      { runnable: run, touched, names, isChanged },
      this.request.work,
    );
    this.notSimulated.push(...ran.notSimulated);
    for (const result of ran.functions) this.take(result, 'C file');
  }

  /** Both sides of a C file as those of the header that it reads. */
  private aboutHeader({ before, after }: Runnable): {
    readonly before: Side;
    readonly after: Side;
    readonly isChanged: IsChanged;
  } {
    const { map, ...header } = this.request.header;
    const isAsItIs = this.request.asTheyAre !== undefined;
    return {
      before: {
        ...{ ...before, file: header.before.path },
        headerLineBefore: (line) => (map.toAfter(line) === undefined ? undefined : line),
      },
      after: {
        ...{ ...after, file: header.after.path },
        headerLineBefore: (line) => map.toBefore(line),
      },
      isChanged: (side, line) =>
        isAsItIs || (side === 'before' ? map.toAfter(line) : map.toBefore(line)) === undefined,
    };
  }

  /** A result about a function of the header. */
  private take(result: SimulatedFunction, ran: 'tables' | 'C file'): void {
    this.functions.push(result);
    for (const { name } of this.names) {
      if (this.leading.get(name)!.has(result.function)) this.note(name, result, ran);
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
      for (const { name } of used) this.note(name, result, 'C file');
    }
  }

  private note(name: string, { verdict }: SimulatedFunction, ran: 'tables' | 'C file'): void {
    this.met.add(name);
    if (verdict === 'newly-broken') this.broken.add(name);
    // What tables show says little of the other files that use it.
    if (verdict === 'newly-broken' || (verdict !== 'not-simulated' && ran === 'C file')) {
      this.settled.add(name);
    }
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
