import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { Frame } from '../../machine/executor.ts';
import type { Program } from '../../machine/program.ts';
import { placeOf } from '../../machine/whereabouts.ts';

/** One of the two texts of a changed file, ready to run. */
export interface Side {
  readonly name: 'before' | 'after';
  readonly unit: Unit;
  /** The file whose changes are looked at: the unit's own, or a header that it reads. */
  readonly file: string;
  /** A program over the file and what is named here, that runs may share: units are not changed by running them. */
  readonly program: (beside: readonly string[]) => Program;
  /** 1-based line in the unit's file before the change; undefined for one that the change added or took away. */
  readonly lineBefore: (line: number) => number | undefined;
  /** The same of the header, where {@link Side.file} is one. */
  readonly headerLineBefore?: (line: number) => number | undefined;
}

/** Where a frame is, in terms that both sides share. */
export type SiteOf = (frame: Frame | undefined) => string;

/** Names places of a side in terms of the file before the change. */
export function sitesOf({ unit, file, lineBefore, headerLineBefore }: Side): SiteOf {
  const within = (name: string, line: number | undefined): string => `${name}:${line ?? 'changed'}`;
  return (from) => {
    let inHeader = '';
    let frame: Frame | undefined = from;
    while (frame !== undefined) {
      const place = placeOf(frame);
      if (place.file.endsWith('.c')) {
        const site =
          place.file === unit.path
            ? within(place.function, lineBefore(place.line))
            : `${place.file}:${place.line}`;
        return `${inHeader}${site}`;
      }
      if (inHeader === '' && place.file === file && headerLineBefore !== undefined) {
        inHeader = `${within(place.function, headerLineBefore(place.line))} in `;
      }
      frame = frame.caller;
    }
    return `${inHeader}entry`;
  };
}

/** First and last line of a function's definition in its file. */
export function extentOf(
  unit: Unit,
  symbol: FunctionSymbol,
  file: string = unit.path,
): { readonly first: number; readonly last: number } | undefined {
  if (symbol.body === undefined) return undefined;
  const { uses, partners } = unit.tokens;
  const first = unit.place(symbol.at);
  const last = unit.place(uses[partners[symbol.body]!] ?? 0);
  if (first.file !== file || last.file !== file) return undefined;
  return { first: first.line, last: last.line };
}
