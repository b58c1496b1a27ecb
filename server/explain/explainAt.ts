import type { FlowCache } from '../flow/cache.ts';
import type { UnitFacts } from '../flow/facts.ts';
import type { Unit } from '../program/unit.ts';
import type { Span } from '../text/span.ts';
import {
  explainBuilder,
  explainExpression,
  explainLiteral,
  type ExplainedValue,
} from './entries/valueAt.ts';
import { callHereLines } from './functions/callHere.ts';
import { interfaceContract } from './calls/interfaceContract.ts';
import { explainFunction } from './functions/explainFunction.ts';
import { explainOperation } from './functions/explainOperation.ts';
import { explainVariable } from './values/explainVariable.ts';
import { memberNamed } from './fields/memberAt.ts';
import { explainFieldIn } from './fields/unitFields.ts';
import { wordAt } from './text/wordAt.ts';
import type { Explanation } from './text/explanation.ts';

/** A file as it was analysed. */
export interface ExplainedFile {
  readonly unit: Unit;
  readonly facts: UnitFacts;
  readonly text: string;
  /** What the engine remembers of the unit. */
  readonly flow: FlowCache;
}

/** What stands at a place, and which part of the text that is about. */
export interface Explained {
  readonly span: Span;
  /** Several where a name has several meanings. */
  readonly explanations: readonly Explanation[];
}

/** Explains what an offset points at: a field, code or feature, or a value. Gives nothing for what is not ours. */
export function explainAt(
  readings: readonly ExplainedFile[],
  offset: number,
): Explained | undefined {
  const [first] = readings;
  if (first === undefined) return undefined;
  const { unit, text } = first;
  const word = wordAt(text, offset);
  if (word === undefined) return one(explainExpression(unit, text, offset));
  if (word.kind === 'number') return one(explainLiteral(unit, text, word));
  const operation = explainOperation(unit, text, word);
  if (operation !== undefined) return { span: word, explanations: [operation] };
  const member = memberNamed(unit, text, word);
  const name = member ?? (word.isMember ? undefined : word.text);
  const explanations = name === undefined ? [] : explainFieldIn(unit, name);
  if (explanations.length > 0) return { span: word, explanations };
  const contract = word.isMember ? undefined : interfaceContract(unit.api, word.text);
  if (contract !== undefined) {
    // A static function of the same name is not the interface.
    const own = unit.functions.find(({ name: other }) => other === word.text);
    if (own?.linkage === 'static') return undefined;
    const here = readings
      .flatMap(({ facts }) => callHereLines(facts, word.start))
      .slice(0, MOST_HERE);
    return { span: word, explanations: [explainFunction(unit, contract, here)] };
  }
  const built = explainBuilder(unit, text, word);
  if (built !== undefined) return one(built);
  const variable = explainVariable(first, word);
  return variable && { span: word, explanations: [variable] };
}

/** Lines about a call; the contract needs the rest. */
const MOST_HERE = 8;

function one(value: ExplainedValue | undefined): Explained | undefined {
  return value && { span: value.span, explanations: [value.explanation] };
}
