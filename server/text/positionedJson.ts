/** What a JSON text says, and where each of its parts stands. */
export interface PositionedJson {
  readonly value: unknown;
  /**
   * Offsets by JSON pointer (`/set/struct.member`, `/memory/0`): of the key of a member, of the first
   * unit of an item, and under the empty pointer of the whole.
   */
  readonly offsets: ReadonlyMap<string, number>;
}

/** A JSON text with its positions, or the first thing that is wrong with it. */
export type PositionedJsonResult =
  | { readonly ok: true; readonly json: PositionedJson }
  | { readonly ok: false; readonly offset: number; readonly reason: string };

/** Thrown inside the reader only. */
class Wrong extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const MAX_DEPTH = 64;

/** Reads JSON (RFC 8259). A key that stands twice in an object is an error: one of them would be lost. */
export function readPositionedJson(text: string): PositionedJsonResult {
  const reader = new Reader(text);
  try {
    const value = reader.whole();
    return { ok: true, json: { value, offsets: reader.offsets } };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, offset: error.offset, reason: error.message };
  }
}

class Reader {
  readonly offsets = new Map<string, number>();
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): unknown {
    this.space();
    this.offsets.set('', this.at);
    const value = this.value('');
    this.space();
    if (this.at < this.text.length) throw new Wrong(this.at, 'something follows the JSON value');
    return value;
  }

  private value(path: string): unknown {
    const c = this.text[this.at];
    if (c === '{') return this.nested(() => this.object(path));
    if (c === '[') return this.nested(() => this.list(path));
    if (c === '"') return this.string();
    for (const [word, meaning] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return meaning;
    }
    return Number(
      this.take(NUMBER, c === undefined ? 'the text ends early' : 'no JSON value here'),
    );
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new Wrong(this.at, 'nested too deep');
    const value = read();
    this.depth--;
    return value;
  }

  private object(path: string): Record<string, unknown> {
    const members: [string, unknown][] = [];
    this.items('}', () => {
      const start = this.at;
      const key = this.string();
      const inner = `${path}/${key}`;
      if (this.offsets.has(inner)) throw new Wrong(start, `"${key}" stands here twice`);
      this.offsets.set(inner, start);
      this.space();
      this.expect(':');
      this.space();
      members.push([key, this.value(inner)]);
    });
    return Object.fromEntries(members);
  }

  private list(path: string): unknown[] {
    const items: unknown[] = [];
    this.items(']', () => {
      const inner = `${path}/${items.length}`;
      this.offsets.set(inner, this.at);
      items.push(this.value(inner));
    });
    return items;
  }

  private items(end: string, read: () => void): void {
    this.at++;
    this.space();
    if (this.text[this.at] === end) {
      this.at++;
      return;
    }
    for (;;) {
      read();
      this.space();
      if (this.text[this.at] === end) break;
      this.expect(',');
      this.space();
    }
    this.at++;
  }

  private string(): string {
    const start = this.at;
    const quoted = this.take(STRING, 'a text in double quotes has to stand here');
    for (let i = 0; i < quoted.length; i++) {
      if (quoted.charCodeAt(i) < 0x20) throw new Wrong(start + i, 'a control character in a text');
    }
    return JSON.parse(quoted) as string;
  }

  private take(pattern: RegExp, otherwise: string): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) throw new Wrong(this.at, otherwise);
    this.at += match[0].length;
    return match[0];
  }

  private expect(c: string): void {
    if (this.text[this.at] !== c) throw new Wrong(this.at, `"${c}" is missing`);
    this.at++;
  }

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }
}
