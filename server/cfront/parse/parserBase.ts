import type { TokenStream } from '../lex/tokenStream.ts';
import type { Packing } from '../types/layout.ts';
import type { IntegerType } from '../types/type.ts';
import type { Expr } from './ast.ts';
import { requireConstant } from './build.ts';
import { Cursor } from './cursor.ts';
import { DECLARATION_WORDS } from './keywords.ts';
import { PackStack } from './packStack.ts';
import { type ParseError, parseErrorOf } from './parseError.ts';
import { Scope } from './scope.ts';

/** Where something is read that was passed over. */
interface ReadingPlace {
  readonly tokens: TokenStream;
  /** Index of a token. */
  readonly at: number;
  /** `#pragma pack` in force there. */
  readonly limit: Packing;
}

/** What all parts of the parser share: where it is, what names mean there, and how it reads something elsewhere. */
export abstract class ParserBase {
  protected cursor: Cursor;
  protected scope: Scope;
  readonly fileScope: Scope;
  protected packing: PackStack = new PackStack();
  protected readsParameter = false;
  protected readsMembers = false;

  /** What `char` without a sign means. */
  protected readonly plainChar: IntegerType;

  constructor(cursor: Cursor, fileScope: Scope, plainChar: IntegerType) {
    this.cursor = cursor;
    this.plainChar = plainChar;
    this.fileScope = fileScope;
    this.scope = fileScope;
  }

  /** An expression without a comma at top level. */
  abstract assignmentExpression(): Expr;
  /** Any expression. */
  abstract expression(): Expr;
  /** Notes something that is wrong here but does not keep the declaration from being read. */
  protected abstract note(message: string): void;
  /** Reports a declaration that cannot be read. */
  protected abstract reportProblem(error: ParseError): void;

  protected constant(what: string): bigint {
    return requireConstant(this.assignmentExpression(), what);
  }

  /** Reads something at another place, at file scope, and comes back. Undefined where it cannot be read. */
  protected apart<T>({ tokens, at, limit }: ReadingPlace, read: () => T): T | undefined {
    const { cursor, scope, packing, readsParameter, readsMembers } = this;
    this.cursor = new Cursor(tokens, at);
    this.scope = this.fileScope;
    this.packing = new PackStack(limit);
    this.readsParameter = false;
    this.readsMembers = false;
    try {
      return read();
    } catch (error) {
      this.reportProblem(parseErrorOf(error, this.cursor.location));
      return undefined;
    } finally {
      this.cursor = cursor;
      this.scope = scope;
      this.packing = packing;
      this.readsParameter = readsParameter;
      this.readsMembers = readsMembers;
    }
  }

  protected inScope<T>(parse: () => T): T {
    const outer = this.scope;
    this.scope = new Scope(outer);
    try {
      return parse();
    } finally {
      this.scope = outer;
    }
  }

  /** Whether a declaration or type name starts at the current token, or `ahead` tokens further. */
  protected startsType(ahead = 0): boolean {
    const atom = this.cursor.peek(ahead);
    if (atom < 0) return false;
    return DECLARATION_WORDS.has(atom) || this.scope.find(atom)?.kind === 'type';
  }
}
