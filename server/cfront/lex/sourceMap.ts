import type { LexedFile } from './lexedFile.ts';
import type { LineIndex } from '../../text/lineIndex.ts';
import { lineIndex } from '../../text/lineIndex.ts';

/**
 * A place in the sources: the base of its file plus an offset in that file.
 * One number, so a token stream can carry two of them (where used, where a macro body defined it).
 */
export type Location = number;

/** A location as people read it. Line and column are 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Names and members, as they stand before the parenthesis of a call. */
const OPERAND = /[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*$/;
const CALL = /([A-Za-z_]\w*)\s*\(/y;

/** Turns the locations of one unit back into places. */
export class SourceMap {
  private readonly files = new Set<LexedFile>();
  private sorted: LexedFile[] = [];
  private readonly lines = new Map<LexedFile, LineIndex>();

  /** Makes a file's locations known. */
  enter(file: LexedFile): void {
    this.files.add(file);
  }

  /** Every file entered so far, in order of first entry. */
  get paths(): readonly string[] {
    return [...this.files].map((file) => file.path);
  }

  /** File, line and column of a location. */
  place(location: Location): Place {
    const file = this.fileOf(location);
    if (file === undefined) return { file: '', line: 1, column: 1 };
    let lines = this.lines.get(file);
    if (lines === undefined) {
      lines = lineIndex(file.text);
      this.lines.set(file, lines);
    }
    const { line, column } = lines.position(location - file.base);
    return { file: file.path, line, column };
  }

  /** What is called at a location: the operand before an opening parenthesis, else the name that begins there. */
  calleeAt(location: Location): string | undefined {
    const file = this.fileOf(location);
    if (file === undefined) return undefined;
    const at = location - file.base;
    const line = file.text.slice(file.text.lastIndexOf('\n', at - 1) + 1, at);
    const before = file.text[at] === '(' ? OPERAND.exec(line)?.[0] : undefined;
    CALL.lastIndex = at;
    return before ?? CALL.exec(file.text)?.[1];
  }

  /** Path of the file of a location. */
  pathOf(location: Location): string | undefined {
    return this.fileOf(location)?.path;
  }

  private fileOf(location: Location): LexedFile | undefined {
    if (this.sorted.length !== this.files.size) {
      this.sorted = [...this.files].sort((a, b) => a.base - b.base);
    }
    let low = 0;
    let high = this.sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.sorted[middle]!.base <= location) low = middle;
      else high = middle - 1;
    }
    return this.sorted[low];
  }
}
