import type { BinaryOp, Designator, Expr, InitEntry, InitList } from '../ir.ts';
import { unknownType } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, childOfKind, children, fieldOf, kindName, kindOf, namedChildren, noNode, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import { lowerCall } from './calls.ts';
import { lowerName } from './names.ts';
import { mayHaveEffects } from './effects.ts';
import { parseCharLiteral, parseIntLiteral } from './literals.ts';
import { addTemporary, doubt, emit, emitBranch, emitEval, emitJoin } from './lowering.ts';
import type { Lowering, Outcome, Pending } from './lowering.ts';
import { head, identOf, intOf, unknownExpr } from './make.ts';
import { nameText, seeThrough } from './source.ts';
import type { Source } from './source.ts';
import { typeAt, typeOfText } from './typeNames.ts';

/** Lowers a value. Whatever branches or sequences inside it is emitted into the graph first. */
export function lowerExpression(l: Lowering, source: Source, node: NodeId): Expr {
  const { tree } = source;
  switch (kindOf(tree, node)) {
    case Kind.identifier:
      return lowerName(l, source, node);
    case Kind.number_literal: {
      const text = textOf(tree, node);
      return { kind: 'int', ...head(l, source, node), value: parseIntLiteral(text), text };
    }
    case Kind.char_literal: {
      const text = textOf(tree, node);
      return { kind: 'int', ...head(l, source, node), value: parseCharLiteral(text), text };
    }
    case Kind.null:
      return {
        kind: 'constant',
        ...head(l, source, node),
        name: 'NULL',
        value: 0,
        origin: 'macro',
      };
    case Kind.true:
      return {
        kind: 'constant',
        ...head(l, source, node),
        name: 'true',
        value: 1,
        origin: 'macro',
      };
    case Kind.false:
      return {
        kind: 'constant',
        ...head(l, source, node),
        name: 'false',
        value: 0,
        origin: 'macro',
      };
    case Kind.string_literal:
    case Kind.concatenated_string:
      return { kind: 'string', ...head(l, source, node), text: stringText(source, node) };
    case Kind.parenthesized_expression:
      return lowerParenthesized(l, source, node);
    case Kind.extension_expression:
      return lowerExpression(l, source, namedChildren(tree, node)[0]!);
    case Kind.comma_expression:
      return lowerComma(l, source, node);
    case Kind.call_expression:
      return lowerCall(l, source, node);
    case Kind.unary_expression: {
      const operand = lowerExpression(l, source, childByField(tree, node, Field.argument));
      const op = operatorOf(source, node) as '-' | '+' | '~' | '!';
      return { kind: 'unary', ...head(l, source, node), op, operand };
    }
    case Kind.pointer_expression: {
      const operand = lowerExpression(l, source, childByField(tree, node, Field.argument));
      const kind = operatorOf(source, node) === '*' ? 'deref' : 'addressOf';
      return { kind, ...head(l, source, node), operand };
    }
    case Kind.binary_expression:
      return lowerBinary(l, source, node);
    case Kind.assignment_expression:
      return lowerAssignment(l, source, node);
    case Kind.update_expression: {
      const argument = childByField(tree, node, Field.argument);
      const first = children(tree, node)[0]!;
      return {
        kind: 'increment',
        ...head(l, source, node),
        op: operatorOf(source, node) as '++' | '--',
        position: first === argument ? 'postfix' : 'prefix',
        target: lowerExpression(l, source, argument),
      };
    }
    case Kind.field_expression:
      return lowerField(l, source, node);
    case Kind.subscript_expression: {
      const base = lowerExpression(l, source, childByField(tree, node, Field.argument));
      const index = lowerExpression(l, source, childByField(tree, node, Field.index));
      return { kind: 'index', ...head(l, source, node), base, index };
    }
    case Kind.cast_expression: {
      const type = typeAt(l, source, childByField(tree, node, Field.type));
      const operand = lowerExpression(l, source, childByField(tree, node, Field.value));
      return { kind: 'cast', ...head(l, source, node), type, operand };
    }
    case Kind.compound_literal_expression: {
      const type = typeAt(l, source, childByField(tree, node, Field.type));
      const init = lowerInitList(l, source, childByField(tree, node, Field.value));
      return { kind: 'compoundLiteral', ...head(l, source, node), type, init };
    }
    case Kind.initializer_list:
      return lowerInitList(l, source, node);
    case Kind.sizeof_expression:
      return lowerSizeof(l, source, node);
    case Kind.offsetof_expression: {
      const type = typeAt(l, source, childByField(tree, node, Field.type));
      const member = childByField(tree, node, Field.member);
      const name = nameText(source, member) ?? textOf(tree, member);
      return { kind: 'offsetof', ...head(l, source, node), type, member: name };
    }
    case Kind.conditional_expression:
      return lowerConditional(l, source, node);
    case Kind.type_argument:
    case Kind.type_descriptor:
      return { kind: 'typeArgument', ...head(l, source, node), type: typeAt(l, source, node) };
    case Kind.primitive_type:
    case Kind.sized_type_specifier: {
      return {
        kind: 'typeArgument',
        ...head(l, source, node),
        type: typeOfText(textOf(tree, node)),
      };
    }
    case Kind.compound_statement:
      return lowerStatementExpression(l, source, node);
    case Kind.gnu_asm_expression:
      lowerAsm(l, source, node);
      return unknownExpr(l, source, node, 'inline assembly');
    case Kind.code_argument:
      l.recurse.statement(l, source, node);
      return unknownExpr(l, source, node, 'statements');
    case Kind.operator_argument:
    case Kind.macro_parameter:
    case Kind.storage_class_specifier:
      return unknownExpr(l, source, node, 'an argument that only a macro understands');
    case Kind.alignof_expression:
      return unknownExpr(l, source, node, 'alignment of a type');
    default: {
      const reason = `${kindName(tree, node).replaceAll('_', ' ')} as a value`;
      doubt(l, source, node, reason);
      return unknownExpr(l, source, node, reason);
    }
  }
}

function operatorOf(source: Source, node: NodeId): string {
  const operator = childByField(source.tree, node, Field.operator);
  return operator === noNode ? '' : textOf(source.tree, operator);
}

function stringText(source: Source, node: NodeId): string {
  const { tree } = source;
  if (kindOf(tree, node) === Kind.string_literal)
    return textOf(tree, node).replace(/^\w*"|"$/g, '');
  return namedChildren(tree, node)
    .map((part) => (kindOf(tree, part) === Kind.string_literal ? stringText(source, part) : '%'))
    .join('');
}

function lowerParenthesized(l: Lowering, source: Source, node: NodeId): Expr {
  const inner = namedChildren(source.tree, node);
  const [only] = inner;
  if (only === undefined) return unknownExpr(l, source, node, 'nothing in parentheses');
  return lowerExpression(l, source, only);
}

function lowerComma(l: Lowering, source: Source, node: NodeId): Expr {
  const left = childByField(source.tree, node, Field.left);
  const right = childByField(source.tree, node, Field.right);
  emitEval(l, lowerExpression(l, source, left));
  return lowerExpression(l, source, right);
}

function lowerBinary(l: Lowering, source: Source, node: NodeId): Expr {
  const left = childByField(source.tree, node, Field.left);
  const right = childByField(source.tree, node, Field.right);
  const op = operatorOf(source, node) as BinaryOp;
  if ((op === '&&' || op === '||') && mayHaveEffects(l, source, right)) {
    return valueOfCondition(l, source, node);
  }
  const first = lowerExpression(l, source, left);
  return {
    kind: 'binary',
    ...head(l, source, node),
    op,
    left: first,
    right: lowerExpression(l, source, right),
  };
}

/** The truth of a condition with effects: two paths, and a temporary that is 1 or 0. */
function valueOfCondition(l: Lowering, source: Source, node: NodeId): Expr {
  const temporary = addTemporary(l, source, node, {
    kind: 'integer',
    name: 'int',
    bytes: 4,
    signed: true,
  });
  const { whenTrue, whenFalse } = l.recurse.condition(l, source, node);
  l.pending = [...whenTrue];
  assignTemporary(l, source, node, temporary, intOf(l, source, node, 1));
  const ends = l.pending;
  l.pending = [...whenFalse];
  assignTemporary(l, source, node, temporary, intOf(l, source, node, 0));
  l.pending = [...ends, ...l.pending];
  emitJoin(l, source, node);
  return identOf(l, source, node, temporary);
}

function assignTemporary(
  l: Lowering,
  source: Source,
  node: NodeId,
  temporary: { readonly index: number; readonly name: string },
  value: Expr,
): void {
  const target = identOf(l, source, node, temporary);
  emitEval(l, { kind: 'assign', ...head(l, source, node), op: undefined, target, value });
}

function lowerAssignment(l: Lowering, source: Source, node: NodeId): Expr {
  const operator = operatorOf(source, node);
  const op = operator === '=' ? undefined : (operator.slice(0, -1) as BinaryOp);
  const target = lowerExpression(l, source, childByField(source.tree, node, Field.left));
  const value = lowerExpression(l, source, childByField(source.tree, node, Field.right));
  return { kind: 'assign', ...head(l, source, node), op, target, value };
}

function lowerField(l: Lowering, source: Source, node: NodeId): Expr {
  const { tree } = source;
  const base = lowerExpression(l, source, childByField(tree, node, Field.argument));
  const member = childByField(tree, node, Field.field);
  const place = head(l, source, member);
  return {
    kind: 'field',
    ...head(l, source, node),
    base,
    name: nameText(source, member) ?? textOf(tree, member),
    arrow: operatorOf(source, node) === '->',
    nameStart: place.start,
  };
}

function lowerSizeof(l: Lowering, source: Source, node: NodeId): Expr {
  const { tree } = source;
  const type = childByField(tree, node, Field.type);
  if (type !== noNode) {
    return asSizeof(l, source, node, type);
  }
  const value = childByField(tree, node, Field.value);
  const found = seeThrough(source, value);
  const kind = kindOf(found.source.tree, found.node);
  if (kind === Kind.type_argument || kind === Kind.type_descriptor) {
    return asSizeof(l, found.source, found.node, found.node);
  }
  const { pending } = l;
  l.pending = [];
  const operand = lowerExpression(l, source, value);
  l.pending = pending;
  if (operand.kind === 'typeArgument') {
    return { kind: 'sizeofType', ...head(l, source, node), type: operand.type };
  }
  return { kind: 'sizeofExpr', ...head(l, source, node), operand };
}

/** `sizeof(name)`: the grammar cannot tell a type from a variable, the scopes can. */
function asSizeof(l: Lowering, source: Source, node: NodeId, type: NodeId): Expr {
  const specifier = childByField(source.tree, type, Field.type);
  const isName = specifier !== noNode && kindOf(source.tree, specifier) === Kind.type_identifier;
  if (isName && childByField(source.tree, type, Field.declarator) === noNode) {
    const operand = lowerName(l, source, specifier);
    if (operand.kind === 'typeArgument') {
      return { kind: 'sizeofType', ...head(l, source, node), type: operand.type };
    }
    return { kind: 'sizeofExpr', ...head(l, source, node), operand };
  }
  return { kind: 'sizeofType', ...head(l, source, node), type: typeAt(l, source, type) };
}

/** An initialiser list with its designators. */
export function lowerInitList(l: Lowering, source: Source, node: NodeId): InitList {
  const { tree } = source;
  const entries: InitEntry[] = [];
  for (const child of namedChildren(tree, node)) {
    if (kindOf(tree, child) !== Kind.initializer_pair) {
      entries.push({ designators: [], value: lowerExpression(l, source, child) });
      continue;
    }
    const designators: Designator[] = [];
    let value: NodeId = noNode;
    for (const part of namedChildren(tree, child)) {
      if (fieldOf(tree, part) === Field.value) value = part;
      else designators.push(...designatorOf(l, source, part));
    }
    if (value === noNode) continue;
    entries.push({ designators, value: lowerExpression(l, source, value) });
  }
  return { kind: 'initList', ...head(l, source, node), entries };
}

function designatorOf(l: Lowering, source: Source, node: NodeId): Designator[] {
  const { tree } = source;
  const inner = namedChildren(tree, node);
  switch (kindOf(tree, node)) {
    case Kind.field_designator:
      return inner.map((name) => ({
        kind: 'field',
        name: nameText(source, name) ?? textOf(tree, name),
      }));
    case Kind.field_identifier:
      return [{ kind: 'field', name: nameText(source, node) ?? textOf(tree, node) }];
    case Kind.subscript_designator:
      return inner
        .slice(0, 1)
        .map((index) => ({ kind: 'index', index: lowerExpression(l, source, index) }));
    case Kind.subscript_range_designator:
      return inner.length < 2
        ? []
        : [
            {
              kind: 'range',
              first: lowerExpression(l, source, inner[0]!),
              last: lowerExpression(l, source, inner[1]!),
            },
          ];
    default:
      return [];
  }
}

function lowerConditional(l: Lowering, source: Source, node: NodeId): Expr {
  const { tree } = source;
  const condition = childByField(tree, node, Field.condition);
  const consequence = childByField(tree, node, Field.consequence);
  const alternative = childByField(tree, node, Field.alternative);
  const arms = consequence === noNode ? [condition, alternative] : [consequence, alternative];
  if (!arms.some((arm) => mayHaveEffects(l, source, arm))) {
    const test = lowerExpression(l, source, condition);
    const then = consequence === noNode ? undefined : lowerExpression(l, source, consequence);
    const otherwise = lowerExpression(l, source, alternative);
    return { kind: 'conditional', ...head(l, source, node), condition: test, then, otherwise };
  }
  const temporary = addTemporary(l, source, node, unknownType('value of a conditional'));
  lowerAlternatives(l, source, node, (value) => {
    assignTemporary(l, source, node, temporary, value);
  });
  return identOf(l, source, node, temporary);
}

/** Hands each arm of a `?:` to `use` on its own path; any other value goes to `use` as it is. */
export function lowerAlternatives(
  l: Lowering,
  source: Source,
  node: NodeId,
  use: (value: Expr) => void,
): void {
  const found = seeThrough(source, node);
  const { tree } = found.source;
  if (kindOf(tree, found.node) !== Kind.conditional_expression) {
    use(lowerExpression(l, source, node));
    return;
  }
  const condition = childByField(tree, found.node, Field.condition);
  const consequence = childByField(tree, found.node, Field.consequence);
  const alternative = childByField(tree, found.node, Field.alternative);
  let outcome: Outcome;
  let first: () => void;
  if (consequence === noNode) {
    const value = lowerExpression(l, found.source, condition);
    const temporary = addTemporary(
      l,
      found.source,
      condition,
      unknownType('value of a conditional'),
    );
    assignTemporary(l, found.source, condition, temporary, value);
    outcome = emitBranch(l, identOf(l, found.source, condition, temporary));
    first = () => {
      use(identOf(l, found.source, condition, temporary));
    };
  } else {
    outcome = l.recurse.condition(l, found.source, condition);
    first = () => {
      lowerAlternatives(l, found.source, consequence, use);
    };
  }
  l.pending = [...outcome.whenTrue];
  first();
  const ends: Pending[] = l.pending;
  l.pending = [...outcome.whenFalse];
  lowerAlternatives(l, found.source, alternative, use);
  l.pending = [...ends, ...l.pending];
  if (l.pending.length > 1) emitJoin(l, source, node);
}

function lowerStatementExpression(l: Lowering, source: Source, node: NodeId): Expr {
  const value = l.recurse.block(l, source, node);
  return value ?? unknownExpr(l, source, node, 'a block without a value');
}

/** Inline assembly as a node of its own. */
export function lowerAsm(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const operands = (field: number, kind: number): Expr[] => {
    const list = childByField(tree, node, field);
    if (list === noNode) return [];
    return namedChildren(tree, list)
      .filter((child) => kindOf(tree, child) === kind)
      .map((child) => lowerExpression(l, source, childByField(tree, child, Field.value)));
  };
  const outputs = operands(Field.output_operands, Kind.gnu_asm_output_operand);
  const inputs = operands(Field.input_operands, Kind.gnu_asm_input_operand);
  const { start, end } = head(l, source, node);
  emit(l, { kind: 'asm', outputs, inputs, start, end });
  if (childOfKind(tree, node, Kind.gnu_asm_goto_list) !== noNode) {
    doubt(l, source, node, 'assembly that jumps');
  }
}
