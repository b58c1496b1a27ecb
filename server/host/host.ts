import type { Problem } from '../text/problem.ts';

/** What a path is; links are followed. */
export type EntryKind = 'file' | 'folder' | 'other' | 'missing';

/** One entry of a folder listing; links are not followed here. */
export interface Entry {
  readonly name: string;
  readonly kind: EntryKind | 'link';
}

/** Text of a file, or why there is none. */
export type ReadResult =
  | {
      readonly ok: true;
      readonly text: string;
      /** Bytes that are no UTF-8 were read as Latin-1. */ readonly lossy: boolean;
    }
  | { readonly ok: false; readonly problem: Problem };

/**
 * The only door to the outside: files, and the programs we start.
 * Everything behind it is synchronous and deterministic, so the stages can stay pure.
 */
export interface Host {
  readText(path: string): ReadResult;
  readBytes(path: string): Uint8Array | undefined;
  list(path: string): readonly Entry[] | undefined;
  kind(path: string): EntryKind;
}
