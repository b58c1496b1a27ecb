import type { TokenStream } from '../lex/tokenStream.ts';
import { K, P } from './keywords.ts';

/**
 * Index of the token behind the statement or declaration that begins at `start`, told by keywords and brackets alone.
 * Undefined where the text is not even balanced.
 */
export function endOfStatement(tokens: TokenStream, start: number): number | undefined {
  switch (tokens.atoms[start]) {
    case P.openCurly:
      return behindGroup(tokens, start);
    case K.if: {
      const then = behindHead(tokens, start);
      if (then === undefined || tokens.atoms[then] !== K.else) return then;
      return endOfStatement(tokens, then + 1);
    }
    case K.while:
    case K.for:
    case K.switch:
      return behindHead(tokens, start);
    case K.do: {
      const end = endOfStatement(tokens, start + 1);
      return end === undefined ? undefined : behind(tokens, end, P.semicolon);
    }
    case K.case:
    case K.default:
      return behind(tokens, start, P.colon);
    default:
      return behind(tokens, start, P.semicolon);
  }
}

/** Behind `keyword (…) statement`. */
function behindHead(tokens: TokenStream, start: number): number | undefined {
  const body = tokens.atoms[start + 1] === P.open ? behindGroup(tokens, start + 1) : undefined;
  return body === undefined ? undefined : endOfStatement(tokens, body);
}

/** Behind the first token of a kind that stands in no brackets that open here. */
function behind(tokens: TokenStream, start: number, atom: number): number | undefined {
  let at: number | undefined = start;
  while (at !== undefined && at < tokens.count) {
    const here = tokens.atoms[at];
    if (here === atom) return at + 1;
    if (here === P.closeCurly) return undefined;
    at = tokens.partners[at] === 0 ? at + 1 : behindGroup(tokens, at);
  }
  return undefined;
}

/** Behind the bracket group that opens here. */
function behindGroup(tokens: TokenStream, open: number): number | undefined {
  const partner = tokens.partners[open]!;
  return partner === 0 || partner >= tokens.count ? undefined : partner + 1;
}
