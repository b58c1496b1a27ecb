import { defineChecker, type Checker } from '../checker.ts';

/** Chunks that are mapped again later, with the type that the last of them had. */
export const vfioReplayMmio: Checker = defineChecker(
  {
    id: 'vfio-replay-mmio',
    summary:
      'Who maps the chunks of an object again derives the memory type of each of them again.',
    severity: 'warning',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['attributes'],
    messages: {
      last: 'maps chunks with {object}, but {set} {changes} {flag} there per chunk: all get the type of the last',
    },
    sources: [
      {
        where: 'drivers/vfio/vfio_iommu_type1.c',
        what: 'vfio_iommu_replay(): maps what other domains have mapped, with dma->prot',
      },
    ],
    falsePositives: [],
    limits: ['A type that is kept beside each chunk, and read from there, is not followed.'],
    page: {
      what: 'Reports a loop that maps the chunks of an object with a member in which another loop keeps IOMMU_MMIO or IOMMU_CACHE for one chunk at a time.',
      why: 'The member holds what the last chunk was. A second domain that is attached later gets all chunks of the range with that one type, while the first domain has them right: RAM without the C-bit or MMIO with it, in one domain only. The type has to be derived again from each physical address.',
      example: `
/* on map */
range->prot |= IOMMU_MMIO;
iommu_map(first, iova, phys, size, range->prot, GFP_KERNEL);
/* on replay into the second domain */
iommu_map(second, iova, phys, size, range->prot, GFP_KERNEL);`,
      instead: `
iommu_map(second, iova, phys, size, range->prot | type_of(phys), GFP_KERNEL);`,
    },
  },
  ({ attributes }, report) => {
    for (const { object, flag, sets, clears, replays } of attributes) {
      const set = sets[0] ?? clears[0];
      if (set === undefined) continue;
      const changes = sets.length > 0 ? 'sets' : 'clears';
      for (const at of replays) {
        const related = [{ place: set, message: 'decided here for one chunk' }];
        report({
          message: 'last',
          values: { object: { text: object }, flag, set, changes },
          at,
          related,
        });
      }
    }
  },
);
