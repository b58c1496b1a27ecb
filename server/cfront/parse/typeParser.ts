import type { Atom } from '../lex/atoms.ts';
import { identifier, spellingOf } from '../lex/atoms.ts';
import type { DeclaredMember } from '../types/layout.ts';
import { layOut } from '../types/layout.ts';
import type { AggregateType, IntegerType, Type } from '../types/type.ts';
import { AUTO, constPointerTo, decayed, INT, UNSIGNED_INT } from '../types/type.ts';
import type { Expr } from './ast.ts';
import type { Attributes } from './attributes.ts';
import { noAttributes } from './attributes.ts';
import { arithmeticType, integerOfSize } from './basicTypes.ts';
import { memberValueType } from '../types/conversions.ts';
import { isConstLvalue } from './build.ts';
import { Aggregate } from './aggregate.ts';
import { enumerationType, enumeratorType } from './enumerationTypes.ts';
import {
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
import type { Declarator, Specifiers, StorageClass } from './declaratorParser.ts';
import { alignmentBy, DeclaratorParser, largest } from './declaratorParser.ts';
import { declaresMembersOnly } from './passedOver.ts';

const TYPEDEF = identifier('typedef');
const STATIC = identifier('static');

/**
 * Parses what C says about types: specifiers, and the bodies of structs, unions and enums.
 * Expressions inside them (array counts, typeof) are the business of the subclass.
 */
export abstract class TypeParser extends DeclaratorParser {
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
