import type { Call, CType, Expr, Field, FunctionIr, IntValue } from '../ir.ts';
import { unknownType } from '../ir.ts';
import type { HeaderView } from '../headers/view.ts';
import { macroOf } from '../headers/macroDefinition.ts';
import type { ReturnConvention } from '../kernelApi/contract.ts';
import type { Environment } from '../lower/environment.ts';
import { typeByName, typeOfText } from '../lower/typeNames.ts';
import type { Types } from '../unit.ts';
import { intType, sizeType } from './builtin.ts';
import { constantValue, typedConstant } from './constants.ts';
import type { ConstantContext } from './constants.ts';
import type { TypedValue } from './typedValue.ts';
import { declaredType, recordOf } from './declared.ts';
import type { RecordBody } from './declared.ts';
import { layoutOf, offsetOfMember } from './layout.ts';

/** Typedefs, macros and typeofs that lead to each other are followed this far. */
const deepestAlias = 16;

/** What building an environment needs beside {@link Types}. */
export interface TypesWithConstants extends Types {
  /** Value and type of a constant expression outside of any function. */
  typedConstant(expr: Expr): TypedValue | undefined;
}

/** Types as one file sees them. Everything is looked up when it is asked for and remembered. */
export function createTypes(env: Environment, view: HeaderView): TypesWithConstants {
  const perFunction = new WeakMap<FunctionIr, (CType | undefined)[]>();
  const returns = new Map<string, CType | undefined>();

  const byName = (name: string): CType => {
    const found = view.find(name);
    if (found?.symbol.kind === 'typedef') return declaredType(env, found, name);
    if (found?.symbol.kind === 'macro') return typeOfText(macroOf(found)?.body ?? '');
    return unknownType(`no declaration of the type ${name} in sight`);
  };
  const resolve = (type: CType, within?: FunctionIr): CType => {
    let at = type;
    for (let depth = 0; depth < deepestAlias; depth++) {
      if (at.kind === 'named') {
        const builtin = typeByName(at.name);
        at = builtin.kind === 'named' ? byName(at.name) : builtin;
      } else if (at.kind === 'typeof') {
        if (within === undefined) return unknownType('typeof outside of a function');
        at = typeOf(within, at.operand);
      } else return at;
    }
    return unknownType('a type that is defined by itself');
  };
  const body = (type: CType, within?: FunctionIr): RecordBody | undefined => {
    const record = resolve(type, within);
    if (record.kind !== 'record') return undefined;
    if (record.fields !== undefined)
      return { fields: record.fields, packed: false, conditional: false };
    if (record.tag === undefined) return undefined;
    const found = view.find(`${record.keyword} ${record.tag}`);
    return found === undefined ? undefined : recordOf(env, found);
  };
  const field = (type: CType, name: string, within?: FunctionIr, depth = 0): CType | undefined => {
    const fields = body(type, within)?.fields;
    if (fields === undefined || depth > 8) return undefined;
    for (const candidate of fields) if (candidate.name === name) return candidate.type;
    for (const candidate of fields) {
      if (candidate.name !== undefined) continue;
      const inner = field(candidate.type, name, within, depth + 1);
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
  const layoutContext = (within?: FunctionIr): Parameters<typeof layoutOf>[0] => ({
    resolve: (type) => resolve(type, within),
    body: (type) => body(type, within),
    constant: (expr) => constant(within, expr),
  });
  const sizeOf = (type: CType, within?: FunctionIr): number | undefined =>
    layoutOf(layoutContext(within), type)?.size;
  const constantContext = (within: FunctionIr | undefined): ConstantContext => ({
    api: env.api,
    resolve: (type) => resolve(type, within),
    sizeOf: (type) => sizeOf(type, within),
    sizeOfExpr: (operand) =>
      within === undefined ? undefined : sizeOf(typeOf(within, operand), within),
    offsetOf: (type, member) => offsetOfMember(layoutContext(within), type, member),
    named: (name) => env.typedConstant(name),
  });
  const constant = (within: FunctionIr | undefined, expr: Expr): IntValue | undefined =>
    constantValue(constantContext(within), expr);
  const returnType = (name: string): CType | undefined => {
    if (!returns.has(name)) returns.set(name, lookUpReturn(name));
    return returns.get(name);
  };
  const lookUpReturn = (name: string): CType | undefined => {
    const found = view.find(name);
    if (found?.symbol.kind === 'function' || found?.symbol.kind === 'prototype') {
      const type = declaredType(env, found, name);
      if (type.kind === 'function') return type.returns;
    }
    const contract = env.api.find(name);
    return contract === undefined ? undefined : typeOfConvention(contract.returns);
  };
  const typeOf = (fn: FunctionIr, expr: Expr): CType => {
    let memo = perFunction.get(fn);
    if (memo === undefined) perFunction.set(fn, (memo = []));
    let type = memo[expr.id];
    if (type === undefined) {
      memo[expr.id] = unknownType('a type that is defined by itself');
      type = compute(fn, expr);
      memo[expr.id] = type;
    }
    return type;
  };
  const elementOf = (fn: FunctionIr, type: CType): CType => {
    const resolved = resolve(type, fn);
    if (resolved.kind === 'pointer') return resolved.to;
    return resolved.kind === 'array' ? resolved.of : unknownType('not a pointer');
  };
  const typeOfCall = (fn: FunctionIr, call: Call): CType => {
    const meaning =
      call.name === undefined ? undefined : env.api.find(call.name, call.args.length)?.value;
    if (meaning?.is === 'containerOf') {
      const type = call.args[meaning.type];
      if (type?.kind === 'typeArgument') return { kind: 'pointer', to: type.type };
      return type === undefined
        ? unknownType('no type')
        : { kind: 'pointer', to: elementOf(fn, typeOf(fn, type)) };
    }
    if (meaning?.is === 'argument') {
      const argument = call.args[meaning.index];
      const known = call.name === undefined ? undefined : returnType(call.name);
      if (known !== undefined && known.kind !== 'unknown') return known;
      return argument === undefined ? unknownType('no argument') : typeOf(fn, argument);
    }
    if (meaning?.is === 'min' || meaning?.is === 'max') {
      const [first] = call.args;
      if (first?.kind === 'typeArgument') return first.type;
      const left = call.args[meaning.left];
      return left === undefined ? unknownType('no argument') : typeOf(fn, left);
    }
    if (meaning?.is === 'alignUp' || meaning?.is === 'alignDown') {
      const value = call.args[meaning.value];
      return value === undefined ? unknownType('no argument') : typeOf(fn, value);
    }
    if (call.name !== undefined) {
      return returnType(call.name) ?? unknownType(`no declaration of ${call.name} in sight`);
    }
    let callee = resolve(typeOf(fn, call.callee), fn);
    if (callee.kind === 'pointer') callee = resolve(callee.to, fn);
    return callee.kind === 'function' ? callee.returns : unknownType('not a function');
  };
  const typeOfGlobal = (name: string): CType => {
    const found = view.find(name);
    if (found === undefined) return unknownType(`no declaration of ${name} in sight`);
    if (found.symbol.kind === 'enumerator') return intType;
    const isDeclared = ['variable', 'function', 'prototype'].includes(found.symbol.kind);
    return isDeclared ? declaredType(env, found, name) : unknownType(`${name} is no variable`);
  };
  const compute = (fn: FunctionIr, expr: Expr): CType => {
    switch (expr.kind) {
      case 'ident':
        return expr.binding.kind === 'variable'
          ? fn.variables[expr.binding.variable]!.type
          : typeOfGlobal(expr.name);
      case 'int':
        return typeOfLiteral(expr.text, expr.value);
      case 'constant':
        return typeof expr.value === 'number' && Math.abs(expr.value) < 2 ** 31
          ? intType
          : sizeType;
      case 'string':
        return { kind: 'pointer', to: typeByName('char') };
      case 'call':
        return typeOfCall(fn, expr);
      case 'unary':
        return expr.op === '!'
          ? intType
          : promoted(resolve(typeOf(fn, expr.operand), fn), typeOf(fn, expr.operand));
      case 'binary':
        return typeOfBinary(fn, expr);
      case 'assign':
      case 'increment':
        return typeOf(fn, expr.target);
      case 'field': {
        const base = typeOf(fn, expr.base);
        const record = expr.arrow ? elementOf(fn, base) : base;
        return field(record, expr.name, fn) ?? unknownType(`no member ${expr.name} in sight`);
      }
      case 'index':
        return elementOf(fn, typeOf(fn, expr.base));
      case 'deref':
        return elementOf(fn, typeOf(fn, expr.operand));
      case 'addressOf':
        return { kind: 'pointer', to: typeOf(fn, expr.operand) };
      case 'cast':
      case 'compoundLiteral':
        return expr.type;
      case 'sizeofType':
      case 'sizeofExpr':
      case 'offsetof':
        return sizeType;
      case 'conditional': {
        const first = typeOf(fn, expr.then ?? expr.condition);
        return first.kind === 'unknown' ? typeOf(fn, expr.otherwise) : first;
      }
      case 'comma': {
        const last = expr.items.at(-1);
        return last === undefined ? unknownType('nothing') : typeOf(fn, last);
      }
      case 'typeArgument':
        return expr.type;
      case 'initList':
        return unknownType('an initialiser');
      case 'unknown':
        return unknownType(expr.reason);
    }
  };
  const typeOfBinary = (fn: FunctionIr, expr: Extract<Expr, { kind: 'binary' }>): CType => {
    if (/^(?:==|!=|<|>|<=|>=|&&|\|\|)$/.test(expr.op)) return intType;
    const left = typeOf(fn, expr.left);
    const a = resolve(left, fn);
    if (expr.op === '<<' || expr.op === '>>') return promoted(a, left);
    const right = typeOf(fn, expr.right);
    const b = resolve(right, fn);
    if (a.kind === 'pointer' || a.kind === 'array') {
      const isDifference = expr.op === '-' && (b.kind === 'pointer' || b.kind === 'array');
      if (isDifference) return typeByName('long');
      return a.kind === 'array' ? { kind: 'pointer', to: a.of } : left;
    }
    if (b.kind === 'pointer') return right;
    if (a.kind !== 'integer' || b.kind !== 'integer')
      return a.kind === 'integer' ? promoted(a, left) : right;
    if (a.bytes !== b.bytes) return a.bytes > b.bytes ? promoted(a, left) : promoted(b, right);
    return a.signed && !b.signed ? promoted(b, right) : promoted(a, left);
  };
  return {
    resolve,
    typeOf,
    fields: (type): readonly Field[] | undefined => body(type)?.fields,
    field: (type, name) => {
      const record = resolve(type);
      return field(record.kind === 'pointer' ? record.to : record, name);
    },
    sizeOf,
    constant,
    typedConstant: (expr) => typedConstant(constantContext(undefined), expr),
    returnType,
  };
}

function promoted(resolved: CType, written: CType): CType {
  return resolved.kind === 'integer' && resolved.bytes < 4 ? intType : written;
}

function typeOfLiteral(text: string, value: IntValue | undefined): CType {
  if (text.startsWith("'") || value === undefined) return intType;
  const suffix = /[ul]+$/i.exec(text)?.[0].toLowerCase() ?? '';
  const long = suffix.includes('l') || typeof value === 'string' || value >= 2 ** 32;
  const unsigned =
    suffix.includes('u') || (typeof value === 'number' && value >= 2 ** 31 && /^0x/i.test(text));
  return typeByName(`${unsigned ? 'unsigned ' : ''}${long ? 'long' : 'int'}`);
}

/** What a function returns as far as its convention says, where no header is at hand. */
function typeOfConvention(convention: ReturnConvention): CType | undefined {
  switch (convention) {
    case 'void':
      return { kind: 'void' };
    case 'errno':
    case 'count_or_errno':
    case 'count_zero_is_error':
      return intType;
    case 'length':
    case 'size':
      return typeByName('size_t');
    case 'length_or_errno':
      return typeByName('ssize_t');
    case 'dma_addr':
      return typeByName('dma_addr_t');
    case 'err_ptr':
    case 'ptr_or_null':
    case 'err_ptr_or_null':
    case 'ptr':
      return { kind: 'pointer', to: { kind: 'void' } };
    case 'paddr':
    case 'paddr_or_zero':
      return typeByName('phys_addr_t');
    case 'pfn_or_zero':
      return sizeType;
    case 'bool':
      return typeByName('bool');
    default:
      return undefined;
  }
}
