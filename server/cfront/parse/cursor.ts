import type { Atom } from '../lex/atoms.ts';
import { isIdentifier, kindOf, punctuator, spellingOf } from '../lex/atoms.ts';
import type { Location } from '../lex/sourceMap.ts';
import type { TokenStream } from '../lex/tokenStream.ts';
import { spell } from '../lex/tokenStream.ts';
import { ParseError } from './parseError.ts';

const SEMICOLON = punctuator(';');
const COMMA = punctuator(',');
const NO_TOKEN: Atom = -1;

/** A position in a token stream, with the questions a recursive-descent parser asks. */
export class Cursor {
  readonly tokens: TokenStream;
  at = 0;

  constructor(tokens: TokenStream, at = 0) {
    this.tokens = tokens;
    this.at = at;
  }

  /** Atom of the current token; -1 at the end. */
  get atom(): Atom {
    return this.at < this.tokens.count ? this.tokens.atoms[this.at]! : NO_TOKEN;
  }

  /** Atom of a token further on. */
  peek(ahead: number): Atom {
    const index = this.at + ahead;
    return index < this.tokens.count ? this.tokens.atoms[index]! : NO_TOKEN;
  }

  get ended(): boolean {
    return this.at >= this.tokens.count;
  }

  /** Where the current token is used. */
  get location(): Location {
    return this.tokens.uses[Math.min(this.at, this.tokens.count - 1)] ?? 0;
  }

  get isIdentifier(): boolean {
    return this.atom >= 0 && isIdentifier(this.atom);
  }

  get isString(): boolean {
    return this.atom >= 0 && kindOf(this.atom) === 'string';
  }

  /** Takes the current token if it is `atom`. */
  accept(atom: Atom): boolean {
    if (this.atom !== atom) return false;
    this.at++;
    return true;
  }

  expect(atom: Atom): void {
    if (!this.accept(atom)) throw this.error(`expected ${spellingOf(atom)}`);
  }

  /** Takes an identifier and gives its spelling. */
  identifier(): string {
    if (!this.isIdentifier) throw this.error('expected a name');
    return spellingOf(this.tokens.atoms[this.at++]!);
  }

  /** Moves past the bracket group that opens here. */
  skipGroup(): void {
    const partner = this.tokens.partners[this.at]!;
    if (partner === 0 || partner >= this.tokens.count) throw this.error('unbalanced brackets');
    this.at = partner + 1;
  }

  /** Moves to the `,` or `;` or closing bracket that ends the current expression. */
  skipExpression(): void {
    while (this.at < this.tokens.count) {
      const { atom } = this;
      if (atom === COMMA || atom === SEMICOLON) return;
      if (this.tokens.partners[this.at] !== 0) this.skipGroup();
      else if (closes(atom)) return;
      else this.at++;
    }
  }

  /** An error at the current token that shows what stands around it. */
  error(message: string): ParseError {
    const before = spell(this.tokens, this.at - 4, this.at);
    const after = spell(this.tokens, this.at, this.at + 6);
    return new ParseError(`${message} at "${before} ⟨here⟩ ${after}"`, this.location);
  }
}

const CLOSERS: readonly Atom[] = [punctuator(')'), punctuator(']'), punctuator('}')];

function closes(atom: Atom): boolean {
  return CLOSERS.includes(atom);
}
