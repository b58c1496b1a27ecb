import type { Atom } from '../lex/atoms.ts';
import { identifier, spellingOf } from '../lex/atoms.ts';
import type { Location, SourceMap } from '../lex/sourceMap.ts';
import type { TokenStream } from '../lex/tokenStream.ts';
import { sizeOf } from '../types/layout.ts';
import type { FunctionType, IntegerType, Type } from '../types/type.ts';
import { INT128, UNSIGNED_INT128, VOID_POINTER } from '../types/type.ts';
import type {
  Expr,
  FunctionBody,
  FunctionSymbol,
  Initializer,
  StaticObject,
  TypeName,
} from './ast.ts';
import type { Attributes } from './attributes.ts';
import { noAttributes } from './attributes.ts';
import { Cursor } from './cursor.ts';
import { FILE_SCOPE_NAMES } from './intrinsics.ts';
import { ASM_WORDS, K, P } from './keywords.ts';
import { parseErrorOf, type ParseError } from './parseError.ts';
import type { FunctionExtent } from './passedOver.ts';
import { functionExtent } from './passedOver.ts';
import { Scope } from './scope.ts';
import { StatementParser } from './statementParser.ts';
import type { Declarator, Specifiers } from './declaratorParser.ts';
import { alignmentBy, largest } from './declaratorParser.ts';
import type { UnitProblem } from './unitProblem.ts';

/** A struct a variadic callee reads its arguments through; the machine only copies it. */
const VA_LIST = identifier('__builtin_va_list');

/** The number of an option by its name with `CONFIG_`, as it is written in C; undefined where nobody says. */
export type OptionNumber = (name: string) => string | undefined;

/**
 * Parses a unit: declarations at once, function bodies and initialisers when they are asked for.
 * A declaration that cannot be parsed becomes a problem and is skipped.
 */
export class UnitParser extends StatementParser {
  readonly problems: UnitProblem[] = [];
  private readonly sources: SourceMap;
  private readonly unitTokens: TokenStream;

  private readonly numberOfOption: OptionNumber;

  /** `numberOfOption`: for options that the configuration does not give. */
  constructor(
    tokens: TokenStream,
    sources: SourceMap,
    plainChar: IntegerType,
    numberOfOption: OptionNumber,
  ) {
    const fileScope = new Scope(undefined, (extent) => {
      this.readFunction(extent);
    });
    super(new Cursor(tokens), fileScope, plainChar);
    this.numberOfOption = numberOfOption;
    this.unitTokens = tokens;
    this.sources = sources;
    const declare = (name: Atom, type: Type): void => {
      this.fileScope.declare(name, { kind: 'type', type, isConst: false });
    };
    declare(VA_LIST, VOID_POINTER);
    declare(identifier('__int128_t'), INT128);
    declare(identifier('__uint128_t'), UNSIGNED_INT128);
  }

  protected optionNumber(name: string): string | undefined {
    return this.numberOfOption(name);
  }

  /** Reads the declarations of the unit, those of functions as far as their names. */
  parseDeclarations(): void {
    const { cursor } = this;
    while (!cursor.ended) {
      const start = cursor.at;
      const extent = functionExtent(cursor.tokens, start);
      if (extent !== undefined && this.fileScope.defer(extent)) {
        cursor.at = extent.end;
        continue;
      }
      try {
        this.externalDeclaration();
      } catch (error) {
        this.reportProblem(parseErrorOf(error, cursor.location));
        this.scope = this.fileScope;
        cursor.at = start;
        this.skipDeclaration();
      }
    }
  }

  /** Reads a declaration of a function that was passed over. */
  private readFunction({ start }: FunctionExtent): void {
    this.apart({ tokens: this.unitTokens, at: start, limit: undefined }, () => {
      this.externalDeclaration();
    });
  }

  /** Reads everything that waits until somebody asks for it. */
  parseRest(): void {
    Array.from(this.fileScope.ownNames(() => true));
    Array.from(this.fileScope.ownTags(), ([, type]) => type.kind === 'aggregate' && type.layout);
  }

  /** Body of a function; undefined when it does not parse, which becomes a problem of the unit. */
  bodyOf(symbol: FunctionSymbol): FunctionBody | ParseError {
    return this.attempt(this.unitTokens, this.fileScope, () => this.functionBody(symbol));
  }

  /** Initialiser of a static object. */
  initializerOf(object: StaticObject): Initializer | ParseError {
    const { tokens, start, scope } = object.initializer!;
    return this.attempt(tokens, scope as Scope, () => {
      this.cursor.at = start;
      return this.initializer(object.type);
    });
  }

  /** An expression in the scope of the whole unit, from tokens of its own. */
  expressionFrom(tokens: TokenStream): Expr | ParseError {
    return this.attempt(tokens, this.fileScope, () => this.expression());
  }

  /** A type name in the scope of the whole unit. */
  typeFrom(tokens: TokenStream): Type | ParseError {
    return this.attempt(tokens, this.fileScope, () => this.typeName());
  }

  private attempt<T>(tokens: TokenStream, scope: Scope, parse: () => T): T | ParseError {
    const saved = { cursor: this.cursor, scope: this.scope };
    this.cursor = new Cursor(tokens);
    this.scope = scope;
    try {
      return parse();
    } catch (error) {
      return parseErrorOf(error, this.cursor.location);
    } finally {
      this.cursor = saved.cursor;
      this.scope = saved.scope;
    }
  }

  protected note(message: string): void {
    this.reportProblem(this.cursor.error(message));
  }

  protected reportProblem(error: ParseError): void {
    const { file, line, column } = this.sources.place(error.at);
    this.problems.push({ file, line, column, message: error.message });
  }

  /** Moves past the declaration that failed: to its `;`, or past its body. */
  private skipDeclaration(): void {
    const { cursor } = this;
    while (!cursor.ended) {
      const { atom } = cursor;
      if (atom === P.semicolon) {
        cursor.at++;
        return;
      }
      if (cursor.tokens.partners[cursor.at] === 0) {
        cursor.at++;
        continue;
      }
      const partner = cursor.tokens.partners[cursor.at]!;
      cursor.at = Math.min(partner + 1, cursor.tokens.count);
      if (atom === P.openCurly && cursor.atom !== P.semicolon && !cursor.isIdentifier) return;
      if (atom === P.openCurly && this.startsType()) return;
    }
  }

  private externalDeclaration(): void {
    const { cursor } = this;
    if (cursor.accept(P.semicolon)) return;
    const { atom } = cursor;
    if (atom === K.pragma) {
      this.pragma();
      return;
    }
    if (atom === K.staticAssert || ASM_WORDS.has(atom)) {
      while (cursor.atom !== P.open && !cursor.ended) cursor.at++;
      cursor.skipGroup();
      return;
    }
    if (FILE_SCOPE_NAMES.has(atom)) {
      cursor.at++;
      if (cursor.atom === P.open) cursor.skipGroup();
      cursor.accept(P.semicolon);
      return;
    }
    // Checks such as BUILD_BUG_ON at file scope are intrinsics: nothing to declare.
    const specifiers = this.specifiers();
    if (cursor.accept(P.semicolon)) return;
    for (;;) {
      if (this.externalDeclarator(specifiers)) return;
      if (!cursor.accept(P.comma)) break;
    }
    cursor.expect(P.semicolon);
  }

  /** One declarator at file scope; true when it was a function with a body. */
  private externalDeclarator(specifiers: Specifiers): boolean {
    const { cursor } = this;
    const attributes: Attributes = { ...specifiers.attributes };
    const at = cursor.location;
    const { name, type, isConst } = this.declarator(specifiers, attributes);
    if (name === undefined) throw cursor.error('expected a name');
    if (specifiers.storage === 'typedef') {
      this.fileScope.declare(name, this.typedefOf({ name, type, isConst }, specifiers, attributes));
      return false;
    }
    if (type.kind === 'function') {
      const symbol = this.declareFunction(name, type, specifiers);
      this.attributes(noAttributes());
      if (cursor.atom !== P.openCurly) return false;
      symbol.type = type;
      symbol.body = cursor.at;
      symbol.at = at;
      cursor.skipGroup();
      return true;
    }
    this.declareObject({ name, type, isConst }, specifiers, attributes, at);
    return false;
  }

  private typedefOf(
    { name, type, isConst }: Declarator & { readonly name: Atom },
    specifiers: Specifiers,
    attributes: Attributes,
  ): TypeName {
    const made = named(this.aligned(type, attributes), name);
    const aligned = largest(attributes.aligned, alignmentBy(specifiers, type));
    if (type.kind === 'integer' || aligned === undefined)
      return { kind: 'type', isConst, type: made };
    return { kind: 'type', isConst, type: made, aligned };
  }

  private aligned(type: Type, { aligned, modeSize }: Attributes): Type {
    if (type.kind !== 'integer' || (aligned === undefined && modeSize === undefined)) return type;
    const size = modeSize ?? type.size;
    const resized = size === type.size ? type : { ...type, size, width: size * 8 };
    return aligned === undefined ? resized : { ...resized, align: aligned };
  }

  protected declareFunction(
    name: Atom,
    type: FunctionType,
    specifiers: Pick<Specifiers, 'storage'>,
  ): FunctionSymbol {
    const known = this.fileScope.own(name);
    if (known?.kind === 'function') {
      if (known.body === undefined) known.type = type;
      return known;
    }
    // One literal without spreads: headers declare tens of thousands of functions.
    const symbol: FunctionSymbol = {
      kind: 'function',
      name: spellingOf(name),
      type,
      body: undefined,
      external: specifiers.storage !== 'static',
      at: this.cursor.location,
    };
    this.fileScope.declare(name, symbol);
    return symbol;
  }

  private declareObject(
    { name, type, isConst }: Declarator & { readonly name: Atom },
    specifiers: Specifiers,
    attributes: Attributes,
    at: Location,
  ): void {
    const { cursor } = this;
    const known = this.fileScope.own(name);
    const isExtern = specifiers.storage === 'extern';
    let object: StaticObject;
    if (known?.kind === 'object') {
      object = known;
      if (!isExtern || sizeOf(object.type) === 0) object.type = type;
    } else {
      object = {
        ...{ kind: 'object', name: spellingOf(name), type, defined: false, initializer: undefined },
        ...{
          external: specifiers.storage !== 'static',
          align: largest(attributes.aligned, alignmentBy(specifiers, type)) ?? 1,
          at,
        },
      };
      if (isConst) object.isConst = true;
      this.fileScope.declare(name, object);
    }
    if (!isExtern) object.defined = true;
    if (!cursor.accept(P.assign)) return;
    object.defined = true;
    object.initializer = { tokens: cursor.tokens, start: cursor.at, scope: this.fileScope };
    if (type.kind === 'array' && type.count === undefined) {
      object.type = this.initializer(type).type;
    } else cursor.skipExpression();
  }

  /** Where a token of the unit is, for those who hold a location only. */
  locate(at: Location): { file: string; line: number; column: number } {
    return this.sources.place(at);
  }
}

/** An integer type by the name of a typedef. */
function named(type: Type, name: Atom): Type {
  return type.kind === 'integer' ? { ...type, alias: spellingOf(name) } : type;
}
