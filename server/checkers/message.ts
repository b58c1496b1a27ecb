/** A piece of code named in a message, as the code spells it. */
export interface Code {
  readonly text: string;
}

/** A line named in a message; the path is printed when it is another file than the finding's. */
export interface Line {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** What a placeholder of a message can stand for. Plain text is the rule's own wording. */
export type Wording = Code | Line | string;

/** The names between braces in a message. */
export type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Longest message. Unit: UTF-16 units. */
export const longestMessage = 110;
const longestTerm = 32;
const shortestTerm = 8;

/**
 * Fills a message. Code is cut in the middle to 32 characters; where the whole is still too long, the longest
 * piece of code gives way, then the next: the other line and the consequence never do.
 */
export function fill(
  text: string,
  values: Readonly<Record<string, Wording>>,
  file: string,
): string {
  const room = new Map<string, number>();
  const print = (): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (typeof value === 'string') return value;
      if ('text' in value) return shorten(value.text, room.get(name) ?? longestTerm);
      return lineText(value, file);
    });
  const width = (name: string): number => {
    const value = values[name];
    if (typeof value !== 'object' || !('text' in value)) return 0;
    return Math.min(oneLine(value.text).length, room.get(name) ?? longestTerm);
  };
  const names = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))];
  let printed = print();
  while (printed.length > longestMessage) {
    const longest = names.reduce((a, b) => (width(b) > width(a) ? b : a), names[0] ?? '');
    if (width(longest) <= 1) break;
    const left = width(longest) - (printed.length - longestMessage);
    // Half of what there was still says which one is meant; less than that is left to the next piece.
    room.set(longest, Math.max(left, width(longest) > shortestTerm ? shortestTerm : 1));
    printed = print();
  }
  return printed;
}

/** The message with all code in full, on one line: the same wherever lines are, and however many digits they have. */
export function fillWhole(
  text: string,
  values: Readonly<Record<string, Wording>>,
  file: string,
): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    return 'text' in value ? oneLine(value.text) : lineText(value, file);
  });
}

/** `line 121`, or `qcap_ring.c:121` seen from another file. */
export function lineText(at: Line, from: string): string {
  return at.file === from ? `line ${at.line}` : `${at.file.replace(/^.*\//, '')}:${at.line}`;
}

/**
 * Code on one line, cut in the middle: between members and operands where there is room for one at each end, so that
 * no name is left half.
 */
export function shorten(code: string, longest: number = longestTerm): string {
  const whole = oneLine(code);
  if (whole.length <= longest) return whole;
  const kept = longest - 1;
  const half = kept - Math.ceil(kept / 2);
  const tail = tailOf(whole, half) ?? tailOf(whole, kept) ?? '';
  const head = headOf(whole, kept - tail.length);
  // One long name, with hardly anything around it.
  if (head.length + tail.length < half) {
    return `${whole.slice(0, kept - half)}…${whole.slice(whole.length - half)}`;
  }
  return `${head}…${tail}`;
}

/** The longest beginning that ends with a whole name, a bracket or an operator; empty where none has room. */
function headOf(code: string, most: number): string {
  for (let at = most; at > 0; at--) {
    const head = code.slice(0, at);
    if (/([\w)\]]|[-<>=!&|+*/%^] )$/.test(head) && !/^\w/.test(code.slice(at))) return head;
  }
  return '';
}

/** The longest end that begins with a name or a member; undefined where none has room. */
function tailOf(code: string, most: number): string | undefined {
  for (let at = code.length - most; at < code.length; at++) {
    const [before, tail] = [code.slice(0, at), code.slice(at)];
    if (/^(->|\.|\[)/.test(tail) || (/^\w/.test(tail) && !/[\w.>]$/.test(before))) return tail;
  }
  return undefined;
}

function oneLine(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
