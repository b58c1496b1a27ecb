import type { CType, Expr } from '../ir.ts';
import { builtinType } from '../types/builtin.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, children, descendantsOfKind, isExtra, isNamed, kindOf, noNode, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind, Token } from '../../syntax/kinds.generated.ts';
import { mayHaveEffects } from './effects.ts';
import type { MacroDefinition } from './environment.ts';
import { cannotLower, doubt, findVariable } from './lowering.ts';
import type { Lowering } from './lowering.ts';
import { parseTemplate, templateOf } from './macroTemplate.ts';
import type { MacroTemplate } from './macroTemplate.ts';
import { head, intOf, unknownExpr } from './make.ts';
import { expandExpression, expansionSource, mayExpand } from './names.ts';
import { nameText, seeThrough } from './source.ts';
import type { Located, MacroArgument, Source } from './source.ts';

/** Expression macros larger than this stay calls. Unit: syntax nodes. */
const largestExpression = 160;
/** Macros of statements larger than this stay calls. Unit: syntax nodes. */
const largestStatements = 600;

/** Lowers a call, or expands a function-like macro that is simple or hides a jump. */
export function lowerCall(l: Lowering, source: Source, node: NodeId): Expr {
  const calleeNode = calleeOf(source, node);
  const name = nameText(source, calleeNode);
  const type = castType(l, source, calleeNode);
  if (type !== undefined) {
    const operand =
      lowerArguments(l, source, node)[0] ?? unknownExpr(l, source, node, 'a cast of nothing');
    return { kind: 'cast', ...head(l, source, node), type, operand };
  }
  const local = name === undefined ? undefined : findVariable(l, name);
  if (name === undefined || local !== undefined) {
    const callee = l.recurse.expression(l, source, calleeNode);
    return {
      kind: 'call',
      ...head(l, source, node),
      callee,
      name: undefined,
      args: lowerArguments(l, source, node),
    };
  }
  const macro = l.env.api.find(name) === undefined ? l.env.macro(name) : undefined;
  if (macro !== undefined) {
    const expanded = expandCall(l, source, node, macro);
    if (expanded !== undefined) return expanded;
  }
  l.calls.add(name);
  const binding = { kind: 'function' } as const;
  const callee: Expr = { kind: 'ident', ...head(l, source, calleeNode), name, binding };
  return {
    kind: 'call',
    ...head(l, source, node),
    callee,
    name,
    args: lowerArguments(l, source, node, memberArgument(l, name)),
  };
}

/** The argument that is the name of a member, and not looked up as anything else: container_of(p, type, member). */
function memberArgument(l: Lowering, name: string): number | undefined {
  const contract = l.env.api.find(name);
  const { value, effect } = contract ?? {};
  if (value?.is === 'containerOf' || value?.is === 'structSize') return value.member;
  return effect?.does === 'getField' || effect?.does === 'setField' ? effect.field : undefined;
}

/** `(type)(x)` looks like a call where `type` is a plain name; the type it is, or undefined for a real call. */
function castType(l: Lowering, source: Source, callee: NodeId): CType | undefined {
  if (kindOf(source.tree, callee) !== Kind.parenthesized_expression) return undefined;
  const { source: from, node } = seeThrough(source, callee);
  switch (kindOf(from.tree, node)) {
    case Kind.type_argument:
    case Kind.type_descriptor:
      return l.recurse.type(l, from, node);
    case Kind.identifier: {
      const name = textOf(from.tree, node);
      if (findVariable(l, name) !== undefined) return undefined;
      const isType = builtinType(name) !== undefined || l.env.kindOf(name) === 'type';
      return isType ? l.recurse.type(l, from, node) : undefined;
    }
    default:
      return undefined;
  }
}

/** The condition a macro call stands for, where it is a simple expression macro. */
export function conditionExpansion(l: Lowering, source: Source, node: NodeId): Located | undefined {
  const name = nameText(source, calleeOf(source, node));
  if (name === undefined || findVariable(l, name) !== undefined) return undefined;
  if (l.env.api.find(name) !== undefined) return undefined;
  const macro = l.env.macro(name);
  if (macro?.parameters === undefined || !mayExpand(source, macro)) return undefined;
  const template = templateOf(l.env, macro);
  const parameters = bind(macro, argumentsOf(source, node));
  if (template.form !== 'expression' || parameters === undefined) return undefined;
  if (!isSimple(l, macro, template, parameters) && template.hides === undefined) return undefined;
  return {
    source: expansionSource(source, node, macro, template, parameters),
    node: template.nodes[0]!,
  };
}

/** The arguments of a call as they are written; a variadic macro parameter among them is spread. */
export function argumentsOf(source: Source, node: NodeId): MacroArgument[] {
  const { tree } = source;
  const list = childByField(tree, node, Field.arguments);
  const found: MacroArgument[] = [];
  let afterComma = false;
  for (const child of children(tree, list)) {
    if (!isNamed(tree, child)) {
      const isComma = kindOf(tree, child) === Token[','];
      // FOO(a, , b): macros can be given nothing.
      if (isComma && (afterComma || found.length === 0)) found.push({ source, nodes: [] });
      if (isComma) afterComma = true;
      continue;
    }
    if (isExtra(tree, child)) continue;
    afterComma = false;
    const passed = kindOf(source.tree, child) === Kind.identifier ? source.parameters?.get(textOf(source.tree, child)) : undefined; // prettier-ignore
    if (passed !== undefined && passed.nodes.length !== 1) {
      for (const part of passed.nodes) found.push({ source: passed.source, nodes: [part] });
    } else {
      found.push({ source, nodes: [child] });
    }
  }
  return found;
}

/** Lowers the arguments of a call, types included. `member`: the one that names a member. */
export function lowerArguments(l: Lowering, source: Source, node: NodeId, member?: number): Expr[] {
  return argumentsOf(source, node).map(({ source: from, nodes: [argument] }, index) => {
    if (argument === undefined) return unknownExpr(l, source, node, 'an empty argument');
    const kind = kindOf(from.tree, argument);
    if (index === member && kind === Kind.identifier) {
      const name = textOf(from.tree, argument);
      if (from.parameters?.has(name) !== true) {
        return { kind: 'ident', ...head(l, from, argument), name, binding: { kind: 'global' } };
      }
    }
    if (kind === Kind.compound_statement || kind === Kind.code_argument) {
      return statementsAsArgument(l, from, argument);
    }
    return l.recurse.expression(l, from, argument);
  });
}

/** Statements given to a macro whose definition is not in sight: not known whether and how often they run. */
function statementsAsArgument(l: Lowering, source: Source, node: NodeId): Expr {
  const jumps = [
    Kind.return_statement,
    Kind.goto_statement,
    Kind.break_statement,
    Kind.continue_statement,
  ];
  if (jumps.some((kind) => descendantsOfKind(source.tree, node, kind).length > 0)) {
    cannotLower(source, node, 'a macro is given statements that jump');
  }
  doubt(l, source, node, 'statements as an argument');
  return unknownExpr(l, source, node, 'statements as an argument');
}

/** What a call, or a macro used as a statement, names. */
export function calleeOf(source: Source, node: NodeId): NodeId {
  const callee = childByField(source.tree, node, Field.function);
  return callee === noNode ? childByField(source.tree, node, Field.macro) : callee;
}

/** The expansion of a macro call as a value, or undefined where it stays a call. */
function expandCall(
  l: Lowering,
  source: Source,
  node: NodeId,
  macro: MacroDefinition,
): Expr | undefined {
  if (macro.parameters === undefined) return expandAlias(l, source, node, macro);
  let template = templateOf(l.env, macro);
  let parameters = bind(macro, argumentsOf(source, node));
  if (macro.body.includes('##') && template.form === 'none') {
    const pasted = pastedTemplate(l, source, node, macro);
    if (pasted !== undefined) {
      template = pasted;
      parameters = new Map();
    }
  }
  const must = template.hides;
  if (parameters === undefined || template.form === 'none' || !mayExpand(source, macro)) {
    if (must !== undefined && !source.expanding.includes(macro.name)) {
      cannotLower(source, node, `the macro ${macro.name} hides a ${must}`);
    }
    return undefined;
  }
  if (must === undefined && !isSimple(l, macro, template, parameters)) return undefined;
  if (template.form === 'expression') {
    return expandExpression(l, source, node, macro, template, parameters);
  }
  if (template.declaresLabel) {
    if (must !== undefined) cannotLower(source, node, `the macro ${macro.name} has a label`);
    return undefined;
  }
  const inner = expansionSource(source, node, macro, template, parameters);
  for (const statement of template.nodes) l.recurse.statement(l, inner, statement);
  return intOf(l, source, node, 0);
}

/** `#define old_name new_name`, used as a call. */
function expandAlias(
  l: Lowering,
  source: Source,
  node: NodeId,
  macro: MacroDefinition,
): Expr | undefined {
  const alias = /^\w+$/.exec(macro.body)?.[0];
  if (alias === undefined || !mayExpand(source, macro)) return undefined;
  const known = l.env.api.find(alias) !== undefined || l.env.kindOf(alias) === 'function';
  if (!known) return undefined;
  l.calls.add(alias);
  const calleeNode = calleeOf(source, node);
  const binding = { kind: 'function' } as const;
  const callee: Expr = { kind: 'ident', ...head(l, source, calleeNode), name: alias, binding };
  return {
    kind: 'call',
    ...head(l, source, node),
    callee,
    name: alias,
    args: lowerArguments(l, source, node),
  };
}

/** Parameters with their arguments, or undefined where the counts do not fit. */
function bind(
  macro: MacroDefinition,
  args: readonly MacroArgument[],
): Map<string, MacroArgument> | undefined {
  const names = macro.parameters!;
  if (args.length < names.length && !(args.length === 0 && names.length === 1)) return undefined;
  if (args.length > names.length && macro.variadic === undefined) return undefined;
  const bound = new Map<string, MacroArgument>();
  for (let i = 0; i < names.length; i++) {
    if (args[i] !== undefined) bound.set(names[i]!, args[i]!);
  }
  if (macro.variadic !== undefined) {
    const rest = args.slice(names.length);
    const from = rest[0]?.source ?? args[0]?.source;
    // Arguments of one call come from one text unless a list was spread in between; then the last text is not representable.
    if (rest.some((argument) => argument.source !== from)) return undefined;
    if (from !== undefined)
      bound.set(macro.variadic, { source: from, nodes: rest.flatMap(({ nodes }) => nodes) });
  }
  return bound;
}

function isSimple(
  l: Lowering,
  macro: MacroDefinition,
  template: MacroTemplate,
  parameters: ReadonlyMap<string, MacroArgument>,
): boolean {
  if (template.isGeneric) return false;
  for (const [name, argument] of parameters) {
    const effects = argument.nodes.some((part) => mayHaveEffects(l, argument.source, part));
    if (effects && (template.uses.get(name) ?? 0) !== 1) return false;
  }
  if (template.form === 'expression' && !hasBlock(template))
    return template.size <= largestExpression;
  if (template.size > largestStatements) return false;
  if (macro.near) return true;
  for (const used of template.uses.keys()) {
    if (l.env.api.find(used)?.relevant === true) return true;
  }
  return false;
}

function hasBlock({ tree, nodes }: MacroTemplate): boolean {
  return nodes.some((top) => descendantsOfKind(tree, top, Kind.compound_statement).length > 0);
}

/** A body with `##` pasted together for the arguments of one use, parsed. */
function pastedTemplate(
  l: Lowering,
  source: Source,
  node: NodeId,
  macro: MacroDefinition,
): MacroTemplate | undefined {
  const args = argumentsOf(source, node);
  const names = macro.parameters!;
  if (macro.variadic !== undefined || args.length !== names.length) return undefined;
  const texts = new Map<string, string>();
  for (let i = 0; i < names.length; i++) {
    const argument = args[i]!;
    // Text of an argument that itself speaks of an outer macro's parameters would lose its meaning.
    if (argument.source.parameters !== undefined && argument.source.parameters.size > 0)
      return undefined;
    const [only] = argument.nodes;
    texts.set(names[i]!, only === undefined ? '' : textOf(argument.source.tree, only));
  }
  const body = macro.body
    .replace(/(^|[^#])#\s*(\w+)/g, (all, before: string, name: string) =>
      texts.has(name) ? `${before}""` : all,
    )
    .replace(/\b\w+\b/g, (word) => texts.get(word) ?? word)
    .replace(/\s*##\s*/g, '');
  return parseTemplate(l.env, body);
}

/** Calls that never come back end the path after them. */
export function endsPath(l: Lowering, expr: Expr): string | undefined {
  if (expr.kind !== 'call' || expr.name === undefined) return undefined;
  return l.env.api.find(expr.name)?.effect?.does === 'noReturn' ? expr.name : undefined;
}
