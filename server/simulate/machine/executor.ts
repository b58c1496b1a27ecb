import type { Location } from '../../cfront/lex/sourceMap.ts';
import type { CallNode, FunctionSymbol, StaticObject } from '../../cfront/parse/ast.ts';
import type { AggregateType, Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Memory } from './memory.ts';
import type { QuestionKind } from './questionKind.ts';
import type { Pointer, Value } from './values.ts';

/** One activation of a C function. */
export class Frame {
  /** Variables that live outside memory, by register number. */
  readonly registers: Value[];
  /** Address of the variables that live in memory. */
  readonly base: number;
  readonly callable: Callable;
  readonly code: LoadedCode;
  readonly caller: Frame | undefined;
  readonly machine: Executor;
  /** The machine's. */
  readonly memory: Memory;
  /** Statement being executed. */
  at: Location = 0;
  result: Value = undefined;
  /** Arguments beyond the named ones, for va_arg. */
  extra: readonly Value[] = [];

  constructor(
    machine: Executor,
    callable: Callable,
    { code, base, caller }: Pick<Frame, 'code' | 'base' | 'caller'>,
  ) {
    this.machine = machine;
    this.memory = machine.memory;
    this.callable = callable;
    this.code = code;
    this.registers = new Array<Value>(code.code.registers);
    this.base = base;
    this.caller = caller;
  }
}

/** Evaluates an expression in a frame. */
export type Evaluate = (frame: Frame) => Value;
/** Address of an lvalue in a frame. */
export type Locate = (frame: Frame) => Pointer;

/** A compiled block: its steps, the statement each belongs to, and which block comes next (-1: return). */
export interface CodeBlock {
  readonly steps: readonly Evaluate[];
  readonly locations: readonly Location[];
  readonly exitAt: Location;
  readonly next: (frame: Frame) => number;
}

/** Stores an argument into its parameter's place. */
export type Receive = (frame: Frame, value: Value) => void;

/** How many functions and addresses code refers to, each by its number. */
export interface CodeLinks {
  readonly callees: number;
  readonly addresses: number;
}

/** A compiled function: the same for every machine. */
export interface Code {
  readonly blocks: readonly CodeBlock[];
  readonly registers: number;
  /** Unit: bytes of variables in memory. */
  readonly frameSize: number;
  readonly parameters: readonly Receive[];
  readonly resultType: Type;
  readonly links: CodeLinks;
}

/** When code runs: while the state is brought about that the entry finds, or from the entry on. */
export const Stage = { before: 1, entry: 2 } as const;

/** Code in a machine: what it refers to there, found when it is first needed, and what of it ran. */
export interface LoadedCode {
  readonly code: Code;
  readonly callees: (Callable | undefined)[];
  readonly addresses: (number | undefined)[];
  /** By number of a block: the stages of the run in which it was entered, a bit each. */
  readonly entered: Uint8Array;
}

/** Code as a machine gets it: nothing is found yet, and nothing ran. */
export function loaded(code: Code): LoadedCode {
  const { callees, addresses } = code.links;
  return {
    code,
    callees: new Array<Callable | undefined>(callees),
    addresses: new Array<number | undefined>(addresses),
    entered: new Uint8Array(code.blocks.length),
  };
}

/** What a model is told about the call it answers. */
export interface ModelCall {
  readonly machine: Executor;
  /** Name under which it was called. */
  readonly name: string;
  readonly args: readonly Value[];
  /** Types of the arguments, where the caller is C. */
  readonly argTypes: readonly Type[];
  readonly resultType: Type;
  /** The unit of the caller: its types and constants are those the arguments have. */
  readonly unit: Unit;
}

/** What a model gives back; the machine brings it into the form of the result type. */
export type ModelResult = Value | boolean;

/**
 * Stands in for a function below the C that is executed: hardware, the memory allocator, other
 * subsystems. `reads` and `writes` say in words what of memory it touches.
 */
export interface Model {
  readonly name: string;
  readonly reads: string;
  readonly writes: string;
  /** Why the model is used although the tree has a C body; without it, a C body wins. */
  readonly shadows?: string;
  readonly run: (call: ModelCall) => ModelResult;
}

/**
 * Hears of a call before it runs, with its arguments; the frame of the machine is the caller's. What it gives
 * hears of the result.
 */
export type CallObserver = (args: readonly Value[]) => ((result: Value) => void) | undefined;

/** An observer that tells two, in this order. */
export function bothOf(first: CallObserver | undefined, second: CallObserver): CallObserver {
  if (first === undefined) return second;
  return (args) => {
    const returned = [first(args), second(args)];
    return (result) => {
      for (const hear of returned) hear?.(result);
    };
  };
}

/** Something that can be called: C code, a model, or a name nobody knows. */
export interface Callable {
  readonly name: string;
  readonly unit: Unit;
  readonly symbol: FunctionSymbol | undefined;
  readonly model: Model | undefined;
  code: LoadedCode | undefined;
  observer?: CallObserver;
  /** Address that stands for the function in pointers; 0 until one is needed. */
  address: number;
}

/** An operation that the front end left to the machine (cfront/parse/intrinsics.ts). */
export type IntrinsicOperation = (call: ModelCall) => ModelResult;

/** What compiled code and models may ask of the machine. */
export interface Executor {
  readonly memory: Memory;
  frame: Frame | undefined;
  /** State that models keep between calls, by model family. */
  readonly modelState: Map<string, unknown>;
  /** Invents objects, where inputs may be invented. */
  readonly inputs: ObjectMaker | undefined;
  /** How many decisions were made so far. */
  readonly decisions: number;
  /** Counts work of a model as steps of the path; too many end it. */
  spend(steps: number): void;
  /** Notes that something was decided: part of the way that a path took. */
  decided(outcome: number): void;
  readonly areGlobalsSet: boolean;
  /** The unit whose types models use. */
  readonly mainUnit: Unit;
  /** Virtual address of physical address 0 in the direct map. */
  readonly directMap: number;
  /** Value of an expression of the main unit's C; undefined when it does not parse. */
  evaluate(text: string): Value;
  /** The same for a constant: an enumerator or a macro. */
  constant(text: string): bigint | undefined;
  /** Calls a function by name. */
  call(name: string, args: readonly Value[]): Value;
  /** The callee that a name of a unit means. */
  callableFor(unit: Unit, symbol: FunctionSymbol): Callable;
  invoke(callable: Callable, args: Value[], node: CallNode | undefined): Value;
  /** Calls through a pointer. */
  invokePointer(pointer: Pointer, args: Value[], node: CallNode | undefined): Value;
  /** Calls through a pointer from outside C: arguments take the forms of the parameters' types. */
  callThrough(pointer: Pointer, args: readonly Value[]): Value;
  /** The callee a name means: a function of some unit, or a model. */
  callableNamed(name: string): Callable;
  /** Puts away the frames of a path that ended in a Stop. */
  unwind(): void;
  addressOfFunction(callable: Callable): number;
  addressOfObject(unit: Unit, object: StaticObject): number;
  addressOfString(bytes: Uint8Array): number;
  operation(name: string): IntrinsicOperation | undefined;
  /** The variadic argument that a va_list token stands for; see variadic.ts. */
  variadicArgument(token: number): Value;
  /** Starts a va_list over the current frame's variadic arguments. */
  startVariadic(): number;
  /** Memory for a struct that a function returns; lives until the outermost call ends. */
  allocateReturned(size: number): number;
  /** Records something for the trace. */
  record(event: TraceEvent): void;
  /** A decision that nothing in the C or the models determines. */
  choose(question: string, options: readonly Value[], kind?: QuestionKind): Value;
  allocate(request: AllocationRequest): number;
}

/** A request for memory that a model makes on behalf of C. */
export interface AllocationRequest {
  readonly kind: 'slab' | 'input' | 'struct-page' | 'external';
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly contents: 'unwritten' | 'zero' | 'assumed';
  /** Bytes that belong to the same memory before the named object; the address given is the object's. */
  readonly before?: number;
}

/** Makes objects that nothing in the C made. */
export interface ObjectMaker {
  /** Address of a new object of a type; its contents are chosen when they are read. */
  object(type: Type, name: string, unit: Unit): number;
  /** Addresses of the objects made so far of a struct. */
  ofStruct(tag: string): readonly number[];
  /** The member of such an object at an address, by the way to it: `r->ring.dma`. */
  memberAt(address: number): string | undefined;
  /** Hears that C takes untyped memory for a struct; the struct then says what is there. */
  seenAs(pointer: Value, type: AggregateType, unit: Unit): void;
  /** Values of an unknown function's result that the C compares it with. */
  worthTrying(result: string): readonly bigint[];
  /** Whether the C tests an unknown function's result for an error pointer. */
  isErrorPointer(result: string): boolean;
  /** Makes an object with static storage, that has no initialiser, one that others have set. */
  global(object: StaticObject, address: number, unit: Unit): void;
}

/** What an event does to something that the run takes and gives back. */
export interface HoldingStep {
  /** 1-based, in the order in which the run took them. */
  readonly number: number;
  readonly what: 'taken' | 'failed' | 'partly-returned' | 'returned';
  /** Devices reach it while it is held. */
  readonly reachable: boolean;
}

/** One line of a trace, before it gets its place in the C. */
export type TraceEvent =
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly text: string;
      /** Who did it; absent: other kernel code, for which something stood in. */
      readonly actor?: 'api' | 'driver' | 'device';
      readonly holding?: HoldingStep;
    }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'warn'; readonly text: string }
  | { readonly kind: 'assume'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Value[] }
  | { readonly kind: 'return'; readonly name: string; readonly value: Value }
  | { readonly kind: 'note'; readonly text: string }
  /** A statement that the change touched was executed. */
  | { readonly kind: 'changed'; readonly text: string };
