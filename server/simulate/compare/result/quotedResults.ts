import { REST_QUESTION } from '../../kernel/unquoted.ts';
import { isQuotedInPart } from '../change/completeQuote.ts';
import type { Runnable } from '../change/sideLoader.ts';
import type { SimulatedChoice, SimulatedFunction, Simulation } from './simulation.ts';

/** A result that says no more than a part of a patch can. */
export function asQuoted(result: SimulatedFunction, { file }: Runnable): SimulatedFunction {
  if (!isQuotedInPart(file)) return result;
  if (result.verdict === 'unchanged') {
    const reason = 'no difference in the part of the patch that the mail quotes';
    return { ...result, verdict: 'unknown', reason };
  }
  return { ...result, assumptions: result.assumptions.map(toldOfRest) };
}

/** The choice that stands for lines that are not quoted, in words. */
function toldOfRest(choice: SimulatedChoice): SimulatedChoice {
  if (choice.about !== REST_QUESTION) return choice;
  return { ...choice, value: choice.value === '0' ? 'set nothing' : 'set the flag' };
}

/** What was not run of a patch that a mail quotes in part. */
export function notQuoted({ file, additions }: Runnable): Simulation['notSimulated'] {
  if (!isQuotedInPart(file)) return [];
  const { path } = file.after;
  const last = file.map.lines.findLast(({ after }) => after !== undefined)?.after ?? 1;
  const made = additions.length === 0 ? '' : ` (${additions.join('; ')})`;
  const reason = `the mail quotes the patch up to here: what it changes further on was not run${made}`;
  return [{ file: path, line: last, reason }];
}
