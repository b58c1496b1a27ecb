import type { Tree } from 'web-tree-sitter';
import { flatten } from './flatten.ts';
import { Kind, Token } from './kinds.generated.ts';
import type { Branch, ConditionalGroup, Item } from './sourceFile.ts';
import { emptyTree } from './tree.ts';
import type { SyntaxTree } from './tree.ts';

/** Trees of an earlier reading of the same file, by the text of their item. */
export type TreeCache = ReadonlyMap<string, SyntaxTree>;

/**
 * Flattens the top level of a tree: one item per child of the root, without the comments and attributes between them.
 * An item whose text was seen before keeps its tree, unless that has errors: how an error is repaired depends on the text around it.
 */
export function itemsOf(
  tree: Tree,
  text: string,
  groups: readonly ConditionalGroup[],
  known?: TreeCache,
): Item[] {
  const items: Item[] = [];
  const cursor = tree.walk();
  // A text in which the parser found no way to a whole: the children are what it had pieced together so far.
  const inPieces = cursor.nodeTypeId === Kind.ERROR;
  if (cursor.gotoFirstChild()) {
    do {
      const kind = cursor.nodeTypeId;
      if (kind === Kind.comment || kind === Kind.kernel_attribute || kind === Token[';']) continue;
      const start = cursor.startIndex;
      const end = cursor.endIndex;
      if (start === end) continue;
      const slice = text.slice(start, end);
      const seen = known?.get(slice);
      let flat: SyntaxTree;
      if (inPieces && !wholeItems.has(kind)) flat = emptyTree(detached(slice));
      else if (seen !== undefined && !seen.hasError) flat = seen;
      else flat = flatten(cursor, known === undefined ? slice : detached(slice), start);
      items.push({
        start,
        tree: flat,
        conditions: conditionsAround(groups, start, end),
        variantCount: variantCount(groups, start, end),
      });
    } while (cursor.gotoNextSibling());
  }
  cursor.delete();
  return items;
}

/** What can stand between items of a broken text and still be one itself. */
const wholeItems: ReadonlySet<number> = new Set([
  Kind.function_definition,
  Kind.macro_function_definition,
  Kind.declaration,
  Kind.macro_declaration,
  Kind.type_definition,
  Kind.struct_specifier,
  Kind.union_specifier,
  Kind.enum_specifier,
  Kind.preproc_include,
  Kind.preproc_def,
  Kind.preproc_function_def,
  Kind.preproc_call,
]);

/** A copy that does not keep the file's text alive, which a slice of it would: one version per edit adds up. */
function detached(slice: string): string {
  return slice.split('\n').join('\n');
}

function conditionsAround(
  groups: readonly ConditionalGroup[],
  start: number,
  end: number,
): readonly Branch[] {
  const around: Branch[] = [];
  for (const group of groups) {
    if (group.start > start) break;
    if (group.end < end) continue;
    const branch = group.branches.find((one) => one.start <= start && end <= one.end);
    if (branch !== undefined) around.push(branch);
  }
  return around;
}

/** The branches of a group that the default reading leaves out although a configuration can compile them. */
export function otherBranches(group: ConditionalGroup): readonly Branch[] {
  return group.branches.filter(
    (branch) => branch.index !== group.taken && branch.verdict !== 'never',
  );
}

/** The groups with an alternative that touch a range and cut through an item. */
export function cuttingGroups(
  groups: readonly ConditionalGroup[],
  start: number,
  end: number,
): readonly ConditionalGroup[] {
  const cutting: ConditionalGroup[] = [];
  for (const group of groups) {
    if (group.start >= end) break;
    if (group.end <= start || group.mode !== 'chosen') continue;
    if (group.branches.length > 1) cutting.push(group);
  }
  return cutting;
}

/** At most this many further readings of one item. */
const maxVariants = 4;

function variantCount(groups: readonly ConditionalGroup[], start: number, end: number): number {
  let count = 0;
  for (const group of cuttingGroups(groups, start, end)) {
    const taken = group.branches[group.taken];
    // A group around the whole item says under which condition it exists; it is no choice within it.
    if (taken !== undefined && taken.start <= start && end <= taken.end) continue;
    count = Math.max(count, otherBranches(group).length);
  }
  return Math.min(count, maxVariants);
}
