import type { Expr, IteratorRoles } from '../ir.ts';
import type { Environment, MacroDefinition } from './environment.ts';

/** Works out which arguments an iterator macro assigns, from its definition where there is one. */
export function deduceRoles(
  env: Environment,
  macro: MacroDefinition | undefined,
  args: readonly Expr[],
): IteratorRoles {
  const assigned =
    macro?.parameters === undefined ? localNames(args) : assignedParameters(env, macro, 0);
  return {
    assigned,
    element: undefined,
    counter: undefined,
    container: undefined,
    bound: undefined,
    direction: /_reverse\b|_reverse_|_rev$/.test(macro?.name ?? '') ? 'reverse' : 'forward',
    from: 'start',
  };
}

/** Without a definition every local name among the arguments may be a cursor. */
function localNames(args: readonly Expr[]): number[] {
  return args.flatMap((arg, i) =>
    arg.kind === 'ident' && arg.binding.kind === 'variable' ? [i] : [],
  );
}

/** Indices of the parameters that the body assigns, increments or hands to another iterator as its cursor. */
function assignedParameters(env: Environment, macro: MacroDefinition, depth: number): number[] {
  const { body } = macro;
  const parameters = macro.parameters!;
  const found = new Set<number>();
  parameters.forEach((name, i) => {
    const cursor = `(?:\\(\\s*${name}\\s*\\)|\\b${name}\\b)`;
    const assigns = new RegExp(
      `${cursor}\\s*=[^=]|${cursor}\\s*(?:\\+\\+|--|[-+]=)|(?:\\+\\+|--)\\s*${cursor}|&${cursor}`,
    );
    if (assigns.test(body)) found.add(i);
  });
  if (depth < 4) {
    for (const [, name, list] of body.matchAll(
      /\b(\w*for_?each\w*)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g,
    )) {
      const inner = env.macro(name!);
      const known = env.api.iterator(name!)?.assigned;
      const cursors =
        known ?? (inner?.parameters === undefined ? [] : assignedParameters(env, inner, depth + 1));
      const passed = list!.split(',').map((text) => text.replace(/[()\s]/g, ''));
      for (const cursor of cursors) {
        const at = parameters.indexOf(passed[cursor] ?? '');
        if (at >= 0) found.add(at);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}
