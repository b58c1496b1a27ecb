import type { Expr } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { textOf } from '../../syntax/tree.ts';
import type { MacroDefinition } from './environment.ts';
import { findVariable } from './lowering.ts';
import type { Lowering } from './lowering.ts';
import { templateOf } from './macroTemplate.ts';
import type { MacroTemplate } from './macroTemplate.ts';
import { constantOf, head, identOf, unknownExpr } from './make.ts';
import { placeOf } from './source.ts';
import type { MacroArgument, Source } from './source.ts';
import { typeByName } from './typeNames.ts';

/** Expansions within expansions stop here. */
const deepestExpansion = 12;

/** Lowers a plain name: macro parameter, local, constant, macro, function or global. */
export function lowerName(l: Lowering, source: Source, node: NodeId): Expr {
  const name = textOf(source.tree, node);
  const argument = source.parameters?.get(name);
  if (argument !== undefined) {
    const [only] = argument.nodes;
    if (argument.nodes.length !== 1)
      return unknownExpr(l, source, node, 'a list of macro arguments');
    return l.recurse.expression(l, argument.source, only!);
  }
  const variable = findVariable(l, name);
  if (variable !== undefined) return identOf(l, source, node, { index: variable, name });
  if (name === '__func__' || name === '__FUNCTION__') {
    return { kind: 'string', ...head(l, source, node), text: name };
  }
  const known = l.env.api.constant(name);
  if (known !== undefined) return constantOf(l, source, node, { name, ...known });
  const macro = l.env.macro(name);
  if (macro !== undefined) return lowerMacroName(l, source, node, macro);
  switch (l.env.kindOf(name)) {
    case 'enumerator':
      return constantOf(l, source, node, {
        name,
        value: l.env.enumerator(name),
        origin: 'enumerator',
      });
    case 'function':
      return { kind: 'ident', ...head(l, source, node), name, binding: { kind: 'function' } };
    case 'type':
      return { kind: 'typeArgument', ...head(l, source, node), type: typeByName(name) };
    case 'unknown':
      // A header that is not there, or a generated one: the kernel writes constants in capitals.
      if (/^[A-Z][A-Z0-9_]*[A-Z0-9]$/.test(name)) {
        return constantOf(l, source, node, { name, value: undefined, origin: 'macro' });
      }
      break;
    case 'macro':
    case 'variable':
      break;
  }
  return { kind: 'ident', ...head(l, source, node), name, binding: { kind: 'global' } };
}

function lowerMacroName(l: Lowering, source: Source, node: NodeId, macro: MacroDefinition): Expr {
  const { name } = macro;
  if (macro.parameters !== undefined) {
    return { kind: 'ident', ...head(l, source, node), name, binding: { kind: 'function' } };
  }
  const value = l.env.macroConstant(macro);
  if (value !== undefined || source.expanding.includes(name)) {
    return constantOf(l, source, node, { name, value, origin: 'macro' });
  }
  const template = templateOf(l.env, macro);
  if (template.form === 'expression' && !isSymbolic(l, macro, template)) {
    return expandExpression(l, source, node, macro, template, undefined);
  }
  return constantOf(l, source, node, { name, value: undefined, origin: 'macro' });
}

/** A macro in capitals that speaks of nothing but other constants stays a name: its value depends on the configuration. */
function isSymbolic(l: Lowering, macro: MacroDefinition, template: MacroTemplate): boolean {
  if (!/^[A-Z0-9_]+$/.test(macro.name)) return false;
  for (const used of template.uses.keys()) if (!/^[A-Z0-9_]+$/.test(used)) return false;
  return !macro.body.includes('"');
}

/** Lowers a macro's body in the place of its use. */
export function expandExpression(
  l: Lowering,
  source: Source,
  node: NodeId,
  macro: MacroDefinition,
  template: MacroTemplate,
  parameters: ReadonlyMap<string, MacroArgument> | undefined,
): Expr {
  const inner = expansionSource(source, node, macro, template, parameters);
  return l.recurse.expression(l, inner, template.nodes[0]!);
}

/** The body of a macro as a source: every node is where the macro is used. */
export function expansionSource(
  source: Source,
  node: NodeId,
  macro: MacroDefinition,
  template: MacroTemplate,
  parameters: ReadonlyMap<string, MacroArgument> | undefined,
): Source {
  return {
    tree: template.tree,
    at: placeOf(source, node),
    macro: source.macro ?? macro.name,
    parameters,
    expanding: [...source.expanding, macro.name],
  };
}

/** Whether another expansion of this macro may begin here. */
export function mayExpand(source: Source, macro: MacroDefinition): boolean {
  return source.expanding.length < deepestExpansion && !source.expanding.includes(macro.name);
}
