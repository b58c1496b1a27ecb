import type { SeriesChange } from '../../patch/change.ts';

/** A line of a file below the tree. */
export interface TreePlace {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * Where a line is in the tree that a series was applied to: all patches up to the one that it was seen in, or the whole
 * series for null, have moved it. Undefined for a line, or a file, that one of them made.
 */
export function placeInTree(
  { patches, whole }: SeriesChange,
  { patch, side }: { readonly patch: number | null; readonly side: 'before' | 'after' },
  seen: TreePlace,
): TreePlace | undefined {
  if (side === 'before' && patch === null) return seen;
  const last = side === 'after' ? patch : patch! - 1;
  const changes = last === null ? [whole] : patches.slice(0, last + 1).toReversed();
  let place: TreePlace = seen;
  for (const { files } of changes) {
    const file = files.find(({ after }) => after?.path === place.path);
    if (file === undefined) continue;
    const line = file.map.toBefore(place.line);
    if (line === undefined || file.before === undefined) return undefined;
    place = { path: file.before.path, line };
  }
  return place;
}
