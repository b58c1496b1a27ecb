import type { FunctionContract, Role } from '../../program/kernelApi/contract.ts';
import { callText, parameterNames, summaryOf } from '../functions/contractLines.ts';

/** What a client shows while a call is written. */
export interface Signature {
  /** `iommu_map(domain, iova, …)`. */
  readonly label: string;
  readonly summary: string;
  readonly parameters: readonly SignatureParameter[];
}

/** One parameter of a {@link Signature}. */
export interface SignatureParameter {
  /** Where it stands in the label: start and end, half-open. */
  readonly span: readonly [number, number];
  /** What it is, one clause; empty where the name says all. */
  readonly text: string;
}

/** The signature of an interface function. */
export function signatureOf(contract: FunctionContract): Signature {
  const label = callText(contract);
  let at = contract.name.length + 1;
  const parameters = parameterNames(contract).map((name, i) => {
    const span = [at, at + name.length] as const;
    at += name.length + 2;
    return { span, text: ROLE_TEXTS[contract.params[i]!] ?? '' };
  });
  return { label, summary: summaryOf(contract), parameters };
}

const ROLE_TEXTS: Partial<Record<Role, string>> = {
  dev: 'the device that does the DMA: the same one at map and unmap',
  domain: 'the domain whose table changes',
  iova: 'the address that the device uses; aligned to the smallest page size of the domain',
  paddr: 'the physical address; aligned to the smallest page size of the domain',
  size: 'bytes',
  prot: 'IOMMU_READ, IOMMU_WRITE or both, with IOMMU_CACHE for coherent RAM or IOMMU_MMIO for devices',
  gfp: 'GFP_KERNEL where it may sleep, GFP_ATOMIC or GFP_NOWAIT elsewhere',
  attrs: 'DMA_ATTR_*; the unmap gets the same as the map',
  dir: 'who writes: DMA_TO_DEVICE the CPU, DMA_FROM_DEVICE the device, DMA_BIDIRECTIONAL both',
  dma: 'the DMA address that the map returned',
  dmaOut: 'gets the DMA address',
  cpu: 'the address that the CPU uses',
  page: 'the page',
  npages: 'number of pages',
  offset: 'bytes from the start',
  sg: 'first entry of the scatter list',
  nents: 'entries of the list: what the map was given, never what it returned',
  sgtable: 'the table; nents and orig_nents are different counts once it is mapped',
  gather: 'what was unmapped and not flushed; set up by iommu_iotlb_gather_init()',
  pool: 'the pool',
  pasid: 'the PASID',
};
