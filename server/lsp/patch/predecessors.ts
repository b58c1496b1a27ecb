import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import type { PatchDocument, PatchSeries } from '../../patch/patch.ts';
import { pathOfUri } from '../places.ts';

/** A file as `git format-patch` names it: reroll, number, subject. */
const numbered = /^((?:v\d+-)?)(\d{4})-.*\.(?:patch|eml|mbox)$/;

/**
 * The patches that a single one of a series stands on, where they lie beside it: all of them, or none.
 * Nothing for a document that holds a series, or the first patch of one.
 */
export function predecessorsOf(
  uri: string,
  { patches }: PatchSeries,
  host: Pick<Host, 'list' | 'readText'>,
): PatchSeries | undefined {
  const file = pathOfUri(uri);
  const [patch, other] = patches;
  const name = file === undefined ? null : numbered.exec(path.basename(file));
  if (file === undefined || name === null || patch === undefined || other !== undefined) return undefined; // prettier-ignore
  const [, reroll, digits] = name;
  const number = Number(digits);
  if (patch.number !== number || number < 2) return undefined;
  const folder = path.dirname(file);
  const documents = (host.list(folder) ?? [])
    .filter((entry) => entry.kind === 'file' && isBefore(entry.name, reroll!, number))
    .map((entry) => entry.name)
    .sort()
    .flatMap((each): PatchDocument[] => {
      const read = host.readText(path.join(folder, each));
      return read.ok ? [{ name: each, text: read.text }] : [];
    });
  const below = parsePatches(documents);
  const complete =
    below.patches.length === number - 1 &&
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
