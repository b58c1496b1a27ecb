import type { Expr, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { childExpressions, visitExpressions } from '../program/walk.ts';
import type { Effect } from './contracts/contract.ts';
import { meaningsOf, type Meanings } from './contracts/meaning.ts';
import type { Context, Origin } from './facts.ts';
import type { Identity, Member } from './identity.ts';
import { memberWrites, recordTag, type MemberWrite, type MemberWrites } from './memberWrites.ts';
import type { Run } from './engine/run.ts';

/** Questions about the rest of the file that one function's paths raise; answered on demand and remembered. */
export interface FileContext {
  mappedCountField(run: Run, expr: Expr): Origin | undefined;
  entryContext(name: string): Context;
  isMemberChecked(member: string, tags: ReadonlySet<string | undefined>): boolean;
  identities(): readonly Identity[];
  /** Functions of the file that call this one by name. */
  callersOf(name: string): readonly string[];
  /** Names that a function of the file calls. */
  calledBy(name: string): ReadonlySet<string>;
  /** The function calls, directly or through functions of the file, one that passes the test. */
  reaches(name: string, test: (callee: string) => boolean): boolean;
  /** Everything that {@link FileContext.mappedCountField} rests on for a member, as one text. */
  writersKey(member: string): string;
  /** Functions that may put something into a member of a struct, or hand its address on. */
  writersOf(member: string, tag: string): readonly string[];
}

/** Looks at one file as a whole. */
export function fileContext(unit: Unit): FileContext {
  const own = unit.functions;
  const names = new Set(own.map(({ name }) => name));
  // A function that maps checks what it mapped itself; others check for somebody else.
  const meanings = meaningsOf(unit.api);
  const calls = (name: string, effect: Effect): readonly string[] =>
    [...calledBy(name)].filter((callee) => {
      const contract = meanings.contractOf(callee);
      return contract?.family === 'dma-map' && contract.effect === effect;
    });
  const checked = lazily(() =>
    own
      .filter(({ name }) => calls(name, 'acquire').length === 0)
      .flatMap((fn) => checkedMembers(unit, fn, new Set(calls(fn.name, 'check')))),
  );
  const reached = new Map<string, boolean>();
  const calledBy = (name: string): ReadonlySet<string> => unit.symbols.calledIn(name);
  const writesOf = memberWrites(unit, meanings);

  return {
    mappedCountField: (run, expr) => mappedCount(run, writesOf, expr),
    entryContext: (name) => {
      for (const { role, by } of unit.symbols.registrationsOf(name)) {
        if (role === 'irq') return { kind: 'atomic', why: `an interrupt handler (${by})` };
        if (role === 'timer') return { kind: 'atomic', why: `a timer callback (${by})` };
        if (role === 'tasklet') return { kind: 'atomic', why: `a tasklet (${by})` };
      }
      return { kind: 'unknown' };
    },
    isMemberChecked: (member, tags) => checked().some((one) => isSameMember(one, member, tags)),
    identities: lazily(() => own.flatMap((fn) => identitiesIn(unit, meanings, fn))),
    calledBy,
    reaches: (name, test) => {
      const walk = (at: string, depth: number): boolean => {
        const known = reached.get(at);
        if (known !== undefined) return known;
        reached.set(at, false);
        let found = false;
        for (const callee of calledBy(at)) {
          found = test(callee) || (depth > 0 && names.has(callee) && walk(callee, depth - 1));
          if (found) break;
        }
        reached.set(at, found);
        return found;
      };
      return walk(name, 6);
    },
    writersKey: (member) => JSON.stringify(writesOf(member)),
    writersOf: (member, tag) => [
      ...new Set(fillings(writesOf, member, tag).map(({ place }) => place.function)),
    ],
    callersOf: (name) => [
      ...new Set(
        unit.symbols.callersOf(name).flatMap(({ caller }) => (caller === name ? [] : [caller])),
      ),
    ],
  };
}

/** True for the same member of the same struct; a type that is not known may be any. */
export function isSameMember(
  { name, tag }: Member,
  member: string,
  tags: ReadonlySet<string | undefined>,
): boolean {
  if (name !== member) return false;
  return tag === undefined || tags.size === 0 || tags.has(undefined) || tags.has(tag);
}

/** The structs of which a function names a member of this name. */
export function tagsOfMember(unit: Unit, ir: FunctionIr, member: string): Set<string | undefined> {
  const tags = new Set<string | undefined>();
  visitExpressions(ir, (expr) => {
    if (expr.kind === 'field' && expr.name === member) tags.add(recordTag(unit, ir, expr));
  });
  return tags;
}

/** Members that a function asks an interface about. */
function checkedMembers(unit: Unit, fn: UnitFunction, checks: ReadonlySet<string>): Member[] {
  if (checks.size === 0) return [];
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return [];
  const members: Member[] = [];
  const collect = (expr: Expr): void => {
    if (expr.kind === 'field') members.push({ name: expr.name, tag: recordTag(unit, ir, expr) });
    childExpressions(expr).forEach(collect);
  };
  visitExpressions(ir, (expr) => {
    if (expr.kind === 'call' && expr.name !== undefined && checks.has(expr.name))
      expr.args.forEach(collect);
  });
  return members;
}

/** `handle == virt_to_phys(p)`: what a function compares with the physical address of RAM. */
function identitiesIn(unit: Unit, meanings: Meanings, fn: UnitFunction): Identity[] {
  const isAddress = (name: string): boolean => {
    const { provenance, value } = meanings.of(name);
    return provenance === 'ram' && value?.is === 'opaque';
  };
  if (![...unit.symbols.calledIn(fn.name)].some(isAddress)) return [];
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return [];
  const found: Identity[] = [];
  const note = (compared: Expr, other: Expr): void => {
    if (other.kind === 'cast') {
      note(compared, other.operand);
      return;
    }
    if (compared.kind === 'cast') {
      note(compared.operand, other);
      return;
    }
    if (other.kind !== 'call' || other.name === undefined || !isAddress(other.name)) return;
    if (compared.kind === 'field') {
      const member = { name: compared.name, tag: recordTag(unit, ir, compared) };
      found.push({ function: fn.name, member });
    } else if (compared.kind === 'ident') {
      found.push({ function: fn.name, variable: compared.name });
    }
  };
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'binary' || (expr.op !== '==' && expr.op !== '!=')) return;
    note(expr.left, expr.right);
    note(expr.right, expr.left);
  });
  return found;
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The member as the result of dma_map_sg(), if every function of the file that sets it makes it that. */
function mappedCount(run: Run, writesOf: MemberWrites, expr: Expr): Origin | undefined {
  if (expr.kind === 'cast') return mappedCount(run, writesOf, expr.operand);
  if (expr.kind !== 'field') return undefined;
  const tag = recordTag(run.context.unit, run.ir, expr);
  if (tag === undefined) return undefined;
  if (expr.name === 'nents' && tag === 'sg_table') {
    return { kind: 'sgtable-nents', table: run.source.text.slice(expr.base.start, expr.base.end) };
  }
  const writes = fillings(writesOf, expr.name, tag);
  const [first] = writes;
  if (first === undefined || writes.some(({ what }) => what !== 'count')) return undefined;
  return { kind: 'field-of-mapped-count', field: expr.name, writer: first.place };
}

/** Writes that put something into a member of a struct; one of a type that is not known may be meant. */
function fillings(writesOf: MemberWrites, member: string, of: string): readonly MemberWrite[] {
  return writesOf(member).filter(
    ({ what, tag }) => what !== 'nothing' && (tag === undefined || tag === of),
  );
}
