import type { CType, Expr, FunctionIr, InitList } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { childExpressions, visitExpressions } from '../program/walk.ts';
import type { Meanings } from './contracts/meaning.ts';
import type { FlowPlace } from './facts.ts';

/** One place of a file that may change a member of a struct. */
export interface MemberWrite {
  /** The struct; undefined where its type is not known, or the function was not understood. */
  readonly tag: string | undefined;
  /**
   * What it becomes: nothing (0, NULL, DMA_MAPPING_ERROR), the result of an interface that counts, or anything else;
   * `handed-on` where its address leaves the function.
   */
  readonly what: 'nothing' | 'count' | 'value' | 'handed-on';
  readonly place: FlowPlace;
}

/** The places of a file that may change a member of a name; worked out once per name. */
export type MemberWrites = (member: string) => readonly MemberWrite[];

/** Looks for writes of members in the functions of a file. Functions whose text lacks the name are not lowered for it. */
export function memberWrites(unit: Unit, meanings: Meanings): MemberWrites {
  const known = new Map<string, readonly MemberWrite[]>();
  return (member) => {
    let writes = known.get(member);
    if (writes === undefined) {
      const named = new RegExp(`\\b${member}\\b`);
      writes = unit.functions
        .filter(({ text }) => named.test(text))
        .flatMap((fn) => writesIn(unit, meanings, fn, member));
      known.set(member, writes);
    }
    return writes;
  };
}

function writesIn(unit: Unit, meanings: Meanings, fn: UnitFunction, member: string): MemberWrite[] {
  const placeOf = (start: number, end: number): FlowPlace => ({
    file: fn.file,
    span: { start, end },
    line: 0,
    function: fn.name,
  });
  const ir = fn.lower();
  if (ir.kind !== 'lowered') {
    return [{ tag: undefined, what: 'value', place: placeOf(0, fn.text.length) }];
  }
  const found: MemberWrite[] = [];
  const counts = new Set<number>();
  const note = (tag: string | undefined, what: MemberWrite['what'], at: Expr): void => {
    found.push({ tag, what, place: placeOf(at.start, at.end) });
  };
  const becomes = (value: Expr): MemberWrite['what'] => {
    if (isNothing(value)) return 'nothing';
    return isCount(meanings, counts, value) ? 'count' : 'value';
  };
  // Lists within lists are of members whose types nobody asks for here.
  const initialised = ({ entries }: InitList, tag: string | undefined): void => {
    for (const { designators, value } of entries) {
      const [first] = designators;
      if (first?.kind === 'field' && first.name === member) note(tag, becomes(value), value);
      if (value.kind === 'initList') initialised(value, undefined);
    }
  };
  visitExpressions(ir, (expr, node) => {
    switch (expr.kind) {
      case 'assign': {
        if (expr.target.kind === 'ident' && expr.target.binding.kind === 'variable') {
          if (isCount(meanings, counts, expr.value)) counts.add(expr.target.binding.variable);
          return;
        }
        const target = memberIn(expr.target, member);
        if (target === undefined) return;
        const isWhole = target === expr.target && expr.op === undefined;
        note(recordTag(unit, ir, target), isWhole ? becomes(expr.value) : 'value', expr);
        return;
      }
      case 'increment': {
        const target = memberIn(expr.target, member);
        if (target !== undefined) note(recordTag(unit, ir, target), 'value', expr);
        return;
      }
      case 'addressOf': {
        const target = memberIn(expr.operand, member);
        if (target !== undefined) note(recordTag(unit, ir, target), 'handed-on', expr);
        return;
      }
      case 'compoundLiteral':
        initialised(expr.init, recordOf(unit, ir, expr.type));
        return;
      case 'initList':
        if (node.kind === 'declare' && node.init === expr) {
          initialised(expr, recordOf(unit, ir, ir.variables[node.variable]?.type));
        }
        return;
      case 'call': {
        const effect = expr.name === undefined ? undefined : meanings.of(expr.name).effect;
        if (effect?.does !== 'setField') return;
        const field = expr.args[effect.field];
        if (field?.kind !== 'ident' || field.name !== member) return;
        const object = expr.args[effect.object];
        const value = expr.args[effect.value];
        const tag = object === undefined ? undefined : tagOf(unit, ir, object);
        note(tag, value === undefined ? 'value' : becomes(value), expr);
        return;
      }
      default:
    }
  });
  return found;
}

/** The access of the member in `o->a.member[i]` and `o->member.a`, whichever part of it is written. */
function memberIn(place: Expr, member: string): (Expr & { kind: 'field' }) | undefined {
  switch (place.kind) {
    case 'field':
      return place.name === member ? place : memberIn(place.base, member);
    case 'index':
      return memberIn(place.base, member);
    case 'deref':
    case 'addressOf':
    case 'cast':
      return childExpressions(place).map((part) => memberIn(part, member))[0];
    default:
      return undefined;
  }
}

function isNothing(value: Expr): boolean {
  if (value.kind === 'cast') return isNothing(value.operand);
  if (value.kind === 'int') return value.value === 0;
  return value.kind === 'constant' && (value.value === 0 || value.name === 'DMA_MAPPING_ERROR');
}

function isCount(meanings: Meanings, counts: ReadonlySet<number>, value: Expr): boolean {
  if (value.kind === 'cast') return isCount(meanings, counts, value.operand);
  if (value.kind === 'call') return meanings.contractOf(value.name ?? '')?.convention === 'count';
  return (
    value.kind === 'ident' &&
    value.binding.kind === 'variable' &&
    counts.has(value.binding.variable)
  );
}

/** The struct that an access names a member of; undefined where its type is not known. */
export function recordTag(
  unit: Unit,
  ir: FunctionIr,
  access: Expr & { kind: 'field' },
): string | undefined {
  return tagOf(unit, ir, access.base);
}

function tagOf(unit: Unit, ir: FunctionIr, object: Expr): string | undefined {
  return recordOf(unit, ir, unit.types.typeOf(ir, object));
}

function recordOf({ types }: Unit, ir: FunctionIr, of: CType | undefined): string | undefined {
  if (of === undefined) return undefined;
  let type = types.resolve(of, ir);
  if (type.kind === 'pointer') type = types.resolve(type.to, ir);
  return type.kind === 'record' ? type.tag : undefined;
}
