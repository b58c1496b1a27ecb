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
