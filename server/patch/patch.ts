import type { Problem } from '../text/problem.ts';

/** One file of text that holds a patch, a mail, or a mailbox. */
export interface PatchDocument {
  /** The name that messages use; not opened. */
  readonly name: string;
  readonly text: string;
}

/** A place in a document, for findings that are shown on the patch's own lines. */
export interface DocumentPlace {
  readonly document: string;
  /** 1-based line of the document as it was given, before any decoding. */
  readonly line: number;
}

/**
 * Something in a patch that was not understood or could not be used.
 * `file` is the document, `line` the line in it, `reason` the clause that is shown.
 */
export interface PatchProblem extends Problem {
  readonly line: number;
  /** The file that the patch wants to change, as the patch spells it. */
  readonly path?: string;
  /** 1-based number of the hunk within its file. */
  readonly hunk?: number;
  /** What the user can do about it, without final full stop. */
  readonly help?: string;
  /** `error`: this file of the patch was not used. `warning`: it was used, and this is what to know. */
  readonly severity: 'error' | 'warning';
}

/** What was damaged in transit and put right; named so that nobody takes a repaired patch for the original. */
export type RepairKind =
  | 'wrapped-line'
  | 'lost-context-space'
  | 'blank-context-space'
  | 'lost-blank-lines'
  | 'comment-inside-hunk'
  | 'quote-trimmed'
  | 'damaged-path'
  | 'encoding';

/** One repair: which damage, where, and in words. */
export interface Repair extends DocumentPlace {
  readonly kind: RepairKind;
  readonly path?: string;
  readonly hunk?: number;
  /** One clause in plain words, without final full stop. */
  readonly what: string;
}

/** A message of a mailbox that gives no patch to the series, and why. */
export interface SkippedMessage extends DocumentPlace {
  readonly subject: string;
  readonly reason: string;
}

/** Patches in the order in which they apply. */
export interface PatchSeries {
  readonly cover?: CoverLetter;
  readonly patches: readonly Patch[];
  readonly skipped: readonly SkippedMessage[];
  readonly problems: readonly PatchProblem[];
  readonly repairs: readonly Repair[];
}

/** The mail that introduces a series: number 0 of it. */
export interface CoverLetter extends DocumentPlace {
  readonly subject: string;
  readonly message: string;
  readonly mail: MailHeaders;
  readonly total?: number;
  readonly version: number;
  readonly baseCommit?: string;
}

/** Header fields of a mail, decoded and unfolded; absent ones are absent. */
export interface MailHeaders {
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly date?: string;
  readonly subject?: string;
  /** With its angle brackets, as in-reply-to fields want it. */
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly references: readonly string[];
}

/** A `Key: value` line at the end of a commit message. */
export interface Trailer extends DocumentPlace {
  readonly key: string;
  readonly value: string;
}

/** One patch: a message and the files it changes. */
export interface Patch extends DocumentPlace {
  /** The subject without `[PATCH …]` and `Re:`; the document's name where there is none. */
  readonly name: string;
  /** The whole subject, decoded; absent for a bare diff. */
  readonly subject?: string;
  /** Position in the series as the subject says it: 2 of `2/5`. */
  readonly number?: number;
  readonly total?: number;
  /** Reroll: 3 of `[PATCH v3]`; 1 where the subject says none. */
  readonly version: number;
  /** The commit message below the subject, without the diff and what follows `---`. */
  readonly message: string;
  readonly trailers: readonly Trailer[];
  /** The commit that the patch, or another mail of its series, says the series applies to. */
  readonly baseCommit?: string;
  /** The commit that the patch was made from, where `git format-patch` or `git show` wrote it. */
  readonly commit?: string;
  readonly mail: MailHeaders;
  /** The patch was quoted in a reply; `> `, for example. Empty: it stood there itself. */
  readonly quotedWith: string;
  readonly files: readonly FilePatch[];
}

/** What a file patch does. A rename or copy may also have hunks; `mode` and `binary` have none that can be applied. */
export type FilePatchKind = 'modify' | 'create' | 'delete' | 'rename' | 'copy' | 'mode' | 'binary';

/** The change of one file. */
export interface FilePatch extends DocumentPlace {
  readonly kind: FilePatchKind;
  /** Path below the tree before the patch, as the patch spells it without `a/`; absent for a new file. */
  readonly oldPath?: string;
  /** Path below the tree after the patch; absent for a deleted file. */
  readonly newPath?: string;
  /** Git file modes, `100644` for example. */
  readonly oldMode?: string;
  readonly newMode?: string;
  /** Blob names of the `index` line, as far as the patch gives them. */
  readonly oldHash?: string;
  readonly newHash?: string;
  readonly hunks: readonly Hunk[];
}

/** A run of changed lines with their context. */
export interface Hunk {
  /** 1-based line of the `@@` line in the document. */
  readonly line: number;
  /** 1-based; 0 with a count of 0 means the start of an empty file. */
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** Text after the second `@@`: most often the function's first line. */
  readonly section: string;
  readonly lines: readonly HunkLine[];
  /** Lines that the header promises and the document does not have. */
  readonly missing?: MissingLines;
}

/** Why a hunk has fewer lines than its header says. */
export interface MissingLines {
  /**
   * `trimmed`: the one who replied cut the quote here. `blank`: blank context lines were dropped somewhere inside.
   * `cut`: header and lines do not agree, and nobody knows how. `unreadable`: the header is damaged. Neither is applied.
   */
  readonly why: 'trimmed' | 'blank' | 'cut' | 'unreadable';
  /** How many old and new lines; negative where there are more lines than the header says. */
  readonly old: number;
  readonly new: number;
}

/** One line of a hunk. */
export interface HunkLine {
  readonly kind: 'context' | 'added' | 'removed';
  /** Without the first character and without the line end. */
  readonly text: string;
  /** 1-based line in the document; of a repaired wrapped line, the first one. */
  readonly line: number;
  /** `\ No newline at end of file` follows. */
  readonly noNewline: boolean;
}
