import { ATC_INV_SIZE_ALL } from '../../hw/smmuv3/queues.ts';
import { alignedPages, type CommandEffect, type EffectOf, type Whose } from './effect.ts';

/*
 * Source: Arm SMMUv3 (IHI 0070), "TLB invalidation", "Configuration structure invalidation", "ATS and PRI" and
 * "CMD_SYNC": what each command promises.
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c:arm_smmu_cmdq_batch_add_range(), arm_smmu_atc_inv_to_cmd().
 */

/** TG of a command that names one address. */
const NO_RANGE = 0;
/** TG of tables with pages of 4 KiB, the only ones whose entries are looked at. */
const TG_4K = 1;
/** Bits of an address that one level of such tables translates. */
const LEVEL_LG2 = 9;
const LAST_LEVEL = 3;

/** What a command of the command queue does. The streams are those of NS-EL1, and no stage is nested in another. */
export const smmuEffect: EffectOf = ({ name, values }) => {
  const { sid: requester = 0, asid = 0, vmid = 0 } = values;
  const all = { kind: 'invalidates', target: 'iotlb', range: undefined, nonLeaf: true } as const;
  switch (name) {
    case 'CMD_CFGI_STE':
    case 'CMD_CFGI_CD':
    case 'CMD_CFGI_CD_ALL':
      return { ...all, target: 'context', whose: { requester } };
    case 'CMD_CFGI_ALL':
      return { ...all, target: 'context', whose: 'all' };
    case 'CMD_TLBI_NH_ALL':
      return { ...all, whose: firstStage(vmid) };
    case 'CMD_TLBI_NH_ASID':
      return { ...all, whose: firstStage(vmid, asid) };
    case 'CMD_TLBI_NH_VA':
      return byAddress(values, firstStage(vmid, asid));
    case 'CMD_TLBI_NH_VAA':
      return byAddress(values, firstStage(vmid));
    case 'CMD_TLBI_S12_VMALL':
      return { ...all, whose: vmid === 0 ? firstStage(vmid) : { id: vmid, stage: 'second' } };
    case 'CMD_TLBI_S2_IPA':
      return byAddress(values, { id: vmid, stage: 'second' });
    case 'CMD_TLBI_NSNH_ALL':
      return { ...all, whose: 'all' };
    case 'CMD_TLBI_EL2_ALL':
    case 'CMD_TLBI_EL2_ASID':
      return { ...all, whose: 'none' };
    case 'CMD_TLBI_EL2_VA':
    case 'CMD_TLBI_EL2_VAA':
      return byAddress(values, 'none');
    case 'CMD_ATC_INV': {
      const { page = 0, size = 0 } = values;
      const range = size >= ATC_INV_SIZE_ALL ? undefined : alignedPages(page, size);
      return { ...all, target: 'atc', whose: { requester }, range };
    }
    case 'CMD_SYNC':
      return { kind: 'waits' };
    default:
      return { kind: 'other' };
  }
};

/** Entries of a first stage without a second one are tagged with VMID 0. Kernel: arm_smmu_domain_finalise_s2(). */
function firstStage(vmid: number, id?: number): Whose {
  if (vmid !== 0) return 'none';
  return id === undefined ? { stage: 'first' } : { id, stage: 'first' };
}

/** An invalidation by address: what holds any address of its range, of one level where it says which. */
function byAddress(values: Readonly<Record<string, number>>, whose: Whose): CommandEffect {
  const { page = 0, num = 0, scale = 0, tg = NO_RANGE, ttl = 0, leaf = 0 } = values;
  const effect = {
    ...({
      kind: 'invalidates',
      target: 'iotlb',
      nonLeaf: leaf === 0,
      reach: 'any address',
    } as const),
  };
  if (tg === NO_RANGE) return { ...effect, whose, range: { first: page, last: page } };
  if (num === 0 && scale === 0 && ttl === 0) {
    return { kind: 'illegal', why: 'TG without a range and without a level is reserved' };
  }
  // Entries of tables with other granules are meant.
  if (tg !== TG_4K) return { ...effect, whose: 'none', range: { first: page, last: page } };
  const last = page + (num + 1) * 2 ** scale - 1;
  if (ttl === 0) return { ...effect, whose, range: { first: page, last } };
  const leafLevel = LAST_LEVEL - ttl;
  const isAligned = page % 2 ** (leafLevel * LEVEL_LG2) === 0;
  // Which addresses are meant by one that is not aligned to its level, nobody can tell.
  return { ...effect, whose: isAligned ? whose : 'none', range: { first: page, last }, leafLevel };
}
