import type { FunctionContract, KernelVersion, OperationContract } from './contract.ts';
import type { IntValue, IteratorRoles } from '../ir.ts';

/** A named constant of the kernel. */
export interface KnownConstant {
  readonly value: IntValue | undefined;
  readonly origin: 'macro' | 'enumerator';
}

/** A macro that stands for a declaration. */
export interface DeclaringMacro {
  readonly macro: string;
  /** Argument that is the declared name. */
  readonly name: number;
  /** The declared type as text, or the argument that writes it. */
  readonly type: string | number;
  /** `array` of that type, or its pointer. */
  readonly shape: 'plain' | 'array' | 'pointer';
}

/** Everything known about the kernel's functions in one release. Built once per release by `kernelApi(version)` (registry.ts). */
export interface KernelApi {
  readonly version: KernelVersion;
  /** Contract by name; with `argumentCount`, the form with that many parameters where there are several. */
  find(name: string, argumentCount?: number): FunctionContract | undefined;
  /** Contracts of all forms of a name in this release; empty for unknown names. */
  forms(name: string): readonly FunctionContract[];
  operation(struct: string, field: string): OperationContract | undefined;
  /** Roles of the arguments of an iterator macro with a known meaning. */
  iterator(macro: string): IteratorRoles | undefined;
  /** A constant of the kernel that is the same everywhere, or (value undefined) depends on the configuration and stays a name. */
  constant(name: string): KnownConstant | undefined;
  /** What is declared by a macro in the place of a declaration: LIST_HEAD(x). */
  declaring(macro: string): DeclaringMacro | undefined;
  /** Guards that may fail to lock: `mutex_try`, `mutex_intr`. */
  isConditionalGuard(guardClass: string): boolean;
  /** Guards whose section is atomic: `spinlock_irqsave`. */
  isAtomicGuard(guardClass: string): boolean;
  /** Contracts in the order of their files. */
  readonly functions: readonly FunctionContract[];
  readonly operations: readonly OperationContract[];
}
