import type { CfgNode, CType, Designator, Edge, Expr, FunctionIr } from './ir.ts';
import { unreachable } from '../text/problem.ts';

/** An expression in C-like text with full parentheses around nested operators; for tests and debugging. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'ident':
      return expr.name;
    case 'int':
      return expr.text;
    case 'constant':
      return expr.name;
    case 'string':
      return `"${expr.text}"`;
    case 'call':
      return `${expr.name ?? operand(expr.callee)}(${expr.args.map(printExpr).join(', ')})`;
    case 'unary':
      return expr.op + operand(expr.operand);
    case 'binary':
      return `${operand(expr.left)} ${expr.op} ${operand(expr.right)}`;
    case 'assign':
      return `${operand(expr.target)} ${expr.op ?? ''}= ${operand(expr.value)}`;
    case 'increment':
      return expr.position === 'prefix'
        ? expr.op + operand(expr.target)
        : operand(expr.target) + expr.op;
    case 'field':
      return `${operand(expr.base)}${expr.arrow ? '->' : '.'}${expr.name}`;
    case 'index':
      return `${operand(expr.base)}[${printExpr(expr.index)}]`;
    case 'deref':
      return `*${operand(expr.operand)}`;
    case 'addressOf':
      return `&${operand(expr.operand)}`;
    case 'cast':
      return `(${printType(expr.type)})${operand(expr.operand)}`;
    case 'sizeofType':
      return `sizeof(${printType(expr.type)})`;
    case 'sizeofExpr':
      return `sizeof(${printExpr(expr.operand)})`;
    case 'offsetof':
      return `offsetof(${printType(expr.type)}, ${expr.member})`;
    case 'conditional':
      return `${operand(expr.condition)} ? ${expr.then === undefined ? '' : operand(expr.then)} : ${operand(expr.otherwise)}`;
    case 'comma':
      return expr.items.map(operand).join(', ');
    case 'initList':
      return `{ ${expr.entries.map(({ designators, value }) => designators.map(printDesignator).join('') + (designators.length > 0 ? ' = ' : '') + printExpr(value)).join(', ')} }`;
    case 'compoundLiteral':
      return `(${printType(expr.type)})${printExpr(expr.init)}`;
    case 'typeArgument':
      return printType(expr.type);
    case 'unknown':
      return `<${expr.reason}>`;
    default:
      return unreachable(expr);
  }
}

function printDesignator(designator: Designator): string {
  switch (designator.kind) {
    case 'field':
      return `.${designator.name}`;
    case 'index':
      return `[${printExpr(designator.index)}]`;
    case 'range':
      return `[${printExpr(designator.first)} ... ${printExpr(designator.last)}]`;
  }
}

const nested: ReadonlySet<Expr['kind']> = new Set([
  'binary',
  'assign',
  'conditional',
  'comma',
  'cast',
]);

function operand(expr: Expr): string {
  const text = printExpr(expr);
  return nested.has(expr.kind) ? `(${text})` : text;
}

/** A type as C would write it for a cast. */
export function printType(type: CType): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'integer':
    case 'floating':
    case 'named':
      return type.name;
    case 'pointer': {
      const inner = printType(type.to);
      return inner.endsWith('*') ? `${inner}*` : `${inner} *`;
    }
    case 'array':
      return `${printType(type.of)}[${type.length === undefined ? '' : printExpr(type.length)}]`;
    case 'record':
      return `${type.keyword} ${type.tag ?? '{…}'}`;
    case 'enum':
      return `enum ${type.tag ?? '{…}'}`;
    case 'function':
      return `${printType(type.returns)} (${type.parameters.map(printType).join(', ')})`;
    case 'typeof':
      return `typeof(${printExpr(type.operand)})`;
    case 'unknown':
      return `<${type.reason}>`;
  }
}

/** The graph of a function as text, one reachable node per line in reverse post order; for tests and debugging. */
export function dumpFunction(fn: FunctionIr): string {
  return fn.cfg.order.map((id) => dumpNode(fn, fn.cfg.nodes[id]!)).join('\n');
}

function dumpNode(fn: FunctionIr, node: CfgNode): string {
  const edges = node.edges.map((edge) => printEdge(fn, edge)).join(' ');
  return `${node.order}: ${printNode(fn, node)}${edges === '' ? '' : ` -> ${edges}`}`;
}

function printEdge(fn: FunctionIr, edge: Edge): string {
  const { label } = edge;
  const range =
    label.kind === 'case' && label.high !== undefined ? `...${printExpr(label.high)}` : '';
  const text = label.kind === 'case' ? `case ${printExpr(label.low)}${range}:` : `${label.kind}:`;
  return `${label.kind === 'next' ? '' : text}${fn.cfg.nodes[edge.to]!.order}${edge.back ? '^' : ''}`;
}

function printNode(fn: FunctionIr, node: CfgNode): string {
  switch (node.kind) {
    case 'eval':
      return printExpr(node.expr);
    case 'declare': {
      const { name, type } = fn.variables[node.variable]!;
      return `declare ${printType(type)} ${name}${node.init === undefined ? '' : ` = ${printExpr(node.init)}`}`;
    }
    case 'branch':
      return `if ${printExpr(node.condition)}`;
    case 'switch':
      return `switch ${printExpr(node.value)}`;
    case 'return':
      return `return${node.value === undefined ? '' : ` ${printExpr(node.value)}`}`;
    case 'iterate':
      return `iterate ${node.macro}(${node.args.map(printExpr).join(', ')})`;
    case 'guard':
    case 'unguard':
      return `${node.kind} ${node.class}(${node.args.map(printExpr).join(', ')})`;
    case 'cleanup':
      return `cleanup ${node.function}(${node.argument === 'address' ? '&' : ''}${fn.variables[node.variable]!.name})`;
    case 'asm':
      return `asm(${node.outputs.map(printExpr).join(', ')} : ${node.inputs.map(printExpr).join(', ')})`;
    case 'join':
      return node.label === undefined ? 'join' : `${node.label}:`;
    case 'stop':
      return `stop ${node.reason}`;
    case 'entry':
    case 'end':
      return node.kind;
  }
}
