import type { Atom } from '../lex/atoms.ts';
import { identifier, spellingOf } from '../lex/atoms.ts';
import { alignOf } from '../types/layout.ts';
import type { FunctionType, Parameter, Type } from '../types/type.ts';
import { constPointerTo, decayed, pointerTo } from '../types/type.ts';
import type { Attributes } from './attributes.ts';
import { ALIGNED, CLEANUP, MODE, MODE_SIZES, noAttributes, PACKED } from './attributes.ts';
import { constantOf, requireConstant, valueOf } from './build.ts';
import { ASM_WORDS, ATTRIBUTE_WORDS, CONST_WORDS, IGNORED_SPECIFIERS, K, P } from './keywords.ts';
import { ParseError } from './parseError.ts';
import { ParserBase } from './parserBase.ts';

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

const STATIC = identifier('static');
const VOID_WORD = identifier('void');

/** Parses declarators with their attributes and parameter lists, and names of types. */
export abstract class DeclaratorParser extends ParserBase {
  /** What stands before the declarators: the business of the subclass. */
  protected abstract specifiers(): Specifiers;

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

  protected qualifiedTypeName(): { type: Type; isConst: boolean; aligned: number | undefined } {
    const specifiers = this.specifiers();
    const { type, isConst } = this.declarator(specifiers, specifiers.attributes);
    return { type, isConst, aligned: alignmentBy(specifiers, type) };
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
}

function parameterType(type: Type, elementConst: boolean): Type {
  if (type.kind === 'array' && elementConst) return constPointerTo(type.of);
  return decayed(type);
}
