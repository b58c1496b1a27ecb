import type { CfgNode, Expr, FunctionIr } from './ir.ts';
import { childExpressions, nodeExpressions } from './walk.ts';

/** Which variables may still be read: a bit per variable, a row of words per node. */
export interface Liveness {
  /** Whether the variable's value may be read after the node, along some path. Variables whose address is taken always are. */
  isLiveAfter(node: number, variable: number): boolean;
}

const known = new WeakMap<FunctionIr, Liveness>();

/** Liveness of the locals of a function; computed on the first call. */
export function livenessOf(fn: FunctionIr): Liveness {
  let liveness = known.get(fn);
  if (liveness === undefined) {
    liveness = computeLiveness(fn);
    known.set(fn, liveness);
  }
  return liveness;
}

function computeLiveness(fn: FunctionIr): Liveness {
  const words = (fn.variables.length + 31) >> 5;
  const { nodes, order } = fn.cfg;
  const read = new Uint32Array(nodes.length * words);
  const written = new Uint32Array(nodes.length * words);
  const after = new Uint32Array(nodes.length * words);
  const always = new Uint8Array(fn.variables.length);
  for (const variable of fn.variables) if (variable.kind === 'static') always[variable.index] = 1;
  for (const node of nodes) collect(node, words, { read, written, always });
  let changed = true;
  while (changed) {
    changed = false;
    for (let i = order.length - 1; i >= 0; i--) {
      const id = order[i]!;
      for (const { to } of nodes[id]!.edges) {
        for (let word = 0; word < words; word++) {
          const at = to * words + word;
          const before = read[at]! | (after[at]! & ~written[at]!);
          const mine = id * words + word;
          if ((before & ~after[mine]!) !== 0) {
            after[mine] = after[mine]! | before;
            changed = true;
          }
        }
      }
    }
  }
  return {
    isLiveAfter: (node, variable) =>
      always[variable] === 1 ||
      (after[node * words + (variable >> 5)]! & (1 << (variable & 31))) !== 0,
  };
}

interface Sets {
  readonly read: Uint32Array;
  readonly written: Uint32Array;
  readonly always: Uint8Array;
}

function collect(node: CfgNode, words: number, sets: Sets): void {
  const mark = (set: Uint32Array, variable: number): void => {
    const at = node.id * words + (variable >> 5);
    set[at] = set[at]! | (1 << (variable & 31));
  };
  const visit = (expr: Expr): void => {
    if (expr.kind === 'ident') {
      if (expr.binding.kind === 'variable') mark(sets.read, expr.binding.variable);
      return;
    }
    if (expr.kind === 'assign' && expr.op === undefined && expr.target.kind === 'ident') {
      visit(expr.value);
      if (expr.target.binding.kind === 'variable') mark(sets.written, expr.target.binding.variable);
      return;
    }
    if (expr.kind === 'addressOf') {
      const root = rootOf(expr.operand);
      if (root !== undefined) sets.always[root] = 1;
    }
    for (const child of childExpressions(expr)) visit(child);
  };
  for (const expr of nodeExpressions(node)) visit(expr);
  if (node.kind === 'declare') mark(sets.written, node.variable);
  if (node.kind === 'cleanup') mark(sets.read, node.variable);
}

/** The variable whose own storage an lvalue is part of. */
function rootOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'ident':
      return expr.binding.kind === 'variable' ? expr.binding.variable : undefined;
    case 'field':
      return expr.arrow ? undefined : rootOf(expr.base);
    case 'index':
      return rootOf(expr.base);
    default:
      return undefined;
  }
}
