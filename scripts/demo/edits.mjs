// Changes to a function of a tree's C, found by identifiers: no text of the kernel stands here. Whoever
// renames what is looked for gets told what was not found.

/** A place that an edit needs is not in the text. */
export class NotFound extends Error {}

const escape = (name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The text with its comments blanked: what stands in them is no code. Offsets stay. */
const codeOf = (text) =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));

/** The text of the function `name`: from the line its signature starts on to the closing brace. */
export function functionSpan(source, name) {
  const text = codeOf(source);
  for (const match of text.matchAll(new RegExp(`(?<![\\w.>])${escape(name)}\\s*\\(`, 'g'))) {
    const close = closing(text, match.index + match[0].length - 1);
    const brace = /^\s*\{/.exec(text.slice(close + 1));
    if (brace === null) continue;
    const open = close + brace[0].length;
    const start = text.lastIndexOf('\n', match.index) + 1;
    return { start, open, end: closing(text, open) + 1 };
  }
  throw new NotFound(`no function ${name}() with a body`);
}

/** Index of the bracket that closes the one at `open`, in a text without comments. */
export function closing(text, open) {
  const pairs = { '(': ')', '{': '}', '[': ']' };
  const stack = [];
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (pairs[c] !== undefined) stack.push(pairs[c]);
    else if (c === stack.at(-1)) {
      stack.pop();
      if (stack.length === 0) return i;
    }
  }
  throw new NotFound('a bracket that is never closed');
}

/** Changes one function: `change` gets its text and returns another. */
export function inFunction(name, change) {
  return (text) => {
    const { start, end } = functionSpan(text, name);
    return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
  };
}

/** Replaces every match, which must exist. */
export function replaceAll(pattern, replacement) {
  return (text) => {
    if (!pattern.test(text)) throw new NotFound(`nothing that matches ${pattern}`);
    pattern.lastIndex = 0;
    return text.replaceAll(pattern, replacement);
  };
}

/** Replaces the one match, of a pattern without `g`. */
export function replaceOnly(pattern, replacement) {
  return (text) => {
    const count = [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].length;
    if (count !== 1) throw new NotFound(`${count} places that match ${pattern}, not one`);
    return text.replace(pattern, replacement);
  };
}

/** Puts a statement at the start of a block or after a statement: behind the first match. */
export function insertAfter(pattern, statement) {
  return (text) => {
    const match = pattern.exec(codeOf(text));
    if (match === null) throw new NotFound(`nothing that matches ${pattern}`);
    const at = match.index + match[0].length;
    return `${text.slice(0, at)}\n${statement}${text.slice(at)}`;
  };
}

/** Changes the arguments of the calls of a function inside a text. */
export function inCalls(callee, change) {
  return (text) => {
    let result = '';
    let done = 0;
    let found = 0;
    const code = codeOf(text);
    for (const match of code.matchAll(new RegExp(`(?<![\\w.>])${escape(callee)}\\s*\\(`, 'g'))) {
      const open = match.index + match[0].length - 1;
      const close = closing(code, open);
      result += text.slice(done, open + 1) + change(text.slice(open + 1, close));
      done = close;
      found++;
    }
    if (found === 0) throw new NotFound(`no call of ${callee}()`);
    return result + text.slice(done);
  };
}

/** One change after the other. */
export const inOrder =
  (...changes) =>
  (text) =>
    changes.reduce((current, change) => change(current), text);
