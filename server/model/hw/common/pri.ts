import type { Addr } from '../../bits/pfn.ts';
import type { DmaRequest } from './dma.ts';

/*
 * Page requests: a device asks for a translation that is not there, and waits.
 * Source: PCI Express, "Page Request Services"; Arm SMMUv3 (IHI 0070), "Stall model". Kernel: drivers/iommu/io-pgfault.c.
 */

/** What software may answer. Kernel: enum iommu_page_response_code. */
export type PageResponse = 'success' | 'invalid' | 'failure';

/** A group of requests that is answered as one. */
export interface PageRequestGroup {
  readonly id: number;
  readonly device: string;
  readonly space: string;
  /** First IOVA page that is asked for. */
  readonly page: number;
  readonly answers: PageResponse[];
  /** The transaction that waits in the SMMU, where it is one: it goes on when it is retried. */
  readonly stalled?: StalledTransaction;
}

/** An access that the IOMMU holds until software answers. Source: Arm SMMUv3 (IHI 0070), "Stall model". */
export interface StalledTransaction {
  readonly iova: Addr;
  readonly access: DmaRequest['access'];
}

/** The groups of a system. */
export interface PageRequests {
  readonly groups: PageRequestGroup[];
}

/** No requests yet. */
export function createPageRequests(): PageRequests {
  return { groups: [] };
}

/** A device asks for a page. Gives the group's id. */
export function requestPage(
  requests: PageRequests,
  device: string,
  space: string,
  page: number,
  stalled?: StalledTransaction,
): number {
  const id = requests.groups.length;
  const waits = stalled === undefined ? {} : { stalled };
  requests.groups.push({ id, device, space, page, answers: [], ...waits });
  return id;
}

/** Software answers a group. Gives whether there is such a group. */
export function respond(requests: PageRequests, id: number, answer: PageResponse): boolean {
  const group = requests.groups[id];
  group?.answers.push(answer);
  return group !== undefined;
}

/** Groups that wait for an answer. Kernel: iopf_queue_flush_dev() drains them before a domain goes. */
export function outstanding(requests: PageRequests, space?: string): readonly PageRequestGroup[] {
  return requests.groups.filter(
    (group) => group.answers.length === 0 && (space === undefined || group.space === space),
  );
}
