import { lineIndex } from '../../text/lineIndex.ts';
import { explainAt, type ExplainedFile } from '../explainAt.ts';
import { wordAt } from '../text/wordAt.ts';

/** Where something is defined. */
export interface Definition {
  /** Path relative to the tree. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * Where the function, type, macro or variable of file level at an offset is defined: in the file, in a header that it
 * sees, or in a C file of its folder. Members are found as far as they are explained.
 */
export function definitionsAt(
  readings: readonly ExplainedFile[],
  offset: number,
): readonly Definition[] {
  const [first] = readings;
  const word = first && wordAt(first.text, offset);
  if (first === undefined || word?.kind !== 'name') return [];
  const { unit } = first;
  const named = (name: string): Definition[] => {
    const found = unit.names.declaration(name);
    return found === undefined ? [] : [placeAt(first, found.header.path, found.symbol.start)];
  };
  const body = word.isMember ? undefined : (unit.lookup(word.text) ?? unit.neighbour(word.text));
  const own = body === undefined ? [] : [placeAt(first, body.file, body.itemStart)];
  const keyword = /\b(struct|union|enum)\s+$/.exec(first.text.slice(0, word.start))?.[1];
  const tag = keyword === undefined ? [] : named(`${keyword} ${word.text}`);
  const name = word.isMember ? [] : named(word.text);
  const explained = explainAt(readings, offset)?.explanations.flatMap(({ places }) => places) ?? [];
  return [tag, own, name, explained].find(({ length }) => length > 0) ?? [];
}

function placeAt({ unit, text }: ExplainedFile, path: string, offset: number): Definition {
  const of = path === unit.file ? text : (unit.names.text(path) ?? '');
  return { path, line: lineIndex(of).position(offset).line };
}
