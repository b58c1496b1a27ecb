import { PATCH_SCHEME, SIDE_SCHEME, type PatchOrigin, type SideParams } from '../messages.ts';

/** Where a document made by the client comes from; nothing for every other document. */
export function originOf(uri: string): PatchOrigin {
  return readOrigin(queryOf(uri, PATCH_SCHEME));
}

/** Which side of which file a document of the client holds; undefined for every other document. */
export function sideOf(uri: string): SideParams | undefined {
  const raw = queryOf(uri, SIDE_SCHEME);
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { document, patch, path, side } = raw as { readonly [Key in keyof SideParams]?: unknown };
  const isWhole =
    typeof document === 'string' &&
    (patch === null || typeof patch === 'number') &&
    typeof path === 'string' &&
    (side === 'before' || side === 'after');
  return isWhole ? { document, patch, path, side } : undefined;
}

/** The query of an address of a scheme, which is JSON; undefined where it is none. */
function queryOf(uri: string, scheme: string): unknown {
  const query = uri.startsWith(`${scheme}:`) ? /\?([^#]*)/.exec(uri)?.[1] : undefined;
  if (query === undefined) return undefined;
  try {
    return JSON.parse(decodeURIComponent(query));
  } catch (error) {
    // A hand-made address says nothing.
    if (error instanceof SyntaxError || error instanceof URIError) return undefined;
    throw error;
  }
}

function readOrigin(raw: unknown): PatchOrigin {
  if (typeof raw !== 'object' || raw === null) return {};
  const { folder, base } = raw as { readonly folder?: unknown; readonly base?: unknown };
  return {
    ...(typeof folder === 'string' ? { folder } : {}),
    ...(typeof base === 'string' && /^[0-9a-f]{7,64}$/.test(base) ? { base } : {}),
  };
}

/** The name that messages use for a document: the last part of its path. */
export function nameOf(uri: string): string {
  const path = /^[^?#]*/.exec(uri)![0];
  const last = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
  try {
    return decodeURIComponent(last);
  } catch (error) {
    if (error instanceof URIError) return last;
    throw error;
  }
}
