import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Range } from '../text/span.ts';
import type { WireRange } from './messages.ts';

/** Path of a `file:` URI; undefined for every other scheme, and for URIs that name no local file. */
export function pathOfUri(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return path.normalize(fileURLToPath(uri));
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/** URI of a path, as clients that follow the RFC write it. */
export function uriOfPath(file: string): string {
  return pathToFileURL(file).href;
}

/** Range of the protocol, 0-based, of a range as reports count. */
export function wireRange({ start, end }: Range): WireRange {
  return {
    start: { line: start.line - 1, character: start.column - 1 },
    end: { line: end.line - 1, character: end.column - 1 },
  };
}

/** Where something is, in the protocol's terms. */
export interface Location {
  readonly uri: string;
  readonly range: WireRange;
}

/** Turns places of one tree into locations. Open documents keep the URI that the client gave them. */
export type Locate = (place: { readonly file: string; readonly range: Range }) => Location;
