import { alignedPages, type EffectOf, type Whose } from './effect.ts';

/*
 * Source: RISC-V IOMMU Architecture Specification 1.0, "Command-Queue": what the operands of each command mean.
 * Kernel: drivers/iommu/riscv/iommu-bits.h, riscv_iommu_cmd_inval_vma() and those behind it.
 */

/** What a command of the command queue does. */
export const riscvEffect: EffectOf = ({ name, values }) => {
  const all = { kind: 'invalidates', range: undefined, nonLeaf: true, whose: 'all' } as const;
  const { dv = 0, device = 0, rid = 0, page = 0, s = 0 } = values;
  switch (name) {
    case 'IOTINVAL.VMA':
      return { ...all, target: 'iotlb', whose: firstStageOf(values), ...extent(values) };
    case 'IOTINVAL.GVMA':
      return { ...all, target: 'iotlb', whose: secondStageOf(values), ...extent(values) };
    case 'IODIR.INVAL_DDT':
    case 'IODIR.INVAL_PDT':
      return { ...all, target: 'context', whose: dv === 1 ? { requester: device } : 'all' };
    case 'ATS.INVAL':
      return { ...all, target: 'atc', whose: { requester: rid }, range: pagesOf(page, s) };
    case 'IOFENCE.C':
      return { kind: 'waits' };
    default:
      return { kind: 'other' };
  }
};

/** Without an address everything goes; with one the leaves, and what leads to them where NL says so. */
function extent({ av = 0, nl = 0, page = 0, s = 0 }: Readonly<Record<string, number>>): {
  readonly range: ReturnType<typeof pagesOf> | undefined;
  readonly nonLeaf: boolean;
} {
  if (av === 0) return { range: undefined, nonLeaf: true };
  return { range: pagesOf(page, s), nonLeaf: nl === 1 };
}

/** With GV only address spaces of a guest are meant, and no domain of a host is one. */
function firstStageOf({ pscv = 0, pscid = 0, gv = 0 }: Readonly<Record<string, number>>): Whose {
  if (gv === 1) return { stage: 'first', id: NO_SPACE };
  return pscv === 1 ? { stage: 'first', id: pscid } : { stage: 'first' };
}

function secondStageOf({ gv = 0, gscid = 0 }: Readonly<Record<string, number>>): Whose {
  return gv === 1 ? { stage: 'second', id: gscid } : { stage: 'second' };
}

const NO_SPACE = -1;

/** With S the lowest zero bit of the page number gives the size, as in NAPOT. */
function pagesOf(page: number, s: number): { readonly first: number; readonly last: number } {
  if (s === 0) return { first: page, last: page };
  let lg2 = 1;
  for (let rest = page; rest % 2 === 1 && lg2 < 52; rest = (rest - 1) / 2) lg2++;
  return alignedPages(page, lg2);
}
