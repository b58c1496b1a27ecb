import type { Unit } from '../../program/unit.ts';
import { labelled, type Explanation } from '../text/explanation.ts';
import type { Word } from '../text/wordAt.ts';

/**
 * Explains the member of an operations table where a function is put into it: what the core expects of the function.
 * Gives nothing for tables that have no contract.
 */
export function explainOperation(unit: Unit, text: string, word: Word): Explanation | undefined {
  const after = /^\s*=\s*&?\s*(\w+)/.exec(text.slice(word.end, word.end + 120));
  if (!word.isMember || after === null) return undefined;
  const entry = unit.symbols
    .opsOf(after[1]!)
    .find(({ field, struct }) => field === word.text && struct !== undefined);
  const contract =
    entry?.struct === undefined ? undefined : unit.api.operation(entry.struct, word.text);
  if (entry === undefined || contract === undefined) return undefined;
  const { struct, field, params, context, note, since, until } = contract;
  const others = unit.symbols
    .functionsFor(struct, field)
    .filter((name) => name !== entry.functionName)
    .slice(0, 3);
  const atomic = context === 'atomic';
  return {
    title: `${struct}.${field}(${params.join(', ')})${note === undefined ? '' : `: ${note}`}`,
    lines: [
      ...labelled('Context', atomic ? 'called in atomic context as well: it never sleeps' : context === 'gfp' ? 'sleeps only if its gfp allows it' : 'may sleep'), // prettier-ignore
      ...(since === undefined ? [] : labelled('Since', since)),
      ...(until === undefined ? [] : labelled('Gone', `after ${until}`)),
      ...labelled('Here', `${entry.functionName}()${entry.object === undefined ? '' : ` in ${entry.object}`}`), // prettier-ignore
      ...(others.length === 0 ? [] : labelled('Others', others.map((name) => `${name}()`).join(', '))), // prettier-ignore
    ],
    places: [],
  };
}
