/** Evaluates the initialiser of one enumerator; the values of those before it are known by then. */
type EvaluateInitializer = (
  text: string,
  before: ReadonlyMap<string, bigint>,
) => bigint | undefined;

/** Values of the enumerators in the text of an `enum`. One whose value is not constant leaves out those that count on from it. */
export function enumeratorValues(
  text: string,
  evaluate: EvaluateInitializer,
): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  const open = text.indexOf('{');
  if (open < 0) return values;
  const body = text
    .slice(open + 1)
    .replace(/\/\*[^]*?\*\//g, ' ')
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/^\s*#[^\n]*$/gm, ' ');
  let next: bigint | undefined = 0n;
  for (const part of partsOf(body)) {
    const match = /^\s*([A-Za-z_]\w*)\s*(?:=([^]*))?$/.exec(part);
    if (match === null) continue;
    const [, name, initializer] = match;
    const value: bigint | undefined =
      initializer === undefined ? next : evaluate(initializer, values);
    if (value !== undefined) values.set(name!, value);
    next = value === undefined ? undefined : value + 1n;
  }
  return values;
}

/** The text cut at the commas outside of parentheses, up to the closing brace. */
function partsOf(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < body.length; at++) {
    const c = body[at];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && (c === ',' || c === '}')) {
      parts.push(body.slice(start, at));
      start = at + 1;
      if (c === '}') break;
    }
  }
  return parts;
}
