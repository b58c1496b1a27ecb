import type { CallNode, FunctionSymbol, StaticObject } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import { VOID } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { AddressSpace } from './addressSpace.ts';
import { ADDRESS_SPACE } from './addressSpace.ts';
import { Arena } from './arena.ts';
import type { Budget } from './budget.ts';
import type { UseOfPages } from './changedMemory.ts';
import { changedMemory } from './changedMemory.ts';
import { expressionCode, functionCode } from './compiledCode.ts';
import type { Chooser } from './choices.ts';
import { ChoiceString } from './choices.ts';
import type {
  AllocationRequest,
  Callable,
  CallObserver,
  Executor,
  IntrinsicOperation,
  LoadedCode,
  Model,
  ModelResult,
  ObjectMaker,
  TraceEvent,
} from './executor.ts';
import { bothOf, Frame, loaded, Stage } from './executor.ts';
import { Memory } from './memory.ts';
import type { Program } from './program.ts';
import type { QuestionKind } from './questionKind.ts';
import { formOf } from './resultForm.ts';
import { StaticObjects } from './staticObjects.ts';
import type { StepObserver } from './stepObserver.ts';
import { observeSteps } from './stepObserver.ts';
import { Stop, stopWhenTooDeep } from './stop.ts';
import type { Pointer, Value } from './values.ts';
import { hex } from './values.ts';

/** Fills an object that no linked unit defines; false when the floor does not know it either. */
export type ExternalData = (
  machine: Machine,
  name: string,
  address: number,
  object: StaticObject,
) => boolean;

/** Answers a call to a function that has neither a body nor a model. */
export type UnknownFunction = (
  machine: Machine,
  callable: Callable,
  args: Value[],
  node: CallNode | undefined,
) => Value;

/** The floor below the C: what calls, operations and data outside it mean. */
export interface Floor {
  readonly models: ReadonlyMap<string, Model>;
  readonly operations: ReadonlyMap<string, IntrinsicOperation>;
  readonly externalData: ExternalData;
  readonly unknownFunction: UnknownFunction;
}

/** Everything a machine needs besides the C. */
export interface MachineOptions {
  readonly program: Program;
  readonly floor: Floor;
  readonly budget: Budget;
  /** Milliseconds from any start; the machine itself has no clock. */
  readonly now: () => number;
  /** True when the path should end early. */
  readonly cancelled?: () => boolean;
  readonly choices?: Chooser;
  readonly trace?: (event: TraceEvent, frame: Frame | undefined) => void;
  /** Record calls and returns too. */
  readonly traceCalls?: 'all' | 'none';
  /** Sees every step: for the runs that are shown. */
  readonly steps?: StepObserver;
  /** Functions that are what is looked at: no model stands in for one of them that has a body. */
  readonly underReview?: ReadonlySet<string>;
}

/** How many steps pass between looks at the clock and the cancellation. */
const STEPS_PER_SLICE = 1 << 14;
/** Argument nodes are only needed for types; calls from TypeScript have none. */
const NO_TYPES: readonly Type[] = [];

/** Executes C on a memory, with a floor of models below it. */
export class Machine implements Executor {
  readonly memory: Memory;
  readonly space: AddressSpace = ADDRESS_SPACE;
  readonly program: Program;
  readonly choices: Chooser;
  readonly floor: Floor;
  frame: Frame | undefined;
  /** The outermost frame that returned last, as it was then. */
  lastReturned: Frame | undefined;
  inputs: ObjectMaker | undefined;
  /** Pointers and structs with static storage and without initialiser are inputs from now on. */
  areGlobalsSet = false;
  /** State that models keep between calls, by model family. */
  readonly modelState: Map<string, unknown> = new Map<string, unknown>();
  /** What the path so far rests on: assumptions that something read, in the order of first reading. */
  readonly assumptions: string[] = [];
  /** The same, to ask quickly. */
  private readonly resting = new Set<string>();
  /** Assumptions that were made, read or not; the number of one is its index plus one. */
  private readonly assumed: string[] = [];
  private readonly options: MachineOptions;
  private evaluating = false;
  private readonly callables = new Map<Unit, Map<FunctionSymbol, Callable>>();
  private readonly functionsByAddress = new Map<number, Callable>();
  private readonly statics: StaticObjects;
  private slabArena: Arena | undefined;
  private directMapBase: number | undefined;
  private readonly returned: Arena;
  private readonly variadic: (readonly Value[])[] = [];
  private nextText: number;
  private stackTop: number;
  private depth = 0;
  /** Steps left before the next look at the budgets. */
  private slice = 0;
  private sliceSize = 0;
  private stepsBefore = 0;
  private deadline = Infinity;
  /** Marks of the blocks that are entered now. */
  private stage: number = Stage.before;
  /** The blocks that were entered and what was decided between them, as a hash (FNV-1a over numbers). */
  private way = 0x811c9dc5;

  constructor(options: MachineOptions) {
    this.options = options;
    const { program, budget } = options;
    this.program = program;
    this.floor = options.floor;
    this.choices = options.choices ?? new ChoiceString();
    this.memory = new Memory({ moved: budget.bytesMoved }, (assumption, address) => {
      const text = this.assumed[assumption - 1];
      this.assume(text ?? `${this.memory.regions.describe(address)} is zero`);
    });
    this.statics = new StaticObjects(this, program, this.space.image, (object, address) => {
      this.floor.externalData(this, object.name, address, object);
    });
    this.returned = new Arena(this.space.stack - 0x10000000);
    this.nextText = this.space.text;
    this.stackTop = this.space.stack;
  }

  /** Steps taken so far: blocks entered plus calls. */
  get steps(): number {
    return this.stepsBefore + this.sliceSize - this.slice;
  }

  /** What runs from here on is what a run is about; what ran before brought about the state that it finds. */
  enterEntry(): void {
    this.stage = Stage.entry;
  }

  /** The way that the path took so far: equal where every branch and every test came out alike. */
  get trail(): number {
    return this.way;
  }

  get decisions(): number {
    return this.choices.made.length;
  }

  decided(outcome: number): void {
    this.way = Math.imul(this.way ^ outcome, 0x01000193);
  }

  /** The unit whose types models use. */
  get mainUnit(): Unit {
    return this.program.all[0]!;
  }

  /** Virtual address of physical address 0 in the direct map, as the tree's own __va() has it. */
  get directMap(): number {
    if (this.directMapBase === undefined) {
      const base = this.evaluate('(unsigned long)__va(0UL)') ?? this.space.directMap;
      this.directMapBase = Number(BigInt.asIntN(64, BigInt(base)));
    }
    return this.directMapBase;
  }

  /** Value of an expression of a unit's C; undefined when it does not parse. */
  evaluate(text: string, unit: Unit = this.mainUnit): Value {
    const compiled = expressionCode(unit, text);
    if (compiled === undefined) return undefined;
    const { symbol } = compiled;
    const code = loaded(compiled.code);
    const callable = { name: text, unit, symbol, model: undefined, code, address: 0 };
    // What models ask on the side is no part of the path's trace.
    this.evaluating = true;
    try {
      return this.outermost(() => this.runCode(callable, code, []));
    } finally {
      this.evaluating = false;
    }
  }

  /** Value of a constant of the main unit: an enumerator or a macro. */
  constant(text: string): bigint | undefined {
    const value = this.evaluate(text);
    return value === undefined ? undefined : BigInt(value);
  }

  /** Notes something the path rests on; once. */
  assume(text: string): void {
    if (this.resting.has(text)) return;
    this.resting.add(text);
    this.assumptions.push(text);
    this.record({ kind: 'assume', text });
  }

  record(event: TraceEvent): void {
    if (!this.evaluating) this.options.trace?.(event, this.frame);
  }

  choose(question: string, options: readonly Value[], kind: QuestionKind = 'result'): Value {
    const value = this.ask(question, options, kind);
    this.assume(`${question} = ${shown(value)}`);
    return value;
  }

  /** Chooses contents that are stored and may never be read; see Memory.markAssumed(). */
  chooseContents(
    question: string,
    options: readonly Value[],
  ): { readonly value: Value; readonly assumption: number } {
    const value = this.ask(question, options, 'input');
    return { value, assumption: this.assumption(`${question} = ${shown(value)}`) };
  }

  private ask(text: string, options: readonly Value[], kind: QuestionKind): Value {
    const most = this.options.budget.choices;
    if (this.choices.made.length >= most) {
      throw new Stop('budget', `rests on more than ${most} choices`);
    }
    return this.choices.take({ text, kind, options, frame: this.frame });
  }

  /** The number of an assumption that contents of memory may be marked with. */
  assumption(text: string): number {
    return this.assumed.push(text);
  }

  // Calls from outside.

  /** Calls a function by name, external or of any unit. A Stop passes through; the machine stays usable. */
  call(name: string, args: readonly Value[]): Value {
    const callable = this.callableNamed(name);
    return this.outermost(() => this.invoke(callable, formed(callable, args), undefined));
  }

  /** Calls through a function pointer that C left somewhere. */
  callThrough(pointer: Pointer, args: readonly Value[]): Value {
    const callable = this.functionAt(pointer);
    const values = callable === undefined ? [...args] : formed(callable, args);
    return this.outermost(() => this.invokePointer(pointer, values, undefined));
  }

  /** Runs something as the outermost activity: budgets start anew, frames are put away afterwards. */
  outermost<T>(run: () => T): T {
    const nested = this.depth > 0;
    if (!nested) {
      this.stepsBefore = 0;
      this.startSlice();
      this.memory.resetBudget();
      this.deadline = this.options.now() + this.options.budget.milliseconds;
    }
    const { depth, stackTop } = this;
    const result = nested ? run() : stopWhenTooDeep('budget', run);
    // After a Stop these stay as they were, so that the path's frames can be shown; see unwind().
    this.depth = depth;
    this.stackTop = stackTop;
    return result;
  }

  /** Puts away the frames of a path that ended in a Stop. */
  unwind(): void {
    this.frame = undefined;
    this.depth = 0;
    this.stackTop = this.space.stack;
  }

  /** The callable of a name: a function of some unit, or a model. */
  callableNamed(name: string): Callable {
    const found = this.program.functionNamed(name);
    if (found !== undefined) return this.callableFor(found.unit, found.symbol);
    for (const unit of this.program.all) {
      const symbol = unit.function(name);
      if (symbol?.body !== undefined) return this.callableFor(unit, symbol);
    }
    return this.modelCallable(name);
  }

  private readonly modelCallables = new Map<string, Callable>();

  private modelCallable(name: string): Callable {
    let callable = this.modelCallables.get(name);
    if (callable === undefined) {
      const unit = this.program.all[0]!;
      const model = this.floor.models.get(name);
      callable = { name, unit, symbol: unit.function(name), model, code: undefined, address: 0 };
      this.modelCallables.set(name, callable);
    }
    return callable;
  }

  /** The functions of a unit that were called, with what of them was executed. */
  executed(unit: Unit): readonly Callable[] {
    const known = this.callables.get(unit) ?? new Map<FunctionSymbol, Callable>();
    return [...known.values()].filter(({ code }) => code !== undefined);
  }

  private observers: ReadonlyMap<string, CallObserver> = new Map();

  /** Tells observers of every call of C functions from now on, by name, beside those that are told already. */
  observeCalls(observers: ReadonlyMap<string, CallObserver>): void {
    const all = new Map(this.observers);
    for (const [name, observer] of observers) all.set(name, bothOf(all.get(name), observer));
    this.observers = all;
    for (const ofUnit of this.callables.values()) {
      for (const callable of ofUnit.values()) this.observe(callable);
    }
  }

  private observe(callable: Callable): Callable {
    const observer = this.observers.get(callable.name);
    if (observer !== undefined && callable.model === undefined) callable.observer = observer;
    return callable;
  }

  callableFor(unit: Unit, symbol: FunctionSymbol): Callable {
    let ofUnit = this.callables.get(unit);
    if (ofUnit === undefined) {
      ofUnit = new Map();
      this.callables.set(unit, ofUnit);
    }
    let callable = ofUnit.get(symbol);
    if (callable === undefined) {
      callable = this.observe(this.resolve(unit, symbol));
      ofUnit.set(symbol, callable);
    }
    return callable;
  }

  private resolve(unit: Unit, symbol: FunctionSymbol): Callable {
    const model = this.floor.models.get(symbol.name);
    const isShadowed = model?.shadows !== undefined;
    if (isShadowed && this.options.underReview?.has(symbol.name) !== true)
      return this.modelCallable(symbol.name);
    if (symbol.body !== undefined) {
      const { name } = symbol;
      return { name, unit, symbol, model: undefined, code: undefined, address: 0 };
    }
    const elsewhere = symbol.external ? this.program.functionNamed(symbol.name) : undefined;
    if (elsewhere !== undefined && elsewhere.symbol !== symbol) {
      return this.callableFor(elsewhere.unit, elsewhere.symbol);
    }
    if (model !== undefined) return this.modelCallable(symbol.name);
    return { name: symbol.name, unit, symbol, model: undefined, code: undefined, address: 0 };
  }

  // Execution.

  invoke(callable: Callable, args: Value[], node: CallNode | undefined): Value {
    if (--this.slice <= 0) this.nextSlice();
    const { symbol, model } = callable;
    if (model !== undefined) return this.runModel(model, callable, args, node);
    if (symbol?.body === undefined) {
      return this.floor.unknownFunction(this, callable, args, node);
    }
    const code = (callable.code ??= loaded(functionCode(callable.unit, symbol)));
    return this.runCode(callable, code, args);
  }

  private runModel(
    model: Model,
    callable: Callable,
    args: Value[],
    node: CallNode | undefined,
  ): Value {
    const resultType = node?.type ?? callable.symbol?.type.result ?? VOID;
    const result: ModelResult = model.run({
      machine: this,
      name: callable.name,
      args,
      argTypes: node?.args.map((arg) => arg.type) ?? NO_TYPES,
      resultType,
      unit: this.frame?.callable.unit ?? callable.unit,
    });
    return formOf(result, resultType);
  }

  private runCode(callable: Callable, code: LoadedCode, args: readonly Value[]): Value {
    if (++this.depth > this.options.budget.depth) {
      throw new Stop('budget', `calls nested deeper than ${this.options.budget.depth}`);
    }
    const { entered } = code;
    const { blocks, frameSize, parameters } = code.code;
    const { stage } = this;
    const observer = this.options.steps;
    const base = this.stackTop;
    const caller = this.frame;
    const frame = new Frame(this, callable, { code, base, caller });
    if (frameSize > 0) {
      this.stackTop = base + frameSize;
      this.memory.openFrame(base, frameSize);
    }
    for (let i = 0; i < parameters.length; i++) parameters[i]!(frame, args[i]);
    if (args.length > parameters.length) frame.extra = args.slice(parameters.length);
    const traced = this.options.traceCalls === 'all';
    // Before the frame is entered, so that the event is placed at the call.
    if (traced) this.record({ kind: 'call', name: callable.name, args });
    const returned = callable.observer?.(args);
    this.frame = frame;
    let index = 0;
    do {
      if (--this.slice <= 0) this.nextSlice();
      const block = blocks[index]!;
      const { steps, locations, exitAt, next } = block;
      entered[index] = entered[index]! | stage;
      if (observer === undefined) {
        for (let i = 0; i < steps.length; i++) {
          frame.at = locations[i]!;
          steps[i]!(frame);
        }
      } else observeSteps(observer, frame, index, block);
      if (exitAt !== 0) frame.at = exitAt;
      const from = index;
      index = next(frame);
      if (observer !== undefined && exitAt !== 0) observer.left(frame, from, index);
      this.way = Math.imul(this.way ^ index, 0x01000193);
    } while (index >= 0);
    if (traced) this.record({ kind: 'return', name: callable.name, value: frame.result });
    if (caller === undefined) this.lastReturned = frame;
    this.frame = caller;
    returned?.(frame.result);
    this.depth--;
    if (frameSize > 0) {
      this.memory.drop(base, frameSize);
      this.stackTop = base;
    }
    return frame.result;
  }

  private startSlice(): void {
    // The step budget is exact: the last slice ends where it does.
    this.sliceSize = Math.min(STEPS_PER_SLICE, this.options.budget.steps - this.stepsBefore + 1);
    this.slice = this.sliceSize;
  }

  spend(steps: number): void {
    this.stepsBefore += steps;
    this.nextSlice();
  }

  private nextSlice(): void {
    const { budget, cancelled, now } = this.options;
    this.stepsBefore = this.steps;
    this.sliceSize = 0;
    this.slice = 0;
    if (this.stepsBefore > budget.steps) {
      throw new Stop('budget', `took more than ${budget.steps} steps`);
    }
    if (now() > this.deadline) {
      throw new Stop('budget', `ran longer than ${budget.milliseconds} ms`);
    }
    if (cancelled?.() === true) throw new Stop('cancelled', 'cancelled');
    this.startSlice();
  }

  invokePointer(pointer: Pointer, args: Value[], node: CallNode | undefined): Value {
    const callable = typeof pointer === 'number' ? this.functionsByAddress.get(pointer) : undefined;
    if (callable === undefined) {
      const kind = pointer === 0 ? 'null-pointer' : 'bad-pointer';
      throw new Stop(kind, `calls through ${hex(pointer)}, which is no function`);
    }
    return this.invoke(callable, args, node);
  }

  /** The function a pointer stands for. */
  functionAt(pointer: Pointer): Callable | undefined {
    return typeof pointer === 'number' ? this.functionsByAddress.get(pointer) : undefined;
  }

  operation(name: string): IntrinsicOperation | undefined {
    return this.floor.operations.get(name);
  }

  // Addresses.

  addressOfFunction(callable: Callable): number {
    if (callable.address === 0) {
      callable.address = this.nextText;
      this.nextText += 16;
      this.functionsByAddress.set(callable.address, callable);
    }
    return callable.address;
  }

  /** Takes the pages of the page allocator as they are now for what they always were. */
  notePages(): void {
    for (const { kind, start, size } of this.memory.regions.all()) {
      if (kind === 'pages') this.memory.initial.noteObject(this.memory, start, size);
    }
  }

  /** What C left other than it was, in memory that outlives the call. */
  changedMemory(pages: UseOfPages): ReadonlyMap<string, string> {
    const names = {
      code: (address: number) => this.functionAt(address)?.name,
      place: (address: number) =>
        this.inputs?.memberAt(address) ?? this.memory.regions.describe(address),
    };
    return changedMemory(this.memory, this.memory.initial, names, pages);
  }

  addressOfString(bytes: Uint8Array): number {
    return this.statics.addressOfString(bytes);
  }

  addressOfObject(unit: Unit, object: StaticObject): number {
    return this.statics.addressOfObject(unit, object);
  }

  // Memory for models.

  allocate({ kind, name, size, align, contents, before = 0 }: AllocationRequest): number {
    this.slabArena ??= new Arena(this.directMap + this.space.slabPhysical);
    const start = this.slabArena.take(Math.max(size, 1) + before, align);
    const physical = start - this.directMap;
    const origin = start + before;
    this.memory.back({ kind, name, start, size: size + before, physical, origin }, contents);
    return origin;
  }

  allocateReturned(size: number): number {
    const start = this.returned.take(size, 16);
    this.memory.back({ kind: 'returned', name: 'returned struct', start, size }, 'unwritten');
    return start;
  }

  startVariadic(): number {
    this.variadic.push(this.frame?.extra ?? []);
    return this.variadic.length * VARIADIC_SPAN;
  }

  variadicArgument(token: number): Value {
    const list = this.variadic[Math.floor(token / VARIADIC_SPAN) - 1];
    return list?.[token % VARIADIC_SPAN];
  }
}

/** Arguments from TypeScript in the form that the parameters' types have in the machine. */
function formed({ symbol }: Callable, args: readonly Value[]): Value[] {
  return args.map((arg, i) => {
    const type = symbol?.type.parameters[i]?.type;
    return type === undefined ? arg : formOf(arg, type);
  });
}

/** A chosen value as people read it; addresses of made-up objects say nothing by their digits. */
function shown(value: Value): string {
  if (typeof value === 'number' && value < -0x100000000) return 'an object';
  return String(value);
}

/** A va_list is a number: which started list, times this, plus the index of the next argument. */
const VARIADIC_SPAN = 1 << 16;
