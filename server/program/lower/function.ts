import type { CType, FunctionIr, NotLowered } from '../ir.ts';
import { unknownType } from '../ir.ts';
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import type { NodeId, SyntaxTree } from '../../syntax/tree.ts';
import { childByField, childOfKind, endOf, hasError, isMissing, kindOf, namedChildren, nextOf, noNode, startOf, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { expandText } from '../headers/expandText.ts';
import { lowerCondition } from './condition.ts';
import type { Environment } from './environment.ts';
import { lowerAlternatives, lowerExpression } from './expression.ts';
import { finishGraph } from './graph.ts';
import { addVariable, CannotLower, emit } from './lowering.ts';
import type { Lowering, Recursion } from './lowering.ts';
import { itemSource, placeOf } from './source.ts';
import type { Source } from './source.ts';
import { lowerBlock, lowerEffect, lowerStatement, lowerValueBlock } from './statements.ts';
import { declare, declareParameter, specifiedType, typeAt } from './typeNames.ts';

const recursion: Recursion = {
  expression: lowerExpression,
  condition: lowerCondition,
  alternatives: lowerAlternatives,
  statement: lowerStatement,
  effect: lowerEffect,
  block: lowerValueBlock,
  type: typeAt,
};

/** A lowering that belongs to no function yet: for types and constants outside of functions. */
export function startLowering(env: Environment): Lowering {
  return {
    env,
    recurse: recursion,
    nextId: 0,
    variables: [],
    scopes: [new Map<string, number>()],
    cleanups: undefined,
    nodes: [],
    edges: [],
    pending: [],
    breakTo: undefined,
    continueTo: undefined,
    switchTo: undefined,
    labels: new Map(),
    gotos: [],
    ends: [],
    calls: new Set(),
    doubts: [],
    temporaries: 0,
  };
}

/** The name a `function_definition` defines, macros in it expanded, or undefined where it cannot be told. */
export function functionName(env: Environment, tree: SyntaxTree, node: NodeId): string | undefined {
  const written = writtenName(tree, node);
  if (written?.includes('(') !== true) return written;
  return expandName(env, written) ?? written;
}

/** The name that a macro's use such as `NS(map)` puts together, or undefined if it does not make a name. */
export function expandName(env: Environment, written: string): string | undefined {
  const name = expandText(written, (macro) => env.macro(macro)).replace(/\s+/g, '');
  return /^\w+$/.test(name) ? name : undefined;
}

/** The name of a `function_definition` as it is written, which may be a macro's use. */
export function writtenName(tree: SyntaxTree, node: NodeId): string | undefined {
  let at = childByField(tree, node, Field.declarator);
  let inner = noNode;
  while (at !== noNode) {
    // `static int NS(map)(…)`: a macro puts the name together.
    if (kindOf(tree, at) === Kind.function_declarator) {
      if (inner !== noNode && isMacroName(tree, at)) return textOf(tree, at);
      inner = at;
    }
    if (kindOf(tree, at) === Kind.identifier) return textOf(tree, at);
    const next = childByField(tree, at, Field.declarator);
    at = next !== noNode ? next : firstNamed(tree, at);
  }
  return undefined;
}

function isMacroName(tree: SyntaxTree, node: NodeId): boolean {
  return /^\w+\(\s*\w+(?:\s*,\s*\w+)*\s*\)$/.test(textOf(tree, node));
}

function firstNamed(tree: SyntaxTree, node: NodeId): NodeId {
  return kindOf(tree, node) === Kind.parenthesized_declarator
    ? (namedChildren(tree, node)[0] ?? noNode)
    : noNode;
}

/** Lowers a function definition; never throws for what stands in the text. */
export function lowerFunction(
  env: Environment,
  tree: SyntaxTree,
  node: NodeId,
): FunctionIr | NotLowered {
  const name = functionName(env, tree, node) ?? '(unnamed)';
  const notLowered = (reason: string, start: number): NotLowered => ({
    kind: 'notLowered',
    name,
    reason,
    start,
  });
  if (hasError(tree, node))
    return notLowered('a syntax that is not understood', errorStart(tree, node));
  const l = startLowering(env);
  const source = itemSource(tree);
  try {
    return lowerDefinition(l, source, node, name);
  } catch (error) {
    if (error instanceof CannotLower) return notLowered(error.message, error.start);
    throw error;
  }
}

function errorStart(tree: SyntaxTree, node: NodeId): number {
  for (let at = node; at < nextOf(tree, node); at++) {
    if (kindOf(tree, at) === Kind.ERROR || isMissing(tree, at)) return startOf(tree, at);
  }
  return startOf(tree, node);
}

function lowerDefinition(l: Lowering, source: Source, node: NodeId, name: string): FunctionIr {
  const { tree } = source;
  const base = specifiedType(l, source, node);
  const declared = declare(l, source, childByField(tree, node, Field.declarator), base);
  const returns: CType =
    declared.type.kind === 'function' ? declared.type.returns : unknownType('not a function');
  let variadic = false;
  if (declared.functionNode !== noNode) {
    const list = childByField(tree, declared.functionNode, Field.parameters);
    if (list !== noNode) {
      variadic = childOfKind(tree, list, Kind.variadic_parameter) !== noNode;
      addParameters(l, source, list);
    }
  }
  const parameterCount = l.variables.length;
  emit(l, { kind: 'entry', start: startOf(tree, node), end: startOf(tree, node) });
  const body = childByField(tree, node, Field.body);
  lowerBlock(l, source, body);
  const closing = endOf(tree, body);
  const cfg = finishGraph(l, { start: Math.max(0, closing - 1), end: closing });
  return {
    kind: 'lowered',
    name,
    returns,
    variables: l.variables,
    parameterCount,
    variadic,
    cfg,
    exprCount: l.nextId,
    calls: [...l.calls],
    doubts: l.doubts,
  };
}

function addParameters(l: Lowering, source: Source, list: NodeId): void {
  for (const parameter of namedChildren(source.tree, list)) {
    if (kindOf(source.tree, parameter) !== Kind.parameter_declaration) continue;
    const declared = declareParameter(l, source, parameter);
    if (declared.name === undefined && declared.type.kind === 'void') continue;
    const place = placeOf(declared.nameSource, declared.nameNode);
    const name = declared.name ?? `(parameter ${l.variables.length + 1})`;
    addVariable(l, { name, kind: 'parameter', type: declared.type, cleanup: undefined, ...place });
  }
}
