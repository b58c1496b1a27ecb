import type { ChangedFile } from '../../patch/change.ts';
import type { Hunk } from '../../patch/patch.ts';
import { type PieceShape, shapeOf } from './hunkShape.ts';

/** A side of a patch without its tree, completed to functions that can be parsed. */
export interface HunkText {
  /** Lines and columns are those of the file; what the hunks do not show is blank, or holds the braces that were missing. */
  readonly text: string;
  /** Functions of which the hunks show a part. */
  readonly partial: readonly PartialFunction[];
}

/** A function of which lines are not seen. */
export interface PartialFunction {
  readonly name: string;
  /** First and last line of each stretch that the hunks show. */
  readonly seen: readonly { readonly first: number; readonly last: number }[];
}

/** Lines of one hunk on one side. */
interface Piece {
  readonly first: number;
  readonly last: number;
  readonly section: string;
  readonly shape: PieceShape;
}

/** Names of functions that neither a hunk nor its section names begin like this. */
export const unnamed = 'iovet_unnamed_';

/** Stands for every condition that is not in the hunks. */
const unseen = 'if (iovet_unseen()) {';

/** Completes the lines that hunks show of one side: heads of functions from the hunk's section, braces that close. */
export function hunkText(file: ChangedFile, side: 'before' | 'after'): HunkText {
  const lines = ((side === 'before' ? file.before : file.after)?.text ?? '').split('\n');
  const pieces = file.filePatches.flatMap(({ hunks, document }) =>
    hunks.flatMap((hunk) => pieceOf(hunk, document, file, side, lines)),
  );
  const partial = new Map<string, { first: number; last: number }[]>();
  const labels = new Set(lines.flatMap((line) => /^\s*(\w+):\s*(?:;|$)/.exec(line)?.[1] ?? []));
  /** The function that the text is in so far, and the labels that it jumps to and no hunk shows. */
  let open: { readonly name: string; readonly unseen: Set<string> } | undefined;
  let end = 0;
  const close = (at: number): void => {
    if (open !== undefined && at > 0) lines[at - 1] = `${lines[at - 1]!}${stops(open.unseen)} }`;
    open = undefined;
  };
  for (const { first, last, section, shape } of pieces) {
    const part = { first, last };
    const jumps = jumpsIn(lines.slice(first - 1, last)).filter((label) => !labels.has(label));
    for (const line of shape.dropped) lines[first - 1 + line] = '';
    const before = first - 1;
    let opener = shape.startsInComment ? '/*' : '';
    const inside =
      shape.inside === 'function' ||
      (shape.inside === 'unknown' && (section !== '' || shape.indented));
    if (inside) {
      // Without a section nobody knows whether two hunks are of one function: each is taken for one of its own.
      const name = functionNameOf(section) ?? `${unnamed}${first}`;
      if (open?.name === name) {
        opener = `${blocks(shape.opened)}${opener}`.trimEnd();
      } else {
        close(end);
        open = { name, unseen: new Set() };
        opener = `${headOf(section, name)} { ${blocks(shape.opened)}${opener}`.trimEnd();
      }
      for (const label of jumps) open.unseen.add(label);
      if (shape.endsFunction) opener += stops(open.unseen);
      add(partial, open.name, part);
    } else close(end);
    if (shape.startsWithElse) opener += 'if (iovet_unseen()) ;';
    if (opener !== '') {
      const at = before >= 1 && before > end ? before : first;
      lines[at - 1] = at === first ? `${opener} ${lines[at - 1]!}` : `${lines[at - 1]!} ${opener}`;
    }
    if (shape.endsFunction) open = undefined;
    if (shape.head !== undefined && shape.left > 0) {
      open = { name: shape.head, unseen: new Set(jumps) };
      add(partial, shape.head, part);
    }
    if (open !== undefined) {
      const closing = '}'.repeat(Math.max(0, shape.left - 1));
      const stop = shape.endsOpen ? ';' : '';
      const comment = shape.endsInComment ? '*/' : '';
      lines[last - 1] = `${lines[last - 1]!} ${comment}${stop}${closing}`.trimEnd();
    }
    end = last;
  }
  close(end);
  return {
    text: lines.join('\n'),
    partial: [...partial].map(([name, seen]) => ({ name, seen })),
  };
}

function add<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Labels at which a jump can end that leads to code nobody sees. */
const stops = (names: ReadonlySet<string>): string =>
  [...names].map((label) => ` ${label}: ;`).join('');

const jumpsIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /\bgoto\s+(\w+)\s*;/.exec(line)?.[1] ?? []);

const blocks = (count: number): string => `${unseen} `.repeat(count);

function pieceOf(
  hunk: Hunk,
  document: string,
  file: ChangedFile,
  side: 'before' | 'after',
  lines: readonly string[],
): Piece[] {
  const numbers = hunk.lines.flatMap(({ kind, line }) => {
    if (kind === (side === 'before' ? 'added' : 'removed')) return [];
    const place = file.map.ofDocument({ document, line });
    const number = side === 'before' ? place?.before : place?.after;
    return number === undefined ? [] : [number];
  });
  const first = numbers[0];
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return [];
  const shape = shapeOf(lines.slice(first - 1, last));
  return [{ first, last, section: hunk.section, shape }];
}

/** The function that a hunk's section names. */
function functionNameOf(section: string): string | undefined {
  return /\b([A-Za-z_]\w*)\s*\(/.exec(section)?.[1];
}

/** The head of the function as far as the section has it: whole parameters only, the others as `...`. */
function headOf(section: string, name: string): string {
  const whole = /^[^()]*\([^()]*\)/.exec(section)?.[0];
  if (whole !== undefined) return whole;
  const known = /^([^()]*\()([^()]*),[^,]*$/.exec(section);
  return known === null ? `static long ${name}(void)` : `${known[1]!}${known[2]!}, ...)`;
}
