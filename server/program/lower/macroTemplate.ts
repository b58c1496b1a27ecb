import type { NodeId, SyntaxTree } from '../../syntax/tree.ts';
import { childByField, hasError, kindOf, namedChildren, nextOf, nodeCount, noNode, parentOf, textOf } from '../../syntax/tree.ts'; // prettier-ignore
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import type { Environment, MacroDefinition } from './environment.ts';

/** A macro's replacement text, parsed. */
export interface MacroTemplate {
  /** `expression`: one value; `statements`: anything else that parses; `none`: does not parse on its own. */
  readonly form: 'expression' | 'statements' | 'none';
  readonly tree: SyntaxTree;
  /** The expression, or the statements in order. */
  readonly nodes: readonly NodeId[];
  /** The word that leaves the macro for its user, where it has one: `return`, `goto`, `break`, `continue`. */
  readonly hides: string | undefined;
  /** Nodes of the tree, as a measure of its size. */
  readonly size: number;
  /** How often each identifier occurs in it. */
  readonly uses: ReadonlyMap<string, number>;
  readonly declaresLabel: boolean;
  /** Chooses by the type of its argument. */
  readonly isGeneric: boolean;
}

const templates = new WeakMap<MacroDefinition, MacroTemplate>();

/** The parsed replacement text of a macro; parsed once per definition. */
export function templateOf(env: Environment, macro: MacroDefinition): MacroTemplate {
  let template = templates.get(macro);
  if (template === undefined) {
    template = parseTemplate(env, plainBody(macro));
    templates.set(macro, template);
  }
  return template;
}

/** Replacement text with `, ##__VA_ARGS__` as plain arguments and `#x` as some string. */
function plainBody(macro: MacroDefinition): string {
  let body = macro.body;
  if (macro.variadic !== undefined) {
    body = body.replace(/,\s*##\s*(\w+)/g, (all, name: string) =>
      name === macro.variadic ? `, ${name}` : all,
    );
    body = body.replace(/__VA_OPT__\s*\(\s*,\s*\)/g, ',');
  }
  const { parameters } = macro;
  if (parameters === undefined) return body;
  // Only a parameter can be made a string: `%#x` in a format stays.
  return body.replace(/(^|[^#])#\s*(\w+)/g, (all, before: string, name: string) =>
    parameters.includes(name) ? `${before}"${name}"` : all,
  );
}

/** Parses replacement text as an expression where possible, else as statements. */
export function parseTemplate(env: Environment, body: string): MacroTemplate {
  const startsStatement =
    /^(?:do|if|for|while|switch|return|goto|break|continue|asm|__asm__)\b|^\{/.test(body);
  // Several statements, unless they stand in a statement expression.
  const isSequence = !body.startsWith('(') && /;\s*\S/.test(body);
  if (body !== '' && !startsStatement && !isSequence) {
    const tree = env.fragment(`void f(void) { return ${body}\n; }`);
    const statement = bodyOf(tree)[0];
    const value = statement === undefined ? undefined : namedChildren(tree, statement)[0];
    if (!tree.hasError && value !== undefined && bodyOf(tree).length === 1) {
      return describe('expression', tree, [value]);
    }
  }
  const tree = env.fragment(`void f(void) { ${body}\n; }`);
  if (tree.hasError) return describe('none', tree, [], hiddenWord(body));
  return describe('statements', tree, bodyOf(tree));
}

function bodyOf(tree: SyntaxTree): NodeId[] {
  const item = namedChildren(tree, 0).find(
    (node) => kindOf(tree, node) === Kind.function_definition,
  );
  if (item === undefined || hasError(tree, 0)) return [];
  const body = childByField(tree, item, Field.body);
  return body === noNode ? [] : namedChildren(tree, body);
}

function hiddenWord(body: string): string | undefined {
  return /\b(return|goto)\b/.exec(body.replace(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1];
}

function describe(
  form: MacroTemplate['form'],
  tree: SyntaxTree,
  nodes: readonly NodeId[],
  hidden?: string,
): MacroTemplate {
  const uses = new Map<string, number>();
  let hides = hidden;
  let declaresLabel = false;
  let isGeneric = false;
  for (const top of nodes) {
    for (let node = top; node < nextOf(tree, top); node++) {
      switch (kindOf(tree, node)) {
        case Kind.identifier:
        case Kind.type_identifier:
        case Kind.field_identifier: {
          const name = textOf(tree, node);
          uses.set(name, (uses.get(name) ?? 0) + 1);
          break;
        }
        case Kind.return_statement:
          hides ??= 'return';
          break;
        case Kind.goto_statement:
          hides ??= 'goto';
          break;
        case Kind.break_statement:
          if (!enclosed(tree, node, breakable)) hides ??= 'break';
          break;
        case Kind.continue_statement:
          if (!enclosed(tree, node, loops)) hides ??= 'continue';
          break;
        case Kind.generic_expression:
          isGeneric = true;
          break;
        case Kind.labeled_statement:
          declaresLabel = true;
          break;
        default:
          break;
      }
    }
  }
  return { form, tree, nodes, hides, size: nodeCount(tree), uses, declaresLabel, isGeneric };
}

const loops: ReadonlySet<number> = new Set([
  Kind.for_statement, Kind.while_statement, Kind.do_statement, Kind.iterator_statement,
]); // prettier-ignore
const breakable: ReadonlySet<number> = new Set([...loops, Kind.switch_statement]);

function enclosed(tree: SyntaxTree, node: NodeId, by: ReadonlySet<number>): boolean {
  for (let at = parentOf(tree, node); at !== noNode; at = parentOf(tree, at)) {
    if (by.has(kindOf(tree, at))) return true;
  }
  return false;
}
