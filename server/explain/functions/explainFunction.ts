import type { FunctionContract } from '../../program/kernelApi/contract.ts';
import type { Unit } from '../../program/unit.ts';
import type { ExplainedPlace, Explanation } from '../text/explanation.ts';
import { labelled, MOST_LINES } from '../text/explanation.ts';
import { lineAt } from '../fields/unitFields.ts';
import { callText, contractLines, summaryOf } from './contractLines.ts';
import { documentedIn } from './texts.ts';

/** Explains an interface function: contract, and, where lines about a call are given, what it is given here. */
export function explainFunction(
  unit: Unit,
  contract: FunctionContract,
  here: readonly string[],
): Explanation {
  const place = documentationOf(unit, contract.name);
  const source = place === undefined ? [] : labelled('Source', `${place.path}:${place.line}`);
  const { first, rest } = contractLines(contract, unit.api.version);
  const most = MOST_LINES - 1 - source.length;
  const shown = [...first, ...here].slice(0, most);
  const room = most - shown.length;
  return {
    title: `${callText(contract)}: ${summaryOf(contract)}`,
    lines: [...shown, ...rest.slice(0, room), ...source],
    places: place === undefined ? [] : [place],
  };
}

const found = new WeakMap<Unit, Map<string, ExplainedPlace | undefined>>();

/** The kernel-doc of a function, else its declaration. */
function documentationOf(unit: Unit, name: string): ExplainedPlace | undefined {
  let known = found.get(unit);
  if (known === undefined) found.set(unit, (known = new Map<string, ExplainedPlace | undefined>()));
  if (!known.has(name)) known.set(name, kernelDoc(unit, name) ?? declaration(unit, name));
  return known.get(name);
}

function kernelDoc({ names }: Unit, name: string): ExplainedPlace | undefined {
  const path = documentedIn.find(([pattern]) => pattern.test(name))?.[1];
  const text = path === undefined ? undefined : names.text(path);
  if (path === undefined || text === undefined) return undefined;
  const comment = new RegExp(`^ \\* ${name}(?:\\(\\))?\\s*[-:]`, 'm').exec(text);
  return comment === null ? undefined : { path, line: lineAt(text, comment.index + 1) };
}

function declaration({ names }: Unit, name: string): ExplainedPlace | undefined {
  const symbol = names.declaration(name);
  if (symbol === undefined) return undefined;
  const { path, table } = symbol.header;
  return { path, line: lineAt(table.text, symbol.symbol.start + 1) };
}
