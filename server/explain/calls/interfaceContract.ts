import type { FunctionContract } from '../../program/kernelApi/contract.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';

/** The contract of a function that belongs to the DMA and IOMMU interfaces; undefined for every other name. */
export function interfaceContract(
  api: KernelApi,
  name: string,
  argumentCount?: number,
): FunctionContract | undefined {
  const contract = api.find(name, argumentCount);
  return contract?.relevant === true ? contract : undefined;
}
