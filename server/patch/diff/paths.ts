const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

/**
 * Undoes git's quoting of unusual paths: C escapes between double quotes, octal escapes being UTF-8 bytes.
 * Gives the path and the index behind the closing quote; undefined when there is none.
 */
export function unquotePath(text: string): { path: string; end: number } | undefined {
  if (!text.startsWith('"')) return undefined;
  let encoded = '';
  let i = 1;
  for (; i < text.length && text[i] !== '"'; i++) {
    if (text[i] !== '\\') {
      encoded += encodeURIComponent(wellFormed(text[i]!));
      continue;
    }
    i++;
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(i, i + 3));
    const byte = octal === null ? escapes[text[i] ?? ''] : parseInt(octal[0], 8);
    if (byte === undefined) return undefined;
    encoded += '%' + byte.toString(16).padStart(2, '0');
    if (octal !== null) i += 2;
  }
  if (i >= text.length) return undefined;
  return { path: percentDecoded(encoded), end: i + 1 };
}

/** A lone surrogate cannot be percent-encoded. */
function wellFormed(unit: string): string {
  return unit >= '\uD800' && unit <= '\uDFFF' ? '\uFFFD' : unit;
}

function percentDecoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // The bytes are no UTF-8: each one is a Latin-1 character.
    return encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  }
}

/** The path of a `---` or `+++` line, without time stamp; undefined where it names no file. */
export function headerPath(text: string): string | undefined {
  const quoted = unquotePath(text);
  let raw = quoted?.path;
  let stamp = '';
  if (raw === undefined) {
    const tab = text.indexOf('\t');
    raw = tab < 0 ? text : text.slice(0, tab);
    stamp = tab < 0 ? '' : text.slice(tab + 1, tab + 40);
    const spaced = /^(.*?) +\d{4}-\d\d-\d\d \d\d:\d\d/.exec(raw.slice(0, 4096));
    if (tab < 0 && spaced !== null) {
      stamp = raw.slice(spaced[1]!.length).trimStart();
      raw = spaced[1]!;
    }
  }
  raw = raw.trimEnd();
  if (raw === '/dev/null') return undefined;
  // diff -N writes an absent file as one of the epoch, in the time zone of its user.
  if (/^(?:1970-01-01|1969-12-31) \d\d:\d\d:00(?:\.0+)? /.test(stamp)) return undefined;
  return raw;
}

/** The two paths of a `diff --git` line; undefined where the line is not unambiguous. */
export function gitHeaderPaths(rest: string): { old: string; new: string } | undefined {
  const first = unquotePath(rest);
  if (first !== undefined) {
    const second = rest.slice(first.end).trimStart();
    return { old: first.path, new: unquotePath(second)?.path ?? second };
  }
  const quoteAt = rest.indexOf(' "');
  const secondQuoted = quoteAt < 0 ? undefined : unquotePath(rest.slice(quoteAt + 1));
  if (secondQuoted !== undefined) return { old: rest.slice(0, quoteAt), new: secondQuoted.path };
  // Unquoted paths may hold spaces; but without a rename both halves are equal behind their prefix.
  const middle = (rest.length - 1) / 2;
  if (Number.isInteger(middle) && rest[middle] === ' ') {
    const [left, right] = [rest.slice(0, middle), rest.slice(middle + 1)];
    if (withoutFirst(left) === withoutFirst(right) || left === right)
      return { old: left, new: right };
  }
  const words = rest.split(' ');
  return words.length === 2 ? { old: words[0]!, new: words[1]! } : undefined;
}

function withoutFirst(path: string): string | undefined {
  const slash = path.indexOf('/');
  return slash < 0 ? undefined : path.slice(slash + 1);
}

/** Prefixes of git: `a b` by default, the others with diff.mnemonicPrefix. */
const gitPrefix = /^[abciwo]\//;

/**
 * Both paths as they are below the tree.
 * `a/` and `b/` go; so do two different first folders with the same rest (`linux.orig/x`, `linux/x`).
 */
export function withoutPrefix(
  before: string | undefined,
  after: string | undefined,
): { old: string | undefined; new: string | undefined } {
  if (before !== undefined && after !== undefined) {
    const bothGit = gitPrefix.test(before) && gitPrefix.test(after) && before[0] !== after[0];
    const sameRest =
      before !== after &&
      withoutFirst(before) !== undefined &&
      withoutFirst(before) === withoutFirst(after);
    if (bothGit || sameRest) return { old: withoutFirst(before), new: withoutFirst(after) };
    return { old: before, new: after };
  }
  const strip = (path: string | undefined): string | undefined =>
    path !== undefined && gitPrefix.test(path) ? path.slice(2) : path;
  return { old: strip(before), new: strip(after) };
}

/** Why a path of a patch may not be used; undefined when it names something below the tree. */
export function unsafePath(path: string): string | undefined {
  const shown = JSON.stringify(path.length > 120 ? path.slice(0, 117) + '…' : path);
  if (path === '') return 'an empty path';
  if (path.includes('\0')) return `path ${shown} holds a NUL`;
  if (path.length > 4096) return `path ${shown} is longer than 4096 characters`;
  if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) return `path ${shown} is absolute`;
  const parts = path.split(/[/\\]/);
  if (parts.includes('..')) return `path ${shown} leaves the tree`;
  if (parts.some((part) => part.toLowerCase() === '.git'))
    return `path ${shown} is inside the repository's own folder`;
  return undefined;
}
