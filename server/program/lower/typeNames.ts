import type { CType, Field as RecordField } from '../ir.ts';
import { unknownType } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, childOfKind, children, childrenByField, fieldOf, isNamed, kindOf, namedChildren, noNode, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind, Token } from '../../syntax/kinds.generated.ts';
import { builtinType, integerOfWords } from '../types/builtin.ts';
import type { Lowering } from './lowering.ts';
import { parameterOf } from './source.ts';
import type { Source } from './source.ts';

/** A declarator worked out: what is declared, and where its name stands. */
export interface Declared {
  readonly name: string | undefined;
  readonly nameNode: NodeId;
  /** Source of `nameNode`: another one where a macro's parameter is the name. */
  readonly nameSource: Source;
  readonly type: CType;
  /** The `function_declarator` of the declared name itself, for parameters; or noNode. */
  readonly functionNode: NodeId;
}

/** The type that the specifiers of a declaration, parameter, field or type descriptor write. */
export function specifiedType(l: Lowering, source: Source, node: NodeId): CType {
  const specifier = childByField(source.tree, node, Field.type);
  return specifier === noNode ? unknownType('no type') : specifierType(l, source, specifier);
}

/** The type a single type specifier writes. */
export function specifierType(l: Lowering, source: Source, node: NodeId): CType {
  const { tree } = source;
  switch (kindOf(tree, node)) {
    case Kind.primitive_type:
    case Kind.identifier:
    case Kind.type_identifier: {
      const argument = parameterOf(source, node);
      if (argument !== undefined) {
        const [only] = argument.nodes;
        return only === undefined
          ? unknownType('no type')
          : l.recurse.type(l, argument.source, only);
      }
      return typeByName(textOf(tree, node));
    }
    case Kind.sized_type_specifier:
      return wordsType(textOf(tree, node));
    case Kind.struct_specifier:
      return recordType(l, source, node, 'struct');
    case Kind.union_specifier:
      return recordType(l, source, node, 'union');
    case Kind.enum_specifier: {
      const name = childByField(tree, node, Field.name);
      return { kind: 'enum', tag: name === noNode ? undefined : textOf(tree, name) };
    }
    case Kind.typeof_specifier: {
      const operand = namedChildren(tree, node)[0];
      if (operand === undefined) return unknownType('typeof of nothing');
      if (kindOf(tree, operand) === Kind.type_descriptor) return l.recurse.type(l, source, operand);
      return { kind: 'typeof', operand: withoutEffects(l, source, operand) };
    }
    default:
      return unknownType(textOf(tree, node));
  }
}

/** Lowers an operand that is not evaluated: nothing of it enters the graph. */
function withoutEffects(
  l: Lowering,
  source: Source,
  node: NodeId,
): ReturnType<Lowering['recurse']['expression']> {
  const { pending } = l;
  l.pending = [];
  const operand = l.recurse.expression(l, source, node);
  l.pending = pending;
  return operand;
}

/** A type by a single name. */
export function typeByName(name: string): CType {
  return builtinType(name) ?? { kind: 'named', name };
}

/** A type written as plain text without declarator except stars: `const struct x *`. */
export function typeOfText(text: string): CType {
  let rest = text
    .replace(/\b(?:const|volatile|__user|__iomem|__rcu|__percpu|restrict)\b/g, ' ')
    .trim();
  let stars = 0;
  while (rest.endsWith('*')) {
    stars++;
    rest = rest.slice(0, -1).trimEnd();
  }
  let type = wordsType(rest);
  for (; stars > 0; stars--) type = { kind: 'pointer', to: type };
  return type;
}

function wordsType(text: string): CType {
  const words = text
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'const' && word !== 'volatile');
  const [first, second] = words;
  if (words.length === 2 && second !== undefined) {
    if (first === 'struct' || first === 'union') {
      return { kind: 'record', keyword: first, tag: second, fields: undefined };
    }
    if (first === 'enum') return { kind: 'enum', tag: second };
  }
  if (words.length === 1 && first !== undefined && /^\w+$/.test(first)) {
    return integerOfWords(words) ?? typeByName(first);
  }
  return integerOfWords(words) ?? unknownType(text);
}

function recordType(l: Lowering, source: Source, node: NodeId, keyword: 'struct' | 'union'): CType {
  const { tree } = source;
  const name = childByField(tree, node, Field.name);
  const body = childByField(tree, node, Field.body);
  const tag = name === noNode ? undefined : (tagText(source, name) ?? textOf(tree, name));
  const fields = body === noNode ? undefined : recordFields(l, source, body);
  return { kind: 'record', keyword, tag, fields };
}

function tagText(source: Source, node: NodeId): string | undefined {
  const argument = parameterOf(source, node);
  const only = argument?.nodes[0];
  return only === undefined ? undefined : textOf(argument!.source.tree, only);
}

/** The members of a `field_declaration_list`; macros that stand for members are left out. */
export function recordFields(l: Lowering, source: Source, list: NodeId): RecordField[] {
  const { tree } = source;
  const fields: RecordField[] = [];
  for (const child of namedChildren(tree, list)) {
    const kind = kindOf(tree, child);
    if (kind !== Kind.field_declaration) continue;
    const base = specifiedType(l, source, child);
    const declarators = childrenByField(tree, child, Field.declarator);
    if (declarators.length === 0) {
      const clause = childOfKind(tree, child, Kind.bitfield_clause);
      // A bare `enum x;` or `struct y;` declares no member; an anonymous struct or a padding bit-field does.
      if (base.kind === 'record' && base.fields !== undefined) {
        fields.push({ name: undefined, type: base, bits: undefined });
      } else if (clause !== noNode) {
        fields.push({ name: undefined, type: base, bits: bitsOf(l, source, clause) });
      }
      continue;
    }
    for (const declarator of declarators) {
      const declared = declare(l, source, declarator, base);
      const next = followingBits(source, child, declarator);
      const bits = next === noNode ? undefined : bitsOf(l, source, next);
      fields.push({ name: declared.name, type: declared.type, bits });
    }
  }
  return fields;
}

function followingBits(source: Source, declaration: NodeId, declarator: NodeId): NodeId {
  const all = children(source.tree, declaration);
  for (let i = all.indexOf(declarator) + 1; i < all.length; i++) {
    if (kindOf(source.tree, all[i]!) === Kind.bitfield_clause) return all[i]!;
    if (isNamed(source.tree, all[i]!) || textOf(source.tree, all[i]!) === ',') return noNode;
  }
  return noNode;
}

function bitsOf(
  l: Lowering,
  source: Source,
  clause: NodeId,
): ReturnType<Lowering['recurse']['expression']> | undefined {
  const width = namedChildren(source.tree, clause)[0];
  return width === undefined ? undefined : withoutEffects(l, source, width);
}

/** Works out a declarator, abstract or not, around a base type. */
export function declare(l: Lowering, source: Source, node: NodeId, base: CType): Declared {
  const { tree } = source;
  let type = base;
  let functionNode: NodeId = noNode;
  let at = node;
  for (;;) {
    const kind = kindOf(tree, at);
    const inner = innerDeclarator(source, at);
    switch (kind) {
      case Kind.pointer_declarator:
      case Kind.abstract_pointer_declarator:
        type = { kind: 'pointer', to: type };
        functionNode = noNode;
        break;
      case Kind.array_declarator:
      case Kind.abstract_array_declarator: {
        const size = childByField(tree, at, Field.size);
        const counted = size !== noNode && isNamed(tree, size);
        type = {
          kind: 'array',
          of: type,
          length: counted ? withoutEffects(l, source, size) : undefined,
        };
        functionNode = noNode;
        break;
      }
      case Kind.function_declarator:
      case Kind.abstract_function_declarator: {
        // No function returns a function: `NS(map)(…)` is a name that a macro puts together.
        if (functionNode !== noNode) {
          return { name: textOf(tree, at), nameNode: at, nameSource: source, type, functionNode };
        }
        const list = childByField(tree, at, Field.parameters);
        type = { kind: 'function', returns: type, parameters: parameterTypes(l, source, list) };
        functionNode = at;
        break;
      }
      case Kind.identifier:
      case Kind.field_identifier:
      case Kind.type_identifier: {
        const argument = parameterOf(source, at);
        const only = argument?.nodes[0];
        const nameSource = only === undefined ? source : argument!.source;
        const nameNode = only ?? at;
        return {
          name: textOf(nameSource.tree, nameNode),
          nameNode,
          nameSource,
          type,
          functionNode,
        };
      }
      case Kind.primitive_type:
        return { name: textOf(tree, at), nameNode: at, nameSource: source, type, functionNode };
      default:
        break;
    }
    if (inner === noNode)
      return { name: undefined, nameNode: at, nameSource: source, type, functionNode };
    at = inner;
  }
}

function innerDeclarator(source: Source, node: NodeId): NodeId {
  const { tree } = source;
  const byField = childByField(tree, node, Field.declarator);
  if (byField !== noNode) return byField;
  switch (kindOf(tree, node)) {
    case Kind.parenthesized_declarator:
    case Kind.abstract_parenthesized_declarator:
    case Kind.attributed_declarator:
      return namedChildren(tree, node)[0] ?? noNode;
    default:
      return noNode;
  }
}

/** The types of a `parameter_list`, without `...`. */
export function parameterTypes(l: Lowering, source: Source, list: NodeId): CType[] {
  if (list === noNode) return [];
  const types: CType[] = [];
  for (const parameter of namedChildren(source.tree, list)) {
    if (kindOf(source.tree, parameter) !== Kind.parameter_declaration) continue;
    const declared = declareParameter(l, source, parameter);
    types.push(declared.type);
  }
  return types.length === 1 && types[0]!.kind === 'void' ? [] : types;
}

/** A parameter: arrays and functions are pointers there. */
export function declareParameter(l: Lowering, source: Source, node: NodeId): Declared {
  const base = specifiedType(l, source, node);
  const declarator = childByField(source.tree, node, Field.declarator);
  const plain: Declared = {
    name: undefined,
    nameNode: node,
    nameSource: source,
    type: base,
    functionNode: noNode,
  };
  const declared = declarator === noNode ? plain : declare(l, source, declarator, base);
  const { type } = declared;
  if (type.kind === 'array') return { ...declared, type: { kind: 'pointer', to: type.of } };
  if (type.kind === 'function') return { ...declared, type: { kind: 'pointer', to: type } };
  return declared;
}

/** The type that a `type_descriptor`, `type_argument`, name or expression in the place of a type stands for. */
export function typeAt(l: Lowering, source: Source, node: NodeId): CType {
  const { tree } = source;
  switch (kindOf(tree, node)) {
    case Kind.type_descriptor: {
      const base = specifiedType(l, source, node);
      const declarator = childByField(tree, node, Field.declarator);
      return declarator === noNode ? base : declare(l, source, declarator, base).type;
    }
    case Kind.type_argument: {
      const [specifier] = namedChildren(tree, node).filter(
        (part) => kindOf(tree, part) !== Kind.type_qualifier,
      );
      if (specifier === undefined) return typeOfText(textOf(tree, node));
      const last = namedChildren(tree, node).at(-1)!;
      const base = specifierType(l, source, specifier);
      if (last === specifier || kindOf(tree, last) === Kind.type_qualifier)
        return starred(source, node, base);
      return declare(l, source, last, base).type;
    }
    case Kind.identifier:
    case Kind.type_identifier:
    case Kind.primitive_type:
    case Kind.sized_type_specifier:
    case Kind.struct_specifier:
    case Kind.union_specifier:
    case Kind.enum_specifier:
    case Kind.typeof_specifier:
      return specifierType(l, source, node);
    case Kind.call_expression:
      // typeof(x) may be parsed as a call where an expression is expected.
      return typeofCall(l, source, node) ?? typeOfText(textOf(tree, node));
    default:
      return typeOfText(textOf(tree, node));
  }
}

/** Pointers of a `type_argument` that are written as plain stars. */
function starred(source: Source, node: NodeId, base: CType): CType {
  let type = base;
  for (const child of children(source.tree, node)) {
    if (kindOf(source.tree, child) === Token['*']) type = { kind: 'pointer', to: type };
  }
  return type;
}

function typeofCall(l: Lowering, source: Source, node: NodeId): CType | undefined {
  const { tree } = source;
  const callee = childByField(tree, node, Field.function);
  if (!/^(?:__)?typeof(?:__|_unqual)?$/.test(textOf(tree, callee))) return undefined;
  const list = childByField(tree, node, Field.arguments);
  const operand = namedChildren(tree, list)[0];
  return operand === undefined
    ? undefined
    : { kind: 'typeof', operand: withoutEffects(l, source, operand) };
}

/** The storage class words of a declaration: `static`, `extern`, `inline`, … */
export function storageOf(source: Source, node: NodeId): ReadonlySet<string> {
  const words = new Set<string>();
  for (const child of children(source.tree, node)) {
    if (kindOf(source.tree, child) === Kind.storage_class_specifier)
      words.add(textOf(source.tree, child));
    if (fieldOf(source.tree, child) === Field.body) break;
  }
  return words;
}
