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
 * Fills a message. Code is cut in the middle to 32 characters; where the whole is still too long, the first
 * piece of code gives way, then the next: the other line and the consequence never do.
 */
export function fill(
  text: string,
  values: Readonly<Record<string, Wording>>,
  file: string,
): string {
  const budget = new Map<string, number>();
  const print = (): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (typeof value === 'string') return value;
      if ('line' in value) return lineText(value, file);
      return shorten(value.text, budget.get(name) ?? longestTerm);
    });
  let printed = print();
  for (const [, name] of text.matchAll(/\{(\w+)\}/g)) {
    const value = values[name!];
    const excess = printed.length - longestMessage;
    if (excess <= 0) break;
    if (typeof value !== 'object' || !('text' in value)) continue;
    const left = Math.min(longestTerm, oneLine(value.text).length) - excess;
    budget.set(name!, left >= shortestTerm ? left : 1);
    printed = print();
  }
  return printed;
}

/** `line 121`, or `qcap_ring.c:121` seen from another file. */
export function lineText(at: Line, from: string): string {
  return at.file === from ? `line ${at.line}` : `${at.file.replace(/^.*\//, '')}:${at.line}`;
}

/** Code on one line, cut in the middle. */
export function shorten(code: string, longest: number = longestTerm): string {
  const whole = oneLine(code);
  if (whole.length <= longest) return whole;
  const kept = longest - 1;
  const head = Math.ceil(kept / 2);
  return `${whole.slice(0, head)}…${whole.slice(whole.length - (kept - head))}`;
}

function oneLine(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
