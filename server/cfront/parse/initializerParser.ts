import { spellingOf } from '../lex/atoms.ts';
import { literalBytes } from '../lex/literals.ts';
import type { Location } from '../lex/sourceMap.ts';
import { memberNamed, sizeOf } from '../types/layout.ts';
import type { AggregateType, Member, Type } from '../types/type.ts';
import { describeType, INT, sameType, UNSIGNED_LONG } from '../types/type.ts';
import type { Expr, Initializer, InitializerPart } from './ast.ts';
import {
  addressOf,
  arithmetic,
  constantOf,
  convert,
  integerConstant,
  requireConstant,
  valueOf,
} from './build.ts';
import { bitOperation } from './builtinFolding.ts';
import { ExpressionParser } from './expressionParser.ts';
import { K, P } from './keywords.ts';

/** A place inside the object being initialised. */
interface Slot {
  readonly type: Type;
  readonly offset: number;
  readonly bits: Member['bits'];
}

/** Adds initialisers, and the builtins whose arguments are types or designators. */
export abstract class InitializerParser extends ExpressionParser {
  initializer(type: Type): Initializer {
    const { cursor } = this;
    const parts: InitializerPart[] = [];
    if (cursor.atom === P.openCurly) {
      const sized = this.braced({ type, offset: 0, bits: undefined }, parts);
      return { type: sized, zeroFill: true, parts };
    }
    const sized = this.unbraced({ type, offset: 0, bits: undefined }, parts);
    return { type: sized, zeroFill: type.kind === 'array', parts };
  }

  /** One value without braces: a scalar, a whole struct, or a string for a char array. */
  private unbraced(slot: Slot, parts: InitializerPart[]): Type {
    const { cursor } = this;
    if (slot.type.kind === 'array' && cursor.isString) return this.stringIntoArray(slot, parts);
    const expr = this.assignmentExpression();
    if (slot.type.kind === 'array') {
      // A compound literal of array type may initialise an array.
      if (expr.op === 'compound') {
        for (const part of expr.initializer.parts) {
          parts.push({ ...part, offset: part.offset + slot.offset });
        }
        return expr.type;
      }
      throw cursor.error('an array needs a braced initialiser');
    }
    this.addPart(slot, expr, parts);
    return slot.type;
  }

  private addPart(slot: Slot, expr: Expr, parts: InitializerPart[]): void {
    const type = slot.type.kind === 'auto' ? valueOf(expr).type : slot.type;
    const value = convert(expr, type);
    parts.push({ offset: slot.offset, type, bits: slot.bits, value });
  }

  private stringIntoArray(slot: Slot, parts: InitializerPart[]): Type {
    const { cursor } = this;
    const array = slot.type as Type & { kind: 'array' };
    const at = cursor.location;
    const bytes: number[] = [];
    while (cursor.isString) {
      bytes.push(...literalBytes(spellingOf(cursor.atom)));
      cursor.at++;
    }
    bytes.push(0);
    const count = array.count ?? bytes.length;
    for (let i = 0; i < Math.min(bytes.length, count); i++) {
      const value = integerConstant(BigInt(bytes[i]!), INT, at);
      const element = { type: array.of, offset: slot.offset + i, bits: undefined };
      this.addPart(element, value, parts);
    }
    return { ...array, count };
  }

  /** `{ … }` for a slot. Gives the slot's type, with the count of an array that had none. */
  private braced(slot: Slot, parts: InitializerPart[]): Type {
    const { cursor } = this;
    cursor.expect(P.openCurly);
    const { type } = slot;
    let result = type;
    if (type.kind === 'array') result = this.arrayItems(slot, type, parts);
    else if (type.kind === 'aggregate') this.memberItems(slot, type, parts);
    else if (cursor.atom === P.openCurly) this.braced(slot, parts);
    else if (cursor.atom !== P.closeCurly) {
      this.unbraced(slot, parts);
      cursor.accept(P.comma);
    }
    cursor.expect(P.closeCurly);
    return result;
  }

  private arrayItems(slot: Slot, type: Type & { kind: 'array' }, parts: InitializerPart[]): Type {
    const { cursor } = this;
    const size = sizeOf(type.of);
    if (cursor.isString && size === 1 && type.of.kind === 'integer') {
      const sized = this.stringIntoArray(slot, parts);
      cursor.accept(P.comma);
      return sized;
    }
    let index = 0;
    let count = 0;
    while (cursor.atom !== P.closeCurly) {
      let last = index;
      if (cursor.atom === P.openSquare) {
        [index, last] = this.indexDesignator();
      }
      const start = parts.length;
      const element: Slot = { type: type.of, offset: slot.offset + index * size, bits: undefined };
      this.designated(element, parts);
      const made = parts.slice(start);
      for (let i = index + 1; i <= last; i++) {
        const shift = (i - index) * size;
        for (const part of made) parts.push({ ...part, offset: part.offset + shift });
      }
      index = last + 1;
      count = Math.max(count, index);
      if (!cursor.accept(P.comma)) break;
    }
    return type.count === undefined ? { ...type, count } : type;
  }

  /** `[n]` or `[first ... last]`. */
  private indexDesignator(): [number, number] {
    const { cursor } = this;
    cursor.expect(P.openSquare);
    const first = Number(this.constant('array designator'));
    const last = cursor.accept(P.ellipsis) ? Number(this.constant('array designator')) : first;
    cursor.expect(P.closeSquare);
    return [first, last];
  }

  private memberItems(slot: Slot, type: AggregateType, parts: InitializerPart[]): void {
    const { cursor } = this;
    const { layout } = type;
    if (layout === undefined) throw cursor.error(`initialiser of incomplete ${describeType(type)}`);
    // An unnamed bit-field is padding and takes no initialiser.
    const members = layout.members.filter((m) => m.name !== undefined || m.bits === undefined);
    let next = 0;
    while (cursor.atom !== P.closeCurly) {
      if (cursor.atom === P.dot) {
        cursor.at++;
        const name = cursor.identifier();
        const member = memberNamed(type, name);
        if (member === undefined) throw cursor.error(`no member ${name} in ${describeType(type)}`);
        this.designated(memberSlot(slot, member), parts);
        next = members.findIndex((m) => holds(m, name)) + 1;
      } else {
        const member = members[next++];
        if (member === undefined)
          throw cursor.error(`too many initialisers for ${describeType(type)}`);
        this.item(memberSlot(slot, member), parts);
        if (type.union) next = members.length;
      }
      if (!cursor.accept(P.comma)) break;
    }
  }

  /** The rest of a designator (`.a[2].b`), the `=`, and the value. */
  private designated(slot: Slot, parts: InitializerPart[]): void {
    const { cursor } = this;
    if (cursor.atom === P.dot && slot.type.kind === 'aggregate') {
      cursor.at++;
      const name = cursor.identifier();
      const member = memberNamed(slot.type, name);
      if (member === undefined) throw cursor.error(`no member ${name}`);
      this.designated(memberSlot(slot, member), parts);
      return;
    }
    if (cursor.atom === P.openSquare && slot.type.kind === 'array') {
      const [index] = this.indexDesignator();
      const offset = slot.offset + index * sizeOf(slot.type.of);
      this.designated({ type: slot.type.of, offset, bits: undefined }, parts);
      return;
    }
    cursor.accept(P.assign);
    this.item(slot, parts);
  }

  /** A value for a slot, with or without its own braces. */
  private item(slot: Slot, parts: InitializerPart[]): void {
    const { cursor } = this;
    const { type } = slot;
    if (cursor.atom === P.openCurly) {
      this.braced(slot, parts);
      return;
    }
    const isString = type.kind === 'array' && cursor.isString;
    if (isString || (type.kind !== 'aggregate' && type.kind !== 'array')) {
      this.unbraced(slot, parts);
      return;
    }
    this.elided(slot, parts);
  }

  /** Braces left out: the next values fill the members one by one, unless one value is the whole. */
  private elided(slot: Slot, parts: InitializerPart[]): void {
    const { cursor } = this;
    const start = cursor.at;
    const first = this.assignmentExpression();
    if (slot.type.kind === 'aggregate' && sameType(valueOf(first).type, slot.type)) {
      this.addPart(slot, first, parts);
      return;
    }
    if (slot.type.kind === 'array' && first.op === 'compound') {
      cursor.at = start;
      this.unbraced(slot, parts);
      return;
    }
    cursor.at = start;
    const leaves = scalarSlots(slot);
    leaves.forEach((leaf, i) => {
      if (i > 0) {
        if (cursor.atom !== P.comma || cursor.peek(1) === P.closeCurly) return;
        if (cursor.peek(1) === P.dot || cursor.peek(1) === P.openSquare) return;
        cursor.at++;
      }
      this.unbraced(leaf, parts);
    });
  }

  protected specialForm(name: string, at: Location): Expr | undefined {
    switch (name) {
      case '_Generic':
        return this.generic();
      case '__builtin_types_compatible_p':
        return this.typesCompatible(at);
      case '__builtin_offsetof':
        return this.offsetOf(at);
      case '__builtin_choose_expr':
        return this.chooseExpression();
      case '__builtin_constant_p':
        return this.constantTest(at);
      case '__builtin_va_arg':
        return this.vaArg(at);
      case '__builtin_has_attribute':
        this.cursor.at++;
        this.cursor.skipGroup();
        return integerConstant(0n, INT, at);
      default:
        return this.foldedBuiltin(name, at);
    }
  }

  private generic(): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const control = this.startsType()
      ? this.typeName()
      : this.valueType(this.assignmentExpression());
    let chosen: number | undefined;
    let fallback: number | undefined;
    while (cursor.accept(P.comma)) {
      const isDefault = cursor.accept(K.default);
      const matches = !isDefault && sameType(this.typeName(), control);
      cursor.expect(P.colon);
      if (matches) chosen ??= cursor.at;
      if (isDefault) fallback = cursor.at;
      cursor.skipExpression();
    }
    const end = cursor.at;
    const start = chosen ?? fallback;
    if (start === undefined) throw cursor.error(`no _Generic branch for ${describeType(control)}`);
    cursor.at = start;
    const result = this.assignmentExpression();
    cursor.at = end;
    cursor.expect(P.close);
    return result;
  }

  private typesCompatible(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const left = this.typeName();
    cursor.expect(P.comma);
    const right = this.typeName();
    cursor.expect(P.close);
    return integerConstant(sameType(left, right) ? 1n : 0n, INT, at);
  }

  private offsetOf(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    let type = this.typeName();
    cursor.expect(P.comma);
    let result: Expr = integerConstant(0n, UNSIGNED_LONG, at);
    let expectName = true;
    for (;;) {
      if (expectName || cursor.accept(P.dot)) {
        expectName = false;
        const name = cursor.identifier();
        const member = type.kind === 'aggregate' ? memberNamed(type, name) : undefined;
        if (member === undefined) throw cursor.error(`no member ${name} in ${describeType(type)}`);
        const offset = integerConstant(BigInt(member.offset), UNSIGNED_LONG, at);
        result = arithmetic('+', result, offset, at);
        type = member.type;
      } else if (cursor.accept(P.openSquare) && type.kind === 'array') {
        const index = this.expression();
        cursor.expect(P.closeSquare);
        type = type.of;
        const size = integerConstant(BigInt(sizeOf(type)), UNSIGNED_LONG, at);
        result = arithmetic(
          '+',
          result,
          arithmetic('*', convert(index, UNSIGNED_LONG), size, at),
          at,
        );
      } else break;
    }
    cursor.expect(P.close);
    return result;
  }

  private chooseExpression(): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const condition = requireConstant(this.assignmentExpression(), 'choice');
    cursor.expect(P.comma);
    if (condition === 0n) {
      cursor.skipExpression();
      cursor.expect(P.comma);
    }
    const result = this.assignmentExpression();
    if (condition !== 0n) {
      cursor.expect(P.comma);
      cursor.skipExpression();
    }
    cursor.expect(P.close);
    return result;
  }

  /** True only for what the front end folded: the code for run-time values is what gets executed. */
  private constantTest(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const operand = this.assignmentExpression();
    cursor.expect(P.close);
    const constant = operand.op === 'number' || operand.op === 'string';
    return integerConstant(constant ? 1n : 0n, INT, at);
  }

  private vaArg(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const list = this.assignmentExpression();
    cursor.expect(P.comma);
    const type = this.typeName();
    cursor.expect(P.close);
    // The list moves on with every argument taken: it must be in memory.
    addressOf(list);
    return { op: 'vaArg', type, list, at };
  }

  private foldedBuiltin(name: string, at: Location): Expr | undefined {
    const { cursor } = this;
    if (bitOperation(name, 1n) === undefined && name !== '__builtin_strlen') return undefined;
    const start = cursor.at;
    cursor.at++;
    const [operand] = this.callArguments();
    if (operand?.op === 'string' && name === '__builtin_strlen') {
      return integerConstant(BigInt(operand.bytes.indexOf(0)), UNSIGNED_LONG, at);
    }
    const constant = operand === undefined ? undefined : constantOf(operand);
    const folded = constant === undefined ? undefined : bitOperation(name, constant);
    if (folded === undefined) {
      cursor.at = start;
      return undefined;
    }
    const wide = name.includes('bswap') || name.startsWith('__f') || name === 'ffz';
    return integerConstant(folded, wide ? UNSIGNED_LONG : INT, at);
  }
}

function memberSlot(slot: Slot, member: Member): Slot {
  return { type: member.type, offset: slot.offset + member.offset, bits: member.bits };
}

function holds(member: Member, name: string): boolean {
  if (member.name !== undefined) return member.name === name;
  return member.type.kind === 'aggregate' && member.type.layout?.byName.has(name) === true;
}

/** The scalars of a slot in order, as braces left out would fill them. */
function scalarSlots(slot: Slot): Slot[] {
  const { type } = slot;
  if (type.kind === 'array') {
    const size = sizeOf(type.of);
    return Array.from({ length: type.count ?? 0 }, (_, i) =>
      scalarSlots({ type: type.of, offset: slot.offset + i * size, bits: undefined }),
    ).flat();
  }
  if (type.kind !== 'aggregate') return [slot];
  const members = type.layout?.members ?? [];
  return (type.union ? members.slice(0, 1) : members).flatMap((m) =>
    scalarSlots(memberSlot(slot, m)),
  );
}
