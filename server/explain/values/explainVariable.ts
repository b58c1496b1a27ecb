import type { FlowCache } from '../../flow/cache.ts';
import type { UnitFacts, Value } from '../../flow/facts.ts';
import { valuesAt } from '../../flow/valuesAt.ts';
import type { CfgNode, Expr } from '../../program/ir.ts';
import type { Unit } from '../../program/unit.ts';
import { expressionsAt, type FoundExpression } from '../code/expressionAt.ts';
import { numberText } from '../fields/explainField.ts';
import { lineAt } from '../fields/unitFields.ts';
import { labelled, type Explanation } from '../text/explanation.ts';
import type { Word } from '../text/wordAt.ts';

/** The file that a variable stands in, as far as its values are asked for. */
interface ValuedFile {
  readonly unit: Unit;
  readonly facts: UnitFacts;
  readonly text: string;
  readonly flow: FlowCache;
}

const MOST_VALUES = 4;

/**
 * The values that a variable or member has on the paths that reach its line.
 * Gives nothing in functions that touch no DMA or IOMMU interface, and where nothing is known but the name.
 */
export function explainVariable(file: ValuedFile, word: Word): Explanation | undefined {
  const { unit, facts, text, flow } = file;
  const around = expressionsAt(unit, word.start);
  const found = around.find(({ expr, fn }) => isNamed(expr, word, fn.itemStart));
  if (found === undefined || !isOfInterest(facts, found.fn.name)) return undefined;
  const { fn, ir, expr, node } = found;
  const when = isAssigned(around, expr, node) ? 'after' : 'before';
  const values = valuesAt(unit, flow, { fn, ir, node, expr, when });
  const said = [...new Set(values.flatMap((value) => valueText(value) ?? []))];
  if (said.length === 0) return undefined;
  const name = text.slice(fn.itemStart + expr.start, fn.itemStart + expr.end).replace(/\s+/g, ' ');
  const line = lineAt(text, word.start);
  const [first] = said;
  const unknown = values.some((value) => valueText(value) === undefined);
  return said.length === 1 && !unknown
    ? { title: `${name} = ${first!}`, lines: labelled('Here', `line ${line}, on every path that was looked at`), places: [] } // prettier-ignore
    : {
        title: `${name}: ${said.length} values known at line ${line}`,
        lines: [
          ...said.slice(0, MOST_VALUES).map((value) => `  ${value}`),
          ...(said.length > MOST_VALUES ? [`  … ${said.length - MOST_VALUES} more`] : []),
          ...(unknown ? ['  other paths: not known'] : []),
          ...(node.loop >= 0 ? ['  (first turns of the loop)'] : []),
        ],
        places: [],
      };
}

function isNamed(expr: Expr, word: Word, itemStart: number): boolean {
  if (expr.kind === 'ident') {
    return expr.name === word.text && expr.start + itemStart === word.start && expr.binding.kind !== 'function'; // prettier-ignore
  }
  return expr.kind === 'field' && expr.name === word.text && expr.nameStart + itemStart === word.start; // prettier-ignore
}

/** The node gives the expression its value: before it there is another one, or none. */
function isAssigned(around: readonly FoundExpression[], expr: Expr, node: CfgNode): boolean {
  if (node.kind === 'iterate') return true;
  return around.some(({ expr: outer }) => outer.kind === 'assign' && outer.target === expr);
}

/** The function calls an interface with a contract. */
function isOfInterest({ facts }: UnitFacts, name: string): boolean {
  return (
    facts.calls.some(({ place }) => place.function === name) ||
    facts.resources.some(({ acquire }) => acquire.place.function === name)
  );
}

/** What is known of a value beside its own spelling; undefined where that is nothing. */
function valueText(value: Value): string | undefined {
  const { text, canonical, constant, range, flags, provenance, origin } = value;
  const from = FROM[provenance];
  const what =
    constant !== undefined
      ? numberText(BigInt(constant))
      : flags.complete && flags.names.length > 0
        ? flags.names.join(' | ')
        : canonical !== text && canonical.length <= LONGEST
          ? canonical
          : isNarrow(range)
            ? `${range[0]} to ${range[1]}`
            : undefined;
  const result = origin?.kind === 'result' ? `the result of ${origin.function}()` : undefined;
  const parts = [what === text ? undefined : what, result, from].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? undefined : parts.join(', ');
}

const LONGEST = 60;
const FROM: Partial<Record<Value['provenance'], string>> = {
  ram: 'RAM',
  mmio: 'device memory',
  carveout: 'a carve-out',
  'dma-address': 'a DMA address',
  iova: 'an IOVA',
  user: 'a user address',
};

const isNarrow = ([low, high]: Value['range']): boolean =>
  Number.isFinite(low) && Number.isFinite(high) && high - low < 2 ** 20;
