import type { KernelApi } from './kernelApi/kernelApi.ts';

/** The names by which a text can have to do with the DMA and IOMMU interfaces. */
interface Vocabulary {
  /** Finds words that begin like one of the names; cheap, and never misses one. */
  readonly likely: RegExp;
  readonly names: ReadonlySet<string>;
}

const vocabularies = new WeakMap<KernelApi, Vocabulary>();

/** Structs of operations whose implementations are judged even if they call no interface themselves. */
const judgedOperations = /^(?:iommu|io_pgtable|pt_iommu|dma_map_ops|dma_buf|vfio|iommufd)/;

function vocabularyOf(api: KernelApi): Vocabulary {
  let vocabulary = vocabularies.get(api);
  if (vocabulary === undefined) {
    const names = new Set<string>();
    for (const contract of api.functions) if (contract.relevant) names.add(contract.name);
    for (const { struct } of api.operations) if (judgedOperations.test(struct)) names.add(struct);
    const stems = new Set([...names].map((name) => /^_*[a-z0-9]+/.exec(name)![0]));
    const likely = new RegExp(`\\b(?:${[...stems].sort().join('|')})\\w*`, 'g');
    vocabulary = { likely, names };
    vocabularies.set(api, vocabulary);
  }
  return vocabulary;
}

/** Whether a text names an interface with a contract, or a struct of operations that implements one. About 5 ms per MB. */
export function mentionsInterfaces(api: KernelApi, text: string): boolean {
  const { likely, names } = vocabularyOf(api);
  likely.lastIndex = 0;
  for (let match = likely.exec(text); match !== null; match = likely.exec(text)) {
    if (names.has(match[0])) return true;
  }
  return false;
}
