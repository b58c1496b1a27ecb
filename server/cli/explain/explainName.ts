import { interfaceContract } from '../../explain/calls/interfaceContract.ts';
import { explainField } from '../../explain/fields/explainField.ts';
import { fieldNames, fieldsNamed, type KnownField } from '../../explain/fields/lookup.ts';
import { explainFieldIn } from '../../explain/fields/unitFields.ts';
import { explainFunction } from '../../explain/functions/explainFunction.ts';
import { labelled, type Explanation } from '../../explain/text/explanation.ts';
import { readGrammarFiles } from '../../host/grammarFiles.ts';
import { kernelApi, kernelApiOfAnyAge } from '../../program/kernelApi/registry.ts';
import type { KernelVersion } from '../../program/kernelApi/contract.ts';
import { createProgram, type Program } from '../../program/program.ts';
import { loadSyntax } from '../../syntax/syntax.ts';
import type { Context } from '../command.ts';
import { listedSource } from '../treeSource.ts';

/** What is known about a name that is no rule. */
export interface NameQuestion {
  readonly name: string;
  /** Absolute path of a kernel tree whose definitions count; undefined without one. */
  readonly tree: string | undefined;
  /** Release of the contracts; undefined: the tree's, else the newest. */
  readonly version: KernelVersion | undefined;
}

/** Explains a field, code, constant or interface function; several where a name has several meanings, none for other names. */
export async function explainName(
  context: Context,
  { name, tree, version }: NameQuestion,
): Promise<readonly Explanation[]> {
  const api = version === undefined ? kernelApiOfAnyAge() : kernelApi(version);
  const known = fieldsNamed(name);
  const contract = interfaceContract(api, name);
  if (known.length === 0 && contract === undefined) return [];
  const { runtime, grammar } = readGrammarFiles(context.host, context.programFolder);
  const syntax = await loadSyntax(runtime, grammar);
  const program: Program = createProgram({
    parsing: syntax,
    ...(tree === undefined ? {} : { tree: listedSource(context.host, tree) }),
    ...(version === undefined ? {} : { version }),
  });
  // A name is explained as the header that defines it sees it; nothing else of the tree is read.
  const explained = (path: string): readonly Explanation[] => {
    const text = program.headers.tree.read(path) ?? '';
    const unit = program.unit(path, syntax.parse(path, text).value);
    const fields = explainFieldIn(unit, name);
    const own = interfaceContract(unit.api, name);
    return own === undefined ? fields : [...fields, explainFunction(unit, own, [])];
  };
  const paths = known.length === 0 ? [INTERFACE_HEADER] : known.map(({ entry }) => entry.path);
  const here = [...new Set(paths)].flatMap(explained);
  const all = here.length > 0 ? here : known.map((one) => asOfTable(one, tree !== undefined));
  return all.filter(({ title }, i) => all.findIndex((other) => other.title === title) === i);
}

/** What our table says of a name that the tree does not have. */
function asOfTable(known: KnownField, hasTree: boolean): Explanation {
  const said = explainField(known, undefined, { definitionOf: () => undefined });
  const note = hasTree ? labelled('Here', 'not defined in this tree') : [];
  return { ...said, lines: [...said.lines, ...note] };
}

const INTERFACE_HEADER = 'include/linux/dma-mapping.h';

/** Names that can be explained beside the rules, for near misses. */
export function explainableNames(): readonly string[] {
  const { functions } = kernelApiOfAnyAge();
  return [...fieldNames(), ...functions.filter(({ relevant }) => relevant).map(({ name }) => name)];
}
