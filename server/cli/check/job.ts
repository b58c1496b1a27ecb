import type { Host } from '../../host/host.ts';
import { readGrammarFiles } from '../../host/grammarFiles.ts';
import type { FileReview, Kernel } from '../../review/review.ts';
import { openSession, type SessionSettings } from '../../review/session.ts';
import { mentionsInterfaces } from '../../review/relevance.ts';
import { loadSyntax } from '../../syntax/syntax.ts';
import type { Problem } from '../../text/problem.ts';

/** What came of one file: a review, nothing to review, or no text. */
export type Outcome =
  | { readonly kind: 'reviewed'; readonly review: FileReview }
  | { readonly kind: 'irrelevant' }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** Reviews files one after the other; each thread has one. */
export interface Reviewer {
  readonly kernel: Kernel;
  review(path: string): Outcome;
}

/** Path as reports show it: relative to the root where it lies below. */
export function shownPath(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/** Loads the parser and opens a session on a tree. */
export async function loadReviewer(
  host: Host,
  programFolder: string,
  settings: SessionSettings,
): Promise<Reviewer> {
  const { runtime, grammar } = readGrammarFiles(host, programFolder);
  const session = openSession(await loadSyntax(runtime, grammar), host, settings);
  return {
    kernel: session.kernel,
    review: (path) => {
      const file = shownPath(path, settings.root);
      const read = host.readText(path);
      if (!read.ok) return { kind: 'unreadable', problem: { ...read.problem, file } };
      if (!mentionsInterfaces(read.text, session.kernel)) return { kind: 'irrelevant' };
      return { kind: 'reviewed', review: session.review(file, read.text) };
    },
  };
}
