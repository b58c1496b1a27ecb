import type { Atom } from '../lex/atoms.ts';
import { identifier, intern, isIdentifier, kindOf, punctuator, spellingOf } from '../lex/atoms.ts';
import { lex } from '../lex/lex.ts';
import type { Location } from '../lex/sourceMap.ts';
import type { HideSet } from './hideSet.ts';
import { hides, intersection, union, withName } from './hideSet.ts';
import type { BodyToken, Macro, PpToken } from './macro.ts';
import { PLACEMARKER } from './macro.ts';
import type { MacroTable } from './macroTable.ts';

const OPEN = punctuator('(');
const CLOSE = punctuator(')');
const COMMA = punctuator(',');
const PASTE = punctuator('##');
const STRINGIFY = punctuator('#');
const VA_OPT = identifier('__VA_OPT__');

/** What comes after the tokens being expanded: the rest of the file, or nothing for an argument. */
export interface Rest {
  /** The next token without taking it; undefined at the end. */
  peek(): PpToken | undefined;
  take(): PpToken | undefined;
}

/** A rest that is empty: arguments are expanded on their own. */
const NOTHING: Rest = { peek: () => undefined, take: () => undefined };

interface Pending {
  readonly tokens: readonly PpToken[];
  at: number;
}

/** Called when a call of a function-like macro has no closing parenthesis. */
export type OnUnterminated = (macro: Macro, use: Location) => void;

/**
 * Expands macros in a list of tokens by Prosser's algorithm: hide sets travel with tokens, and a
 * function-like macro at the end of an expansion may take its arguments from what follows.
 */
export class Expander {
  private readonly macros: MacroTable;
  private readonly onUnterminated: OnUnterminated;

  constructor(macros: MacroTable, onUnterminated: OnUnterminated) {
    this.macros = macros;
    this.onUnterminated = onUnterminated;
  }

  /** Expands `tokens` on their own. */
  expand(tokens: readonly PpToken[]): readonly PpToken[] {
    // Most arguments name no macro.
    if (tokens.every(({ atom }) => this.macros.get(atom) === undefined)) return tokens;
    const out: PpToken[] = [];
    this.expandBefore(tokens, NOTHING, out);
    return out;
  }

  /** Expands `tokens`, then whatever their expansion draws from `rest`. */
  expandBefore(tokens: readonly PpToken[], rest: Rest, out: PpToken[]): void {
    const stack: Pending[] = [{ tokens, at: 0 }];
    const take = (): PpToken | undefined => {
      for (;;) {
        const top = stack[stack.length - 1];
        if (top === undefined) return undefined;
        if (top.at < top.tokens.length) return top.tokens[top.at++];
        stack.pop();
      }
    };
    const peek = (): PpToken | undefined => {
      for (let i = stack.length - 1; i >= 0; i--) {
        const { tokens: list, at } = stack[i]!;
        if (at < list.length) return list[at];
      }
      return rest.peek();
    };
    for (;;) {
      const token = take();
      if (token === undefined) return;
      const macro = this.macros.get(token.atom);
      if (macro === undefined || !isIdentifier(token.atom) || hides(token.hide, token.atom)) {
        out.push(token);
        continue;
      }
      if (macro.dynamic !== undefined) {
        out.push({ ...token, atom: macro.dynamic(token.use).atom, ofPlace: true });
        continue;
      }
      if (macro.parameters === undefined) {
        const hide = withName(token.hide, token.atom);
        stack.push({ tokens: this.substitute(macro, [], hide, token), at: 0 });
        continue;
      }
      if (peek()?.atom !== OPEN) {
        out.push(token);
        continue;
      }
      const call = collectArguments(macro, () => take() ?? rest.take());
      if (call === undefined) {
        this.onUnterminated(macro, token.use);
        return;
      }
      const hide = withName(intersection(token.hide, call.close.hide), token.atom);
      stack.push({ tokens: this.substitute(macro, call.args, hide, token), at: 0 });
    }
  }

  private substitute(
    macro: Macro,
    args: readonly PpToken[][],
    hide: HideSet,
    at: PpToken,
  ): PpToken[] {
    const substitution = new Substitution(macro, args, at, (tokens) => this.expand(tokens));
    const tokens = substitution.run(macro.body);
    const result: PpToken[] = [];
    for (const token of tokens) {
      if (token.atom === PLACEMARKER) continue;
      // Only identifiers are expanded again, and only `)` is asked for its set when a call ends there.
      const keeps = isIdentifier(token.atom) || token.atom === CLOSE;
      result.push({
        atom: token.atom,
        space: token.space,
        hide: keeps ? union(token.hide, hide) : null,
        use: at.use,
        definition: token.definition,
        ofPlace: token.ofPlace,
      });
    }
    return result;
  }
}

/** Reads `( … )`. Undefined when the input ends first. */
function collectArguments(
  macro: Macro,
  next: () => PpToken | undefined,
): { args: PpToken[][]; close: PpToken } | undefined {
  const named = macro.parameters!.length;
  let current: PpToken[] = [];
  const args: PpToken[][] = [current];
  let depth = 0;
  next();
  for (;;) {
    const token = next();
    if (token === undefined) return undefined;
    const { atom } = token;
    if (atom === OPEN) depth++;
    else if (atom === CLOSE) {
      if (depth === 0) return { args, close: token };
      depth--;
    } else if (atom === COMMA && depth === 0 && !(macro.variadic && args.length >= named)) {
      current = [];
      args.push(current);
      continue;
    }
    current.push(token);
  }
}

/** Replaces the parameters of one macro call: `#`, `##`, `__VA_OPT__`, and expanded arguments. */
class Substitution {
  private readonly macro: Macro;
  private readonly args: readonly PpToken[][];
  private readonly at: PpToken;
  private readonly expandArgument: (tokens: readonly PpToken[]) => readonly PpToken[];
  private readonly expanded: (readonly PpToken[] | undefined)[] = [];

  constructor(
    macro: Macro,
    args: readonly PpToken[][],
    at: PpToken,
    expandArgument: (tokens: readonly PpToken[]) => readonly PpToken[],
  ) {
    this.macro = macro;
    this.args = args;
    this.at = at;
    this.expandArgument = expandArgument;
  }

  run(body: readonly BodyToken[]): PpToken[] {
    const out: PpToken[] = [];
    for (let i = 0; i < body.length; i++) {
      const token = body[i]!;
      const next = body[i + 1];
      if (token.atom === STRINGIFY && this.macro.parameters !== undefined && next !== undefined) {
        if (next.parameter >= 0) {
          out.push(this.stringify(this.argument(next.parameter), token));
          i++;
          continue;
        }
      }
      if (token.atom === VA_OPT && this.macro.variadic && next?.atom === OPEN) {
        const end = groupEnd(body, i + 1);
        const rest = this.macro.parameters!.length - 1;
        if (this.argumentExpanded(rest).length > 0) out.push(...this.run(body.slice(i + 2, end)));
        i = end;
        continue;
      }
      if (token.atom === PASTE && out.length > 0 && next !== undefined) {
        const named = body[i + 2];
        if (next.atom === STRINGIFY && named !== undefined && named.parameter >= 0) {
          this.paste(out, [this.stringify(this.argument(named.parameter), next)], 'one');
          i += 2;
          continue;
        }
        const isRest = this.macro.variadic && next.parameter === this.macro.parameters!.length - 1;
        const operand =
          next.parameter >= 0 ? [...this.argument(next.parameter)] : [this.ofBody(next, next.atom)];
        this.paste(out, operand, isRest ? 'rest' : 'one');
        i++;
        continue;
      }
      if (token.parameter >= 0) {
        const raw = next?.atom === PASTE;
        const tokens = raw
          ? this.argument(token.parameter)
          : this.argumentExpanded(token.parameter);
        if (tokens.length === 0) out.push(this.ofBody(token, PLACEMARKER));
        for (let k = 0; k < tokens.length; k++) {
          const given = tokens[k]!;
          const isSpaced = k > 0 || given.space === token.space;
          out.push(isSpaced ? given : { ...given, space: token.space });
        }
        continue;
      }
      out.push(this.ofBody(token, token.atom));
    }
    return out;
  }

  private ofBody(token: BodyToken, atom: Atom): PpToken {
    const { space, definition } = token;
    return { atom, space, hide: null, use: this.at.use, definition, ofPlace: false };
  }

  private argument(index: number): readonly PpToken[] {
    return this.args[index] ?? [];
  }

  private argumentExpanded(index: number): readonly PpToken[] {
    return (this.expanded[index] ??= this.expandArgument(this.argument(index)));
  }

  private paste(out: PpToken[], operand: PpToken[], right: 'one' | 'rest'): void {
    const left = out.pop()!;
    if (left.atom === COMMA && right === 'rest') {
      // GNU: `, ## args` drops the comma when there are no further arguments.
      if (operand.length > 0) out.push(left, ...operand);
      return;
    }
    const first = operand.shift();
    if (first === undefined) out.push(left);
    else if (left.atom === PLACEMARKER) out.push(first, ...operand);
    else out.push(...this.pasted(left, first), ...operand);
  }

  private pasted(left: PpToken, right: PpToken): PpToken[] {
    const spelling = spellingOf(left.atom) + spellingOf(right.atom);
    const hide = intersection(left.hide, right.hide);
    const ofPlace = left.ofPlace || right.ofPlace;
    return pastedAtoms(spelling).map((atom) => ({ ...left, atom, hide, ofPlace }));
  }

  private stringify(tokens: readonly PpToken[], at: BodyToken): PpToken {
    let text = '';
    tokens.forEach((token, i) => {
      const spelling = spellingOf(token.atom);
      const literal = kindOf(token.atom) === 'string' || kindOf(token.atom) === 'character';
      if (i > 0 && token.space) text += ' ';
      text += literal ? spelling.replace(/[\\"]/g, '\\$&') : spelling;
    });
    const ofPlace = tokens.some((token) => token.ofPlace);
    return { ...this.ofBody(at, intern(`"${text}"`, 'string')), ofPlace };
  }
}

function groupEnd(body: readonly BodyToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < body.length; i++) {
    if (body[i]!.atom === OPEN) depth++;
    else if (body[i]!.atom === CLOSE && --depth === 0) return i;
  }
  return body.length;
}

const pasteCache = new Map<string, readonly Atom[]>();

/** The token a pasted spelling makes; more than one where the C is wrong, which the parser then reports. */
function pastedAtoms(spelling: string): readonly Atom[] {
  let atoms = pasteCache.get(spelling);
  if (atoms === undefined) {
    atoms = [...lex('<paste>', spelling).atoms];
    pasteCache.set(spelling, atoms);
  }
  return atoms;
}
