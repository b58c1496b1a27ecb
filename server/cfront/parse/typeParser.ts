import type { Atom } from '../lex/atoms.ts';
import { identifier, spellingOf } from '../lex/atoms.ts';
import type { DeclaredMember } from '../types/layout.ts';
import { alignOf, layOut } from '../types/layout.ts';
import type { AggregateType, FunctionType, IntegerType, Parameter, Type } from '../types/type.ts';
import { AUTO, constPointerTo, decayed, INT, pointerTo, UNSIGNED_INT } from '../types/type.ts';
import type { Expr } from './ast.ts';
import type { Attributes } from './attributes.ts';
import { ALIGNED, CLEANUP, MODE, MODE_SIZES, noAttributes, PACKED } from './attributes.ts';
import { arithmeticType, integerOfSize } from './basicTypes.ts';
import { memberValueType } from '../types/conversions.ts';
import { constantOf, isConstLvalue, requireConstant, valueOf } from './build.ts';
import { Aggregate } from './aggregate.ts';
import { enumerationType, enumeratorType } from './enumerationTypes.ts';
import {
  ASM_WORDS,
  ATTRIBUTE_WORDS,
  BASIC_TYPE_WORDS,
  CONST_WORDS,
  IGNORED_SPECIFIERS,
  K,
  P,
  STORAGE_WORDS,
  STRUCT_WORDS,
  TYPEOF_WORDS,
  UNQUALIFIED_TYPEOF,
} from './keywords.ts';
import { ParseError } from './parseError.ts';
import { ParserBase } from './parserBase.ts';
import { declaresMembersOnly } from './passedOver.ts';

/** Storage class of a declaration, as far as it matters. */
export type StorageClass = 'typedef' | 'static' | 'extern' | undefined;

/** What stands before the declarators of a declaration. */
export interface Specifiers {
  readonly type: Type;
  readonly isConst: boolean;
  readonly storage: StorageClass;
  readonly attributes: Attributes;
  /** Alignment that came with the name of the type; see {@link alignmentBy}. Unit: bytes. */
  readonly nameAligned: number | undefined;
}

/** One declared thing: `*name[4]` applied to the specifiers. */
export interface Declarator {
  readonly name: Atom | undefined;
  readonly type: Type;
  /** What is declared is const: itself, or the elements of an array. */
  readonly isConst: boolean;
}

/** Alignment that a type's name gives to what is declared by it: itself or an array of it, no pointer to it. */
export function alignmentBy(
  { type, nameAligned }: Pick<Specifiers, 'type' | 'nameAligned'>,
  declared: Type,
): number | undefined {
  if (nameAligned === undefined) return undefined;
  let element = declared;
  while (element !== type && element.kind === 'array') element = element.of;
  return element === type ? nameAligned : undefined;
}

/** The larger of two alignments that may be absent. */
export function largest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

const TYPEDEF = identifier('typedef');
const STATIC = identifier('static');
const VOID_WORD = identifier('void');

/**
 * Parses what C says about types: specifiers, struct, union and enum bodies, declarators, attributes.
 * Expressions inside them (array counts, typeof) are the business of the subclass.
 */
export abstract class TypeParser extends ParserBase {
  /** The size of an array: constant at file scope, in functions possibly computed. */
  private arraySize(): number | 'variable' {
    if (this.readsParameter) return this.parameterSize();
    const expr = this.assignmentExpression();
    if (this.scope.outer !== undefined && constantOf(valueOf(expr)) === undefined)
      return 'variable';
    return Number(requireConstant(expr, 'array size'));
  }

  /** `int n, int a[n]`: names of other parameters have no meaning until the body is read, and need none. */
  private parameterSize(): number | 'variable' {
    const { cursor } = this;
    const open = cursor.at - 1;
    try {
      return Number(this.constant('array size'));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      cursor.at = cursor.tokens.partners[open]!;
      return 'variable';
    }
  }

  /** `type-name` as in casts and sizeof. */
  typeName(): Type {
    return this.qualifiedTypeName().type;
  }

  /** Alignment of a `type-name`, as in _Alignof. Unit: bytes. */
  protected typeNameAlignment(): number {
    const { type, aligned } = this.qualifiedTypeName();
    return aligned ?? alignOf(type);
  }

  private qualifiedTypeName(): { type: Type; isConst: boolean; aligned: number | undefined } {
    const specifiers = this.specifiers();
    const { type, isConst } = this.declarator(specifiers, specifiers.attributes);
    return { type, isConst, aligned: alignmentBy(specifiers, type) };
  }

  protected specifiers(): Specifiers {
    const { cursor } = this;
    const attributes = noAttributes();
    const words = new Map<string, number>();
    let type: Type | undefined;
    let isConst = false;
    let storage: StorageClass;
    let nameAligned: number | undefined;
    for (;;) {
      const { atom } = cursor;
      if (atom < 0) break;
      if (CONST_WORDS.has(atom)) {
        isConst = true;
        cursor.at++;
      } else if (STORAGE_WORDS.has(atom)) {
        storage ??= atom === TYPEDEF ? 'typedef' : atom === STATIC ? 'static' : 'extern';
        cursor.at++;
      } else if (IGNORED_SPECIFIERS.has(atom)) cursor.at++;
      else if (ATTRIBUTE_WORDS.has(atom) || atom === K.alignas) this.attributes(attributes);
      else if (STRUCT_WORDS.has(atom)) type = this.aggregate();
      else if (atom === K.enum) type = this.enumeration();
      else if (TYPEOF_WORDS.has(atom)) {
        const named = this.typeOf();
        type = named.type;
        isConst ||= named.isConst;
      } else if (atom === K.autoType) {
        cursor.at++;
        type = AUTO;
      } else if (BASIC_TYPE_WORDS.has(atom)) {
        cursor.at++;
        const word = spellingOf(atom);
        words.set(word, (words.get(word) ?? 0) + 1);
      } else {
        const symbol = type === undefined && words.size === 0 ? this.scope.find(atom) : undefined;
        if (symbol?.kind !== 'type') break;
        type = symbol.type;
        isConst ||= symbol.isConst;
        nameAligned = symbol.aligned;
        cursor.at++;
      }
    }
    if (words.size > 0) type = arithmeticType(words, this.plainChar);
    if (type === undefined) {
      if (storage === undefined) throw cursor.error('expected a type');
      type = INT;
    }
    return { type: this.withMode(type, attributes), isConst, storage, attributes, nameAligned };
  }

  private withMode(type: Type, { modeSize }: Attributes): Type {
    if (modeSize === undefined || type.kind !== 'integer') return type;
    return integerOfSize(modeSize, type.signed);
  }

  private typeOf(): { readonly type: Type; readonly isConst: boolean } {
    const { cursor } = this;
    const keepsConst = !UNQUALIFIED_TYPEOF.has(cursor.atom);
    cursor.at++;
    cursor.expect(P.open);
    let type: Type;
    let isConst: boolean;
    if (this.startsType()) ({ type, isConst } = this.qualifiedTypeName());
    else {
      const expr = this.expression();
      ({ type } = expr);
      isConst = isConstLvalue(expr);
    }
    cursor.expect(P.close);
    return { type, isConst: isConst && keepsConst };
  }

  /** Reads attributes, asm labels and the like; what matters goes into `into`. */
  protected attributes(into: Attributes): void {
    const { cursor } = this;
    for (;;) {
      const { atom } = cursor;
      if (ATTRIBUTE_WORDS.has(atom)) {
        const end = cursor.tokens.partners[cursor.at + 1]!;
        cursor.at += 1;
        this.attributeList(end, into);
        cursor.at = end + 1;
      } else if (atom === K.alignas) {
        cursor.at++;
        cursor.expect(P.open);
        const bytes = this.startsType()
          ? this.typeNameAlignment()
          : Number(this.constant('_Alignas'));
        into.aligned = Math.max(into.aligned ?? 1, bytes);
        cursor.expect(P.close);
      } else if (ASM_WORDS.has(atom) && cursor.peek(1) === P.open) {
        cursor.at++;
        cursor.skipGroup();
      } else if (IGNORED_SPECIFIERS.has(atom) || CONST_WORDS.has(atom)) cursor.at++;
      else return;
    }
  }

  private attributeList(end: number, into: Attributes): void {
    const { cursor } = this;
    const { atoms, partners } = cursor.tokens;
    let depth = 0;
    for (let i = cursor.at; i < end; i++) {
      const atom = atoms[i]!;
      if (atom === P.open) {
        depth++;
        if (depth > 2) {
          i = partners[i]!;
          depth--;
        }
        continue;
      }
      if (atom === P.close) depth--;
      else if (PACKED.includes(atom)) into.packed = true;
      else if (ALIGNED.includes(atom))
        into.aligned = Math.max(into.aligned ?? 1, this.alignment(i));
      else if (CLEANUP.includes(atom)) into.cleanup = atoms[i + 2];
      else if (MODE.includes(atom)) into.modeSize = MODE_SIZES.get(atoms[i + 2]!);
    }
  }

  /** The operand of `aligned` at token `index`; without one, the largest alignment of the target. */
  private alignment(index: number): number {
    if (this.cursor.tokens.atoms[index + 1] !== P.open) return 16;
    const saved = this.cursor.at;
    this.cursor.at = index + 2;
    const bytes = Number(this.constant('alignment'));
    this.cursor.at = saved;
    return bytes;
  }

  private aggregate(): AggregateType {
    const { cursor } = this;
    const union = cursor.atom === K.union;
    cursor.at++;
    const attributes = noAttributes();
    this.attributes(attributes);
    let tag: Atom | undefined;
    if (cursor.isIdentifier) {
      tag = cursor.atom;
      cursor.at++;
    }
    this.attributes(attributes);
    if (cursor.atom !== P.openCurly) return this.referredAggregate(union, tag);
    const known = tag === undefined ? undefined : this.scope.ownTag(tag);
    const type: Aggregate =
      known instanceof Aggregate && known.layout === undefined
        ? known
        : this.newAggregate(union, tag);
    if (tag !== undefined) this.scope.declareTag(tag, type);
    const { at: open, tokens } = cursor;
    const { limit } = this.packing;
    if (!this.canWait(open)) {
      const members = this.members();
      this.attributes(attributes);
      type.layout = layOut(union, members, attributes, this.packing.limit);
      return type;
    }
    cursor.skipGroup();
    this.attributes(attributes);
    type.readLater(() =>
      this.apart({ tokens, at: open, limit }, () =>
        layOut(union, this.members(), attributes, limit),
      ),
    );
    return type;
  }

  /**
   * Whether the body that opens here can wait until somebody asks for a member: most structs of most headers are
   * never looked into.
   */
  private canWait(open: number): boolean {
    if (this.readsMembers || this.scope !== this.fileScope) return false;
    const { tokens } = this.cursor;
    return declaresMembersOnly(tokens, open, tokens.partners[open]!);
  }

  /** `_Pragma("…")`; `#pragma pack` arrives in this form, too. */
  protected pragma(): void {
    const { cursor } = this;
    const literal = cursor.peek(2);
    if (literal >= 0) this.packing.take(spellingOf(literal));
    cursor.at++;
    cursor.skipGroup();
  }

  private newAggregate(union: boolean, tag: Atom | undefined): Aggregate {
    return new Aggregate(union, tag === undefined ? undefined : spellingOf(tag));
  }

  private referredAggregate(union: boolean, tag: Atom | undefined): AggregateType {
    if (tag === undefined) throw this.cursor.error('struct without a name or a body');
    const known = this.scope.findTag(tag);
    if (known?.kind === 'aggregate') return known;
    const type = this.newAggregate(union, tag);
    // A tag first seen in a parameter list or block belongs to the file for our purposes.
    this.fileScope.declareTag(tag, type);
    return type;
  }

  /** Reads a struct's body, brackets included. */
  private members(): DeclaredMember[] {
    const { cursor } = this;
    const outer = this.readsMembers;
    this.readsMembers = true;
    const members: DeclaredMember[] = [];
    try {
      cursor.expect(P.openCurly);
      while (!cursor.accept(P.closeCurly)) this.memberDeclaration(members);
    } finally {
      this.readsMembers = outer;
    }
    return members;
  }

  private memberDeclaration(members: DeclaredMember[]): void {
    const { cursor } = this;
    if (cursor.accept(P.semicolon)) return;
    if (cursor.atom === K.pragma) {
      this.pragma();
      return;
    }
    if (cursor.atom === K.staticAssert) {
      cursor.at++;
      cursor.skipGroup();
      return;
    }
    const specifiers = this.specifiers();
    if (cursor.accept(P.semicolon)) {
      if (specifiers.type.kind === 'aggregate') {
        const { packed, aligned } = specifiers.attributes;
        members.push({
          name: undefined,
          type: specifiers.type,
          bitWidth: undefined,
          packed,
          aligned,
        });
      }
      return;
    }
    for (;;) {
      const attributes = { ...specifiers.attributes };
      let declarator: Declarator = {
        ...{ name: undefined, type: specifiers.type, isConst: false },
      };
      if (cursor.atom !== P.colon) declarator = this.declarator(specifiers, attributes);
      const bitWidth = cursor.accept(P.colon)
        ? Number(this.constant('bit-field width'))
        : undefined;
      this.attributes(attributes);
      const { packed } = attributes;
      const aligned = largest(attributes.aligned, alignmentBy(specifiers, declarator.type));
      const name = declarator.name === undefined ? undefined : spellingOf(declarator.name);
      if (isIncompleteAggregate(declarator.type)) {
        this.note(`member ${name ?? ''} has an incomplete type, so the struct's layout is wrong`);
      }
      const { isConst } = declarator;
      members.push({ name, type: declarator.type, bitWidth, packed, aligned, isConst });
      if (!cursor.accept(P.comma)) break;
    }
    cursor.expect(P.semicolon);
  }

  private enumeration(): IntegerType {
    const { cursor } = this;
    cursor.at++;
    const attributes = noAttributes();
    this.attributes(attributes);
    let tag: Atom | undefined;
    if (cursor.isIdentifier) {
      tag = cursor.atom;
      cursor.at++;
    }
    if (cursor.accept(P.colon)) this.specifiers();
    if (cursor.atom !== P.openCurly) {
      const known = tag === undefined ? undefined : this.scope.findTag(tag);
      return known?.kind === 'integer' ? known : UNSIGNED_INT;
    }
    cursor.at++;
    const values = this.enumerators();
    cursor.expect(P.closeCurly);
    this.attributes(attributes);
    const base = enumerationType(values, attributes.packed);
    const type = tag === undefined ? base : { ...base, enumTag: spellingOf(tag) };
    if (tag !== undefined) this.scope.declareTag(tag, type);
    return type;
  }

  private enumerators(): bigint[] {
    const { cursor } = this;
    const values: bigint[] = [];
    const constants: { type: IntegerType; value: bigint }[] = [];
    let next = 0n;
    while (cursor.isIdentifier) {
      const name = cursor.atom;
      cursor.at++;
      this.attributes(noAttributes());
      if (cursor.accept(P.assign)) next = this.constant('enumerator');
      const type = enumeratorType(next);
      const constant = { kind: 'enumerator' as const, name: spellingOf(name), value: next, type };
      constants.push(constant);
      this.scope.declare(name, constant);
      values.push(next);
      next++;
      if (!cursor.accept(P.comma)) break;
    }
    // C23, and gcc from 13 on in every mode: where one does not fit int, all get the type of the enumeration.
    const whole = enumerationType(values, false);
    const fitsInt = constants.every(({ type }) => type === INT);
    if (!fitsInt) for (const constant of constants) constant.type = whole;
    return values;
  }

  protected declarator(
    base: { readonly type: Type; readonly isConst: boolean },
    attributes: Attributes,
  ): Declarator {
    const { cursor } = this;
    let type = base.type;
    let targetConst = base.isConst;
    this.attributes(attributes);
    while (cursor.accept(P.star)) {
      type = targetConst ? constPointerTo(type) : pointerTo(type);
      targetConst = CONST_WORDS.has(cursor.atom);
      this.attributes(attributes);
    }
    if (cursor.atom === P.open && this.nestsDeclarator()) {
      const inner = cursor.at + 1;
      cursor.skipGroup();
      const outer = this.declaratorSuffix(type, attributes);
      this.attributes(attributes);
      const end = cursor.at;
      cursor.at = inner;
      const nested = this.declarator({ type: outer, isConst: false }, attributes);
      cursor.at = end;
      return nested;
    }
    let name: Atom | undefined;
    if (cursor.isIdentifier) {
      name = cursor.atom;
      cursor.at++;
    }
    type = this.declaratorSuffix(type, attributes);
    this.attributes(attributes);
    return { name, type, isConst: targetConst };
  }

  /** Whether the `(` here groups a declarator rather than opening a parameter list. */
  private nestsDeclarator(): boolean {
    const next = this.cursor.peek(1);
    if (next === P.star || next === P.open || ATTRIBUTE_WORDS.has(next)) return true;
    return next !== P.close && next >= 0 && next !== P.ellipsis && !this.startsType(1);
  }

  private declaratorSuffix(type: Type, attributes: Attributes): Type {
    const { cursor } = this;
    this.attributes(attributes);
    if (cursor.accept(P.openSquare)) {
      while (cursor.atom === STATIC || this.isQualifier(cursor.atom)) cursor.at++;
      const size = cursor.atom === P.closeSquare ? undefined : this.arraySize();
      cursor.expect(P.closeSquare);
      const of = this.declaratorSuffix(type, attributes);
      if (size === 'variable') return { kind: 'array', of, count: 0, variable: true };
      return { kind: 'array', of, count: size };
    }
    if (cursor.atom === P.open) {
      const { parameters, variadic } = this.parameterList();
      const result = this.declaratorSuffix(type, attributes);
      const made: FunctionType = { kind: 'function', result, parameters, variadic };
      return made;
    }
    return type;
  }

  private isQualifier(atom: Atom): boolean {
    return IGNORED_SPECIFIERS.has(atom) || CONST_WORDS.has(atom);
  }

  private parameterList(): { parameters: Parameter[]; variadic: boolean } {
    const { cursor } = this;
    const parameters: Parameter[] = [];
    let variadic = false;
    cursor.expect(P.open);
    if (cursor.accept(P.close)) return { parameters, variadic: true };
    while (cursor.atom !== P.close) {
      if (cursor.accept(P.ellipsis)) variadic = true;
      else if (cursor.atom === VOID_WORD && cursor.peek(1) === P.close) cursor.at++;
      else {
        const specifiers = this.specifiers();
        const { name, type } = this.parameterDeclarator(specifiers);
        parameters.push({
          name: name === undefined ? undefined : spellingOf(name),
          type: parameterType(type, specifiers.isConst),
        });
      }
      if (!cursor.accept(P.comma)) break;
    }
    cursor.expect(P.close);
    return { parameters, variadic };
  }

  private parameterDeclarator(specifiers: Specifiers): Declarator {
    const outer = this.readsParameter;
    this.readsParameter = true;
    try {
      return this.declarator(specifiers, noAttributes());
    } finally {
      this.readsParameter = outer;
    }
  }

  /** The type of an expression's value, for `_Generic` and `typeof` of bit-fields. */
  protected valueType(expr: Expr): Type {
    const type = expr.op === 'member' ? memberValueType(expr.member) : expr.type;
    return type.kind === 'array' && isConstLvalue(expr) ? constPointerTo(type.of) : decayed(type);
  }
}

function isIncompleteAggregate(type: Type): boolean {
  if (type.kind === 'array') return isIncompleteAggregate(type.of);
  return type.kind === 'aggregate' && type.layout === undefined;
}

function parameterType(type: Type, elementConst: boolean): Type {
  if (type.kind === 'array' && elementConst) return constPointerTo(type.of);
  return decayed(type);
}
