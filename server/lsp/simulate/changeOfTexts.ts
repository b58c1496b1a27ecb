import { lineMap, type Kept } from '../../patch/apply/lineMap.ts';
import type { Change } from '../../patch/change.ts';
import { keptPairs } from '../changedLines.ts';

/** One file in two texts as a change, as if a patch had made the second of the first. */
export function changeOfTexts({
  path,
  before,
  after,
}: {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}): Change {
  const kept: Kept[] = [];
  for (const [old, made] of keptPairs(before, after)) {
    const last = kept.at(-1);
    const follows = last !== undefined && old === last.before + last.length - 1 && made === last.after + last.length - 1; // prettier-ignore
    if (follows) kept[kept.length - 1] = { ...last, length: last.length + 1 };
    else kept.push({ before: old + 1, after: made + 1, length: 1 });
  }
  const file = {
    before: { path, text: before },
    after: { path, text: after },
    map: lineMap(kept, []),
    filePatches: [],
    placements: [],
    extent: 'whole' as const,
    seen: [],
  };
  return { patches: [], files: [file], notLookedAt: [], problems: [] };
}
