import type { PatchProblem, Repair, RepairKind } from './patch.ts';

/** Collects what is to be said about a document; bounded, because a hostile one could fill memory with complaints. */
export interface Notes {
  readonly problems: PatchProblem[];
  readonly repairs: Repair[];
  problem(at: NoteAt, reason: string, help?: string): void;
  warning(at: NoteAt, reason: string, help?: string): void;
  repair(at: NoteAt, kind: RepairKind, what: string): void;
}

/** Where in the document, and of which file and hunk. */
export interface NoteAt {
  readonly line: number;
  readonly path?: string | undefined;
  readonly hunk?: number | undefined;
}

/** Problems and repairs kept per document; the last one says that there were more. */
const mostNotes = 2000;

/** Starts a collection for one document. */
export function notesOf(document: string): Notes {
  const problems: PatchProblem[] = [];
  const repairs: Repair[] = [];
  const place = (at: NoteAt): Pick<PatchProblem, 'line' | 'path' | 'hunk'> => ({
    line: at.line,
    ...(at.path === undefined ? {} : { path: at.path }),
    ...(at.hunk === undefined ? {} : { hunk: at.hunk }),
  });
  const add = (
    severity: PatchProblem['severity'],
    at: NoteAt,
    reason: string,
    help: string | undefined,
  ): void => {
    if (problems.length > mostNotes) return;
    if (problems.length === mostNotes) {
      problems.push({
        file: document,
        line: at.line,
        severity: 'error',
        reason: `more than ${mostNotes} problems; the others are not listed`,
      });
      return;
    }
    problems.push({
      file: document,
      ...place(at),
      severity,
      reason: named(at, reason),
      ...(help === undefined ? {} : { help }),
    });
  };
  return {
    problems,
    repairs,
    problem: (at, reason, help) => {
      add('error', at, reason, help);
    },
    warning: (at, reason, help) => {
      add('warning', at, reason, help);
    },
    repair: (at, kind, what) => {
      if (repairs.length < mostNotes) repairs.push({ document, kind, ...place(at), what });
    },
  };
}

/** Puts the file and the hunk before a reason that does not speak of them itself. */
function named({ path, hunk }: NoteAt, reason: string): string {
  const name = path?.slice(path.lastIndexOf('/') + 1) ?? '';
  const whole = path === undefined || path === '' || reason.includes(name);
  if (hunk === undefined || hunk === 0) return whole ? reason : `${path}: ${reason}`;
  const which = `hunk ${hunk}`;
  if (whole) return reason.includes(which) ? reason : `${which}: ${reason}`;
  return `${which} of ${name}: ${reason}`;
}
