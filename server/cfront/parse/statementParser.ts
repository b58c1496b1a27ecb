import type { Atom } from '../lex/atoms.ts';
import { identifier, spellingOf } from '../lex/atoms.ts';
import { literalBytes } from '../lex/literals.ts';
import type { Location } from '../lex/sourceMap.ts';
import { INT, LONG } from '../types/type.ts';
import type { FunctionType, IntegerType, Type } from '../types/type.ts';
import type {
  AsmOperand,
  BlockStatement,
  Expr,
  FunctionBody,
  FunctionSymbol,
  Label,
  Local,
  Statement,
  StaticObject,
} from './ast.ts';
import { convert, requireConstant, scalar, valueOf } from './build.ts';
import type { Attributes } from './attributes.ts';
import { InitializerParser } from './initializerParser.ts';
import { ASM_WORDS, ATTRIBUTE_WORDS, K, P } from './keywords.ts';
import { ParseError } from './parseError.ts';
import { endOfStatement } from './statementEnd.ts';
import { noAttributes } from './attributes.ts';
import type { Declarator, Specifiers } from './declaratorParser.ts';
import { alignmentBy, largest } from './declaratorParser.ts';

const GOTO_WORD = identifier('goto');
const CASE_WORDS: ReadonlySet<Atom> = new Set([K.case, K.default]);

/** Parses statements, and with them function bodies. */
export abstract class StatementParser extends InitializerParser {
  private result: Type = INT;
  private switchType: Type = INT;
  private labels = new Map<Atom, Label>();
  /** Statements of the body at hand that were not understood; undefined outside of bodies. */
  private notParsed: ParseError[] | undefined;
  /** A case label of the innermost switch that was not understood: nobody knows where the value leads. */
  private lostCase: ParseError | undefined;

  /** Declares a function named in a block; the same symbol serves the whole unit. */
  protected abstract declareFunction(
    name: Atom,
    type: Type & { kind: 'function' },
    specifiers: Pick<Specifiers, 'storage'>,
  ): FunctionSymbol;

  /** A call of what nothing declares is one of a function that nobody knows: bodies are read all the same. */
  protected undeclaredFunction(name: Atom): FunctionSymbol | undefined {
    if (this.notParsed === undefined) return undefined;
    const type: FunctionType = {
      ...{ kind: 'function', result: LONG, parameters: [], variadic: true },
    };
    const symbol = this.declareFunction(name, type, { storage: undefined });
    symbol.isUndeclared = true;
    return symbol;
  }

  /** Parses the body of a function of this unit. */
  functionBody(symbol: FunctionSymbol): FunctionBody {
    this.cursor.at = symbol.body!;
    this.result = symbol.type.result;
    this.functionName = symbol.name;
    this.labels = new Map();
    const problems: ParseError[] = [];
    this.notParsed = problems;
    this.lostCase = undefined;
    try {
      return this.inScope(() => {
        const parameters = symbol.type.parameters.map(({ name, type }): Local => {
          const local: Local = {
            kind: 'local',
            name: name ?? '',
            type,
            inMemory: type.kind === 'aggregate',
            cleanup: undefined,
          };
          if (name !== undefined) this.scope.declare(identifier(name), local);
          return local;
        });
        const body = this.block();
        const { variadic } = symbol.type;
        return { function: symbol, parameters, body, variadic, problems };
      });
    } finally {
      this.notParsed = undefined;
    }
  }

  protected block(): BlockStatement {
    const { cursor } = this;
    const at = cursor.location;
    cursor.expect(P.openCurly);
    const body: Statement[] = [];
    this.inScope(() => {
      while (!cursor.accept(P.closeCurly)) {
        if (cursor.ended) throw cursor.error('the text ends inside a block');
        this.blockItem(body);
      }
    });
    return { op: 'block', body, at };
  }

  private blockItem(into: Statement[]): void {
    const { cursor } = this;
    const { atom } = cursor;
    if (atom === K.localLabel) {
      this.localLabels();
      return;
    }
    if (atom === K.staticAssert) {
      cursor.at++;
      cursor.skipGroup();
      cursor.accept(P.semicolon);
      return;
    }
    const isLabel = cursor.isIdentifier && cursor.peek(1) === P.colon;
    if (!isLabel && atom !== K.extension && this.startsType() && !this.attributeStatement()) {
      this.understood(into, () => {
        this.declaration(into);
      });
      return;
    }
    this.statement(into);
  }

  /** A statement that is not understood stands for itself: runs that do not come to it need not know it. */
  private understood(into: Statement[], parse: () => void): void {
    const { cursor, switchType } = this;
    const start = cursor.at;
    const at = cursor.location;
    try {
      parse();
    } catch (error) {
      if (!(error instanceof ParseError) || this.notParsed === undefined) throw error;
      const end = endOfStatement(cursor.tokens, start);
      if (end === undefined) throw error;
      if (cursor.tokens.atoms.subarray(start, end).some((atom) => CASE_WORDS.has(atom))) {
        this.lostCase ??= error;
      }
      this.switchType = switchType;
      cursor.at = end;
      this.notParsed.push(error);
      into.push({ op: 'not-parsed', error, at });
    }
  }

  /** `__attribute__((fallthrough));` is a statement, not a declaration. */
  private attributeStatement(): boolean {
    const { cursor } = this;
    if (!ATTRIBUTE_WORDS.has(cursor.atom)) return false;
    const end = cursor.tokens.partners[cursor.at + 1]!;
    return cursor.tokens.atoms[end + 1] === P.semicolon;
  }

  private localLabels(): void {
    const { cursor } = this;
    cursor.at++;
    do {
      const name = cursor.atom;
      cursor.at++;
      this.labels.set(name, { name: spellingOf(name) });
    } while (cursor.accept(P.comma));
    cursor.expect(P.semicolon);
  }

  private label(name: Atom): Label {
    let label = this.labels.get(name);
    if (label === undefined) {
      label = { name: spellingOf(name) };
      this.labels.set(name, label);
    }
    return label;
  }

  private declaration(into: Statement[]): void {
    const { cursor } = this;
    const specifiers = this.specifiers();
    while (cursor.atom !== P.semicolon) {
      this.initDeclarator(specifiers, into);
      if (!cursor.accept(P.comma)) break;
    }
    cursor.expect(P.semicolon);
  }

  private initDeclarator(specifiers: Specifiers, into: Statement[]): void {
    const { cursor } = this;
    const at = cursor.location;
    const attributes: Attributes = { ...specifiers.attributes };
    const { name, type, isConst } = this.declarator(specifiers, attributes);
    if (name === undefined) throw cursor.error('expected a name');
    if (specifiers.storage === 'typedef') {
      const aligned = largest(attributes.aligned, alignmentBy(specifiers, type));
      this.scope.declare(name, {
        ...{ kind: 'type', type, isConst },
        ...(aligned === undefined ? {} : { aligned }),
      });
      return;
    }
    if (type.kind === 'function') {
      this.declareFunction(name, type, specifiers);
      return;
    }
    if (specifiers.storage !== undefined) {
      this.staticObject({ name, type, isConst }, specifiers, attributes, at);
      return;
    }
    const local = this.declareLocal(name, type, attributes);
    if (isConst) local.isConst = true;
    let initializer;
    if (cursor.accept(P.assign)) {
      try {
        initializer = this.initializer(type);
      } catch (error) {
        // The name is declared all the same, and what follows may use it.
        if (type.kind === 'auto') local.type = INT;
        into.push({ op: 'declare', local, initializer, at });
        throw error;
      }
      local.type = type.kind === 'auto' ? initializer.parts[0]!.type : initializer.type;
      if (local.type.kind === 'aggregate') local.inMemory = true;
    }
    into.push({ op: 'declare', local, initializer, at });
  }

  private declareLocal(name: Atom, type: Type, attributes: Attributes): Local {
    let cleanup: FunctionSymbol | undefined;
    if (attributes.cleanup !== undefined) {
      const symbol = this.scope.find(attributes.cleanup);
      if (symbol?.kind !== 'function') throw this.cursor.error('cleanup with an unknown function');
      cleanup = symbol;
    }
    const inMemory = type.kind === 'aggregate' || type.kind === 'array' || cleanup !== undefined;
    const local: Local = { kind: 'local', name: spellingOf(name), type, inMemory, cleanup };
    this.scope.declare(name, local);
    return local;
  }

  /** `static` and `extern` variables of a block. */
  private staticObject(
    { name, type, isConst }: Declarator & { readonly name: Atom },
    specifiers: Specifiers,
    attributes: Attributes,
    at: Location,
  ): void {
    const { cursor } = this;
    if (specifiers.storage === 'extern') {
      const known = this.fileScope.own(name);
      if (known?.kind === 'object') {
        this.scope.declare(name, known);
        return;
      }
    }
    const isStatic = specifiers.storage === 'static';
    const object: StaticObject = {
      ...{ kind: 'object', name: spellingOf(name), type, external: !isStatic, defined: isStatic },
      ...{
        initializer: undefined,
        align: largest(attributes.aligned, alignmentBy(specifiers, type)) ?? 1,
        at,
      },
    };
    if (isConst) object.isConst = true;
    this.scope.declare(name, object);
    if (!cursor.accept(P.assign)) return;
    object.initializer = { tokens: cursor.tokens, start: cursor.at, scope: this.scope };
    const { type: sized } = this.initializer(type);
    object.type = sized;
  }

  private statement(into: Statement[]): void {
    this.understood(into, () => {
      this.parseStatement(into);
    });
  }

  private parseStatement(into: Statement[]): void {
    const { cursor } = this;
    const { atom } = cursor;
    const at = cursor.location;
    switch (atom) {
      case P.openCurly:
        into.push(this.block());
        return;
      case P.semicolon:
        cursor.at++;
        return;
      case K.pragma:
        this.pragma();
        return;
      case K.if:
        into.push(this.ifStatement(at));
        return;
      case K.while:
        into.push(this.whileStatement(at));
        return;
      case K.do:
        into.push(this.doStatement(at));
        return;
      case K.for:
        into.push(this.forStatement(at));
        return;
      case K.switch: {
        cursor.at++;
        const value = this.switchValue(this.parenthesized());
        const outer = [this.switchType, this.lostCase] as const;
        this.switchType = value.type;
        this.lostCase = undefined;
        const body = this.single();
        const lost = this.lostCase as ParseError | undefined;
        [this.switchType, this.lostCase] = outer;
        if (lost !== undefined) throw lost;
        into.push({ op: 'switch', value, body, at });
        return;
      }
      case K.case:
        this.caseLabel(into, at);
        return;
      case K.default:
        cursor.at++;
        cursor.expect(P.colon);
        into.push({ op: 'default', at });
        return;
      case K.break:
      case K.continue:
        cursor.at++;
        cursor.expect(P.semicolon);
        into.push({ op: atom === K.break ? 'break' : 'continue', at });
        return;
      case K.goto:
        this.gotoStatement(into, at);
        return;
      case K.return:
        this.returnStatement(into, at);
        return;
      default:
        break;
    }
    if (ASM_WORDS.has(atom)) into.push(this.asmStatement(at));
    else if (ATTRIBUTE_WORDS.has(atom)) {
      this.attributes(noAttributes());
      cursor.expect(P.semicolon);
    } else if (cursor.isIdentifier && cursor.peek(1) === P.colon) {
      cursor.at += 2;
      this.attributes(noAttributes());
      into.push({ op: 'label', label: this.label(atom), at });
    } else {
      const value = this.expression();
      cursor.expect(P.semicolon);
      into.push({ op: 'expression', value, at });
    }
  }

  /** One statement as a body, labels in front of it included. */
  private single(): Statement {
    const at = this.cursor.location;
    const body: Statement[] = [];
    do {
      const before = body.length;
      this.statement(body);
      const last = body[body.length - 1];
      const labelled =
        body.length > before &&
        (last?.op === 'label' || last?.op === 'case' || last?.op === 'default');
      if (!labelled || this.cursor.atom === P.closeCurly) break;
    } while (!this.cursor.ended);
    return body.length === 1 ? body[0]! : { op: 'block', body, at };
  }

  private parenthesized(): Expr {
    this.cursor.expect(P.open);
    const value = this.expression();
    this.cursor.expect(P.close);
    return value;
  }

  private ifStatement(at: Location): Statement {
    this.cursor.at++;
    const condition = scalar(this.parenthesized());
    const then = this.single();
    const otherwise = this.cursor.accept(K.else) ? this.single() : undefined;
    return { op: 'if', condition, then, otherwise, at };
  }

  private whileStatement(at: Location): Statement {
    this.cursor.at++;
    const condition = scalar(this.parenthesized());
    const body = this.single();
    return { op: 'loop', init: [], condition, step: undefined, body, testFirst: true, at };
  }

  private doStatement(at: Location): Statement {
    const { cursor } = this;
    cursor.at++;
    const body = this.single();
    cursor.expect(K.while);
    const condition = scalar(this.parenthesized());
    cursor.accept(P.semicolon);
    return { op: 'loop', init: [], condition, step: undefined, body, testFirst: false, at };
  }

  private forStatement(at: Location): Statement {
    const { cursor } = this;
    cursor.at++;
    cursor.expect(P.open);
    return this.inScope(() => {
      const init: Statement[] = [];
      if (this.startsType()) this.declaration(init);
      else if (!cursor.accept(P.semicolon)) {
        init.push({ op: 'expression', value: this.expression(), at });
        cursor.expect(P.semicolon);
      }
      const condition = cursor.atom === P.semicolon ? undefined : scalar(this.expression());
      cursor.expect(P.semicolon);
      const step = cursor.atom === P.close ? undefined : this.expression();
      cursor.expect(P.close);
      const body = this.single();
      return { op: 'loop', init, condition, step, body, testFirst: true, at };
    });
  }

  private switchValue(value: Expr): Expr {
    const operand = valueOf(value);
    if (operand.type.kind !== 'integer')
      throw this.cursor.error('switch on something not an integer');
    const type: IntegerType = operand.type.size > 4 ? operand.type : INT;
    return operand.type.size === 4 ? operand : convert(operand, type);
  }

  private caseLabel(into: Statement[], at: Location): void {
    const { cursor } = this;
    cursor.at++;
    const low = this.caseValue();
    const high = cursor.accept(P.ellipsis) ? this.caseValue() : low;
    cursor.expect(P.colon);
    into.push({ op: 'case', low, high, at });
  }

  /** A label's constant, converted to the type that is switched on (C11 6.8.4.2). */
  private caseValue(): bigint {
    return requireConstant(convert(this.assignmentExpression(), this.switchType), 'case label');
  }

  private gotoStatement(into: Statement[], at: Location): void {
    const { cursor } = this;
    cursor.at++;
    if (cursor.atom === P.star) throw cursor.error('computed goto');
    const name = cursor.atom;
    cursor.identifier();
    cursor.expect(P.semicolon);
    into.push({ op: 'goto', label: this.label(name), at });
  }

  private returnStatement(into: Statement[], at: Location): void {
    const { cursor } = this;
    cursor.at++;
    let value: Expr | undefined;
    if (cursor.atom !== P.semicolon) value = convert(this.expression(), this.result);
    cursor.expect(P.semicolon);
    into.push({ op: 'return', value, at });
  }

  /** `asm volatile goto ("…" : outputs : inputs : clobbers : labels)`. */
  private asmStatement(at: Location): Statement {
    const { cursor } = this;
    cursor.at++;
    let hasLabels = false;
    while (cursor.atom !== P.open) {
      if (cursor.atom === GOTO_WORD) hasLabels = true;
      cursor.at++;
      if (cursor.ended) throw cursor.error('asm without operands');
    }
    const end = cursor.tokens.partners[cursor.at]!;
    cursor.at++;
    let template = '';
    while (cursor.isString) {
      template += String.fromCharCode(...literalBytes(spellingOf(cursor.atom)));
      cursor.at++;
    }
    const outputs = cursor.accept(P.colon) ? this.asmOperands() : [];
    const inputs = cursor.accept(P.colon) ? this.asmOperands() : [];
    cursor.at = end + 1;
    cursor.accept(P.semicolon);
    return { op: 'asm', template, outputs, inputs, hasLabels, at };
  }

  private asmOperands(): AsmOperand[] {
    const { cursor } = this;
    const operands: AsmOperand[] = [];
    while (cursor.atom !== P.colon && cursor.atom !== P.close && !cursor.ended) {
      let name: string | undefined;
      if (cursor.accept(P.openSquare)) {
        name = cursor.identifier();
        cursor.expect(P.closeSquare);
      }
      let constraint = '';
      while (cursor.isString) {
        constraint += spellingOf(cursor.atom).slice(1, -1);
        cursor.at++;
      }
      operands.push({ name, constraint, value: this.parenthesized() });
      if (!cursor.accept(P.comma)) break;
    }
    return operands;
  }
}
