import { modPow2 } from '../../bits/pow2.ts';
import { bits, spanLg2, type RecordSet } from '../common/record.ts';
import { Event } from './events.ts';

/*
 * Source of every bit in this file: Arm SMMUv3 (IHI 0070), "Commands" and "Event records". Kernel: arm-smmu-v3.h,
 * CMDQ_* and EVTQ_*.
 */

const sid = bits(0, 63, 32);
const ssid = bits(0, 31, 12);
const ssv = bits(0, 11);
const vmid = bits(0, 47, 32);
const asid = bits(0, 63, 48);
const leaf = bits(1, 0);
/** Range form of TLBI: (num + 1) * 2^scale granules of size tg. ttl hints the level. */
const range = { num: bits(0, 16, 12), scale: bits(0, 24, 20), leaf, ttl: bits(1, 9, 8), tg: bits(1, 11, 10) }; // prettier-ignore

/**
 * Commands, 128 bits each.
 * Source: Arm SMMUv3 Architecture Specification (IHI 0070), "Commands".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, enum arm_smmu_cmdq_opcode and CMDQ_*.
 */
export const SMMU_COMMANDS: RecordSet = {
  words: 2,
  code: bits(0, 7, 0),
  forms: [
    { name: 'CMD_PREFETCH_CONFIG', code: 0x1, fields: { sid, ssid, ssv } },
    { name: 'CMD_PREFETCH_ADDR', code: 0x2, fields: { sid, ssid, ssv, page: bits(1, 63, 12), size: bits(1, 4, 0) } }, // prettier-ignore
    { name: 'CMD_CFGI_STE', code: 0x3, fields: { sid, leaf } },
    { name: 'CMD_CFGI_ALL', code: 0x4, fields: { range: bits(1, 4, 0) } },
    { name: 'CMD_CFGI_CD', code: 0x5, fields: { sid, ssid, leaf } },
    { name: 'CMD_CFGI_CD_ALL', code: 0x6, fields: { sid } },
    { name: 'CMD_TLBI_NH_ALL', code: 0x10, fields: { vmid } },
    { name: 'CMD_TLBI_NH_ASID', code: 0x11, fields: { vmid, asid } },
    { name: 'CMD_TLBI_NH_VA', code: 0x12, fields: { vmid, asid, page: bits(1, 63, 12), ...range } },
    { name: 'CMD_TLBI_NH_VAA', code: 0x13, fields: { vmid, page: bits(1, 63, 12), ...range } },
    { name: 'CMD_TLBI_EL2_ALL', code: 0x20, fields: {} },
    { name: 'CMD_TLBI_EL2_ASID', code: 0x21, fields: { asid } },
    { name: 'CMD_TLBI_EL2_VA', code: 0x22, fields: { asid, page: bits(1, 63, 12), ...range } },
    { name: 'CMD_TLBI_EL2_VAA', code: 0x23, fields: { page: bits(1, 63, 12), ...range } },
    { name: 'CMD_TLBI_S12_VMALL', code: 0x28, fields: { vmid } },
    { name: 'CMD_TLBI_S2_IPA', code: 0x2a, fields: { vmid, page: bits(1, 51, 12), ...range } },
    { name: 'CMD_TLBI_NSNH_ALL', code: 0x30, fields: {} },
    { name: 'CMD_ATC_INV', code: 0x40, fields: { sid, ssid, ssv, global: bits(0, 9), page: bits(1, 63, 12), size: bits(1, 5, 0) } }, // prettier-ignore
    { name: 'CMD_PRI_RESP', code: 0x41, fields: { sid, ssid, ssv, group: bits(1, 8, 0), response: bits(1, 13, 12) } }, // prettier-ignore
    { name: 'CMD_RESUME', code: 0x44, fields: { sid, response: bits(0, 13, 12), stag: bits(1, 15, 0) } }, // prettier-ignore
    { name: 'CMD_SYNC', code: 0x46, fields: { cs: bits(0, 13, 12), msh: bits(0, 23, 22), msiAttr: bits(0, 27, 24), msiData: bits(0, 63, 32), msiPage: bits(1, 51, 12), msiWord: bits(1, 11, 2) } }, // prettier-ignore
  ],
};

/** What CMD_RESUME makes of a stalled transaction. Kernel: CMDQ_RESUME_0_RESP_*. */
export const Resume = { terminate: 0, retry: 1, abort: 2 } as const;

/** Size of CMD_ATC_INV that means everything. Kernel: arm-smmu-v3.h, ATC_INV_SIZE_ALL. Unit: lg2 pages. */
export const ATC_INV_SIZE_ALL = 52;

const record = {
  sid,
  ssid,
  ssv,
  stag: bits(1, 15, 0),
  stall: bits(1, 31),
  pnu: bits(1, 33),
  ind: bits(1, 34),
  rnw: bits(1, 35),
  s2: bits(1, 39),
  class: bits(1, 41, 40),
  page: bits(2, 63, 12),
  offset: bits(2, 11, 0),
  ipaPage: bits(3, 51, 12),
};

/**
 * Event records, 256 bits each: the fields that records of translation faults have in common.
 * Source: Arm SMMUv3 (IHI 0070), "Event records". Kernel: arm-smmu-v3.h, EVTQ_*.
 */
export const SMMU_EVENTS: RecordSet = {
  words: 4,
  code: bits(0, 7, 0),
  forms: Object.values(Event).map(([code, name]) => ({ name, code, fields: record })),
};

/** Address and size of CMD_ATC_INV for a range of pages. Kernel: arm-smmu-v3.c:arm_smmu_atc_inv_to_cmd(). */
export function codeAtcRange(
  first: number,
  last: number,
): { readonly page: number; readonly size: number } {
  const size = spanLg2(first, last);
  return { page: first - modPow2(first, size), size };
}
