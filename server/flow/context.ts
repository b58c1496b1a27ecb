import type { Expr, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { childExpressions, visitExpressions } from '../program/walk.ts';
import type { Effect } from './contracts/contract.ts';
import { meaningsOf, type Meanings } from './contracts/meaning.ts';
import type { Context, FlowPlace, Origin } from './facts.ts';
import type { Identity, Member } from './identity.ts';
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
  /** Functions that may write a member of this name: an assignment of something else than nothing, its address handed on. */
  writersOf(member: string): readonly string[];
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
  const fields = new Map<
    string,
    { tag: string | undefined; place: FlowPlace; counts: boolean }[]
  >();

  return {
    mappedCountField: (run, expr) => mappedCount(run, own, fields, expr),
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
    writersKey: (member) => {
      const assigns = new RegExp(`\\b${member}\\s*=[^=]`);
      return own
        .filter(({ text }) => assigns.test(text))
        .map(({ text }) => text)
        .join('\n');
    },
    writersOf: (member) => {
      const writes = new RegExp(
        `(?:\\.|->)${member}\\s*=(?!=|\\s*(?:NULL|0|DMA_MAPPING_ERROR)\\s*;)|&[\\w.>\\-\\[\\]]*(?:\\.|->)${member}\\b|,\\s*${member}\\s*,`,
      );
      return own.filter(({ text }) => writes.test(text)).map(({ name }) => name);
    },
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
function mappedCount(
  run: Run,
  own: readonly UnitFunction[],
  cache: Map<string, { tag: string | undefined; place: FlowPlace; counts: boolean }[]>,
  expr: Expr,
): Origin | undefined {
  if (expr.kind === 'cast') return mappedCount(run, own, cache, expr.operand);
  if (expr.kind !== 'field') return undefined;
  const tag = recordTag(run.context.unit, run.ir, expr);
  if (expr.name === 'nents' && tag === 'sg_table') {
    return { kind: 'sgtable-nents', table: run.source.text.slice(expr.base.start, expr.base.end) };
  }
  let writers = cache.get(expr.name);
  if (writers === undefined) {
    writers = [];
    cache.set(expr.name, writers);
    const assigns = new RegExp(`\\b${expr.name}\\s*=[^=]`);
    for (const fn of own) {
      if (assigns.test(fn.text)) collectWriters(run, fn, expr.name, writers);
    }
  }
  const mine = writers.filter((writer) => writer.tag === tag);
  const [first] = mine;
  if (first === undefined || tag === undefined || mine.some(({ counts }) => !counts))
    return undefined;
  return { kind: 'field-of-mapped-count', field: expr.name, writer: first.place };
}

function recordTag(
  { types }: Unit,
  ir: FunctionIr,
  expr: Expr & { kind: 'field' },
): string | undefined {
  let type = types.resolve(types.typeOf(ir, expr.base), ir);
  if (type.kind === 'pointer') type = types.resolve(type.to, ir);
  return type.kind === 'record' ? type.tag : undefined;
}

function collectWriters(
  { context: { unit, meanings } }: Run,
  fn: UnitFunction,
  member: string,
  into: { tag: string | undefined; place: FlowPlace; counts: boolean }[],
): void {
  const { types } = unit;
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return;
  const counts = new Set<number>();
  const isCount = (value: Expr): boolean => {
    if (value.kind === 'cast') return isCount(value.operand);
    if (value.kind === 'call') return meanings.contractOf(value.name ?? '')?.convention === 'count';
    if (value.kind === 'ident' && value.binding.kind === 'variable')
      return counts.has(value.binding.variable);
    return false;
  };
  const isNeutral = (value: Expr): boolean => value.kind === 'int' && value.value === 0;
  visitExpressions(ir, (expr) => {
    if (
      expr.kind === 'assign' &&
      expr.target.kind === 'ident' &&
      expr.target.binding.kind === 'variable'
    ) {
      if (isCount(expr.value)) counts.add(expr.target.binding.variable);
      return;
    }
    if (expr.kind !== 'assign' || expr.target.kind !== 'field' || expr.target.name !== member)
      return;
    if (isNeutral(expr.value)) return;
    let type = types.resolve(types.typeOf(ir, expr.target.base), ir);
    if (type.kind === 'pointer') type = types.resolve(type.to, ir);
    into.push({
      tag: type.kind === 'record' ? type.tag : undefined,
      place: {
        file: fn.file,
        span: { start: expr.start, end: expr.end },
        line: 0,
        function: fn.name,
      },
      counts: isCount(expr.value),
    });
  });
}
