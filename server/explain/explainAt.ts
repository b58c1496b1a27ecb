import type { UnitFacts } from '../flow/facts.ts';
import type { Unit } from '../program/unit.ts';
import type { Span } from '../text/span.ts';
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

/** Explains what an offset points at: a field, code or feature. Gives nothing for what is not ours. */
export function explainAt(
  readings: readonly ExplainedFile[],
  offset: number,
): Explained | undefined {
  const [first] = readings;
  if (first === undefined) return undefined;
  const word = wordAt(first.text, offset);
  if (word === undefined || word.kind === 'number') return undefined;
  const member = memberNamed(first.unit, first.text, word);
  const name = member ?? (word.isMember ? undefined : word.text);
  const explanations = name === undefined ? [] : explainFieldIn(first.unit, name);
  return explanations.length === 0 ? undefined : { span: word, explanations };
}
