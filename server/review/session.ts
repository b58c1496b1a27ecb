import type { Selection } from '../checkers/run.ts';
import { Kind } from '../syntax/kinds.generated.ts';
import type { Item } from '../syntax/sourceFile.ts';
import type { Syntax } from '../syntax/syntax.ts';
import { kindOf } from '../syntax/tree.ts';
import type { KernelVersion } from '../program/kernelApi/contract.ts';
import type { Files } from './files.ts';
import { chooseKernel, type ChosenKernel } from './kernel.ts';
import type { FileReview } from './review.ts';
import { settle, settleProblems, type Shown } from './settle.ts';

/** What a session reviews, and against what. */
export interface SessionSettings {
  /** Absolute path of the kernel tree; undefined for files outside of one. */
  readonly tree: string | undefined;
  /** Absolute folder that paths are relative to: the tree, or outside of one the folder of the user. */
  readonly root: string;
  /** Contracts to use instead of the tree's. */
  readonly kernel: KernelVersion | undefined;
  readonly selection: Selection;
  readonly shown: Shown;
}

/** Reviews files of one tree. Holds what was read from it, so it is made once per tree and thread. */
export interface ReviewSession {
  readonly kernel: ChosenKernel;
  /** Reviews a text once. `file` is relative to the root, absolute where it lies outside. */
  review(file: string, text: string): FileReview;
  /** Reviews an open document; what did not change since the last call is not analysed again. */
  reviewOpen(file: string, text: string): FileReview;
  /** A file changed on disk: what was read from it is not valid any more. */
  changed(file: string): void;
  /** A document was closed; its memory can go. */
  close(file: string): void;
}

/** Starts a session. It reads the tree's Makefile at once, and everything else when a file needs it. */
export function openSession(
  syntax: Syntax,
  files: Files,
  settings: SessionSettings,
): ReviewSession {
  const kernel = chooseKernel(files, settings.tree, settings.kernel);
  const review = (file: string, parse: Syntax['parse'], text: string): FileReview => {
    const { value, problems } = parse(file, text);
    return {
      file,
      findings: settle([], settings.shown),
      incomplete: settleProblems(problems),
      functions: value.items.filter(isFunction).length,
      analysed: 0,
      suppressed: 0,
    };
  };
  return {
    kernel,
    review: (file, text) => review(file, syntax.parse.bind(syntax), text),
    reviewOpen: (file, text) => review(file, syntax.parseOpen.bind(syntax), text),
    changed: () => undefined,
    close: (file) => {
      syntax.close(file);
    },
  };
}

const isFunction = (item: Item): boolean => kindOf(item.tree, 0) === Kind.function_definition;
