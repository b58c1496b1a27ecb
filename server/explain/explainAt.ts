import type { UnitFacts } from '../flow/facts.ts';
import type { Unit } from '../program/unit.ts';
import type { Span } from '../text/span.ts';
import {
  explainBuilder,
  explainExpression,
  explainLiteral,
  type ExplainedValue,
} from './entries/valueAt.ts';
import { memberNamed } from './fields/memberAt.ts';
import { explainFieldIn } from './fields/unitFields.ts';
import { wordAt } from './text/wordAt.ts';
import type { Explanation } from './text/explanation.ts';

/** A file as it was analysed. */
export interface ExplainedFile {
  readonly unit: Unit;
  readonly facts: UnitFacts;
  readonly text: string;
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
  const member = memberNamed(unit, text, word);
  const name = member ?? (word.isMember ? undefined : word.text);
  const explanations = name === undefined ? [] : explainFieldIn(unit, name);
  if (explanations.length > 0) return { span: word, explanations };
  return one(explainBuilder(unit, text, word));
}

function one(value: ExplainedValue | undefined): Explained | undefined {
  return value && { span: value.span, explanations: [value.explanation] };
}
