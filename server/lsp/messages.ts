/**
 * What iovet's own requests and notifications carry, beyond the Language Server Protocol.
 * Shared with the VS Code client, so it imports nothing: positions have the shape of the protocol.
 */

/** 0-based place, columns in UTF-16 units, as in the protocol. */
export interface WirePosition {
  readonly line: number;
  readonly character: number;
}

/** Half-open range of {@link WirePosition}s. */
export interface WireRange {
  readonly start: WirePosition;
  readonly end: WirePosition;
}

/** What a client tells the server once, in `initializationOptions`. Every field has a default that suits a plain editor. */
export interface InitOptions {
  /** False in an untrusted workspace: no program (git) is started until {@link TRUST} arrives. Default: true. */
  readonly trusted?: boolean;
  /**
   * The client has a status item, a list of functions that were not analysed and a command that opens rule pages.
   * Default: false; then the first two become diagnostics, and the server opens the pages.
   */
  readonly ui?: boolean;
  /** URI of a rule's page, with `{rule}` for its id. Default: the page file beside the server, where there is one. */
  readonly ruleLink?: string;
}

/** Notification, client to server, without parameters: the workspace is trusted from now on. */
export const TRUST = 'iovet/trusted';

/** Request: the steps of the finding at a place. Answer: {@link FindingSteps} or null. */
export const STEPS = 'iovet/steps';

/** Parameters of {@link STEPS}. */
export interface StepsParams {
  readonly uri: string;
  /** Null asks for the first finding of the document. */
  readonly position: WirePosition | null;
}

/** One step of a finding, in an open document or a file of the tree. */
export interface WireStep {
  readonly uri: string;
  readonly range: WireRange;
  readonly message: string;
}

/** A finding with the path that leads to it. The last step is the finding itself when the path does not end there. */
export interface FindingSteps {
  readonly rule: string;
  readonly message: string;
  readonly range: WireRange;
  readonly steps: readonly WireStep[];
}

/** Request without parameters: every function that was not analysed. Answer: array of {@link NotAnalysed}. */
export const NOT_ANALYSED = 'iovet/notAnalysed';

/** A function, or a whole file, that iovet could not look at, and why. */
export interface NotAnalysed {
  readonly uri: string;
  readonly line: number;
  /** Empty for a whole file. */
  readonly function: string;
  readonly reason: string;
}

/** Request: the page of a rule as Markdown. Answer: {@link RulePage} or null for an unknown id. */
export const RULE_PAGE = 'iovet/rulePage';

/** Parameters of {@link RULE_PAGE}. */
export interface RulePageParams {
  readonly rule: string;
}

/** The page of a rule. */
export interface RulePage {
  readonly markdown: string;
}

/** Notification, server to client: {@link Status} of the tree that the last analysed document belongs to. */
export const STATUS = 'iovet/status';

/** Where the version of the contracts comes from. */
export type KernelSource = 'tree' | 'setting' | 'newest';

/** State of one kernel tree. */
export interface Status {
  /** Folder of the tree; empty for files outside of one. */
  readonly tree: string;
  /** Version of the contracts, for example `7.3`. */
  readonly kernel: string;
  readonly kernelSource: KernelSource;
  /** Functions in the open files of the tree. */
  readonly functions: number;
  readonly notAnalysed: number;
}

/** Notification, server to client: {@link Indexing}, while many files wait or one takes long, and once at the end. */
export const INDEXING = 'iovet/indexing';

/** How far the reviews are. */
export interface Indexing {
  /** Range: 0 to 100; null when nothing waits any more. */
  readonly percent: number | null;
}

/** Scheme of documents that the client made of the clipboard or of commits: a patch, and where it comes from. */
export const PATCH_SCHEME = 'iovet-patch';

/** The query of a {@link PATCH_SCHEME} URI, as JSON. */
export interface PatchOrigin {
  /** Folder that the patch is for; absent: the folders of the workspace are asked. */
  readonly folder?: string;
  /** Commit that the patch applies to; absent: the files as they are in the editor and on disk. */
  readonly base?: string;
}

/** Scheme of read-only documents that hold one side of a patched file; the path is that of the file in the tree. */
export const SIDE_SCHEME = 'iovet-side';

/** The query of a {@link SIDE_SCHEME} URI, as JSON. */
export interface SideParams {
  /** URI of the patch document; or of a C file that was simulated against its text at HEAD, which is its side before. */
  readonly document: string;
  /** Index of the patch in its series; null for the whole series. */
  readonly patch: number | null;
  readonly path: string;
  readonly side: 'before' | 'after';
}

/** Request: text of one side of a patched file ({@link SideParams}). Answer: {@link SideText}, or null where there is none. */
export const SIDE = 'iovet/side';

/** One side of a patched file. */
export interface SideText {
  readonly text: string;
  /** The patch's lines on this side: line of the file and line of the document, both from 0, in file order. */
  readonly lines: readonly (readonly [number, number])[];
}

/** Notification, server to client, after each review of a patch document: {@link WireSeries}. */
export const SERIES = 'iovet/series';

/** Request: the series of a patch document, once it is reviewed. Parameters {@link SeriesParams}; answer {@link WireSeries} or null. */
export const REVIEW_SERIES = 'iovet/reviewSeries';

/** Parameters of requests about a patch document. */
export interface SeriesParams {
  readonly uri: string;
}

/** A reviewed series, as views and comment threads need it. All lines are of the document, from 0. */
export interface WireSeries {
  readonly uri: string;
  readonly version: number;
  /** `v2 accel/qcap: one ring mapping`. */
  readonly title: string;
  /** `hunks`: there is no tree, and only what the hunks show was reviewed. */
  readonly base: 'tree' | 'hunks';
  /** Folder of the tree; empty without one. */
  readonly tree: string;
  readonly introduced: number;
  readonly fixed: number;
  /** Introduced by one patch and fixed by a later one. */
  readonly cameAndWent: number;
  readonly patches: readonly WirePatch[];
  readonly existing: readonly WireFinding[];
}

/** One patch of a series. */
export interface WirePatch {
  /** `2/3`; empty for a patch that stands alone. */
  readonly number: string;
  /** The subject without its brackets. */
  readonly name: string;
  readonly line: number;
  readonly files: readonly WirePatchFile[];
  readonly introduced: readonly WireFinding[];
  readonly fixed: readonly WireFinding[];
  /** What was not looked at, not analysed, not applied or repaired, in words. */
  readonly notes: readonly WireNote[];
  /** Number of files of kinds that iovet does not read. */
  readonly otherFiles: number;
}

/** One file of a patch that has two sides to compare. */
export interface WirePatchFile {
  readonly path: string;
  readonly line: number;
  /** 0-based first and last line of each hunk. */
  readonly hunks: readonly (readonly [number, number])[];
}

/** A finding of a series. */
export interface WireFinding {
  /** The same after every review of the document, as long as the defect stays. */
  readonly id: string;
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** Path in the tree; its line, from 0: after the patch, of a fixed finding before it. */
  readonly file: string;
  readonly fileLine: number;
  /** The same place in the tree as it is before the series; null for a line that the series makes. */
  readonly inTree: { readonly path: string; readonly line: number } | null;
  /** Where the patch shows it, or what makes it; null for one that the patch does not touch. */
  readonly line: number | null;
  /** `fixed in 3/3`, `introduced in 1/3`; empty for most. */
  readonly relation: string;
  /** Plain words for the author, as the mail has them. */
  readonly comment: string;
}

/** Something that is to be known about a patch. */
export interface WireNote {
  readonly text: string;
  readonly line: number | null;
}

/** Request: which file of which patch stands at a line of a patch document. Answer: {@link PatchPlace} or null. */
export const PATCH_PLACE = 'iovet/patchPlace';

/** Parameters of {@link PATCH_PLACE}. */
export interface PatchPlaceParams {
  readonly uri: string;
  readonly line: number;
}

/** A line of a patch document, as a line of a file. */
export interface PatchPlace {
  readonly patch: number;
  readonly path: string;
  /** Line before and after the patch, from 0; null where that side does not have it. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Request: commits, or the uncommitted changes, as a mailbox. Parameters {@link CommitsParams}; answer {@link CommitsText}. */
export const COMMITS = 'iovet/commits';

/** Parameters of {@link COMMITS}. */
export interface CommitsParams {
  /** A folder of the repository. */
  readonly folder: string;
  /** `v7.2..HEAD`, or one commit; null: the working tree against HEAD. */
  readonly range: string | null;
}

/** Patches of a repository, or why there are none. */
export type CommitsText =
  | {
      readonly ok: true;
      readonly text: string;
      /** Top folder of the repository. */
      readonly folder: string;
      /** Commit that the first patch applies to. */
      readonly base: string;
      /** Merges of the range, which have no patch of their own. */
      readonly merges: number;
    }
  | { readonly ok: false; readonly reason: string };

/** Notification, server to client, while commits are read: {@link ReadingCommits}. */
export const READING_COMMITS = 'iovet/readingCommits';

/** How many commits of a range were read. */
export interface ReadingCommits extends CommitsParams {
  readonly done: number;
  readonly total: number;
}

/** Request: the edits that apply a series to the files of the tree. Parameters {@link ApplyParams}; answer {@link ApplyEdits} or null. */
export const APPLY = 'iovet/apply';

/** Parameters of {@link APPLY}. */
export interface ApplyParams {
  readonly uri: string;
  /** Index of one patch; null: the whole series. */
  readonly patch: number | null;
}

/** What a series makes of the files of its tree. Nothing is written before the client does it. */
export interface ApplyEdits {
  readonly files: readonly FileEdit[];
  /** What does not apply, with its line in the document, from 0. Nothing is to be applied then. */
  readonly problems: readonly { readonly text: string; readonly line: number }[];
  /** Files of the series that iovet does not read, and that are therefore left as they are. */
  readonly leftOut: readonly string[];
}

/** One file of {@link ApplyEdits}. */
export interface FileEdit {
  /** URI before the series; null for a new file. */
  readonly before: string | null;
  /** URI after it; null for a deleted file. */
  readonly after: string | null;
  /** Replacements in the file before, from the first to the last; for a new file its text, in one. */
  readonly edits: readonly { readonly range: WireRange; readonly text: string }[];
}

/** Request: the answer to a patch in the style of a mailing list. Parameters {@link ReplyParams}; answer {@link ReplyText} or null. */
export const REPLY = 'iovet/reply';

/** Parameters of {@link REPLY}. */
export interface ReplyParams {
  readonly uri: string;
  /** Index of the patch that is answered. */
  readonly patch: number;
  /** What the reviewer keeps, edited or added. Lines of the document, from 0. */
  readonly comments: readonly { readonly line: number; readonly text: string }[];
}

/** A plain-text mail. */
export interface ReplyText {
  /** Headers, an empty line, and the body. */
  readonly mail: string;
  /** The body alone. */
  readonly body: string;
}

/** Request: runs changed C before and after. Parameters {@link SimulateParams}; answer {@link SimulationResult}, or null when it was cancelled. */
export const SIMULATE = 'iovet/simulate';

/** What to simulate. */
export interface SimulateParams {
  /** A document that holds patches, or a C file: its text against HEAD, or one function of it as it is where it is as at HEAD. */
  readonly uri: string;
  /** All patches together; or the patch, the hunk, the function at the line. A C file: the function or the whole file. */
  readonly scope: 'document' | 'patch' | 'hunk' | 'function';
  /** Of the document, from 0. */
  readonly line: number;
}

/** What came of a simulation, or why there was none. */
export type SimulationResult =
  | ({ readonly ok: true } & WireSimulation)
  | {
      readonly ok: false;
      /** One clause, without final full stop. */
      readonly reason: string;
      /** What would make it possible; null where nothing that the user can set. */
      readonly missing: 'tree' | null;
    };

/** A simulation, as a page shows it. */
export interface WireSimulation {
  /** Names it in code lenses. */
  readonly id: number;
  /** The document that it is about. */
  readonly uri: string;
  /** Index of the patch; null for all of them together, and for a C file. */
  readonly patch: number | null;
  /** Folder of the tree. */
  readonly tree: string;
  /** Changed files, below the tree: for them there are documents of both sides. */
  readonly files: readonly string[];
  /** Files below the tree whose text before is a document, and whose text after is the file itself. */
  readonly heads: readonly string[];
  /** `newly broken: C-LEAK`: the worst verdict, with what breaks. */
  readonly headline: string;
  /** Data of the page, as JSON. */
  readonly view: string;
  /** How long it ran. Unit: milliseconds. */
  readonly elapsed: number;
}

/** Notification, server to client, while a simulation runs: {@link Simulating}. */
export const SIMULATING = 'iovet/simulating';

/** Which function is run now. */
export interface Simulating {
  readonly uri: string;
  readonly function: string;
}
