import type { CfgNode, CType, Doubt, EdgeLabel, Expr, Variable } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { kindName } from '../../syntax/tree.ts';
import type { Environment } from './environment.ts';
import { placeOf } from './source.ts';
import type { Source } from './source.ts';

/** A loose end of the graph under construction. */
export interface Pending {
  readonly node: number;
  readonly label: EdgeLabel;
}

/** An edge of the graph under construction. */
export interface RawEdge {
  to: number;
  readonly label: EdgeLabel;
}

type Payload<T> = T extends unknown ? Omit<T, 'id' | 'edges' | 'order' | 'loop'> : never;

/** A node of the graph under construction: what it does, without its place in the graph. */
export type RawNode = Payload<CfgNode>;

/** Something that runs when a scope is left. */
export type Cleanup =
  | {
      readonly kind: 'variable';
      readonly variable: number;
      readonly function: string;
      readonly argument: 'value' | 'address';
    }
  | { readonly kind: 'guard'; readonly class: string; readonly args: readonly Expr[] };

/** The clean-ups that are due at a place, innermost first. */
export interface CleanupChain {
  readonly cleanup: Cleanup;
  readonly outer: CleanupChain | undefined;
  readonly depth: number;
}

/** Where `break` or `continue` lead. */
export interface JumpTarget {
  readonly ends: Pending[];
  readonly cleanups: CleanupChain | undefined;
}

/** A switch under construction. */
export interface SwitchTarget {
  readonly node: number;
  hasDefault: boolean;
}

/** A goto whose label may not be met yet. */
export interface Goto {
  readonly ends: readonly Pending[];
  readonly label: string;
  readonly cleanups: CleanupChain | undefined;
  readonly start: number;
  readonly end: number;
}

/** A label that was met. */
export interface Label {
  readonly node: number;
  readonly cleanups: CleanupChain | undefined;
}

/** The two ways out of a condition. */
export interface Outcome {
  readonly whenTrue: readonly Pending[];
  readonly whenFalse: readonly Pending[];
}

/** The mutually recursive parts of lowering, wired in function.ts so that the files do not import each other in circles. */
export interface Recursion {
  /** Lowers a value; whatever branches inside is emitted before. */
  expression(l: Lowering, source: Source, node: NodeId): Expr;
  /** Lowers a condition from the current loose ends; leaves none. */
  condition(l: Lowering, source: Source, node: NodeId): Outcome;
  /** Hands each alternative of a value to `use`, on its own path where the value is a choice. */
  alternatives(l: Lowering, source: Source, node: NodeId, use: (value: Expr) => void): void;
  statement(l: Lowering, source: Source, node: NodeId): void;
  /** Lowers an expression whose value nobody uses. */
  effect(l: Lowering, source: Source, node: NodeId): void;
  /** Lowers `{ … }` in a scope of its own; the value is the last expression statement, for statement expressions. */
  block(l: Lowering, source: Source, node: NodeId): Expr | undefined;
  /** Type written by a `type_descriptor`, or by an argument that is a type. */
  type(l: Lowering, source: Source, node: NodeId): CType;
}

/** A function in the making. Mutable on purpose, and never seen outside `lower/`. */
export interface Lowering {
  readonly env: Environment;
  readonly recurse: Recursion;
  nextId: number;
  readonly variables: Variable[];
  /** Innermost scope last. */
  readonly scopes: Map<string, number>[];
  cleanups: CleanupChain | undefined;
  readonly nodes: RawNode[];
  readonly edges: RawEdge[][];
  /** Loose ends that the next node takes up. Empty: what follows is not reached. */
  pending: Pending[];
  breakTo: JumpTarget | undefined;
  continueTo: JumpTarget | undefined;
  switchTo: SwitchTarget | undefined;
  readonly labels: Map<string, Label>;
  readonly gotos: Goto[];
  readonly ends: Pending[];
  readonly calls: Set<string>;
  readonly doubts: Doubt[];
  /** Nesting of statement expressions and expansions. */
  temporaries: number;
}

/** Thrown inside `lower/` where a function cannot be lowered; becomes `NotLowered` in function.ts. */
export class CannotLower extends Error {
  override readonly name = 'CannotLower';
  readonly start: number;

  constructor(reason: string, start: number) {
    super(reason);
    this.start = start;
  }
}

const nextLabel: EdgeLabel = { kind: 'next' };

/** Appends a node and ties the loose ends to it; the node's own end is loose afterwards, labelled `next`. */
export function emit(l: Lowering, node: RawNode): number {
  const id = emitDetached(l, node);
  link(l, l.pending, id);
  l.pending = [{ node: id, label: nextLabel }];
  return id;
}

/** Appends a node that nothing leads to yet; loose ends stay as they are. */
export function emitDetached(l: Lowering, node: RawNode): number {
  l.nodes.push(node);
  l.edges.push([]);
  return l.nodes.length - 1;
}

/** Ties loose ends to a node. */
export function link(l: Lowering, ends: readonly Pending[], to: number): void {
  for (const end of ends) l.edges[end.node]!.push({ to, label: end.label });
}

/** A place where paths meet. */
export function emitJoin(l: Lowering, source: Source, node: NodeId, label?: string): number {
  return emit(l, { kind: 'join', label, ...placeOf(source, node) });
}

/** Emits a branch; loose ends are taken, none is left. */
export function emitBranch(l: Lowering, condition: Expr): Outcome {
  const id = emit(l, { kind: 'branch', condition, start: condition.start, end: condition.end });
  l.pending = [];
  return {
    whenTrue: [{ node: id, label: { kind: 'true' } }],
    whenFalse: [{ node: id, label: { kind: 'false' } }],
  };
}

/** Evaluates an expression for its effects. */
export function emitEval(l: Lowering, expr: Expr): void {
  emit(l, { kind: 'eval', expr, start: expr.start, end: expr.end });
}

/** Adds a variable to the function and to the innermost scope. */
export function addVariable(l: Lowering, variable: Omit<Variable, 'index'>): number {
  const index = l.variables.length;
  l.variables.push({ index, ...variable });
  if (variable.kind !== 'temporary') l.scopes.at(-1)!.set(variable.name, index);
  return index;
}

/** A fresh temporary, and how it is read. */
export function addTemporary(
  l: Lowering,
  source: Source,
  node: NodeId,
  type: CType,
): { readonly index: number; readonly name: string } {
  const name = `$${++l.temporaries}`;
  const index = addVariable(l, {
    name,
    kind: 'temporary',
    type,
    cleanup: undefined,
    ...placeOf(source, node),
  });
  return { index, name };
}

/** The variable a name means here, or undefined. */
export function findVariable(l: Lowering, name: string): number | undefined {
  for (let i = l.scopes.length - 1; i >= 0; i--) {
    const found = l.scopes[i]!.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Registers something to run when the current scope is left. */
export function addCleanup(l: Lowering, cleanup: Cleanup): void {
  l.cleanups = { cleanup, outer: l.cleanups, depth: (l.cleanups?.depth ?? 0) + 1 };
}

/** Emits the clean-ups that are due between here and a place with fewer of them. */
export function emitCleanups(
  l: Lowering,
  from: CleanupChain | undefined,
  to: CleanupChain | undefined,
  at: { readonly start: number; readonly end: number },
): void {
  const keep = new Set<CleanupChain>();
  for (let link = to; link !== undefined; link = link.outer) keep.add(link);
  for (let link = from; link !== undefined && !keep.has(link); link = link.outer) {
    const { cleanup } = link;
    const place = { start: at.start, end: at.end };
    if (cleanup.kind === 'guard') {
      emit(l, { kind: 'unguard', class: cleanup.class, args: cleanup.args, ...place });
    } else {
      const { variable, argument } = cleanup;
      emit(l, { kind: 'cleanup', variable, function: cleanup.function, argument, ...place });
    }
  }
}

/** Remembers a part of the function that was not understood. */
export function doubt(l: Lowering, source: Source, node: NodeId, reason: string): void {
  l.doubts.push({ start: placeOf(source, node).start, reason });
}

/** Gives up on the function. */
export function cannotLower(source: Source, node: NodeId, reason?: string): never {
  const why = reason ?? `${kindName(source.tree, node).replaceAll('_', ' ')} is not handled here`;
  throw new CannotLower(why, placeOf(source, node).start);
}
