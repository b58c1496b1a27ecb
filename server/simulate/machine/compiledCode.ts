import type { FunctionBody, FunctionSymbol, StaticObject } from '../../cfront/parse/ast.ts';
import { lowerFunction, lowerInitializer } from '../../cfront/lower/lower.ts';
import { valueOf } from '../../cfront/parse/build.ts';
import { ParseError } from '../../cfront/parse/parseError.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import { VOID } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Code, Frame } from './executor.ts';
import { ExpressionCompiler } from './expressionCompiler.ts';
import { assignSlots, compileFunction } from './functionCompiler.ts';
import { Stop, stopWhenTooDeep } from './stop.ts';

/** Hundreds of machines run the same functions: each is compiled once. */
const FUNCTIONS = new WeakMap<FunctionBody, Code>();
const EXPRESSIONS = new WeakMap<Unit, Map<string, CompiledExpression | null>>();
const INITIALIZERS = new WeakMap<StaticObject, CompiledInitializer>();

/** Code of a function that has a body; one that cannot be parsed ends the path. */
export function functionCode(unit: Unit, symbol: FunctionSymbol): Code {
  const body = unit.bodyOf(symbol);
  if (body instanceof ParseError) {
    const { file, line } = unit.place(body.at);
    throw new Stop('not-parsed', `${file}:${line}: ${body.message}`);
  }
  let code = FUNCTIONS.get(body);
  if (code === undefined) {
    code = stopWhenTooDeep('not-parsed', () => compileFunction(lowerFunction(body)));
    FUNCTIONS.set(body, code);
  }
  return code;
}

/** An expression as a function without parameters that returns it. */
export interface CompiledExpression {
  readonly symbol: FunctionSymbol;
  readonly code: Code;
}

/** Code of an expression over the declarations of a unit; undefined when it does not parse. */
export function expressionCode(unit: Unit, text: string): CompiledExpression | undefined {
  const ofUnit = EXPRESSIONS.get(unit) ?? new Map<string, CompiledExpression | null>();
  EXPRESSIONS.set(unit, ofUnit);
  let compiled = ofUnit.get(text);
  if (compiled === undefined) {
    compiled = compileExpression(unit, text) ?? null;
    ofUnit.set(text, compiled);
  }
  return compiled ?? undefined;
}

function compileExpression(unit: Unit, text: string): CompiledExpression | undefined {
  const expr = unit.expression(text);
  if (expr instanceof ParseError) return undefined;
  const value = valueOf(expr);
  const { at, type: result } = value;
  const type = { kind: 'function' as const, result, parameters: [], variadic: false };
  const symbol = { kind: 'function' as const, name: text, type, external: false, body: 0, at };
  const body = { op: 'block' as const, body: [{ op: 'return' as const, value, at }], at };
  const lowered = lowerFunction({
    ...{ function: symbol, parameters: [], body, variadic: false, problems: [] },
  });
  return { symbol, code: compileFunction(lowered) };
}

/** An initialiser, with what a frame for it needs. */
export interface CompiledInitializer {
  readonly code: Code;
  /** Fills the object at an address. */
  readonly fill: (frame: Frame, address: number) => void;
}

/** Code that fills an object as its initialiser says; one that cannot be executed ends the path. */
export function initializerCode(unit: Unit, object: StaticObject): CompiledInitializer {
  let compiled = INITIALIZERS.get(object);
  if (compiled === undefined) {
    compiled = compileInitializer(unit, object);
    INITIALIZERS.set(object, compiled);
  }
  return compiled;
}

function compileInitializer(unit: Unit, object: StaticObject): CompiledInitializer {
  const parsed = unit.initializerOf(object);
  if (parsed instanceof ParseError) {
    throw new Stop('not-parsed', `initialiser of ${object.name}: ${parsed.message}`);
  }
  const { initializer, locals, simple } = lowerInitializer(parsed);
  if (!simple) throw new Stop('not-parsed', `initialiser of ${object.name} is no constant`);
  const { slots, registers, frameSize } = assignSlots(locals);
  const compiler = new ExpressionCompiler(slots);
  const fill = compiler.initialize(initializer.parts, sizeOf(object.type), false);
  const { links } = compiler;
  const code = { blocks: [], registers, frameSize, parameters: [], resultType: VOID, links };
  return { code, fill };
}
