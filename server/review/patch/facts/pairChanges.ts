import type { PairChangeFact } from '../../../checkers/patchChecker.ts';
import type { Value } from '../../../flow/facts.ts';
import type { ChangedFile } from '../../../patch/change.ts';
import type { PairEnds } from './pairEnds.ts';

/** A variable or member, not a constant: it can hold what the other end used. */
const isKeptValue = (text: string): boolean =>
  /^[*(&]*[a-z_]\w*(?:(?:->|\.)\w+|\[[^\]]*\])*\)?$/.test(text);

/** Without spaces, and with any name for the object in front of a member. */
const spelled = (value: Value): string => value.text.replace(/\s+/g, '').replace(/\b\w+->/g, '@->');

/** Pairs of one file whose ends were equal before the patch, and of which it changes one. */
export function pairChanges(
  file: ChangedFile,
  before: readonly PairEnds[],
  after: readonly PairEnds[],
): PairChangeFact[] {
  const { map } = file;
  const found = new Map<string, PairChangeFact>();
  for (const ends of after) {
    const { key, role, relation } = ends;
    // Proven to differ: the rule of the pair says so.
    if (relation !== 'unknown') continue;
    const acquiredFrom = map.toBefore(ends.acquired.place.line);
    const releasedFrom = map.toBefore(ends.released.place.line);
    if ((acquiredFrom === undefined) === (releasedFrom === undefined)) continue;
    const changed = acquiredFrom === undefined ? 'acquired' : 'released';
    const left = changed === 'acquired' ? 'released' : 'acquired';
    const old = before.find(
      (each) =>
        each.key === key &&
        each.role === role &&
        each[left].place.line === (acquiredFrom ?? releasedFrom) &&
        spelled(each[left]) === spelled(ends[left]),
    );
    if (old === undefined) continue;
    const wasEqual = old.relation === 'equal' || spelled(old.acquired) === spelled(old.released);
    const now = spelled(ends[changed]);
    if (!wasEqual || spelled(old[changed]) === now || now === spelled(ends[left])) continue;
    if (isKeptValue(ends[changed].text)) continue;
    found.set(`${ends[changed].place.span.start} ${role}`, {
      changed: ends[changed],
      left: ends[left],
      side: changed,
      was: old[changed].text,
    });
  }
  return [...found.values()];
}
