import { identifier, spellingOf } from './lex/atoms.ts';
import { lex } from './lex/lex.ts';
import type { Location, Place } from './lex/sourceMap.ts';
import type { TokenStream } from './lex/tokenStream.ts';
import { TokenWriter } from './lex/tokenStream.ts';
import type { Expr, FunctionBody, FunctionSymbol, Initializer, StaticObject } from './parse/ast.ts';
import type { ParseError } from './parse/parseError.ts';
import { UnitParser } from './parse/unitParser.ts';
import type { UnitProblem } from './parse/unitProblem.ts';
import { errorNamesIn } from './preprocess/errorNames.ts';
import { Expander } from './preprocess/expand.ts';
import type { MacroTable } from './preprocess/macroTable.ts';
import type { InactiveRange, Preprocessed } from './preprocess/preprocess.ts';
import type { KconfigValues, OptionValue } from './profile/kconfig.ts';
import type { ConfigurationProfile } from './profile/profile.ts';
import { OPTION_PREFIX } from './profile/profile.ts';
import type { AggregateType, IntegerType, Type } from './types/type.ts';

/** What was read to make a unit, and what it had to do without. */
export interface UnitReport {
  readonly profile: ConfigurationProfile;
  /** Number of files read. */
  readonly files: number;
  readonly tokens: number;
  /** Headers that only a build generates, or that the tree does not have, by name. */
  readonly missingHeaders: readonly string[];
  /** Text that the configuration leaves out, in files outside the include folders. */
  readonly inactive: readonly InactiveRange[];
}

/** What a unit is read under. */
export interface UnitSettings {
  readonly profile: ConfigurationProfile;
  readonly plainChar: IntegerType;
  /** Numbers of options that the profile does not have. */
  readonly options: KconfigValues;
}

/** A C file with everything it includes, parsed: declarations at once, bodies when they are asked for. */
export class Unit {
  readonly path: string;
  readonly report: UnitReport;
  private readonly parser: UnitParser;
  private readonly macros: MacroTable;
  private readonly preprocessed: Preprocessed;
  private readonly options: KconfigValues;
  private readonly bodies = new Map<FunctionSymbol, FunctionBody | ParseError>();
  private objects: ReadonlyMap<string, readonly StaticObject[]> | undefined;
  private readonly byFile = new Map<string, ReadonlyMap<string, FunctionSymbol>>();
  private readonly initializers = new Map<StaticObject, Initializer | ParseError>();
  private errors: ReadonlyMap<number, string> | undefined;
  private readonly expressions = new Map<string, Expr | ParseError>();

  constructor(
    path: string,
    preprocessed: Preprocessed,
    { profile, plainChar, options }: UnitSettings,
  ) {
    this.path = path;
    this.preprocessed = preprocessed;
    this.macros = preprocessed.macros;
    const { tokens, sources } = preprocessed;
    this.options = options;
    this.parser = new UnitParser(tokens, sources, plainChar, (name) => {
      return options.valueOf(name.slice(OPTION_PREFIX.length))?.value;
    });
    this.parser.parseDeclarations();
    const missing = preprocessed.problems.filter(({ kind }) => kind === 'missing-include');
    this.report = {
      profile,
      files: sources.paths.length,
      tokens: tokens.count,
      missingHeaders: [...new Set(missing.map(({ message }) => message))],
      inactive: preprocessed.inactive,
    };
  }

  /** Options that what was parsed so far uses, and to which neither the profile nor Kconfig gives a value. */
  get inventedOptions(): readonly OptionValue[] {
    return this.options.invented;
  }

  /** What of the declarations could not be read. Reads all of them: most are passed over otherwise. */
  problems(): readonly UnitProblem[] {
    this.parser.parseRest();
    const { sources, problems } = this.preprocessed;
    const others = problems.filter(({ kind }) => kind !== 'missing-include');
    return [
      ...others.map(({ message, at }) => ({ ...sources.place(at), message })),
      ...this.parser.problems,
    ];
  }

  /** The preprocessed tokens. */
  get tokens(): TokenStream {
    return this.preprocessed.tokens;
  }

  /** Whether the unit was made from a file, by including it or being it. */
  reads(path: string): boolean {
    return this.preprocessed.sources.paths.includes(path);
  }

  /** File, line and column of a location of this unit. */
  place(at: Location): Place {
    return this.preprocessed.sources.place(at);
  }

  /** The function or macro that is called at a location, as the source spells it: `q->ops->get`. */
  calleeAt(at: Location): string | undefined {
    return this.preprocessed.sources.calleeAt(at);
  }

  /** A function declared or defined in this unit. */
  function(name: string): FunctionSymbol | undefined {
    const symbol = this.parser.fileScope.own(identifier(name));
    return symbol?.kind === 'function' ? symbol : undefined;
  }

  /** Every function that has a body in this unit, headers included. */
  definedFunctions(): FunctionSymbol[] {
    return this.functionsWhere((bodyEnd) => bodyEnd !== undefined);
  }

  private functionsWhere(isWanted: (bodyEnd: number | undefined) => boolean): FunctionSymbol[] {
    const found: FunctionSymbol[] = [];
    const { fileScope } = this.parser;
    for (const [, symbol] of fileScope.ownNames(({ bodyEnd }) => isWanted(bodyEnd))) {
      if (symbol.kind === 'function' && symbol.body !== undefined) found.push(symbol);
    }
    return found;
  }

  /** The functions that begin and end in one of the files that were read, by name. */
  functionsIn(file: string): ReadonlyMap<string, FunctionSymbol> {
    let found = this.byFile.get(file);
    if (found === undefined) {
      const symbols = this.functionsWhere((bodyEnd) => this.isIn(file, bodyEnd));
      const inside = symbols.filter(
        ({ at, body }) =>
          this.preprocessed.sources.pathOf(at) === file &&
          this.isIn(file, this.tokens.partners[body!]),
      );
      found = new Map(inside.map((symbol) => [symbol.name, symbol]));
      this.byFile.set(file, found);
    }
    return found;
  }

  private isIn(file: string, token: number | undefined): boolean {
    const at = token === undefined ? undefined : this.tokens.uses[token];
    return at !== undefined && this.preprocessed.sources.pathOf(at) === file;
  }

  /** An object declared or defined at file scope. */
  object(name: string): StaticObject | undefined {
    const symbol = this.parser.fileScope.own(identifier(name));
    return symbol?.kind === 'object' ? symbol : undefined;
  }

  /** Objects of a struct type that this unit defines, with their initialisers unread. */
  definedObjects(tag: string): readonly StaticObject[] {
    this.objects ??= this.objectsByTag();
    return this.objects.get(tag) ?? [];
  }

  /** Tags of the structs and unions of which this unit defines objects at file scope. */
  definedTags(): Iterable<string> {
    this.objects ??= this.objectsByTag();
    return this.objects.keys();
  }

  private objectsByTag(): ReadonlyMap<string, readonly StaticObject[]> {
    const found = new Map<string, StaticObject[]>();
    for (const [, symbol] of this.parser.fileScope.ownNames(() => false)) {
      if (symbol.kind !== 'object' || !symbol.defined) continue;
      const { type } = symbol;
      if (type.kind !== 'aggregate' || type.tag === undefined) continue;
      const alike = found.get(type.tag);
      if (alike === undefined) found.set(type.tag, [symbol]);
      else alike.push(symbol);
    }
    return found;
  }

  /** Value of an enumeration constant. */
  enumerator(name: string): bigint | undefined {
    const symbol = this.parser.fileScope.own(identifier(name));
    return symbol?.kind === 'enumerator' ? symbol.value : undefined;
  }

  /** A complete struct or union by its tag. */
  aggregate(tag: string): AggregateType | undefined {
    const type = this.parser.fileScope.findTag(identifier(tag));
    return type?.kind === 'aggregate' && type.layout !== undefined ? type : undefined;
  }

  /** Tags of every complete struct and union at file scope. */
  aggregateTags(): string[] {
    const tags: string[] = [];
    for (const [tag, type] of this.parser.fileScope.ownTags()) {
      if (type.kind === 'aggregate' && type.layout !== undefined) tags.push(spellingOf(tag));
    }
    return tags;
  }

  /** The body of a function of this unit. */
  bodyOf(symbol: FunctionSymbol): FunctionBody | ParseError {
    let body = this.bodies.get(symbol);
    if (body === undefined) {
      body = this.parser.bodyOf(symbol);
      this.bodies.set(symbol, body);
    }
    return body;
  }

  /** The initialiser of an object that has one. */
  initializerOf(object: StaticObject): Initializer | ParseError {
    let initializer = this.initializers.get(object);
    if (initializer === undefined) {
      initializer = this.parser.initializerOf(object);
      this.initializers.set(object, initializer);
    }
    return initializer;
  }

  /** Names of errors by their positive numbers, as the `errno` headers that the unit reads define them. */
  errorNames(): ReadonlyMap<number, string> {
    return (this.errors ??= errorNamesIn(this.macros, this.preprocessed.sources));
  }

  /** An expression read as if it stood at the end of the unit, macros included. */
  expression(text: string): Expr | ParseError {
    let expr = this.expressions.get(text);
    if (expr === undefined) {
      expr = this.parser.expressionFrom(this.tokensOf(text));
      this.expressions.set(text, expr);
    }
    return expr;
  }

  /** A type name read as if it stood at the end of the unit. */
  type(text: string): Type | ParseError {
    return this.parser.typeFrom(this.tokensOf(text));
  }

  private tokensOf(text: string): TokenStream {
    const file = lex('<expression>', text);
    this.preprocessed.sources.enter(file);
    const tokens = Array.from(file.atoms, (atom, i) => {
      const at = file.base + file.offsets[i]!;
      return { atom, space: false, hide: null, use: at, definition: at, ofPlace: false };
    });
    const expander = new Expander(this.macros, () => undefined);
    const writer = new TokenWriter(64);
    for (const token of expander.expand(tokens)) {
      writer.push(token.atom, token.use, token.definition);
    }
    return writer.finish();
  }
}
