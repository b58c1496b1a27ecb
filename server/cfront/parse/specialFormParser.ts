import type { Location } from '../lex/sourceMap.ts';
import { memberNamed, sizeOf } from '../types/layout.ts';
import { describeType, INT, sameType, UNSIGNED_LONG } from '../types/type.ts';
import type { Expr } from './ast.ts';
import {
  addressOf,
  arithmetic,
  constantOf,
  convert,
  integerConstant,
  requireConstant,
} from './build.ts';
import { bitOperation, bitOperationType } from './builtinFolding.ts';
import { ExpressionParser } from './expressionParser.ts';
import { K, P } from './keywords.ts';

/** Adds _Generic and the builtins whose arguments are types, designators, or folded where they stand. */
export abstract class SpecialFormParser extends ExpressionParser {
  protected specialForm(name: string, at: Location): Expr | undefined {
    switch (name) {
      case '_Generic':
        return this.generic();
      case '__builtin_types_compatible_p':
        return this.typesCompatible(at);
      case '__builtin_offsetof':
        return this.offsetOf(at);
      case '__builtin_choose_expr':
        return this.chooseExpression();
      case '__builtin_constant_p':
        return this.constantTest(at);
      case '__builtin_va_arg':
        return this.vaArg(at);
      case '__builtin_has_attribute':
        this.cursor.at++;
        this.cursor.skipGroup();
        return integerConstant(0n, INT, at);
      default:
        return this.foldedBuiltin(name, at);
    }
  }

  private generic(): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const control = this.startsType()
      ? this.typeName()
      : this.valueType(this.assignmentExpression());
    let chosen: number | undefined;
    let fallback: number | undefined;
    while (cursor.accept(P.comma)) {
      const isDefault = cursor.accept(K.default);
      const matches = !isDefault && sameType(this.typeName(), control);
      cursor.expect(P.colon);
      if (matches) chosen ??= cursor.at;
      if (isDefault) fallback = cursor.at;
      cursor.skipExpression();
    }
    const end = cursor.at;
    const start = chosen ?? fallback;
    if (start === undefined) throw cursor.error(`no _Generic branch for ${describeType(control)}`);
    cursor.at = start;
    const result = this.assignmentExpression();
    cursor.at = end;
    cursor.expect(P.close);
    return result;
  }

  private typesCompatible(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const left = this.typeName();
    cursor.expect(P.comma);
    const right = this.typeName();
    cursor.expect(P.close);
    return integerConstant(sameType(left, right) ? 1n : 0n, INT, at);
  }

  private offsetOf(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    let type = this.typeName();
    cursor.expect(P.comma);
    let result: Expr = integerConstant(0n, UNSIGNED_LONG, at);
    let expectName = true;
    for (;;) {
      if (expectName || cursor.accept(P.dot)) {
        expectName = false;
        const name = cursor.identifier();
        const member = type.kind === 'aggregate' ? memberNamed(type, name) : undefined;
        if (member === undefined) throw cursor.error(`no member ${name} in ${describeType(type)}`);
        const offset = integerConstant(BigInt(member.offset), UNSIGNED_LONG, at);
        result = arithmetic('+', result, offset, at);
        type = member.type;
      } else if (cursor.accept(P.openSquare) && type.kind === 'array') {
        const index = this.expression();
        cursor.expect(P.closeSquare);
        type = type.of;
        const size = integerConstant(BigInt(sizeOf(type)), UNSIGNED_LONG, at);
        result = arithmetic(
          '+',
          result,
          arithmetic('*', convert(index, UNSIGNED_LONG), size, at),
          at,
        );
      } else break;
    }
    cursor.expect(P.close);
    return result;
  }

  private chooseExpression(): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const condition = requireConstant(this.assignmentExpression(), 'choice');
    cursor.expect(P.comma);
    if (condition === 0n) {
      cursor.skipExpression();
      cursor.expect(P.comma);
    }
    const result = this.assignmentExpression();
    if (condition !== 0n) {
      cursor.expect(P.comma);
      cursor.skipExpression();
    }
    cursor.expect(P.close);
    return result;
  }

  /** True only for what the front end folded: the code for run-time values is what gets executed. */
  private constantTest(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const operand = this.assignmentExpression();
    cursor.expect(P.close);
    const constant = operand.op === 'number' || operand.op === 'string';
    return integerConstant(constant ? 1n : 0n, INT, at);
  }

  private vaArg(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    const list = this.assignmentExpression();
    cursor.expect(P.comma);
    const type = this.typeName();
    cursor.expect(P.close);
    // The list moves on with every argument taken: it must be in memory.
    addressOf(list);
    return { op: 'vaArg', type, list, at };
  }

  private foldedBuiltin(name: string, at: Location): Expr | undefined {
    const { cursor } = this;
    if (bitOperation(name, 1n) === undefined && name !== '__builtin_strlen') return undefined;
    const start = cursor.at;
    cursor.at++;
    const [operand] = this.callArguments();
    if (operand?.op === 'string' && name === '__builtin_strlen') {
      return integerConstant(BigInt(operand.bytes.indexOf(0)), UNSIGNED_LONG, at);
    }
    const constant = operand === undefined ? undefined : constantOf(operand);
    const folded = constant === undefined ? undefined : bitOperation(name, constant);
    if (folded === undefined) {
      cursor.at = start;
      return undefined;
    }
    return integerConstant(folded, bitOperationType(name), at);
  }
}
