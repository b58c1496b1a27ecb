/** Kernels that have the interfaces below declare them here; without it they are gone. */
const HEADER = 'include/linux/pci-dma-compat.h';

/** By name: parameters, and what a use stood for in terms of what stayed. Without parameters: a constant. */
const WITHDRAWN: ReadonlyMap<string, readonly [parameters: string, meaning: string]> = new Map([
  ['PCI_DMA_BIDIRECTIONAL', ['', 'DMA_BIDIRECTIONAL']],
  ['PCI_DMA_TODEVICE', ['', 'DMA_TO_DEVICE']],
  ['PCI_DMA_FROMDEVICE', ['', 'DMA_FROM_DEVICE']],
  ['PCI_DMA_NONE', ['', 'DMA_NONE']],
  ...pciForms('map_single unmap_single map_sg unmap_sg', 3),
  ...pciForms('map_page', 4),
  ...pciForms('unmap_page', 3),
  ...pciForms('dma_sync_single_for_cpu dma_sync_single_for_device', 3, ''),
  ...pciForms('dma_sync_sg_for_cpu dma_sync_sg_for_device', 3, ''),
  ...pciForms('dma_mapping_error', 1, ''),
  ['pci_alloc_consistent', ['(d, n, h)', 'dma_alloc_coherent(&(d)->dev, n, h, GFP_ATOMIC)']],
  ['pci_zalloc_consistent', ['(d, n, h)', 'dma_alloc_coherent(&(d)->dev, n, h, GFP_ATOMIC)']],
  ['pci_free_consistent', ['(d, n, p, h)', 'dma_free_coherent(&(d)->dev, n, p, h)']],
  ['pci_set_dma_mask', ['(d, m)', 'dma_set_mask(&(d)->dev, m)']],
  ['pci_set_consistent_dma_mask', ['(d, m)', 'dma_set_coherent_mask(&(d)->dev, m)']],
]);

/** `pci_NAME(pdev, …)` that was `dma_NAME(&pdev->dev, …)`, for each of the names. */
function pciForms(
  names: string,
  others: number,
  prefix = 'dma_',
): (readonly [string, readonly [string, string]])[] {
  const list = Array.from({ length: others }, (_, i) => `a${i}`).join(', ');
  return names
    .split(' ')
    .map((name) => [
      `pci_${name}`,
      [`(d, ${list})`, `${prefix}${name}(&(d)->dev, ${list})`] as const,
    ]);
}

const NAMES = new RegExp(`\\b(?:${[...WITHDRAWN.keys()].join('|')})\\b`, 'g');

/** A tree to ask for a header. */
interface Tree {
  readonly read: (path: string) => string | undefined;
}

/** The interfaces that a text uses although this tree has them no more, in order of their first use. */
export function withdrawnIn(text: string, tree: Tree): readonly string[] {
  const used = [...new Set(text.match(NAMES) ?? [])].filter(
    (name) => !new RegExp(`^#\\s*define\\s+${name}\\b`, 'm').test(text),
  );
  return used.length === 0 || tree.read(HEADER) !== undefined ? [] : used;
}

/** Macros that give names their last meaning. */
export function withdrawnDefines(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    names.map((name) => {
      const [parameters, meaning] = WITHDRAWN.get(name)!;
      return [`${name}${parameters}`, meaning];
    }),
  );
}

/** What a name is run as, as `dma_map_sg()`. */
export function replacementOf(name: string): string {
  const [parameters, meaning] = WITHDRAWN.get(name)!;
  return parameters === '' ? meaning : `${meaning.slice(0, meaning.indexOf('('))}()`;
}
