import type { FunctionContract, KernelVersion, OperationContract } from './contract.ts';
import type { IteratorRoles } from '../ir.ts';

/** Everything known about the kernel's functions in one release. Built once per release by `kernelApi(version)` (registry.ts). */
export interface KernelApi {
  readonly version: KernelVersion;
  /** Contract by name; with `argumentCount`, the form with that many parameters where there are several. */
  find(name: string, argumentCount?: number): FunctionContract | undefined;
  operation(struct: string, field: string): OperationContract | undefined;
  /** Roles of the arguments of an iterator macro with a known meaning. */
  iterator(macro: string): IteratorRoles | undefined;
  /** Contracts in the order of their files. */
  readonly functions: readonly FunctionContract[];
  readonly operations: readonly OperationContract[];
}
