/**
 * Members of operations structs that subsystems named after the DMA function they stand for:
 * `ops->map_page(dev, page, offset, size, dir)`. Taken for it only with as many arguments.
 */
const standIns: ReadonlyMap<string, string> = new Map([
  ['map_single', 'dma_map_single'],
  ['map_page', 'dma_map_page'],
  ['unmap_single', 'dma_unmap_single'],
  ['unmap_page', 'dma_unmap_page'],
  ['alloc_coherent', 'dma_alloc_coherent'],
  ['free_coherent', 'dma_free_coherent'],
  ['mapping_error', 'dma_mapping_error'],
]);

/** The function that a member of an operations struct stands for, by the member's name. */
export function standsFor(member: string): string | undefined {
  return standIns.get(member);
}
