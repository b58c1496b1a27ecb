import { Field, Kind, Token } from '../syntax/kinds.generated.ts';
import type { Item, SourceFile } from '../syntax/sourceFile.ts';
import type { NodeId, SyntaxTree } from '../syntax/tree.ts';
import { childByField, childrenByField, children, fieldOf, isNamed, kindOf, namedChildren, noNode, nodeCount, parentOf, startOf, textOf } from '../syntax/tree.ts'; // prettier-ignore
import { calledNames } from './calledNames.ts';
import type { CType, Expr } from './ir.ts';
import { registrations } from './kernelApi/functions/registration.ts';
import type { RegistrationContract } from './kernelApi/functions/registration.ts';
import { expandName, startLowering } from './lower/function.ts';
import { itemSource } from './lower/source.ts';
import { declare, specifiedType } from './lower/typeNames.ts';
import type { CallSite, OpsEntry, Registration, SymbolIndex } from './symbols.ts';
import type { UnitEnvironment } from './unitEnvironment.ts';
import type { UnitFunction } from './unit.ts';
import { visitExpressions } from './walk.ts';

const registrationByName: ReadonlyMap<string, RegistrationContract> = new Map(
  registrations.map((contract) => [contract.name, contract]),
);

interface Found {
  readonly ops: readonly OpsEntry[];
  readonly registrations: readonly Registration[];
  readonly calls: ReadonlyMap<string, readonly CallSite[]>;
}

/** The index of a file's functions; worked out when it is first asked, from the trees. */
export function createSymbolIndex(
  environment: UnitEnvironment,
  source: SourceFile,
  functions: readonly UnitFunction[],
): SymbolIndex {
  const names = new Set(functions.map(({ name }) => name));
  const initializers = new Map<string, Expr | undefined>();
  let found: Found | undefined;
  let exported: ReadonlySet<string> | undefined;
  const calledIn = new Map<string, ReadonlySet<string>>();
  let trees: Map<string, SyntaxTree[]> | undefined;
  const namesCalledIn = (name: string): ReadonlySet<string> => {
    trees ??= treesByName(source, functions);
    const [only, ...others] = trees.get(name) ?? [];
    if (only === undefined) return new Set();
    if (others.length === 0) return calledNames(only);
    return new Set([only, ...others].flatMap((tree) => [...calledNames(tree)]));
  };
  const index = (): Found => (found ??= collect(environment, source, functions, names));
  return {
    get ops() {
      return index().ops;
    },
    opsOf: (name) => index().ops.filter((entry) => entry.functionName === name),
    functionsFor: (struct, field) =>
      index()
        .ops.filter((entry) => entry.struct === struct && entry.field === field)
        .map((entry) => entry.functionName),
    get registrations() {
      return index().registrations;
    },
    registrationsOf: (name) => index().registrations.filter((entry) => entry.functionName === name),
    callersOf: (name) => index().calls.get(name) ?? [],
    calledIn: (name) => {
      let called = calledIn.get(name);
      if (called === undefined) calledIn.set(name, (called = namesCalledIn(name)));
      return called;
    },
    get exported() {
      return (exported ??= exportedNames(source.text));
    },
    initializer(object) {
      if (!initializers.has(object))
        initializers.set(object, initializerOf(environment, source, object));
      return initializers.get(object);
    },
  };
}

/** The trees of a file's functions; a name may be defined in several branches of an `#if`. */
function treesByName(
  source: SourceFile,
  functions: readonly UnitFunction[],
): Map<string, SyntaxTree[]> {
  const byStart = new Map(functions.map((fn) => [fn.itemStart, fn.name]));
  const trees = new Map<string, SyntaxTree[]>();
  for (const { start, tree } of source.items) {
    const name = byStart.get(start);
    if (name === undefined) continue;
    const same = trees.get(name);
    if (same === undefined) trees.set(name, [tree]);
    else same.push(tree);
  }
  return trees;
}

function exportedNames(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(
    /^EXPORT_(?:SYMBOL|STATIC_CALL|PER_CPU_SYMBOL)\w*\s*\(\s*(\w+)/gm,
  ))
    names.add(match[1]!);
  return names;
}

function collect(
  environment: UnitEnvironment,
  source: SourceFile,
  functions: readonly UnitFunction[],
  names: ReadonlySet<string>,
): Found {
  const ops: OpsEntry[] = [];
  const found: Registration[] = [];
  const calls = new Map<string, CallSite[]>();
  const byStart = new Map(functions.map((fn) => [fn.itemStart, fn]));
  for (const item of source.items) {
    const kind = kindOf(item.tree, 0);
    if (kind === Kind.function_definition) {
      const fn = byStart.get(item.start);
      if (fn === undefined) continue;
      collectCalls(environment, item, fn.name, names, { calls, registrations: found });
      ops.push(...assignedOps(environment, fn, names));
      ops.push(...initialisedOps(environment, item, 1, names));
    } else if (kind === Kind.macro_function_definition) {
      const fn = byStart.get(item.start);
      if (fn === undefined) continue;
      collectCalls(environment, item, fn.name, names, { calls, registrations: found });
    } else if (kind === Kind.declaration) {
      ops.push(...initialisedOps(environment, item, 0, names));
    } else {
      found.push(...fileLevelRegistrations(item.tree.text, names));
    }
  }
  return { ops, registrations: found, calls };
}

function fileLevelRegistrations(text: string, names: ReadonlySet<string>): Registration[] {
  const use = /^\s*(?:static\s+)?(\w+)\s*\(([^;]*)\)/.exec(text);
  const contract = use === null ? undefined : registrationByName.get(use[1]!);
  if (use === null || contract === undefined) return [];
  const args = use[2]!.split(',').map((argument) => argument.trim().replace(/^&/, ''));
  return contract.handlers.flatMap(({ argument, role }) => {
    const name = args[argument];
    return name !== undefined && names.has(name)
      ? [{ functionName: name, by: use[1]!, role, within: undefined }]
      : [];
  });
}

function collectCalls(
  environment: UnitEnvironment,
  item: Item,
  caller: string,
  names: ReadonlySet<string>,
  into: { readonly calls: Map<string, CallSite[]>; readonly registrations: Registration[] },
): void {
  const { tree } = item;
  const count = nodeCount(tree);
  for (let node = 0; node < count; node++) {
    if (kindOf(tree, node) !== Kind.call_expression) continue;
    const calleeNode = childByField(tree, node, Field.function);
    if (calleeNode === noNode || kindOf(tree, calleeNode) !== Kind.identifier) continue;
    const callee = textOf(tree, calleeNode);
    if (names.has(callee)) {
      const site: CallSite = { caller, callee, start: item.start + startOf(tree, node) };
      const known = into.calls.get(callee);
      if (known === undefined) into.calls.set(callee, [site]);
      else known.push(site);
    }
    const contract = registrationByName.get(callee);
    if (contract === undefined) continue;
    const args = namedChildren(tree, childByField(tree, node, Field.arguments));
    for (const { argument, role } of contract.handlers) {
      const name =
        args[argument] === undefined
          ? undefined
          : functionNamed(environment, tree, args[argument], names);
      if (name !== undefined)
        into.registrations.push({ functionName: name, by: callee, role, within: caller });
    }
  }
}

/** The function of this file that an initialiser or argument names: `f`, `&f`, `(cast)f`. */
function functionNamed(
  environment: UnitEnvironment,
  tree: SyntaxTree,
  node: NodeId,
  names: ReadonlySet<string>,
): string | undefined {
  switch (kindOf(tree, node)) {
    case Kind.identifier: {
      const name = textOf(tree, node);
      return names.has(name) ? name : undefined;
    }
    case Kind.pointer_expression:
    case Kind.parenthesized_expression:
    case Kind.cast_expression: {
      const last = namedChildren(tree, node).at(-1);
      return last === undefined ? undefined : functionNamed(environment, tree, last, names);
    }
    case Kind.call_expression: {
      // `.map_range = NS(map_range)`
      const name = expandName(environment.env, textOf(tree, node));
      return name !== undefined && names.has(name) ? name : undefined;
    }
    default:
      return undefined;
  }
}

/** Functions in initialisers of declarations: file-level ones (`from` 0) or those inside a function. */
function initialisedOps(
  environment: UnitEnvironment,
  item: Item,
  from: NodeId,
  names: ReadonlySet<string>,
): OpsEntry[] {
  const { tree } = item;
  const entries: OpsEntry[] = [];
  const count = nodeCount(tree);
  for (let node = from; node < count; node++) {
    if (kindOf(tree, node) === Kind.compound_literal_expression) {
      entries.push(...literalOps(environment, tree, node, names));
      continue;
    }
    if (kindOf(tree, node) !== Kind.init_declarator) continue;
    const value = childByField(tree, node, Field.value);
    if (value === noNode || kindOf(tree, value) !== Kind.initializer_list) continue;
    if (!mentions(tree, value, names)) continue;
    const l = startLowering(environment.env);
    const source = itemSource(tree);
    const base = specifiedType(l, source, parentOf(tree, node));
    const declared = declare(l, source, childByField(tree, node, Field.declarator), base);
    let { type } = declared;
    // `struct ops NS(name) = { … }` looks like a function until its macro is known.
    if (type.kind === 'function') type = type.returns;
    while (type.kind === 'array') type = type.of;
    walkInitializer({ environment, tree, names, object: declared.name, entries }, value, type, []);
  }
  return entries;
}

/** `&(struct x_ops){ .f = g }`. */
function literalOps(
  environment: UnitEnvironment,
  tree: SyntaxTree,
  node: NodeId,
  names: ReadonlySet<string>,
): OpsEntry[] {
  const value = childByField(tree, node, Field.value);
  const entries: OpsEntry[] = [];
  if (value === noNode || !mentions(tree, value, names)) return entries;
  const l = startLowering(environment.env);
  const type = l.recurse.type(l, itemSource(tree), childByField(tree, node, Field.type));
  walkInitializer({ environment, tree, names, object: undefined, entries }, value, type, []);
  return entries;
}

function mentions(tree: SyntaxTree, node: NodeId, names: ReadonlySet<string>): boolean {
  // A name that a macro puts together is not written anywhere.
  if (/\b[A-Z_]+\(\w+\)/.test(textOf(tree, node))) return true;
  for (let at = node; at < tree.rows[node * 5 + 4]!; at++) {
    if (kindOf(tree, at) === Kind.identifier && names.has(textOf(tree, at))) return true;
  }
  return false;
}

interface InitializerWalk {
  readonly environment: UnitEnvironment;
  readonly tree: SyntaxTree;
  readonly names: ReadonlySet<string>;
  readonly object: string | undefined;
  readonly entries: OpsEntry[];
}

function walkInitializer(
  walk: InitializerWalk,
  list: NodeId,
  type: CType,
  path: readonly string[],
): void {
  const { tree } = walk;
  for (const child of namedChildren(tree, list)) {
    if (kindOf(tree, child) === Kind.initializer_list) {
      walkInitializer(walk, child, elementType(walk, type), path);
      continue;
    }
    if (kindOf(tree, child) !== Kind.initializer_pair) continue;
    const steps = designatorNames(tree, child);
    const value = childByField(tree, child, Field.value);
    if (value === noNode) continue;
    let holder = type;
    for (const step of steps.slice(0, -1)) holder = memberType(walk, holder, step);
    const last = steps.at(-1);
    const full = last === undefined ? path : [...path, ...steps];
    const fn = functionNamed(walk.environment, tree, value, walk.names);
    if (fn !== undefined && last !== undefined) {
      const struct = structOf(walk, holder);
      const { object } = walk;
      walk.entries.push({ functionName: fn, struct, field: last, path: full.join('.'), object });
      continue;
    }
    const inner = last === undefined ? elementType(walk, type) : memberType(walk, holder, last);
    const nested = nestedList(tree, value);
    if (nested !== noNode) {
      const literal =
        kindOf(tree, value) === Kind.initializer_list ? undefined : literalType(walk, value);
      walkInitializer(walk, nested, literal ?? inner, full);
    }
  }
}

function nestedList(tree: SyntaxTree, value: NodeId): NodeId {
  switch (kindOf(tree, value)) {
    case Kind.initializer_list:
      return value;
    case Kind.compound_literal_expression:
      return childByField(tree, value, Field.value);
    case Kind.pointer_expression:
    case Kind.parenthesized_expression: {
      const inner = namedChildren(tree, value)[0];
      return inner === undefined ? noNode : nestedList(tree, inner);
    }
    default:
      return noNode;
  }
}

function literalType(walk: InitializerWalk, value: NodeId): CType | undefined {
  const { tree } = walk;
  let at: NodeId | undefined = value;
  while (at !== undefined && kindOf(tree, at) !== Kind.compound_literal_expression) {
    at = namedChildren(tree, at)[0];
  }
  if (at === undefined) return undefined;
  const l = startLowering(walk.environment.env);
  return l.recurse.type(l, itemSource(tree), childByField(tree, at, Field.type));
}

function designatorNames(tree: SyntaxTree, pair: NodeId): string[] {
  const names: string[] = [];
  for (const part of children(tree, pair)) {
    if (!isNamed(tree, part) || fieldOf(tree, part) === Field.value) {
      if (kindOf(tree, part) === Token['=']) break;
      continue;
    }
    if (kindOf(tree, part) === Kind.field_designator) {
      for (const name of namedChildren(tree, part)) names.push(textOf(tree, name));
    } else if (kindOf(tree, part) === Kind.field_identifier) names.push(textOf(tree, part));
  }
  return names;
}

function memberType({ environment }: InitializerWalk, type: CType, name: string): CType {
  let member = environment.types.field(type, name) ?? { kind: 'unknown', reason: 'no member' };
  while (member.kind === 'array') member = member.of;
  return member;
}

function elementType({ environment }: InitializerWalk, type: CType): CType {
  const resolved = environment.types.resolve(type);
  return resolved.kind === 'array' ? resolved.of : type;
}

function structOf({ environment }: InitializerWalk, type: CType): string | undefined {
  const resolved = environment.types.resolve(type);
  const record = resolved.kind === 'pointer' ? environment.types.resolve(resolved.to) : resolved;
  if (record.kind !== 'record') return type.kind === 'named' ? type.name : undefined;
  return record.tag ?? (type.kind === 'named' ? type.name : undefined);
}

/** `x->ops.y = f;` inside a function: it is lowered only where the text looks like it. */
function assignedOps(
  environment: UnitEnvironment,
  fn: UnitFunction,
  names: ReadonlySet<string>,
): OpsEntry[] {
  const entries: OpsEntry[] = [];
  let likely = false;
  for (const match of fn.text.matchAll(/(?:->|\.)\s*\w+\s*=\s*&?\s*(\w+)\s*;/g)) {
    if (names.has(match[1]!)) likely = true;
  }
  if (!likely) return entries;
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return entries;
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'assign' || expr.op !== undefined || expr.target.kind !== 'field') return;
    const value = expr.value.kind === 'addressOf' ? expr.value.operand : expr.value;
    if (value.kind !== 'ident' || value.binding.kind === 'variable' || !names.has(value.name))
      return;
    const { target } = expr;
    const base = environment.types.typeOf(ir, target.base);
    const walk = {
      environment,
      tree: { text: '', rows: new Int32Array(), hasError: false },
      names,
      object: undefined,
      entries,
    };
    const struct = structOf(walk, base);
    const path = fieldPath(target);
    entries.push({ functionName: value.name, struct, field: target.name, path, object: undefined });
  });
  return entries;
}

function fieldPath(expr: Expr): string {
  if (expr.kind !== 'field') return '';
  const base = fieldPath(expr.base);
  return base === '' ? expr.name : `${base}.${expr.name}`;
}

function initializerOf(
  environment: UnitEnvironment,
  source: SourceFile,
  object: string,
): Expr | undefined {
  for (const { tree } of source.items) {
    if (kindOf(tree, 0) !== Kind.declaration || !tree.text.includes(object)) continue;
    for (const declarator of childrenByField(tree, 0, Field.declarator)) {
      if (kindOf(tree, declarator) !== Kind.init_declarator) continue;
      const l = startLowering(environment.env);
      const from = itemSource(tree);
      const base = specifiedType(l, from, 0);
      const inner = childByField(tree, declarator, Field.declarator);
      if (declare(l, from, inner, base).name !== object) continue;
      return l.recurse.expression(l, from, childByField(tree, declarator, Field.value));
    }
  }
  return undefined;
}
