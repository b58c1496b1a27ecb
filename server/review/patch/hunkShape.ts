/** What the lines of a hunk say about the code around them. */
export interface PieceShape {
  readonly startsInComment: boolean;
  readonly endsInComment: boolean;
  /** Where the first line is: inside of a function, outside of all, or nothing tells. */
  readonly inside: 'function' | 'outside' | 'unknown';
  /** Blocks, beside the function itself, that the first line is inside of. */
  readonly opened: number;
  /** The function around the first line ends here. */
  readonly endsFunction: boolean;
  /** The last function that begins here. */
  readonly head: string | undefined;
  /** Braces open after the last line, the function's own among them. */
  readonly left: number;
  /** The last line is not the end of a statement. */
  readonly endsOpen: boolean;
  readonly startsWithElse: boolean;
  /** The first code is indented, as statements are and definitions are not. */
  readonly indented: boolean;
  /** Indices of lines that are the rest or the begin of a statement that is not seen whole. */
  readonly dropped: readonly number[];
}

/** Reads the shape of consecutive lines of C, of which nothing before and after is known. */
export function shapeOf(lines: readonly string[]): PieceShape {
  const { codes, startsInComment, endsInComment } = withoutComments(lines);
  const dropped = cutStatements(codes);
  for (const line of dropped) codes[line] = '';
  let depth = 0;
  let lowest = 0;
  /** {@link lowest} of the code before the first head. */
  let lowestBefore: number | undefined;
  let endsFunction = false;
  let head: string | undefined;
  let outside = false;
  let before = '';
  for (const [i, code] of codes.entries()) {
    const begins = code.trim() === '{' && depth === lowest && /\)\s*$/.test(before);
    const name = begins ? definedName(codes.slice(0, i).join('\n')) : undefined;
    if (name !== undefined) {
      // A definition stands outside of functions: what was open before it has ended.
      outside ||= head === undefined && !endsFunction;
      lowestBefore ??= lowest;
      head = name;
      depth = 0;
      lowest = 0;
    }
    for (const unit of code) {
      if (unit === '{') depth++;
      if (unit !== '}') continue;
      depth--;
      if (depth < lowest) lowest = depth;
    }
    if (lines[i]!.startsWith('}') && head === undefined && depth < 0) endsFunction = true;
    if (head !== undefined && depth <= 0) depth = 0;
    if (code.trim() !== '') before = code;
  }
  const left = head === undefined ? (endsFunction ? 0 : depth - lowest + 1) : depth;
  if (left === 0 && isOpenEnd(codes)) {
    // The head of a function whose body the hunk does not show.
    const ended = codes.findLastIndex((code) => /[;}]\s*$/.test(code));
    for (let i = ended + 1; i < codes.length; i++) dropped.push(i);
  }
  const first = codes.findIndex((code) => code.trim() !== '');
  const firstCode = first < 0 ? '' : codes[first]!;
  const topLevel =
    /^(?:#|(?:static|struct|enum|union|typedef|extern|const|MODULE_\w+|EXPORT_\w+|DEFINE_\w+)\b)/;
  const isTop =
    topLevel.test(firstCode) && /^\S/.test(lines[first] ?? '') && (lowestBefore ?? lowest) === 0;
  const deepest = lowestBefore ?? lowest;
  const opened = -deepest - (endsFunction ? 1 : 0);
  return {
    startsInComment,
    endsInComment,
    inside: deepest < 0 ? 'function' : outside || isTop ? 'outside' : 'unknown',
    opened: Math.max(0, opened),
    endsFunction: endsFunction || outside,
    head,
    left,
    endsOpen: left > 0 && isOpenEnd(codes),
    startsWithElse: /^\s*else\b/.test(firstCode),
    indented: /^\s/.test(firstCode),
    dropped,
  };
}

/** Code without comments and the contents of literals; a comment that began before the first line is known by its end. */
function withoutComments(lines: readonly string[]): {
  readonly codes: string[];
  readonly startsInComment: boolean;
  readonly endsInComment: boolean;
} {
  const text = lines.join('\n');
  const opens = text.indexOf('/*');
  const closes = text.indexOf('*/');
  const startsInComment = closes >= 0 && (opens < 0 || closes < opens);
  let inComment = startsInComment;
  const codes = lines.map((line) => {
    let code = '';
    for (let i = 0; i < line.length; i++) {
      if (inComment) {
        if (!line.startsWith('*/', i)) continue;
        inComment = false;
        i++;
      } else if (line.startsWith('/*', i)) {
        inComment = true;
        i++;
      } else if (line.startsWith('//', i)) break;
      else if (line[i] === '"' || line[i] === "'") {
        const quote = line[i]!;
        code += quote;
        for (i++; i < line.length && line[i] !== quote; i++) if (line[i] === '\\') i++;
        code += quote;
      } else code += line[i]!;
    }
    return code;
  });
  return { codes, startsInComment, endsInComment: inComment };
}

/** Lines at the begin that close parentheses nobody opened, and at the end that open ones nobody closes. */
function cutStatements(codes: readonly string[]): number[] {
  const dropped: number[] = [];
  let depth = 0;
  let cut = -1;
  for (const [i, code] of codes.entries()) {
    for (const unit of code) {
      if (unit === '(') depth++;
      if (unit === ')') depth--;
    }
    if (depth >= 0) continue;
    cut = i;
    depth = 0;
  }
  for (let i = 0; i <= cut; i++) dropped.push(i);
  depth = 0;
  for (let i = codes.length - 1; i > cut; i--) {
    const code = codes[i]!;
    for (const unit of code) {
      if (unit === '(') depth++;
      if (unit === ')') depth--;
    }
    if (depth <= 0) continue;
    for (let j = i; j < codes.length; j++) dropped.push(j);
    depth = 0;
  }
  return [...new Set(dropped)].sort((a, b) => a - b);
}

/** The name of the function whose body begins after a text. */
function definedName(text: string): string | undefined {
  const match = /\b([A-Za-z_]\w*)\s*\([^;{}]*\)\s*$/.exec(text);
  const name = match?.[1];
  return name === undefined || /^(?:if|for|while|switch|return|sizeof)$/.test(name)
    ? undefined
    : name;
}

/** Whether the last code is neither a statement's nor a block's end. */
function isOpenEnd(codes: readonly string[]): boolean {
  const last = codes.findLast((code) => code.trim() !== '')?.trim() ?? '';
  return last !== '' && !/[;{}:]$/.test(last) && !last.startsWith('#');
}
