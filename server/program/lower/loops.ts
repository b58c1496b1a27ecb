import type { NodeId } from '../../syntax/tree.ts';
import { childByField, kindOf, noNode, textOf } from '../../syntax/tree.ts';
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import { unknownType } from '../ir.ts';
import { argumentsOf, lowerArguments } from './calls.ts';
import type { MacroDefinition } from './environment.ts';
import { lowerScopedGuard } from './guards.ts';
import { deduceRoles } from './iteratorRoles.ts';
import {
  addVariable,
  doubt,
  emit,
  emitCleanups,
  emitJoin,
  findVariable,
  link,
} from './lowering.ts';
import type { JumpTarget, Lowering, Pending } from './lowering.ts';
import { parseTemplate } from './macroTemplate.ts';
import { expansionSource, mayExpand } from './names.ts';
import { placeOf } from './source.ts';
import type { MacroArgument, Source } from './source.ts';

/** Name under which the body of a block macro is called inside its expansion. */
export const macroBodyName = '__iovet_macro_body';

/** Lowers a loop's body with its own targets; gives the loose ends of `continue` and `break`. */
function lowerBody(
  l: Lowering,
  source: Source,
  body: NodeId,
): { again: Pending[]; left: Pending[] } {
  const { breakTo, continueTo, cleanups } = l;
  const onBreak: JumpTarget = { ends: [], cleanups };
  const onContinue: JumpTarget = { ends: [], cleanups };
  l.breakTo = onBreak;
  l.continueTo = onContinue;
  l.recurse.statement(l, source, body);
  l.breakTo = breakTo;
  l.continueTo = continueTo;
  return { again: [...l.pending, ...onContinue.ends], left: onBreak.ends };
}

/** `while (condition) body`. */
export function lowerWhile(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const top = emitJoin(l, source, node);
  const outcome = l.recurse.condition(l, source, childByField(tree, node, Field.condition));
  l.pending = [...outcome.whenTrue];
  const { again, left } = lowerBody(l, source, childByField(tree, node, Field.body));
  link(l, again, top);
  l.pending = [...outcome.whenFalse, ...left];
}

/** `do body while (condition);`. */
export function lowerDo(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const top = emitJoin(l, source, node);
  const { again, left } = lowerBody(l, source, childByField(tree, node, Field.body));
  l.pending = again;
  const outcome = l.recurse.condition(l, source, childByField(tree, node, Field.condition));
  link(l, outcome.whenTrue, top);
  l.pending = [...outcome.whenFalse, ...left];
}

/** `for (initializer; condition; update) body`. */
export function lowerFor(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const outer = l.cleanups;
  l.scopes.push(new Map());
  const initializer = childByField(tree, node, Field.initializer);
  if (initializer !== noNode) {
    if (kindOf(tree, initializer) === Kind.declaration) l.recurse.statement(l, source, initializer);
    else l.recurse.effect(l, source, initializer);
  }
  const top = emitJoin(l, source, node);
  const condition = childByField(tree, node, Field.condition);
  let leaving: readonly Pending[] = [];
  if (condition !== noNode) {
    const outcome = l.recurse.condition(l, source, condition);
    l.pending = [...outcome.whenTrue];
    leaving = outcome.whenFalse;
  }
  const { again, left } = lowerBody(l, source, childByField(tree, node, Field.body));
  l.pending = again;
  const update = childByField(tree, node, Field.update);
  if (update !== noNode) l.recurse.effect(l, source, update);
  link(l, l.pending, top);
  l.pending = [...leaving, ...left];
  l.scopes.pop();
  if (l.pending.length > 0) emitCleanups(l, l.cleanups, outer, placeOf(source, node));
  l.cleanups = outer;
}

/** `list_for_each_entry(…) body` and its relatives; `scoped_guard(…) body` looks the same. */
export function lowerIterator(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const macroNode = childByField(tree, node, Field.macro);
  const macro = textOf(tree, macroNode);
  if (/^scoped_(?:cond_)?guard$/.test(macro)) {
    lowerScopedGuard(l, source, node);
    return;
  }
  if (isIterator(macro)) lowerIterate(l, source, node, macro, l.env.macro(macro));
  else lowerMacroBlock(l, source, node);
}

function isIterator(macro: string): boolean {
  return /for_?each|for_all_|_walk\b|_walk_/i.test(macro);
}

function lowerIterate(
  l: Lowering,
  source: Source,
  node: NodeId,
  macro: string,
  definition: MacroDefinition | undefined,
): void {
  const { tree } = source;
  const given = argumentsOf(source, node);
  l.scopes.push(new Map());
  if (macro.endsWith('_scoped')) declareCursors(l, given);
  const args = lowerArguments(l, source, node, memberOfIterator(macro));
  const roles = l.env.api.iterator(macro) ?? deduceRoles(l.env, definition, args);
  const place = placeOf(source, childByField(tree, node, Field.macro));
  const id = emit(l, { kind: 'iterate', macro, args, roles, ...place });
  l.pending = [{ node: id, label: { kind: 'body' } }];
  const { again, left } = lowerBody(l, source, childByField(tree, node, Field.body));
  link(l, again, id);
  l.pending = [{ node: id, label: { kind: 'done' } }, ...left];
  l.scopes.pop();
}

/** The argument of a list iterator that names the member by which the entries are linked: after cursors and head. */
function memberOfIterator(macro: string): number | undefined {
  if (!/^h?list_for_each_entry/.test(macro)) return undefined;
  return macro.includes('_safe') ? 3 : 2;
}

/** Some iterator macros declare their cursor themselves: a plain name that nothing else explains. */
function declareCursors(l: Lowering, args: readonly MacroArgument[]): void {
  for (const { source, nodes } of args) {
    const [only] = nodes;
    if (only === undefined || kindOf(source.tree, only) !== Kind.identifier) continue;
    const name = textOf(source.tree, only);
    if (source.parameters?.has(name) === true || findVariable(l, name) !== undefined) continue;
    if (!/^[a-z]/.test(name) || l.env.kindOf(name) !== 'unknown') continue;
    const type = unknownType('declared by an iterator macro');
    addVariable(l, { name, kind: 'local', type, cleanup: undefined, ...placeOf(source, only) });
  }
}

/** `some_macro(args) { body }`: expanded where its definition is in sight and parses, else taken as a loop. */
export function lowerMacroBlock(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const macro = textOf(tree, childByField(tree, node, Field.macro));
  const body = childByField(tree, node, Field.body);
  const definition = l.env.macro(macro);
  if (isIterator(macro)) {
    lowerIterate(l, source, node, macro, definition);
    return;
  }
  if (definition?.parameters !== undefined && mayExpand(source, definition)) {
    const template = parseTemplate(l.env, `${definition.body} { ${macroBodyName}(); }`);
    const parameters = bindBlock(definition, argumentsOf(source, node));
    if (template.form === 'statements' && parameters !== undefined) {
      parameters.set(macroBodyName, { source, nodes: [body] });
      const inner = expansionSource(source, node, definition, template, parameters);
      l.scopes.push(new Map());
      const { cleanups } = l;
      for (const statement of template.nodes) l.recurse.statement(l, inner, statement);
      l.scopes.pop();
      if (l.pending.length > 0) emitCleanups(l, l.cleanups, cleanups, placeOf(source, node));
      l.cleanups = cleanups;
      return;
    }
  }
  doubt(l, source, node, `the macro ${macro} controls a block in an unknown way`);
  lowerIterate(l, source, node, macro, definition);
}

function bindBlock(
  macro: MacroDefinition,
  args: readonly MacroArgument[],
): Map<string, MacroArgument> | undefined {
  const names = macro.parameters!;
  if (args.length < names.length || (args.length > names.length && macro.variadic === undefined)) {
    return undefined;
  }
  const bound = new Map<string, MacroArgument>();
  names.forEach((name, i) => bound.set(name, args[i]!));
  if (macro.variadic !== undefined && args[0] !== undefined) {
    const rest = args.slice(names.length);
    bound.set(macro.variadic, {
      source: args[0].source,
      nodes: rest.flatMap(({ nodes }) => nodes),
    });
  }
  return bound;
}
