import type { KernelVersion } from '../program/kernelApi/contract.ts';
import { kernelApi } from '../program/kernelApi/registry.ts';
import { mentionsInterfaces as namesInterface } from '../program/relevance.ts';
import type { Kernel } from './review.ts';

/** Whether a file can have findings at all: it mentions an interface with a contract, or allows a finding. */
export function mentionsInterfaces(text: string, kernel: Kernel): boolean {
  return (
    namesInterface(kernelApi(kernel.version as KernelVersion), text) || text.includes('iovet:')
  );
}
