import type { IntValue } from './ir.ts';
import { macroOf } from './headers/macroDefinition.ts';
import { withoutComments } from './headers/scan.ts';
import type { HeaderView } from './headers/view.ts';
import { builtinMacro } from './kernelApi/builtinMacros.ts';
import type { KernelApi } from './kernelApi/kernelApi.ts';
import type { Environment, GlobalKind, MacroDefinition } from './lower/environment.ts';
import { startLowering } from './lower/function.ts';
import { intValue, parseIntLiteral } from './lower/literals.ts';
import { templateOf } from './lower/macroTemplate.ts';
import { lowerExpression } from './lower/expression.ts';
import { itemSource } from './lower/source.ts';
import type { SyntaxTree } from '../syntax/tree.ts';
import type { TypedValue } from './types/typedValue.ts';
import { enumeratorsOf } from './types/declared.ts';
import { createTypes } from './types/types.ts';
import type { Types } from './unit.ts';

/** What a unit's functions are lowered with: names as its file sees them, and types. */
export interface UnitEnvironment {
  readonly env: Environment;
  readonly types: Types;
}

/** Builds the environment of one file from what it sees. Answers are remembered per unit. */
export function createUnitEnvironment(
  view: HeaderView,
  api: KernelApi,
  fragment: (text: string) => SyntaxTree,
): UnitEnvironment {
  const constants = new Map<MacroDefinition, TypedValue | undefined>();
  const enumerations = new Map<string, IntValue | undefined>();
  const macros = new Map<string, MacroDefinition | undefined>();

  const evaluateMacro = (macro: MacroDefinition): TypedValue | undefined => {
    if (macro.parameters !== undefined || macro.body === '') return undefined;
    const plain = /^\(?\s*(0[xX][0-9a-fA-F]+|\d+)\s*\)?$/.exec(macro.body);
    const value = plain === null ? undefined : parseIntLiteral(plain[1]!);
    // The usual case needs no parser.
    if (typeof value === 'number' && value < 2 ** 31) {
      return { value: BigInt(value), bits: 32, unsigned: false };
    }
    const template = templateOf(env, macro);
    if (template.form !== 'expression') return undefined;
    const source = { ...itemSource(template.tree), expanding: [macro.name] };
    return types.typedConstant(lowerExpression(startLowering(env), source, template.nodes[0]!));
  };
  const typedMacro = (macro: MacroDefinition): TypedValue | undefined => {
    if (!constants.has(macro)) {
      // A macro that speaks of itself has no value; this also ends the recursion.
      constants.set(macro, undefined);
      constants.set(macro, evaluateMacro(macro));
    }
    return constants.get(macro);
  };
  const env: Environment = {
    api,
    fragment,
    macro(name) {
      // The configuration is generated: no header of the tree defines it, and all would be read to find that out.
      if (name.startsWith('CONFIG_')) return undefined;
      if (!macros.has(name)) {
        const found = builtinMacro(name) === undefined ? view.find(name) : undefined;
        macros.set(name, found === undefined ? builtinMacro(name) : macroOf(found));
      }
      return macros.get(name);
    },
    kindOf: (name) => globalKind(view, name),
    enumerator(name) {
      if (!enumerations.has(name)) evaluateEnumerators(name);
      return enumerations.get(name);
    },
    macroConstant(macro) {
      const typed = typedMacro(macro);
      return typed === undefined ? undefined : intValue(typed.value);
    },
    typedConstant(name) {
      const macro = api.constant(name) === undefined ? env.macro(name) : undefined;
      return macro === undefined ? undefined : typedMacro(macro);
    },
    freeBody(name) {
      const found = view.find(`DEFINE_FREE(${name}`);
      if (found === undefined) return undefined;
      return definerArguments(
        found.header.table.text.slice(found.symbol.start, found.symbol.end),
      )[2];
    },
    classType(name) {
      const found = view.find(`DEFINE_CLASS(${name}`) ?? view.find(`DEFINE_FREE(${name}`);
      if (found === undefined) return undefined;
      return definerArguments(
        found.header.table.text.slice(found.symbol.start, found.symbol.end),
      )[1];
    },
  };
  const evaluateEnumerators = (name: string): void => {
    enumerations.set(name, undefined);
    const found = view.find(name);
    if (found?.symbol.kind !== 'enumerator') return;
    let next: IntValue | undefined = 0;
    for (const enumerator of enumeratorsOf(env, found)) {
      const value: IntValue | undefined =
        enumerator.value === undefined ? next : types.constant(undefined, enumerator.value);
      enumerations.set(enumerator.name, value);
      next = typeof value === 'number' ? value + 1 : undefined;
    }
  };
  const types = createTypes(env, view);
  return { env, types };
}

function globalKind(view: HeaderView, name: string): GlobalKind {
  switch (view.find(name)?.symbol.kind) {
    case 'macro':
    case 'functionMacro':
      return 'macro';
    case 'function':
    case 'prototype':
      return 'function';
    case 'enumerator':
      return 'enumerator';
    case 'typedef':
      return 'type';
    case 'variable':
      return 'variable';
    default:
      return 'unknown';
  }
}

/** The arguments of `DEFINE_FREE(a, b, c)`: two that end at a comma, the rest as one. */
function definerArguments(text: string): readonly string[] {
  const open = text.indexOf('(');
  const inner = withoutComments(text.slice(open + 1, text.lastIndexOf(')')));
  const first = inner.indexOf(',');
  const second = inner.indexOf(',', first + 1);
  if (first < 0) return [inner.trim()];
  if (second < 0) return [inner.slice(0, first).trim(), inner.slice(first + 1).trim()];
  return [inner.slice(0, first), inner.slice(first + 1, second), inner.slice(second + 1)].map(
    (part) => part.trim(),
  );
}
