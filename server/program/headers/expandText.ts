import type { MacroDefinition } from '../lower/environment.ts';

/** Expansions within expansions stop here. */
const deepest = 24;

/**
 * Expands macros in a short text by the rules of the preprocessor: arguments first (except next to `##` and `#`), then the result again.
 * For names and include paths that are put together by macros, not for whole bodies.
 */
export function expandText(
  text: string,
  macro: (name: string) => MacroDefinition | undefined,
  expanding: readonly string[] = [],
): string {
  if (expanding.length > deepest) return text;
  let result = '';
  let at = 0;
  while (at < text.length) {
    const word = /^\w+/.exec(text.slice(at));
    if (word === null) {
      result += text[at]!;
      at++;
      continue;
    }
    const name = word[0];
    at += name.length;
    const definition = expanding.includes(name) || /^\d/.test(name) ? undefined : macro(name);
    if (definition === undefined) {
      result += name;
      continue;
    }
    if (definition.parameters === undefined) {
      result += expandText(definition.body, macro, [...expanding, name]);
      continue;
    }
    const call = argumentsAt(text, at);
    if (call === undefined) {
      result += name;
      continue;
    }
    at = call.end;
    result += expandText(replaceParameters(definition, call.args, macro, expanding), macro, [
      ...expanding,
      name,
    ]);
  }
  return result;
}

function argumentsAt(
  text: string,
  from: number,
): { readonly args: string[]; readonly end: number } | undefined {
  const open = /^\s*\(/.exec(text.slice(from));
  if (open === null) return undefined;
  const args: string[] = [];
  let depth = 0;
  let start = from + open[0].length;
  for (let at = start - 1; at < text.length; at++) {
    const c = text[at]!;
    if (c === '(') depth++;
    else if (c === ')') depth--;
    if ((c === ',' && depth === 1) || depth === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) return { args, end: at + 1 };
  }
  return undefined;
}

function replaceParameters(
  definition: MacroDefinition,
  args: readonly string[],
  macro: (name: string) => MacroDefinition | undefined,
  expanding: readonly string[],
): string {
  const names = definition.parameters!;
  const plain = new Map(names.map((name, i) => [name, args[i] ?? '']));
  if (definition.variadic !== undefined)
    plain.set(definition.variadic, args.slice(names.length).join(', '));
  return definition.body
    .replace(
      /(\w+)\s*##\s*(\w+)/g,
      (_all, left: string, right: string) =>
        `${plain.get(left) ?? left}${plain.get(right) ?? right}`,
    )
    .replace(/(^|[^#])#\s*(\w+)/g, (all, before: string, name: string) => {
      const value = plain.get(name);
      return value === undefined ? all : `${before}"${value}"`;
    })
    .replace(/\b[A-Za-z_]\w*\b/g, (word) => {
      const value = plain.get(word);
      return value === undefined ? word : expandText(value, macro, expanding);
    });
}
