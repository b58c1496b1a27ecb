import { parseWord } from '../../model/bits/pte64.ts';
import type { Unit } from '../../program/unit.ts';
import type { Span } from '../../text/span.ts';
import { spanText } from '../bits/strip.ts';
import { evaluateConstant } from '../bits/evaluate.ts';
import { expressionsAt } from '../code/expressionAt.ts';
import { bitsOfMask } from '../fields/definition.ts';
import { fieldFamilies } from '../fields/all.ts';
import { constantNames } from '../fields/unitFields.ts';
import type { Explanation } from '../text/explanation.ts';
import type { Word } from '../text/wordAt.ts';
import { formatsAt } from './context.ts';
import { explainEntry } from './ptEntry.ts';

/** A value that was explained, with the text it is the value of. */
export interface ExplainedValue {
  readonly span: Span;
  readonly explanation: Explanation;
}

/** Smaller literals are counts, offsets and flags far more often than entries. */
const SMALLEST_ENTRY = 0x1000n;

/** A hexadecimal literal as an entry of the format that its surroundings name. */
export function explainLiteral(unit: Unit, text: string, word: Word): ExplainedValue | undefined {
  const match = /^(0[xX][0-9a-fA-F]+)[uUlL]*$/.exec(word.text);
  if (match === null || isInComment(text, word.start)) return undefined;
  const value = BigInt(match[1]!);
  if (value < SMALLEST_ENTRY || value >= 1n << 64n) return undefined;
  return entryOf(unit, text, word, value);
}

/** Macros that build bits: the call as a whole has a value. */
const BUILDERS = /^(?:FIELD_PREP|FIELD_PREP_CONST|GENMASK|GENMASK_ULL|BIT|BIT_ULL|_BITUL|_BITULL)$/;

/** The value of a call of FIELD_PREP, GENMASK or BIT under the cursor. */
export function explainBuilder(unit: Unit, text: string, word: Word): ExplainedValue | undefined {
  if (!BUILDERS.test(word.text)) return undefined;
  const end = endOfCall(text, word.end);
  if (end === undefined) return undefined;
  const span = { start: word.start, end };
  const value = evaluateConstant(text.slice(span.start, span.end), constantNames(unit));
  return value === undefined ? undefined : maskOf(unit, text, span, value);
}

/** The value of the largest constant expression around an operator: `AMDV1PT_FMT_PR | FIELD_PREP(…)`. */
export function explainExpression(
  unit: Unit,
  text: string,
  offset: number,
): ExplainedValue | undefined {
  if (!/[|&<>~+()-]/.test(text[offset] ?? '')) return undefined;
  const around = expressionsAt(unit, offset).toReversed();
  for (const { fn, expr } of around) {
    if (expr.kind !== 'binary') continue;
    const span = { start: fn.itemStart + expr.start, end: fn.itemStart + expr.end };
    const value = evaluateConstant(text.slice(span.start, span.end), constantNames(unit));
    if (value === undefined) continue;
    return entryOf(unit, text, span, value) ?? maskOf(unit, text, span, value);
  }
  return undefined;
}

function entryOf(unit: Unit, text: string, span: Span, value: bigint): ExplainedValue | undefined {
  const formats = formatsAt(unit.file, statementAt(text, span));
  const entry = parseWord(`0x${value.toString(16)}`);
  const explanation = entry === undefined ? undefined : explainEntry(entry, formats);
  return explanation === undefined ? undefined : { span, explanation };
}

/** A mask as its bits, with the field that has exactly these in the format at hand. */
function maskOf(unit: Unit, text: string, span: Span, value: bigint): ExplainedValue | undefined {
  const bits = bitsOfMask(value);
  const where = bits === undefined ? 'bits that are not together' : `${bits.high === bits.low ? 'bit' : 'bits'} ${spanText(bits.high, bits.low)}`; // prettier-ignore
  const formats = formatsAt(unit.file, statementAt(text, span));
  const names = fieldFamilies
    .filter(({ format }) => formats[0] === format || formats[0]?.startsWith(format) === true)
    .flatMap(({ entries }) => entries)
    .filter(({ kind, high, low }) => kind === 'field' && high === bits?.high && low === bits?.low)
    .map(({ name }) => name);
  const field = names.length === 0 ? '' : `, ${names[0]!}`;
  const title = `0x${value.toString(16)}: ${where}${field}`;
  return { span, explanation: { title, lines: [], places: [] } };
}

/** The statement, initialiser or directive around a span: what stands between `;`, `{` and `}` within a few lines. */
function statementAt(text: string, { start, end }: Span): string {
  const before = text.slice(Math.max(0, start - 300), start);
  const after = text.slice(end, end + 200);
  const from = Math.max(...[';', '{', '}'].map((mark) => before.lastIndexOf(mark))) + 1;
  const marks = [';', '{', '}'].map((mark) => after.indexOf(mark)).filter((at) => at >= 0);
  return (
    before.slice(from) + text.slice(start, end) + after.slice(0, Math.min(after.length, ...marks))
  );
}

function endOfCall(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length && at < from + 400; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
    else if (depth === 0 && !/\s/.test(text[at]!)) return undefined;
  }
  return undefined;
}

function isInComment(text: string, offset: number): boolean {
  const open = text.lastIndexOf('/*', offset);
  if (open >= 0 && text.lastIndexOf('*/', offset) < open) return true;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return line.includes('//');
}
