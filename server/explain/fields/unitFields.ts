import { macroOf } from '../../program/headers/macroDefinition.ts';
import type { FoundSymbol } from '../../program/headers/store.ts';
import type { Unit } from '../../program/unit.ts';
import { enumeratorValues } from '../bits/enumerators.ts';
import { evaluateConstant, type ConstantNames } from '../bits/evaluate.ts';
import type { Explanation } from '../text/explanation.ts';
import type { TreeDefinition } from './definition.ts';
import type { FieldEntry } from './define.ts';
import { explainField } from './explainField.ts';
import { fieldsNamed, type KnownField } from './lookup.ts';

/** The names of a unit, for evaluating constants. */
export function constantNames({ names, types }: Unit): ConstantNames {
  return {
    macro: (name) => names.macro(name),
    enumerator: (name) => {
      const value = names.enumerator(name);
      return value === undefined ? undefined : BigInt(value);
    },
    type: (name) => types.resolve({ kind: 'named', name }),
  };
}

/** How the tree of a unit defines an entry: in the header of the table if it is there, else wherever the unit finds the name. */
export function definitionIn(unit: Unit, entry: FieldEntry): TreeDefinition | undefined {
  return (
    nearDefinition(unit, entry) ?? defined(unit, entry, (name) => unit.names.declaration(name))
  );
}

/** Like {@link definitionIn}, without a search through everything that is included. */
function nearDefinition(unit: Unit, entry: FieldEntry): TreeDefinition | undefined {
  const { file, names } = unit;
  return defined(
    unit,
    entry,
    (name) => names.declarationIn(file, name) ?? names.declarationIn(entry.path, name),
  );
}

function defined(
  unit: Unit,
  entry: FieldEntry,
  find: (symbolName: string) => FoundSymbol | undefined,
): TreeDefinition | undefined {
  const [head, member, part] = entry.name.split('.');
  const isMember = entry.kind === 'member' && member !== undefined;
  const found = find(isMember ? `struct ${head!}` : entry.name);
  if (found === undefined) return undefined;
  const named = isMember ? member : entry.name;
  const at = offsetOf(found, named);
  if (at === undefined) return undefined;
  const { path } = found.header;
  const line = lineAt(found.header.table.text, at);
  const value = isMember || part !== undefined ? undefined : valueOf(unit, found, entry.name);
  return { path, line, value };
}

/** Offset of a name inside its declaration: the start of an `enum` or struct is not yet the name. */
function offsetOf({ header, symbol }: FoundSymbol, name: string): number | undefined {
  const { text } = header.table;
  const word = new RegExp(`\\b${name}\\b`, 'g');
  word.lastIndex = symbol.start;
  const match = word.exec(text);
  return match === null || match.index >= symbol.end ? undefined : match.index;
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Names are looked up in the defining header first: nearly all that a definition needs stands there, and it need not be included. */
function valueOf(unit: Unit, { header, symbol }: FoundSymbol, name: string): bigint | undefined {
  const seen = constantNames(unit);
  const near: ConstantNames = {
    macro: (wanted) => {
      const found = unit.names.declarationIn(header.path, wanted);
      return found === undefined ? seen.macro(wanted) : macroOf(found);
    },
    enumerator: (wanted) => seen.enumerator(wanted),
    type: (wanted) => seen.type(wanted),
  };
  if (symbol.kind === 'macro') return evaluateConstant(name, near);
  if (symbol.kind !== 'enumerator') return undefined;
  const text = header.table.text.slice(symbol.start, symbol.end);
  const values = enumeratorValues(text, (initializer, before) =>
    evaluateConstant(initializer, {
      macro: (wanted) => (before.has(wanted) ? undefined : near.macro(wanted)),
      enumerator: (wanted) => before.get(wanted) ?? seen.enumerator(wanted),
      type: (wanted) => seen.type(wanted),
    }),
  );
  return values.get(name);
}

/**
 * Explains a name as a unit sees it: one explanation per format that uses the name, most fitting first.
 * Gives nothing for names that are not ours: those of no table, and those that this tree defines as something else.
 */
export function explainFieldIn(unit: Unit, name: string): readonly Explanation[] {
  const known = fieldsNamed(name);
  if (known.length === 0) return [];
  const here = known.flatMap((one) => {
    const definition = definitionIn(unit, one.entry);
    return definition === undefined || isOurs(one, definition) ? [{ one, definition }] : [];
  });
  const defined = here.filter(({ definition }) => definition !== undefined);
  const exact = defined.filter(({ one, definition }) => definition!.path === one.entry.path);
  const chosen = exact.length > 0 ? sameFile(unit, exact) : defined;
  // Without a tree the table speaks alone; a tree that lacks the name does not mean it.
  const shown = chosen.length > 0 ? chosen : unit.names.text('include/linux/iommu.h') === undefined ? here : []; // prettier-ignore
  return shown.map(({ one, definition }) =>
    explainField(one, definition, { definitionOf: (entry) => nearDefinition(unit, entry) }),
  );
}

interface Candidate {
  readonly one: KnownField;
  readonly definition: TreeDefinition | undefined;
}

/** Of formats with the same name, the one whose header the unit sees first. */
function sameFile(unit: Unit, candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const seen = unit.names.declaration(candidates[0]!.one.entry.name)?.header.path;
  const mine = candidates.filter(({ definition }) => definition?.path === seen);
  return mine.length > 0 ? mine : candidates;
}

/** Interfaces move between headers from release to release; a name that a driver uses for itself is another thing. */
function isOurs({ entry }: KnownField, { path, value }: TreeDefinition): boolean {
  if (path === entry.path) return true;
  if (!/^(?:drivers\/iommu\/|include\/|arch\/)/.test(path)) return false;
  const folder = (of: string): string => of.slice(0, of.lastIndexOf('/'));
  if (folder(path).startsWith('drivers/iommu') && entry.path.startsWith('drivers/iommu')) {
    return true;
  }
  return value !== undefined ? value === expected(entry) : path.startsWith('include/');
}

function expected({ kind, high, low, value }: FieldEntry): bigint | undefined {
  if (kind !== 'field' || high === undefined || low === undefined) return value;
  return (1n << BigInt(high + 1)) - (1n << BigInt(low));
}
