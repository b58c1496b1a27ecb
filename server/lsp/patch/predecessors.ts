import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import type { PatchDocument, PatchSeries } from '../../patch/patch.ts';
import { pathOfUri } from '../places.ts';

/** A file as `git format-patch` names it: reroll, number, subject. */
const numbered = /^((?:v\d+-)?)(\d{4})-.*\.(?:patch|eml|mbox)$/;

/**
 * The files that a single patch of a series may stand on: those of its series with smaller numbers, beside it.
 * Undefined for a document that holds a series, or the first patch of one.
 */
export function documentsBefore(
  uri: string,
  { patches }: PatchSeries,
  host: Pick<Host, 'list' | 'readText'>,
): readonly PatchDocument[] | undefined {
  const file = pathOfUri(uri);
  const [patch, other] = patches;
  const name = file === undefined ? null : numbered.exec(path.basename(file));
  if (file === undefined || name === null || patch === undefined || other !== undefined) return undefined; // prettier-ignore
  const [, reroll, digits] = name;
  const number = Number(digits);
  if (patch.number !== number || number < 2) return undefined;
  const folder = path.dirname(file);
  return (host.list(folder) ?? [])
    .filter((entry) => entry.kind === 'file' && isBefore(entry.name, reroll!, number))
    .map((entry) => entry.name)
    .sort()
    .flatMap((each): PatchDocument[] => {
      const read = host.readText(path.join(folder, each));
      return read.ok ? [{ name: each, text: read.text }] : [];
    });
}

/** The patches that the only one of a series stands on, where the documents before it hold all of them. */
export function predecessorsIn(
  documents: readonly PatchDocument[],
  { patches: [patch] }: PatchSeries,
): PatchSeries | undefined {
  const below = parsePatches(documents);
  const complete =
    patch !== undefined &&
    below.patches.length + 1 === patch.number &&
    below.patches.every(
      (one, i) =>
        one.number === i + 1 && one.total === patch.total && one.version === patch.version,
    );
  return complete ? below : undefined;
}

function isBefore(name: string, reroll: string, number: number): boolean {
  const match = numbered.exec(name);
  if (match === null || match[1] !== reroll) return false;
  const own = Number(match[2]);
  return own > 0 && own < number;
}
