// What the tests of this layer start from: a small tree in memory, analysed.
import { analyzeUnit } from '../flow/analyze.ts';
import { createFlowCache } from '../flow/cache.ts';
import { createProgram } from '../program/program.ts';
import type { Syntax } from '../syntax/syntax.ts';
import { loadForTest } from '../../tests/syntax/load.ts';
import type { ExplainedFile } from './explainAt.ts';

let syntax: Promise<Syntax> | undefined;

/** Analyses one file of a tree given as texts by path; the newest release unless the tree has a Makefile. */
export async function explained(
  file: string,
  texts: Readonly<Record<string, string>>,
): Promise<ExplainedFile> {
  syntax ??= loadForTest();
  const parsing = await syntax;
  const tree = {
    read: (name: string) => texts[name],
    list: (folder: string) =>
      Object.keys(texts).flatMap((name) =>
        name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : [],
      ),
  };
  const program = createProgram({ parsing, tree });
  const text = texts[file]!;
  const unit = program.unit(file, parsing.parse(file, text).value);
  const flow = createFlowCache();
  return { unit, text, facts: analyzeUnit(unit, { text, cache: flow }), flow };
}

/** Offset of a text's only occurrence, or of the one after a marker. */
export function at(text: string, what: string, after = ''): number {
  const from = after === '' ? 0 : text.indexOf(after);
  const found = text.indexOf(what, from);
  if (from < 0 || found < 0) throw new Error(`${what} is not in the text`);
  return found;
}
