/*
 * What dma_map_phys() gives a driver in a confidential guest, or on a host with memory encryption.
 * Source: kernel/dma/direct.h:dma_direct_map_phys(), drivers/iommu/dma-iommu.c:iommu_dma_map_phys(),
 * kernel/dma/swiotlb.c; include/linux/dma-mapping.h, DMA_ATTR_CC_SHARED (since 7.2). Seed 000 for the older rule.
 */

/** Rules by kernel: the seed (January 2026) knows no mapping of decrypted pages; 7.2 added it. */
export type DmaRules = 'seed-000' | '7.3';

/** What the driver asks for. */
export interface DmaMapRequest {
  readonly ops: 'direct' | 'iommu';
  readonly call: 'map_phys' | 'map_sg';
  /** DMA_ATTR_CC_SHARED: the caller says that it decrypted the page. */
  readonly ccShared: boolean;
  /** force_dma_unencrypted(dev): the device reaches shared memory only. */
  readonly forceUnencrypted: boolean;
  /** What the page is to the host at the time of the call. */
  readonly page: 'private' | 'shared';
  /** The bounce pool of the device. */
  readonly pool: { readonly ccShared: boolean };
}

/** What the driver gets. */
export type DmaMapResult =
  | { readonly kind: 'in-place'; readonly address: 'encrypted' | 'unencrypted' }
  | { readonly kind: 'bounced' }
  | { readonly kind: 'mapping-error'; readonly why: string };

/** Maps a page for DMA by the rules of a kernel. */
export function dmaMap(request: DmaMapRequest, rules: DmaRules): DmaMapResult {
  if (request.ccShared) return mapShared(request, rules);
  if (!request.forceUnencrypted) return { kind: 'in-place', address: 'encrypted' };
  if (request.pool.ccShared !== request.forceUnencrypted) {
    return { kind: 'mapping-error', why: 'the bounce pool is not shared with the host' };
  }
  return { kind: 'bounced' };
}

function mapShared(request: DmaMapRequest, rules: DmaRules): DmaMapResult {
  if (rules === 'seed-000') {
    return {
      kind: 'mapping-error',
      why: 'only swiotlb and coherent memory can be mapped for DMA in a confidential guest',
    };
  }
  if (request.ops === 'iommu' && request.call === 'map_phys') {
    return { kind: 'mapping-error', why: 'dma-iommu refuses DMA_ATTR_CC_SHARED in dma_map_phys()' };
  }
  return { kind: 'in-place', address: 'unencrypted' };
}

/** I-DMA-1: whether a mapping in a confidential guest may be used by an untrusted device. */
export function mappingProblem(request: DmaMapRequest, result: DmaMapResult): string | undefined {
  if (!request.forceUnencrypted || result.kind !== 'in-place') return undefined;
  if (request.page === 'private') return 'a private page is mapped for an untrusted device';
  return result.address === 'encrypted'
    ? 'a shared page is mapped at its encrypted address'
    : undefined;
}
