import type { Expr } from './ir.ts';

/** A function stands in a table of operations: `.unmap_pages = f` of a `struct iommu_domain_ops`. */
export interface OpsEntry {
  readonly functionName: string;
  /** Tag of the struct that holds the pointer; undefined where it could not be told. */
  readonly struct: string | undefined;
  /** Field name; for nested structs the last one. */
  readonly field: string;
  /** Path of fields below the initialised object: `default_domain_ops.map_pages`. */
  readonly path: string;
  /** The object that is initialised, or undefined for an assignment in a function. */
  readonly object: string | undefined;
}

/** A function was handed to the kernel as a handler: request_irq(…, f, …), INIT_WORK(…, f). */
export interface Registration {
  readonly functionName: string;
  /** The registering function, as in the source. */
  readonly by: string;
  readonly role: HandlerRole;
  /** Function of this file that registers, or undefined at file level. */
  readonly within: string | undefined;
}

/** In which role the kernel calls a handler. */
export type HandlerRole =
  | 'irq'
  | 'threadedIrq'
  | 'work'
  | 'timer'
  | 'tasklet'
  | 'thread'
  | 'moduleInit'
  | 'moduleExit'
  | 'devmAction'
  | 'rcu'
  | 'callback';

/** A call in this file. */
export interface CallSite {
  /** The function of this file that calls. */
  readonly caller: string;
  readonly callee: string;
  /** Absolute offset in the file. */
  readonly start: number;
}

/** Who is who among the functions of a file. */
export interface SymbolIndex {
  /** Every place where a function of this file is put into an operations struct. */
  readonly ops: readonly OpsEntry[];
  opsOf(functionName: string): readonly OpsEntry[];
  /** Functions that stand for an operation: `functionsFor('iommu_domain_ops', 'unmap_pages')`. */
  functionsFor(struct: string, field: string): readonly string[];
  readonly registrations: readonly Registration[];
  registrationsOf(functionName: string): readonly Registration[];
  /** Calls of a function of this file within this file. */
  callersOf(functionName: string): readonly CallSite[];
  /** Names that a function of this file calls, in all its definitions: functions, members that point to one, macros. */
  calledIn(functionName: string): ReadonlySet<string>;
  /** Names exported with EXPORT_SYMBOL and its variants. */
  readonly exported: ReadonlySet<string>;
  /** Initialiser of a file-level object by name, as lowered; undefined if it has none. */
  initializer(object: string): Expr | undefined;
}
