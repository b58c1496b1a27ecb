import type { BinaryOp, Expr } from '../ir.ts';
import { unknownType } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, children, fieldOf, isExtra, isNamed, kindOf, namedChildren, noNode, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind, Token } from '../../syntax/kinds.generated.ts';
import { argumentsOf, calleeOf, endsPath, lowerCall } from './calls.ts';
import { lowerClass, lowerDeclaration, lowerDeclaringMacro } from './declarations.ts';
import { lowerAsm } from './expression.ts';
import { lowerGuardStatement } from './guards.ts';
import {
  addTemporary,
  addVariable,
  cannotLower,
  doubt,
  emit,
  emitCleanups,
  emitEval,
  emitJoin,
  findVariable,
} from './lowering.ts';
import type { Lowering, Pending } from './lowering.ts';
import {
  lowerDo,
  lowerFor,
  lowerIterator,
  lowerMacroBlock,
  lowerWhile,
  macroBodyName,
} from './loops.ts';
import { templateOf } from './macroTemplate.ts';
import { head, identOf } from './make.ts';
import { expansionSource, mayExpand } from './names.ts';
import { argumentName, nameText, placeOf, seeThrough } from './source.ts';
import type { Source } from './source.ts';
import { storageOf } from './typeNames.ts';

/** Lowers a statement from the current loose ends. */
export function lowerStatement(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  switch (kindOf(tree, node)) {
    case Kind.compound_statement:
      lowerBlock(l, source, node);
      return;
    case Kind.expression_statement: {
      const inner = namedChildren(tree, node)[0];
      if (inner !== undefined) lowerEffect(l, source, inner);
      return;
    }
    case Kind.declaration:
      lowerDeclaration(l, source, node);
      return;
    case Kind.macro_declaration:
      lowerMacroDeclaration(l, source, node);
      return;
    case Kind.if_statement:
      lowerIf(l, source, node);
      return;
    case Kind.while_statement:
      lowerWhile(l, source, node);
      return;
    case Kind.do_statement:
      lowerDo(l, source, node);
      return;
    case Kind.for_statement:
      lowerFor(l, source, node);
      return;
    case Kind.iterator_statement:
      lowerIterator(l, source, node);
      return;
    case Kind.macro_block_statement:
      lowerMacroBlock(l, source, node);
      return;
    case Kind.macro_statement:
      lowerMacroStatement(l, source, node);
      return;
    case Kind.code_argument:
      for (const inner of namedChildren(tree, node)) lowerStatement(l, source, inner);
      return;
    case Kind.switch_statement:
      lowerSwitch(l, source, node);
      return;
    case Kind.case_statement:
      lowerCase(l, source, node);
      return;
    case Kind.labeled_statement:
      lowerLabel(l, source, node);
      return;
    case Kind.goto_statement: {
      const label = childByField(tree, node, Field.label);
      const { pending, cleanups } = l;
      const place = placeOf(source, node);
      l.gotos.push({ ends: pending, label: nameOfLabel(source, label), cleanups, ...place });
      l.pending = [];
      return;
    }
    case Kind.return_statement: {
      const value = namedChildren(tree, node)[0];
      if (value === undefined) lowerReturn(l, source, node, undefined);
      else {
        l.recurse.alternatives(l, source, value, (expr) => {
          lowerReturn(l, source, node, expr);
        });
      }
      return;
    }
    case Kind.break_statement:
      lowerJump(l, source, node, l.breakTo);
      return;
    case Kind.continue_statement:
      lowerJump(l, source, node, l.continueTo);
      return;
    case Kind.attributed_statement:
      for (const inner of namedChildren(tree, node)) {
        if (kindOf(tree, inner) !== Kind.attribute_declaration) lowerStatement(l, source, inner);
      }
      return;
    case Kind.gnu_asm_expression:
      lowerAsm(l, source, node);
      return;
    // Statements that a macro is given may end without their semicolon.
    case Kind.call_expression:
    case Kind.assignment_expression:
    case Kind.update_expression:
    case Kind.comma_expression:
      lowerEffect(l, source, node);
      return;
    case Kind.comment:
    case Kind.preproc_def:
    case Kind.preproc_function_def:
    case Kind.preproc_call:
    case Kind.type_definition:
    case Kind.struct_specifier:
    case Kind.union_specifier:
    case Kind.enum_specifier:
    case Kind.attribute_declaration:
    case Kind.attribute_specifier:
      return;
    default:
      cannotLower(source, node);
  }
}

/** Lowers `{ … }` in a scope of its own; gives the value of its last expression statement where one is asked for. */
export function lowerBlock(l: Lowering, source: Source, node: NodeId): void {
  withScope(l, source, node, () => {
    for (const statement of namedChildren(source.tree, node)) lowerStatement(l, source, statement);
  });
}

/** Lowers the block of a statement expression; the last expression statement is its value. */
export function lowerValueBlock(l: Lowering, source: Source, node: NodeId): Expr | undefined {
  let value: Expr | undefined;
  withScope(l, source, node, () => {
    const statements = namedChildren(source.tree, node);
    const last = statements.at(-1);
    for (const statement of statements.slice(0, -1)) lowerStatement(l, source, statement);
    if (last === undefined) return;
    const inner = namedChildren(source.tree, last)[0];
    if (kindOf(source.tree, last) !== Kind.expression_statement || inner === undefined) {
      lowerStatement(l, source, last);
      return;
    }
    value = l.recurse.expression(l, source, inner);
    if (value.kind === 'ident' || value.kind === 'int' || value.kind === 'constant') return;
    // The value is settled before the block's clean-ups run and before anything that follows.
    const temporary = addTemporary(l, source, inner, { kind: 'typeof', operand: value });
    const target = identOf(l, source, inner, temporary);
    emitEval(l, { kind: 'assign', ...head(l, source, inner), op: undefined, target, value });
    value = identOf(l, source, inner, temporary);
  });
  return value;
}

function withScope(l: Lowering, source: Source, node: NodeId, body: () => void): void {
  const outer = l.cleanups;
  l.scopes.push(new Map());
  body();
  l.scopes.pop();
  if (l.pending.length > 0 && l.cleanups !== outer) {
    const { end } = placeOf(source, node);
    emitCleanups(l, l.cleanups, outer, { start: Math.max(0, end - 1), end });
  }
  l.cleanups = outer;
}

/** Lowers an expression whose value nobody uses. */
export function lowerEffect(l: Lowering, source: Source, node: NodeId): void {
  const { source: from, node: at } = seeThrough(source, node);
  const { tree } = from;
  switch (kindOf(tree, at)) {
    case Kind.comma_expression:
      lowerEffect(l, from, childByField(tree, at, Field.left));
      lowerEffect(l, from, childByField(tree, at, Field.right));
      return;
    case Kind.cast_expression:
      if (textOf(tree, childByField(tree, at, Field.type)) === 'void') {
        lowerEffect(l, from, childByField(tree, at, Field.value));
        return;
      }
      break;
    case Kind.conditional_expression:
      lowerChoiceEffect(l, from, at);
      return;
    case Kind.binary_expression: {
      const op = textOf(tree, childByField(tree, at, Field.operator));
      if (op !== '&&' && op !== '||') break;
      const { whenTrue, whenFalse } = l.recurse.condition(l, from, at);
      l.pending = [...whenTrue, ...whenFalse];
      emitJoin(l, from, at);
      return;
    }
    case Kind.assignment_expression:
      lowerAssignmentEffect(l, from, at);
      return;
    case Kind.compound_statement:
    case Kind.code_argument:
      lowerStatement(l, from, at);
      return;
    case Kind.parenthesized_expression: {
      const block = namedChildren(tree, at)[0];
      if (block !== undefined) lowerEffect(l, from, block);
      return;
    }
    case Kind.gnu_asm_expression:
      lowerAsm(l, from, at);
      return;
    case Kind.call_expression:
      if (lowerSpecialCall(l, from, at)) return;
      break;
    case Kind.identifier:
      if (lowerMacroWord(l, from, at)) return;
      break;
    default:
      break;
  }
  emitEffect(l, l.recurse.expression(l, from, at));
}

/** `fallthrough;` and macros without parameters that stand for whole statements. Whether it was one. */
function lowerMacroWord(l: Lowering, source: Source, node: NodeId): boolean {
  const name = textOf(source.tree, node);
  if (name === 'fallthrough') return true;
  const macro = findVariable(l, name) === undefined ? l.env.macro(name) : undefined;
  if (macro === undefined) return false;
  if (macro.body === '') return true;
  const template = templateOf(l.env, macro);
  if (template.form === 'expression' || macro.parameters !== undefined) return false;
  if (template.form === 'none' || template.declaresLabel || !mayExpand(source, macro)) {
    if (template.hides !== undefined) cannotLower(source, node, `the macro ${name} hides a jump`);
    return false;
  }
  const inner = expansionSource(source, node, macro, template, undefined);
  for (const statement of template.nodes) lowerStatement(l, inner, statement);
  return true;
}

function emitEffect(l: Lowering, expr: Expr): void {
  // What is left of statements that stand for themselves: nothing to evaluate.
  if (['int', 'constant', 'ident', 'unknown'].includes(expr.kind)) return;
  emitEval(l, expr);
  const stop = endsPath(l, expr);
  if (stop !== undefined) lowerStop(l, expr.start, expr.end, `${stop}()`);
}

function lowerStop(l: Lowering, start: number, end: number, reason: string): void {
  emit(l, { kind: 'stop', reason, start, end });
  l.pending = [];
}

function lowerChoiceEffect(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const test = l.recurse.condition(l, source, childByField(tree, node, Field.condition));
  const consequence = childByField(tree, node, Field.consequence);
  l.pending = [...test.whenTrue];
  if (consequence !== noNode) lowerEffect(l, source, consequence);
  const ends = l.pending;
  l.pending = [...test.whenFalse];
  lowerEffect(l, source, childByField(tree, node, Field.alternative));
  l.pending = [...ends, ...l.pending];
}

function lowerAssignmentEffect(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const operator = textOf(tree, childByField(tree, node, Field.operator));
  const op = operator === '=' ? undefined : (operator.slice(0, -1) as BinaryOp);
  l.recurse.alternatives(l, source, childByField(tree, node, Field.right), (value) => {
    const target = l.recurse.expression(l, source, childByField(tree, node, Field.left));
    emitEval(l, { kind: 'assign', ...head(l, source, node), op, target, value });
  });
}

/** Calls that are not calls: guards, declaring macros, BUG_ON(), the body inside a block macro. Whether it was one. */
function lowerSpecialCall(l: Lowering, source: Source, node: NodeId): boolean {
  const callee = calleeOf(source, node);
  if (kindOf(source.tree, callee) === Kind.call_expression) {
    const name = nameText(source, childByField(source.tree, callee, Field.function));
    if (name === 'guard') {
      lowerGuardStatement(l, source, node);
      return true;
    }
    if (name === 'CLASS' || name === 'ACQUIRE') {
      lowerClass(l, source, node);
      return true;
    }
    return false;
  }
  const body = source.parameters?.get(macroBodyName);
  if (body !== undefined && textOf(source.tree, callee) === macroBodyName) {
    lowerStatement(l, body.source, body.nodes[0]!);
    return true;
  }
  const name = nameText(source, callee);
  if (name === undefined) return false;
  const effect = l.env.api.find(name)?.effect;
  if (effect?.does === 'stopsIf') {
    const argument = argumentsOf(source, node)[effect.argument];
    const [only] = argument?.nodes ?? [];
    if (only === undefined) return false;
    const { whenTrue, whenFalse } = l.recurse.condition(l, argument!.source, only);
    l.pending = [...whenTrue];
    const { start, end } = placeOf(source, node);
    if (l.pending.length > 0) lowerStop(l, start, end, `${name}()`);
    l.pending = [...whenFalse];
    return true;
  }
  return lowerDeclaringMacro(l, source, node, 'local');
}

/** A macro as a statement without semicolon: it brings its own, or controls the statement after it. */
function lowerMacroStatement(l: Lowering, source: Source, node: NodeId): void {
  const name = nameText(source, calleeOf(source, node));
  if (name !== undefined && l.env.macro(name) === undefined && l.env.api.find(name) === undefined) {
    doubt(
      l,
      source,
      node,
      `the macro ${name} is a statement here and its definition is not in sight`,
    );
  }
  if (!lowerSpecialCall(l, source, node)) emitEffect(l, lowerCall(l, source, node));
}

function lowerMacroDeclaration(l: Lowering, source: Source, node: NodeId): void {
  const isStatic = storageOf(source, node).has('static');
  if (lowerDeclaringMacro(l, source, node, isStatic ? 'static' : 'local')) return;
  const name = argumentsOf(source, node)[0];
  const text = name && argumentName(name);
  if (text === undefined) return;
  const place = placeOf(source, node);
  const type = unknownType(
    `declared by ${textOf(source.tree, childByField(source.tree, node, Field.macro))}`,
  );
  addVariable(l, { name: text, kind: 'static', type, cleanup: undefined, ...place });
}

function lowerIf(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const { whenTrue, whenFalse } = l.recurse.condition(
    l,
    source,
    childByField(tree, node, Field.condition),
  );
  l.pending = [...whenTrue];
  lowerStatement(l, source, childByField(tree, node, Field.consequence));
  const ends: Pending[] = l.pending;
  l.pending = [...whenFalse];
  const alternative = childByField(tree, node, Field.alternative);
  if (alternative !== noNode) {
    for (const inner of namedChildren(tree, alternative)) lowerStatement(l, source, inner);
  }
  l.pending = [...ends, ...l.pending];
}

function lowerSwitch(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const value = l.recurse.expression(l, source, childByField(tree, node, Field.condition));
  const id = emit(l, { kind: 'switch', value, start: value.start, end: value.end });
  const { breakTo, switchTo } = l;
  l.pending = [];
  l.breakTo = { ends: [], cleanups: l.cleanups };
  l.switchTo = { node: id, hasDefault: false };
  lowerStatement(l, source, childByField(tree, node, Field.body));
  const ends = [...l.pending, ...l.breakTo.ends];
  if (!l.switchTo.hasDefault) ends.push({ node: id, label: { kind: 'default' } });
  l.breakTo = breakTo;
  l.switchTo = switchTo;
  l.pending = ends;
}

function lowerCase(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const { switchTo } = l;
  if (switchTo === undefined) cannotLower(source, node, 'a case outside of a switch');
  const all = children(tree, node);
  if (kindOf(tree, all[0]!) === Token.default) {
    switchTo.hasDefault = true;
    l.pending = [...l.pending, { node: switchTo.node, label: { kind: 'default' } }];
  } else {
    const { pending } = l;
    l.pending = [];
    const low = l.recurse.expression(l, source, childByField(tree, node, Field.value));
    const last = childByField(tree, node, Field.end);
    const high = last === noNode ? undefined : l.recurse.expression(l, source, last);
    l.pending = [...pending, { node: switchTo.node, label: { kind: 'case', low, high } }];
  }
  emitJoin(l, source, all[0]!);
  const colon = all.findIndex((child) => kindOf(tree, child) === Token[':']);
  for (const child of all.slice(colon + 1)) {
    if (isNamed(tree, child) && !isExtra(tree, child)) lowerStatement(l, source, child);
  }
}

function lowerLabel(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const label = childByField(tree, node, Field.label);
  const name = nameOfLabel(source, label);
  const id = emitJoin(l, source, label, name);
  l.labels.set(name, { node: id, cleanups: l.cleanups });
  for (const child of namedChildren(tree, node)) {
    if (fieldOf(tree, child) !== Field.label) lowerStatement(l, source, child);
  }
}

function nameOfLabel(source: Source, node: NodeId): string {
  const text = textOf(source.tree, node);
  const argument = source.parameters?.get(text);
  const [only] = argument?.nodes ?? [];
  return only === undefined ? text : textOf(argument!.source.tree, only);
}

function lowerReturn(l: Lowering, source: Source, node: NodeId, value: Expr | undefined): void {
  const place = placeOf(source, node);
  emit(l, { kind: 'return', value, ...place });
  emitCleanups(l, l.cleanups, undefined, place);
  l.ends.push(...l.pending);
  l.pending = [];
}

function lowerJump(l: Lowering, source: Source, node: NodeId, target: Lowering['breakTo']): void {
  if (target === undefined) cannotLower(source, node, 'a jump out of nothing');
  if (l.pending.length > 0) emitCleanups(l, l.cleanups, target.cleanups, placeOf(source, node));
  target.ends.push(...l.pending);
  l.pending = [];
}
