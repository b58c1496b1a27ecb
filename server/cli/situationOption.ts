import path from 'node:path';
import { versionOfMakefile } from '../program/kernelApi/versions.ts';
import { readSituation } from '../simulate/situations/form/situationForm.ts';
import { situationFrom } from '../simulate/situations/fromSpec.ts';
import { SITUATIONS } from '../simulate/situations/library.ts';
import type { Situation, SituationProblem } from '../simulate/situations/situation.ts';
import { printJson } from '../report/json.ts';
import { nearest } from '../text/nearest.ts';
import type { Position } from '../text/span.ts';
import { type Context, UsageError } from './command.ts';

/** The situation of `--situation`, and how to say what a tree lacks of it. */
export interface NamedSituation {
  readonly situation: Situation;
  /** `tree` is the folder of the tree, for its version. */
  readonly usageError: (problem: SituationProblem, tree: string) => UsageError;
}

/** The built-in situations, one line each. */
export function situationList(): string {
  const specs = [...SITUATIONS.values()];
  const width = Math.max(...specs.map(({ name }) => name.length));
  return specs.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('');
}

/** The built-in situations for programs. */
export function situationListJson(): string {
  return printJson({
    situations: [...SITUATIONS.values()].map(({ name, summary }) => ({ name, summary })),
  });
}

/** The built-in situation of a name, else that of a file. */
export function situationNamed(named: string, context: Context): NamedSituation {
  const known = SITUATIONS.get(named);
  if (known !== undefined) return withErrors(situationFrom(known), named, () => undefined, context);
  const file = path.resolve(context.folder, named);
  if (context.host.kind(file) !== 'file') {
    const close = nearest(named, SITUATIONS.keys());
    const all = 'iovet run --situation list lists them';
    throw new UsageError(
      `no situation and no file named ${named}`,
      close === undefined ? all : `nearest: ${close}; ${all}`,
    );
  }
  const text = context.host.readText(file);
  if (!text.ok) throw new UsageError(`${named}: ${text.problem.reason}`, 'name a situation file');
  const read = readSituation(text.text);
  if (!read.ok) {
    const [first] = read.problems;
    const close = first?.nearest === undefined ? undefined : `nearest: "${first.nearest}"`;
    throw new UsageError(
      `${placed(named, first?.at)}: situation: ${first?.reason ?? 'unreadable'}`,
      close ?? 'its form is docs/situation.schema.json',
    );
  }
  const { spec, placeOf } = read.file;
  return withErrors(situationFrom(spec), named, placeOf, context);
}

function placed(named: string, at: Position | undefined): string {
  return at === undefined ? named : `${named}:${at.line}:${at.column}`;
}

function withErrors(
  situation: Situation,
  named: string,
  placeOf: (problem: SituationProblem) => Position | undefined,
  context: Context,
): NamedSituation {
  const usageError = (problem: SituationProblem, tree: string): UsageError => {
    const version = versionOf(context, tree);
    const where =
      problem.reason.startsWith('field ') && version !== undefined ? ` of ${version}` : '';
    return new UsageError(
      `${placed(named, placeOf(problem))}: situation: ${problem.reason}${where}`,
      problem.nearest === undefined
        ? 'the situation does not fit this tree'
        : `nearest: "${problem.nearest}"`,
    );
  };
  return { situation, usageError };
}

function versionOf({ host }: Context, tree: string): string | undefined {
  const makefile = host.readText(path.join(tree, 'Makefile'));
  return makefile.ok ? versionOfMakefile(makefile.text) : undefined;
}
