import { readable } from './blank.ts';
import { cuttingGroups, itemsOf, otherBranches } from './items.ts';
import type { TreeParser } from './parser.ts';
import type { Item, SourceFile } from './sourceFile.ts';

/**
 * The further readings of an item: in the first, every `#if` group inside takes the first branch that the default leaves out,
 * in the second the second, and so on; a group that has no more of them stays with the default.
 * So each branch is read at least once, and groups with equal conditions agree.
 */
export function variantsOf(parser: TreeParser, source: SourceFile, item: Item): Item[] {
  const itemEnd = item.start + item.tree.text.length;
  const groups = cuttingGroups(source.groups, item.start, itemEnd);
  // A group that gives the item alternative headers starts before it.
  const start = Math.min(item.start, ...groups.map((group) => group.start));
  const end = Math.max(itemEnd, ...groups.map((group) => group.end));
  const found: Item[] = [];
  for (let turn = 0; turn < item.variantCount; turn++) {
    const text = readable(source.text, source, (group) => {
      const others = groups.includes(group) ? otherBranches(group) : [];
      return others[turn]?.index ?? group.taken;
    }).slice(start, end);
    const tree = parser.parse(text);
    if (tree === undefined) continue;
    for (const other of itemsOf(tree, text, [])) {
      if (other.tree.text === item.tree.text) continue;
      found.push({ ...other, start: other.start + start, conditions: item.conditions });
    }
    tree.delete();
  }
  return found;
}
