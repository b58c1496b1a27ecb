import { PATCH_SCHEME, type PatchOrigin } from '../messages.ts';

/** Where a document made by the client comes from; nothing for every other document. */
export function originOf(uri: string): PatchOrigin {
  const query = uri.startsWith(`${PATCH_SCHEME}:`) ? /\?([^#]*)/.exec(uri)?.[1] : undefined;
  if (query === undefined) return {};
  try {
    return readOrigin(JSON.parse(decodeURIComponent(query)));
  } catch (error) {
    // A hand-made address says nothing.
    if (error instanceof SyntaxError || error instanceof URIError) return {};
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
