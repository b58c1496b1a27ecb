import { slabFailure } from '../kernel/slab.ts';
import type { Situation } from '../situations/situation.ts';
import { DMA_CONTRACT } from './dmaContract.ts';
import { DEVRES } from './devres.ts';
import { IOMMU_CONTRACT } from './iommuContract.ts';
import { LIST_CONTRACT } from './listContract.ts';
import { PIN_CONTRACT } from './pinContract.ts';

/**
 * What a driver sees: the DMA and IOMMU interfaces with their contracts, each of which may fail, and
 * nothing else stated.
 */
export const INTERFACES: Situation = {
  name: 'interfaces',
  summary: 'each DMA and IOMMU call may fail',
  units: [],
  globals: 'set',
  models: [...DMA_CONTRACT, ...LIST_CONTRACT, ...IOMMU_CONTRACT, ...PIN_CONTRACT, ...DEVRES],
  build: (machine) => ({
    supply: () => undefined,
    argumentsFor: () => [],
    prepare: () => undefined,
    arm: () => {
      slabFailure(machine).asks = true;
    },
    probes: [],
    expected: [],
    mapped: () => [],
    written: () => [],
    ramWrites: [],
    ...{ keeps: [], removes: [], leads: [], dma: undefined, entriesBefore: () => new Map() },
    problems: [],
  }),
};
