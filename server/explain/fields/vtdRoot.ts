import { family, inWord, member, type FieldFamily } from './define.ts';

/** VT-d root entry: drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdRootFields: FieldFamily = family({
  format: 'vtd-root',
  title: 'VT-d root entry',
  path: 'drivers/iommu/intel/iommu.h',
  noun: 'root entry',
  prefixes: ['root_entry.lo.', 'root_entry.hi.'],
  setBy: 'iommu_context_addr()',
  readBy: 'the IOMMU, when its context cache misses',
  model: 'read by the VT-d walker on the way to a context entry',
  source: 'Intel VT-d architecture specification',
}, [
  ...inWord(0, [
    member('root_entry.lo.P', '0', 'present (scalable mode: of the lower context table)'),
    member('root_entry.lo.CTP', '63:12', 'address of the context table (scalable mode: devfn 0-127)'),
  ]),
  ...inWord(1, [
    member('root_entry.hi.UP', '0', 'scalable mode: the upper context table is present'),
    member('root_entry.hi.UCTP', '63:12', 'scalable mode: address of the context table of devfn 128-255'),
  ]),
]);
