import type { Problem } from '../text/problem.ts';

/** What the review may read: the files of one kernel tree, or of none. The host is one; so is an overlay of editor texts. */
export interface Files {
  readText(
    path: string,
  ):
    | { readonly ok: true; readonly text: string }
    | { readonly ok: false; readonly problem: Problem };
}
