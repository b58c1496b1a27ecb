import type { Expr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { visitExpressions } from '../program/walk.ts';
import type { Effect } from './contracts/contract.ts';
import { meaningsOf } from './contracts/meaning.ts';
import type { Context, FlowPlace, Origin } from './facts.ts';
import type { Run } from './engine/run.ts';

/** Questions about the rest of the file that one function's paths raise; answered on demand and remembered. */
export interface FileContext {
  mappedCountField(run: Run, expr: Expr): Origin | undefined;
  entryContext(name: string): Context;
  isMemberChecked(member: string): boolean;
  assumesIdentity(): boolean;
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
  // A function may be defined in several branches of an #if.
  const texts = new Map<string, string>();
  for (const { name, text } of own) texts.set(name, `${texts.get(name) ?? ''}${text}\n`);
  // A function that maps checks what it mapped itself; others check for somebody else.
  const meanings = meaningsOf(unit.api);
  const calls = (name: string, effect: Effect): readonly string[] =>
    [...calledBy(name)].filter((callee) => {
      const contract = meanings.contractOf(callee);
      return contract?.family === 'dma-map' && contract.effect === effect;
    });
  const checkedText = lazily(() =>
    own
      .filter(({ name }) => calls(name, 'acquire').length === 0)
      .flatMap(({ name, text }) =>
        calls(name, 'check').flatMap(
          (callee) => text.match(new RegExp(`\\b${callee}\\s*\\([^;{]*`, 'g')) ?? [],
        ),
      )
      .join('\n'),
  );
  const called = new Map<string, ReadonlySet<string>>();
  const reached = new Map<string, boolean>();
  const calledBy = (name: string): ReadonlySet<string> => {
    let names = called.get(name);
    if (names === undefined) {
      names = calledNames(texts.get(name) ?? '');
      called.set(name, names);
    }
    return names;
  };
  const callers = lazily(() => {
    const map = new Map<string, string[]>();
    for (const name of texts.keys()) {
      for (const callee of calledBy(name)) {
        if (!texts.has(callee) || callee === name) continue;
        const list = map.get(callee);
        if (list === undefined) map.set(callee, [name]);
        else list.push(name);
      }
    }
    return map;
  });
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
    isMemberChecked: (member) => new RegExp(`\\b${member}\\b`).test(checkedText()),
    assumesIdentity: lazily(() =>
      own.some(({ text }) =>
        [...text.matchAll(/[!=]=\s*([A-Za-z_]\w*)\s*\(/g)].some(([, callee]) => {
          const { provenance, value } = meanings.of(callee!);
          return provenance === 'ram' && value?.is === 'opaque';
        }),
      ),
    ),
    calledBy,
    reaches: (name, test) => {
      const walk = (at: string, depth: number): boolean => {
        const known = reached.get(at);
        if (known !== undefined) return known;
        reached.set(at, false);
        let found = false;
        for (const callee of calledBy(at)) {
          found = test(callee) || (depth > 0 && texts.has(callee) && walk(callee, depth - 1));
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
    callersOf: (name) => callers().get(name) ?? [],
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Names in front of an opening parenthesis. */
function calledNames(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) names.add(match[1]!);
  return names;
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
  const tag = tagOf(run, expr);
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

function tagOf(run: Run, expr: Expr & { kind: 'field' }): string | undefined {
  const { types } = run.context.unit;
  let type = types.resolve(types.typeOf(run.ir, expr.base), run.ir);
  if (type.kind === 'pointer') type = types.resolve(type.to, run.ir);
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
