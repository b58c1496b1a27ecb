import type { Selection } from '../../checkers/run.ts';
import { meaningsOf } from '../../flow/contracts/meaning.ts';
import { pathTakenAway, type ChangedFile, type SeriesChange } from '../../patch/change.ts';
import type { KernelVersion } from '../../program/kernelApi/contract.ts';
import type { Syntax } from '../../syntax/syntax.ts';
import type { Slices } from '../../text/slices.ts';
import type { Files } from '../files.ts';
import { mentionsInterfaces } from '../relevance.ts';
import type { FileReview, Kernel } from '../review.ts';
import { openSession, type Reading } from '../session.ts';
import { pairEnds, type PairEnds } from './facts/pairEnds.ts';
import { hunksAsUnits } from './hunkUnits.ts';
import { noFiles, overlayOf } from './overlay.ts';
import { everyConfidence } from './shown.ts';

/** The side of a change that a text is of. */
export type Side = 'before' | 'after';

/** The tree before the first patch of a series, between two of them, and after the last one: one at a time. */
export interface SeriesStates {
  readonly kernel: Kernel;
  /** Goes to the state after this many patches. */
  show(patches: number): void;
  /** Reviews a side of a file in the state as it is; undefined where nothing of it is iovet's business. */
  review(file: ChangedFile, side: Side): Slices<FileReview | undefined>;
  /** The pairs of a side that was reviewed just now. */
  pairings(file: ChangedFile, side: Side): readonly PairEnds[];
  /** What a text in the state after this many patches rests on, where it is among the last that were read; else undefined. */
  known(patches: number, path: string, text: string): readonly Reading[] | undefined;
  /** Reads a text in the state after this many patches, for explanations. */
  read(patches: number, path: string, text: string): Slices<readonly Reading[]>;
}

/** Texts of which it stays known what they rest on. */
const mostRecent = 6;

/** Opens the states of a series. The change was made from `files`, which stay as they are. */
export function openStates(
  syntax: Syntax,
  files: Files,
  change: SeriesChange,
  settings: {
    readonly tree: string | undefined;
    readonly kernel: KernelVersion | undefined;
    readonly selection: Selection;
  },
): SeriesStates {
  const { tree } = settings;
  const root = tree ?? '/';
  const overlay = overlayOf(tree === undefined ? noFiles : files, root);
  const states = [new Map<string, string | undefined>()];
  for (const { files: changed } of change.patches) states.push(stateAfter(states.at(-1)!, changed));
  // A path that a later patch makes or changes is in every state as it was before.
  const touched = new Map<string, string | undefined>();
  for (const { before, after } of change.patches.flatMap((each) => each.files)) {
    if (before !== undefined && !touched.has(before.path)) touched.set(before.path, before.text);
    if (after !== undefined && !touched.has(after.path)) touched.set(after.path, undefined);
  }
  // A tree that has a patch already is shown without it.
  for (const [path, text] of touched) if (text !== undefined) overlay.set(path, text);
  const session = openSession(syntax, overlay, {
    ...{ tree, root, kernel: settings.kernel, selection: settings.selection },
    shown: { severity: 'info', confidences: everyConfidence, builds: 'merged' },
  });
  const textIn = (state: number, path: string): string | undefined =>
    states[state]!.has(path) ? states[state]!.get(path) : touched.get(path);
  let shown = 0;
  // Who reads a diff goes back and forth between its sides.
  const recent = new Map<string, readonly Reading[]>();

  const show = (patches: number): void => {
    for (const path of touched.keys()) {
      const text = textIn(patches, path);
      if (text === textIn(shown, path)) continue;
      overlay.set(path, text);
      // C files see each other's headers only: what was found in one holds until a header changes.
      if (!path.endsWith('.h')) continue;
      session.changed(path);
      recent.clear();
    }
    shown = patches;
  };
  const readingsOf = (path: string, text: string): readonly Reading[] =>
    session.readings(path).filter((reading) => reading.text === text);
  const keyOf = (patches: number, path: string): string => `${patches} ${path}`;
  const open = function* (path: string, text: string): Slices<FileReview> {
    const review = yield* session.reviewOpen(path, text);
    const key = keyOf(shown, path);
    recent.delete(key);
    recent.set(key, readingsOf(path, text));
    if (recent.size > mostRecent) recent.delete(recent.keys().next().value!);
    return review;
  };

  return {
    kernel: session.kernel,
    show,
    *review(file, side) {
      const at = file[side];
      if (at === undefined) return undefined;
      if (file.extent === 'hunks') return yield* hunksAsUnits(session, file, side);
      if (!mentionsInterfaces(at.text, session.kernel)) return undefined;
      return yield* open(at.path, at.text);
    },
    pairings(file, side) {
      const at = file[side];
      if (at === undefined || file.extent === 'hunks') return [];
      return readingsOf(at.path, at.text).flatMap(({ facts, unit }) =>
        pairEnds(facts.facts, meaningsOf(unit.api)),
      );
    },
    known(patches, path, text) {
      const readings = recent.get(keyOf(patches, path));
      return readings?.[0]?.text === text ? readings : undefined;
    },
    *read(patches, path, text) {
      show(patches);
      yield* open(path, text);
      return recent.get(keyOf(patches, path)) ?? [];
    },
  };
}

function stateAfter(
  before: ReadonlyMap<string, string | undefined>,
  files: readonly ChangedFile[],
): Map<string, string | undefined> {
  const state = new Map(before);
  for (const gone of files.map(pathTakenAway)) if (gone !== undefined) state.set(gone, undefined);
  for (const { after } of files) if (after !== undefined) state.set(after.path, after.text);
  return state;
}
