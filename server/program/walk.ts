import type { CfgNode, Expr, FunctionIr } from './ir.ts';

/** The operands of an expression, in order of evaluation. Operands of sizeof and typeof are not evaluated and not among them. */
export function childExpressions(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return [expr.callee, ...expr.args];
    case 'unary':
    case 'deref':
    case 'addressOf':
    case 'cast':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'assign':
      return [expr.target, expr.value];
    case 'increment':
      return [expr.target];
    case 'field':
      return [expr.base];
    case 'index':
      return [expr.base, expr.index];
    case 'conditional':
      return expr.then === undefined
        ? [expr.condition, expr.otherwise]
        : [expr.condition, expr.then, expr.otherwise];
    case 'comma':
      return expr.items;
    case 'initList':
      return expr.entries.map(({ value }) => value);
    case 'compoundLiteral':
      return [expr.init];
    case 'ident':
    case 'int':
    case 'constant':
    case 'string':
    case 'sizeofType':
    case 'sizeofExpr':
    case 'offsetof':
    case 'typeArgument':
    case 'unknown':
      return [];
  }
}

/** The expressions that a node of a graph evaluates, in order. Values of switch cases belong to edges and are constants. */
export function nodeExpressions(node: CfgNode): readonly Expr[] {
  switch (node.kind) {
    case 'eval':
      return [node.expr];
    case 'declare':
      return node.init === undefined ? [] : [node.init];
    case 'branch':
      return [node.condition];
    case 'switch':
      return [node.value];
    case 'return':
      return node.value === undefined ? [] : [node.value];
    case 'iterate':
    case 'guard':
    case 'unguard':
      return node.args;
    case 'asm':
      return [...node.outputs, ...node.inputs];
    case 'entry':
    case 'cleanup':
    case 'join':
    case 'end':
    case 'stop':
      return [];
  }
}

/** Calls `visit` for every evaluated expression of a function, parents before their operands. */
export function visitExpressions(fn: FunctionIr, visit: (expr: Expr, node: CfgNode) => void): void {
  const walk = (expr: Expr, node: CfgNode): void => {
    visit(expr, node);
    for (const child of childExpressions(expr)) walk(child, node);
  };
  for (const node of fn.cfg.nodes) for (const expr of nodeExpressions(node)) walk(expr, node);
}
