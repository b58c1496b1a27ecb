import type { Atom } from './atoms.ts';
import { punctuator, spellingOf } from './atoms.ts';
import type { Location } from './sourceMap.ts';

const OPEN = [punctuator('('), punctuator('['), punctuator('{')];
const CLOSE = [punctuator(')'), punctuator(']'), punctuator('}')];

/** The tokens of a unit after preprocessing, in columns. */
export interface TokenStream {
  readonly count: number;
  readonly atoms: Int32Array;
  /** Where each token stands in the sources: for a token from a macro, the place of the macro's use. */
  readonly uses: Int32Array;
  /** Where the token is written: differs from `uses` for tokens of a macro body. */
  readonly definitions: Int32Array;
  /** For each opening bracket the index of its closing one (or `count`); 0 elsewhere. Bodies are skipped with it. */
  readonly partners: Int32Array;
  /** Indices of the tokens that were made from a place or a count: see PpToken. */
  readonly ofPlace: ReadonlySet<number>;
}

/** Unit: tokens. More than most files have without their includes. */
const COPY_ROOM = 1 << 16;

/** Collects the tokens of a unit. */
export class TokenWriter {
  private atoms: Int32Array;
  private uses: Int32Array;
  private definitions: Int32Array;
  private ofPlace: number[] = [];
  count = 0;

  /** `room`: tokens that are expected; more fit too. */
  constructor(room: number = COPY_ROOM) {
    this.atoms = new Int32Array(room);
    this.uses = new Int32Array(room);
    this.definitions = new Int32Array(room);
  }

  /** Appends one token. */
  push(atom: Atom, use: Location, definition: Location): void {
    if (this.count === this.atoms.length) this.grow();
    this.atoms[this.count] = atom;
    this.uses[this.count] = use;
    this.definitions[this.count] = definition;
    this.count++;
  }

  /** Appends what a macro that is used at a place became. */
  pushAll(
    { atoms, definitions }: { readonly atoms: readonly Atom[]; readonly definitions: readonly Location[] }, // prettier-ignore
    use: Location,
  ): void {
    for (let i = 0; i < atoms.length; i++) this.push(atoms[i]!, use, definitions[i]!);
  }

  /** Appends a token that came out of a macro. */
  pushExpanded(token: {
    readonly atom: Atom;
    readonly use: Location;
    readonly definition: Location;
    readonly ofPlace: boolean;
  }): void {
    if (token.ofPlace) this.ofPlace.push(this.count);
    this.push(token.atom, token.use, token.definition);
  }

  /** An independent copy of what was written so far, with room for a file's own tokens. */
  copy(): TokenWriter {
    const copy = new TokenWriter(0);
    const size = this.count + COPY_ROOM;
    const enlarge = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from.subarray(0, this.count));
      return to;
    };
    copy.atoms = enlarge(this.atoms);
    copy.uses = enlarge(this.uses);
    copy.definitions = enlarge(this.definitions);
    copy.count = this.count;
    copy.ofPlace = [...this.ofPlace];
    return copy;
  }

  private grow(): void {
    const widen = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(Math.max(16, from.length * 2));
      to.set(from);
      return to;
    };
    this.atoms = widen(this.atoms);
    this.uses = widen(this.uses);
    this.definitions = widen(this.definitions);
  }

  /** The finished stream. */
  finish(): TokenStream {
    const count = this.count;
    const atoms = this.atoms.subarray(0, count);
    return {
      count,
      atoms,
      uses: this.uses.subarray(0, count),
      definitions: this.definitions.subarray(0, count),
      partners: bracketPartners(atoms),
      ofPlace: new Set(this.ofPlace),
    };
  }
}

function bracketPartners(atoms: Int32Array): Int32Array {
  const partners = new Int32Array(atoms.length);
  const [paren, square, curly] = OPEN as [Atom, Atom, Atom];
  const [closeParen, closeSquare, closeCurly] = CLOSE as [Atom, Atom, Atom];
  const stack: number[] = [];
  for (let i = 0; i < atoms.length; i++) {
    const atom = atoms[i]!;
    if (atom === paren || atom === square || atom === curly) {
      partners[i] = atoms.length;
      stack.push(i);
    } else if (atom === closeParen || atom === closeSquare || atom === closeCurly) {
      const open = stack.pop();
      if (open !== undefined) partners[open] = i;
    }
  }
  return partners;
}

/** Spells out tokens `[start, end)` for messages. */
export function spell(stream: TokenStream, start: number, end: number): string {
  const words: string[] = [];
  for (let i = Math.max(start, 0); i < Math.min(end, stream.count); i++) {
    words.push(spellingOf(stream.atoms[i]!));
  }
  return words.join(' ');
}
