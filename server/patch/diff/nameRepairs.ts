import type { NoteAt, Notes } from '../notes.ts';
import type { RepairKind } from '../patch.ts';
import type { Step } from './alignHunk.ts';
import type { ViewLine } from './readHunk.ts';

/** What is said about one kind of repair: for one line, and for several. */
interface Wording {
  readonly kind: RepairKind;
  readonly one: string;
  readonly several: string;
}

const wordings: Readonly<Record<'blank' | 'bare' | 'skip', Wording>> = {
  blank: {
    kind: 'blank-context-space',
    one: '1 blank context line has lost the space at the start',
    several: 'blank context lines have lost the space at the start',
  },
  bare: {
    kind: 'lost-context-space',
    one: '1 context line has lost the space at the start',
    several: 'context lines have lost the space at the start',
  },
  skip: {
    kind: 'comment-inside-hunk',
    one: '1 line that is not part of the patch left out',
    several: 'lines that are not part of the patch left out',
  },
};

/** Names what was put right in a hunk: every wrapped line, and each other kind once, at its first line. */
export function nameRepairs(
  region: readonly ViewLine[],
  steps: readonly Step[],
  at: NoteAt,
  notes: Notes,
): void {
  const found = new Map<keyof typeof wordings, { line: number; count: number }>();
  for (const [index, step] of steps.entries()) {
    const { text, line, foreign } = region[1 + index]!;
    if (step === 'join')
      notes.repair(
        { ...at, line },
        'wrapped-line',
        'joined to the line above, as the counts of the hunk prove',
      );
    // A blank line that was passed over says nothing.
    const silent = step === 'skip' && text === '' && foreign !== true;
    const kind = step === 'context' && text === '' ? 'blank' : step;
    if (silent || !(kind === 'blank' || kind === 'bare' || kind === 'skip')) continue;
    const known = found.get(kind);
    if (known === undefined) found.set(kind, { line, count: 1 });
    else known.count++;
  }
  for (const [key, { line, count }] of found) {
    const { kind, one, several } = wordings[key];
    notes.repair({ ...at, line }, kind, count === 1 ? one : `${count} ${several}`);
  }
}
