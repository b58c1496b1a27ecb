/**
 * A value on a path, as the number of an interned node: equal values are equal numbers.
 * Only meaningful together with the table that made it.
 */
export type Term = number;

/** Number of an interned string. */
export type NameId = number;

/** What a term is. */
export const kinds = {
  /** An integer constant within the safe range of a double. */
  num: 0,
  /** The value a variable, global or macro constant had on entry, which is also its location. */
  variable: 1,
  /** A value nothing is known about, made at a site. */
  fresh: 2,
  /** A member of a location. */
  field: 3,
  /** What a pointer points to; arrays are pointers to their first element. */
  deref: 4,
  /** The address of a location. */
  addr: 5,
  /** A sum: constant + atom * coefficient + ... */
  lin: 6,
  /** An operation or pure function applied to terms. */
  op: 7,
} as const;

/** Where a variable term comes from. */
export const spaces = { local: 0, parameter: 1, global: 2, constant: 3 } as const;

/** A space of variables. */
export type Space = (typeof spaces)[keyof typeof spaces];

/** Interns terms. One table serves the analysis of one unit and only grows. */
export class TermTable {
  readonly #names: string[] = [];
  readonly #nameIds = new Map<string, NameId>();
  readonly #numbers = new Map<number, Term>();
  /** Kind of each term. */
  #kind: number[] = [];
  #start: number[] = [];
  #length: number[] = [];
  #value: number[] = [];
  #pool = new Int32Array(4096);
  #poolEnd = 0;
  #slots = new Int32Array(4096).fill(-1);
  #freshCount = 0;

  /** Number of terms made so far. */
  get size(): number {
    return this.#kind.length;
  }

  /** Interns a string. */
  name(text: string): NameId {
    const known = this.#nameIds.get(text);
    if (known !== undefined) return known;
    const id = this.#names.length;
    this.#names.push(text);
    this.#nameIds.set(text, id);
    return id;
  }

  /** The string of a name. */
  text(id: NameId): string {
    return this.#names[id]!;
  }

  kind(term: Term): number {
    return this.#kind[term]!;
  }

  /** Number of payload words. */
  arity(term: Term): number {
    return this.#length[term]!;
  }

  /** One payload word: a term, a name or a small number, by kind and position. */
  part(term: Term, index: number): number {
    return this.#pool[this.#start[term]! + index]!;
  }

  /** The integer of a `num` term, else undefined. */
  constant(term: Term): number | undefined {
    return this.#kind[term] === kinds.num ? this.#value[term] : undefined;
  }

  num(value: number): Term {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const term = this.#push(kinds.num, [], value === 0 ? 0 : value);
    this.#numbers.set(value, term);
    return term;
  }

  variable(name: string, space: Space): Term {
    return this.intern(kinds.variable, [this.name(name), space]);
  }

  /** The unknown value made at a site in a given turn; the same arguments give the same term. */
  freshAt(site: number, turn: number, hint: string): Term {
    return this.intern(kinds.fresh, [site, turn, this.name(hint)]);
  }

  /** A value that equals nothing made before. */
  fresh(hint: string): Term {
    return this.intern(kinds.fresh, [-1, this.#freshCount++, this.name(hint)]);
  }

  intern(kind: number, parts: readonly number[]): Term {
    let hash = kind * 0x9e3779b1;
    for (const part of parts) hash = Math.imul(hash ^ part, 0x85ebca6b) ^ (hash >>> 13);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found < 0) break;
      if (this.#same(found, kind, parts)) return found;
      slot = (slot + 1) & mask;
    }
    const term = this.#push(kind, parts, 0);
    this.#slots[slot] = term;
    if (this.#kind.length * 2 > this.#slots.length) this.#grow();
    return term;
  }

  #same(term: Term, kind: number, parts: readonly number[]): boolean {
    if (this.#kind[term] !== kind || this.#length[term] !== parts.length) return false;
    const start = this.#start[term]!;
    for (let i = 0; i < parts.length; i++) if (this.#pool[start + i] !== parts[i]) return false;
    return true;
  }

  #push(kind: number, parts: readonly number[], value: number): Term {
    const term = this.#kind.length;
    this.#kind.push(kind);
    this.#start.push(this.#poolEnd);
    this.#length.push(parts.length);
    this.#value.push(value);
    if (this.#poolEnd + parts.length > this.#pool.length) {
      const larger = new Int32Array(Math.max(this.#pool.length * 2, this.#poolEnd + parts.length));
      larger.set(this.#pool);
      this.#pool = larger;
    }
    for (const part of parts) this.#pool[this.#poolEnd++] = part;
    return term;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let term = 0; term < this.#kind.length; term++) {
      const kind = this.#kind[term]!;
      if (kind === kinds.num) continue;
      let hash = kind * 0x9e3779b1;
      for (let i = 0; i < this.#length[term]!; i++) {
        hash = Math.imul(hash ^ this.part(term, i), 0x85ebca6b) ^ (hash >>> 13);
      }
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = term;
    }
    this.#slots = slots;
  }
}
