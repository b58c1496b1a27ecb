import type { CType, Expr, Field } from '../ir.ts';
import { unknownType } from '../ir.ts';
import { Field as TreeField, Kind } from '../../syntax/kinds.generated.ts';
import { childByField, childrenByField, descendantsOfKind, kindOf, namedChildren, noNode, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import type { SyntaxTree } from '../../syntax/tree.ts';
import type { HeaderSymbol } from '../headers/scan.ts';
import { withoutComments } from '../headers/scan.ts';
import type { FoundSymbol } from '../headers/store.ts';
import type { Environment } from '../lower/environment.ts';
import { startLowering } from '../lower/function.ts';
import { lowerExpression } from '../lower/expression.ts';
import { itemSource } from '../lower/source.ts';
import { declare, recordFields, specifiedType } from '../lower/typeNames.ts';
import { expandMemberMacros } from './memberMacros.ts';

/** The members of a struct or union as declared. */
export interface RecordBody {
  readonly fields: readonly Field[];
  readonly packed: boolean;
  /** Some members depend on the configuration: the size is not known. */
  readonly conditional: boolean;
}

const records = new WeakMap<HeaderSymbol, RecordBody | undefined>();
const declaredTypes = new WeakMap<HeaderSymbol, CType>();
const enumerations = new WeakMap<HeaderSymbol, readonly Enumerator[]>();

/** The body of the struct or union that a symbol declares, parsed once. */
export function recordOf(env: Environment, found: FoundSymbol): RecordBody | undefined {
  const { symbol } = found;
  if (!records.has(symbol)) records.set(symbol, parseRecord(env, textOfSymbol(found)));
  return records.get(symbol);
}

function textOfSymbol({ header, symbol }: FoundSymbol): string {
  return header.table.text.slice(symbol.start, symbol.end);
}

function parseRecord(env: Environment, text: string): RecordBody | undefined {
  const plain = expandMemberMacros(withoutComments(text));
  const tree = env.fragment(plain.endsWith(';') ? plain : `${plain};`);
  const list = descendantsOfKind(tree, 0, Kind.field_declaration_list)[0];
  if (list === undefined) return undefined;
  const fields = recordFields(startLowering(env), itemSource(tree), list);
  return {
    fields,
    packed: /__packed\b|__attribute__\s*\(\(\s*(?:__)?packed/.test(plain),
    conditional: /^\s*#\s*if/m.test(plain) || tree.hasError,
  };
}

/** The type that a typedef, variable, prototype or function symbol declares; for the last two a function type. */
export function declaredType(env: Environment, found: FoundSymbol, name: string): CType {
  const { symbol } = found;
  let type = declaredTypes.get(symbol);
  if (type === undefined) {
    type = parseDeclared(env, declarationText(found), name);
    declaredTypes.set(symbol, type);
  }
  return type;
}

/** A declaration that parses by itself: of a function its head, of a struct's variable the whole. */
function declarationText(found: FoundSymbol): string {
  const text = withoutComments(textOfSymbol(found));
  if (found.symbol.kind !== 'function') return text;
  const brace = text.indexOf('{');
  return `${(brace < 0 ? text : text.slice(0, brace)).replace(/\b(?:inline|__always_inline|__inline)\b/g, ' ')};`;
}

function parseDeclared(env: Environment, text: string, name: string): CType {
  const tree = env.fragment(expandMemberMacros(text));
  const l = startLowering(env);
  const source = itemSource(tree);
  for (const item of namedChildren(tree, 0)) {
    const kind = kindOf(tree, item);
    if (kind !== Kind.declaration && kind !== Kind.type_definition) continue;
    const base = specifiedType(l, source, item);
    for (const declarator of childrenByField(tree, item, TreeField.declarator)) {
      const inner =
        kindOf(tree, declarator) === Kind.init_declarator
          ? childByField(tree, declarator, TreeField.declarator)
          : declarator;
      const declared = declare(l, source, inner, base);
      if (declared.name === name) return declared.type;
    }
  }
  return unknownType(`the declaration of ${name} is not understood`);
}

/** An enumerator of an enum, with its value's expression where one is written. */
export interface Enumerator {
  readonly name: string;
  readonly value: Expr | undefined;
}

/** The enumerators of the enum that a symbol declares, in order. */
export function enumeratorsOf(env: Environment, found: FoundSymbol): readonly Enumerator[] {
  let list = enumerations.get(found.symbol);
  if (list === undefined) {
    list = parseEnumerators(
      env,
      env.fragment(`${withoutComments(textOfSymbol(found)).replace(/;?\s*$/, '')};`),
    );
    enumerations.set(found.symbol, list);
  }
  return list;
}

function parseEnumerators(env: Environment, tree: SyntaxTree): Enumerator[] {
  const l = startLowering(env);
  const source = itemSource(tree);
  return descendantsOfKind(tree, 0, Kind.enumerator).map((node) => {
    const value = childByField(tree, node, TreeField.value);
    return {
      name: textOf(tree, childByField(tree, node, TreeField.name)),
      value: value === noNode ? undefined : lowerExpression(l, source, value),
    };
  });
}
