import type { CType, Expr, Variable } from '../ir.ts';
import { unknownType } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, childrenByField, descendantsOfKind, endOf, kindOf, noNode, startOf, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import { argumentsOf, calleeOf, lowerArguments } from './calls.ts';
import { addCleanup, addVariable, emit } from './lowering.ts';
import type { Lowering } from './lowering.ts';
import { head } from './make.ts';
import { argumentName, nameText, placeOf } from './source.ts';
import type { Source } from './source.ts';
import { declare, specifiedType, storageOf, typeAt, typeOfText } from './typeNames.ts';

/** Lowers a local declaration: its variables come into scope, initialisers are evaluated, clean-ups become due. */
export function lowerDeclaration(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const storage = storageOf(source, node);
  if (storage.has('extern')) return;
  const base = specifiedType(l, source, node);
  const declarators = childrenByField(tree, node, Field.declarator);
  const attributes = descendantsOfKind(tree, node, Kind.kernel_attribute);
  declarators.forEach((declarator, i) => {
    const initialised = kindOf(tree, declarator) === Kind.init_declarator;
    const inner = initialised ? childByField(tree, declarator, Field.declarator) : declarator;
    const value = initialised ? childByField(tree, declarator, Field.value) : noNode;
    const from = i === 0 ? startOf(tree, node) : endOf(tree, declarators[i - 1]!);
    const next = declarators[i + 1];
    const to = next === undefined ? endOf(tree, node) : startOf(tree, next);
    const mine = attributes
      .filter((attribute) => startOf(tree, attribute) >= from && startOf(tree, attribute) < to)
      .map((attribute) => textOf(tree, attribute));
    lowerDeclarator(l, source, inner, {
      base,
      value,
      isStatic: storage.has('static'),
      attributes: mine,
    });
  });
}

function lowerDeclarator(
  l: Lowering,
  source: Source,
  node: NodeId,
  given: {
    readonly base: CType;
    readonly value: NodeId;
    readonly isStatic: boolean;
    readonly attributes: readonly string[];
  },
): void {
  const declared = declare(l, source, node, given.base);
  const { name } = declared;
  if (name === undefined || declared.type.kind === 'function') return;
  const { value, isStatic } = given;
  const cleanup = cleanupOf(l, given.attributes);
  const place = placeOf(declared.nameSource, declared.nameNode);
  const kind: Variable['kind'] = isStatic ? 'static' : 'local';
  const type = automatic(declared.type, l, source, value);
  const variable = addVariable(l, { name, kind, type, cleanup: cleanup?.written, ...place });
  if (isStatic) return;
  const { start, end } = placeOf(source, node);
  if (value === noNode) {
    emit(l, { kind: 'declare', variable, init: undefined, start, end });
  } else {
    l.recurse.alternatives(l, source, value, (init) => {
      emit(l, { kind: 'declare', variable, init, start, end });
    });
  }
  if (cleanup !== undefined) {
    addCleanup(l, {
      kind: 'variable',
      variable,
      function: cleanup.function,
      argument: cleanup.argument,
    });
  }
}

/** `__auto_type x = v` and `auto x = v` have the type of v. */
function automatic(type: CType, l: Lowering, source: Source, value: NodeId): CType {
  const isAuto = type.kind === 'named' && type.name === '__auto_type';
  if (!isAuto || value === noNode) return type;
  const { pending } = l;
  l.pending = [];
  const operand = l.recurse.expression(l, source, value);
  l.pending = pending;
  return { kind: 'typeof', operand };
}

interface CleanupAttribute {
  readonly written: string;
  readonly function: string;
  readonly argument: 'value' | 'address';
}

function cleanupOf(l: Lowering, attributes: readonly string[]): CleanupAttribute | undefined {
  for (const text of attributes) {
    const free = /^__free\s*\(\s*(\w+)\s*\)/.exec(text)?.[1];
    if (free !== undefined) {
      return { written: free, ...callOfFree(l, free) };
    }
    const cleanup = /^__cleanup\s*\(\s*(\w+)\s*\)/.exec(text)?.[1];
    if (cleanup !== undefined) return { written: cleanup, function: cleanup, argument: 'address' };
  }
  return undefined;
}

/** What DEFINE_FREE(name, type, body) applies to the variable, which the body calls `_T`. */
function callOfFree(l: Lowering, name: string): Omit<CleanupAttribute, 'written'> {
  const body = l.env.freeBody(name) ?? '';
  for (const [, called, address] of body.matchAll(
    /\b(\w+)\s*\(\s*(?:\([^()]*\)\s*)?(&?)\s*\*?_T\b/g,
  )) {
    if (!/^(?:IS_ERR|IS_ERR_OR_NULL|PTR_ERR|if|while|sizeof)$/.test(called!)) {
      return { function: called!, argument: address === '&' ? 'address' : 'value' };
    }
  }
  return { function: name, argument: 'value' };
}

/** `CLASS(class, name)(args)`: a variable built by the class's constructor and ended by its destructor. */
export function lowerClass(l: Lowering, source: Source, node: NodeId): void {
  const inner = childByField(source.tree, node, Field.function);
  const [classArgument, nameArgument] = argumentsOf(source, inner);
  const className = classArgument && argumentName(classArgument);
  const name = nameArgument && argumentName(nameArgument);
  if (className === undefined || name === undefined) return;
  const written = l.env.classType(className);
  const type = written === undefined ? unknownType(`class ${className}`) : typeOfText(written);
  const { start, end } = placeOf(source, node);
  const variable = addVariable(l, { name, kind: 'local', type, cleanup: className, start, end });
  const constructor = `class_${className}_constructor`;
  l.calls.add(constructor);
  const binding = { kind: 'function' } as const;
  const callee: Expr = { kind: 'ident', ...head(l, source, inner), name: constructor, binding };
  const args = lowerArguments(l, source, node);
  const init: Expr = { kind: 'call', ...head(l, source, node), callee, name: constructor, args };
  emit(l, { kind: 'declare', variable, init, start, end });
  addCleanup(l, {
    kind: 'variable',
    variable,
    function: `class_${className}_destructor`,
    argument: 'address',
  });
}

/** A macro in the place of a declaration, such as `LIST_HEAD(x);`. Whether it was one. */
export function lowerDeclaringMacro(
  l: Lowering,
  source: Source,
  call: NodeId,
  storage: 'local' | 'static',
): boolean {
  const macroName = nameText(source, calleeOf(source, call));
  const known = macroName === undefined ? undefined : l.env.api.declaring(macroName);
  if (known === undefined) return false;
  const args = argumentsOf(source, call);
  const nameArgument = args[known.name];
  const name = nameArgument && argumentName(nameArgument);
  if (name === undefined) return false;
  const place = placeOf(nameArgument!.source, nameArgument!.nodes[0]!);
  const variable = addVariable(l, {
    name,
    kind: storage,
    type: declaredType(l, args, known),
    cleanup: undefined,
    ...place,
  });
  if (storage === 'local')
    emit(l, { kind: 'declare', variable, init: undefined, ...placeOf(source, call) });
  return true;
}

function declaredType(
  l: Lowering,
  args: ReturnType<typeof argumentsOf>,
  known: NonNullable<ReturnType<Lowering['env']['api']['declaring']>>,
): CType {
  let type: CType;
  if (typeof known.type === 'string') type = typeOfText(known.type);
  else {
    const argument = args[known.type];
    type =
      argument?.nodes[0] === undefined
        ? unknownType('no type')
        : typeAt(l, argument.source, argument.nodes[0]);
  }
  if (known.shape === 'array') return { kind: 'array', of: type, length: undefined };
  return known.shape === 'pointer' ? { kind: 'pointer', to: type } : type;
}
