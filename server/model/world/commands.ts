import type { Word64 } from '../bits/pte64.ts';
import { AMD_COMMANDS, codeAddress } from '../hw/amd/commands.ts';
import { decodeRecord, encodeRecord, recordText, type RecordSet } from '../hw/common/record.ts';
import { RISCV_COMMANDS } from '../hw/riscv/faultQueue.ts';
import { ATC_INV_SIZE_ALL, codeAtcRange, Resume, SMMU_COMMANDS } from '../hw/smmuv3/queues.ts';
import {
  codeDeviceTlb,
  codePsi,
  Granularity,
  VTD_DESCRIPTORS,
} from '../hw/vtd/queuedInvalidation.ts';
import type { PageResponse } from '../hw/common/pri.ts';
import type { Device } from './device.ts';
import { VTD_MAX_MASK, type PageRange } from './rangeCoding.ts';
import type { Arch, Space } from './space.ts';

/** A command as the queue holds it. */
export interface QueuedCommand {
  readonly arch: Arch;
  readonly words: readonly Word64[];
}

const SETS: Readonly<Record<Arch, RecordSet>> = {
  amd: AMD_COMMANDS,
  vtd: VTD_DESCRIPTORS,
  smmuv3: SMMU_COMMANDS,
  riscv: RISCV_COMMANDS,
};

function command(
  arch: Arch,
  name: string,
  values: Readonly<Record<string, number>>,
): QueuedCommand {
  return { arch, words: encodeRecord(SETS[arch], name, values) };
}

/** A command as the trace shows it: read back from its words. */
export function commandText({ arch, words }: QueuedCommand): string {
  return recordText(decodeRecord(SETS[arch], words)!);
}

/** Whether a range is all that a driver could mean: the whole address space. */
function isWhole({ first, last }: PageRange): boolean {
  return first === 0 && last >= 2 ** 51;
}

/**
 * The command that invalidates a range of a space, as its driver builds it. SMMUv3 drivers queue one command a page where
 * there is no range form; the model shows the range form. Kernel: see each queue's own file.
 */
export function invalidationCommand(
  space: Space,
  asked: PageRange,
  form: 'leaves only' | 'with tables',
): QueuedCommand {
  const { arch, id } = space;
  const withTables = form === 'with tables' ? 1 : 0;
  const leavesOnly = 1 - withTables;
  const { first } = asked;
  switch (arch) {
    case 'amd': {
      const guest = space.stage === 'first' ? { gn: 1 } : {};
      const coded = isWhole(asked) ? codeAddress(0, 2 ** 52 - 1) : codeAddress(first, asked.last);
      return command(arch, 'INVALIDATE_IOMMU_PAGES', { domain: id, ...coded, pde: withTables, ...guest }); // prettier-ignore
    }
    case 'vtd': {
      const psi = isWhole(asked) ? undefined : codePsi(first, asked.last, VTD_MAX_MASK);
      const name = space.stage === 'first' ? 'PASID-IOTLB invalidation' : 'IOTLB invalidation';
      const whole = space.stage === 'first' ? Granularity.pasid : Granularity.domain;
      return psi === undefined
        ? command(arch, name, { granularity: whole, did: id })
        : command(arch, name, { granularity: Granularity.page, did: id, ...psi, ih: leavesOnly });
    }
    case 'smmuv3': {
      const isFirst = space.stage === 'first';
      if (isWhole(asked)) return isFirst ? command(arch, 'CMD_TLBI_NH_ASID', { asid: id }) : command(arch, 'CMD_TLBI_S12_VMALL', { vmid: id }); // prettier-ignore
      const range = { page: first, leaf: leavesOnly, ...tlbiRange(asked) };
      return isFirst
        ? command(arch, 'CMD_TLBI_NH_VA', { asid: id, ...range })
        : command(arch, 'CMD_TLBI_S2_IPA', { vmid: id, ...range });
    }
    case 'riscv': {
      const name = space.stage === 'first' ? 'IOTINVAL.VMA' : 'IOTINVAL.GVMA';
      const who = space.stage === 'first' ? { pscid: id, pscv: 1 } : { gscid: id, gv: 1 };
      return isWhole(asked)
        ? command(arch, name, who)
        : command(arch, name, { ...who, av: 1, page: first, nl: withTables });
    }
  }
}

/** Granule of 4 KiB in TLBI. Source: Arm SMMUv3 (IHI 0070), CMD_TLBI_NH_VA, TG. */
const TG_4K = 1;
/** Largest NUM less one of a range. Kernel: CMDQ_TLBI_RANGE_NUM_MAX. */
const MOST = 32;

/** The smallest range form that covers a range: (num + 1) * 2^scale pages. */
function tlbiRange({ first, last }: PageRange): Readonly<Record<string, number>> {
  const pages = last - first + 1;
  if (pages === 1) return {};
  let scale = 0;
  while (Math.ceil(pages / 2 ** scale) > MOST) scale++;
  return { num: Math.ceil(pages / 2 ** scale) - 1, scale, tg: TG_4K };
}

/** The command that invalidates the cache of a device. */
export function atcCommand(device: Device, range: PageRange | undefined): QueuedCommand {
  const { arch, requester } = device;
  const whole = range === undefined || isWhole(range);
  switch (arch) {
    case 'amd': {
      const coded = whole ? codeAddress(0, 2 ** 52 - 1) : codeAddress(range.first, range.last);
      return command(arch, 'INVALIDATE_IOTLB_PAGES', { device: requester, queue: requester, ...coded }); // prettier-ignore
    }
    case 'vtd': {
      const psi = whole ? { page: 0, am: 51 } : codePsi(range.first, range.last, 51)!;
      return command(arch, 'device-TLB invalidation', { sid: requester, ...codeDeviceTlb(psi.page, psi.am) }); // prettier-ignore
    }
    case 'smmuv3': {
      const coded = whole ? { page: 0, size: ATC_INV_SIZE_ALL } : codeAtcRange(range.first, range.last); // prettier-ignore
      return command(arch, 'CMD_ATC_INV', { sid: requester, ...coded });
    }
    case 'riscv':
      return command(arch, 'ATS.INVAL', { rid: requester, page: whole ? 0 : range.first });
  }
}

/** The command that makes the IOMMU read the context of a device again. */
export function contextCommand({ arch, requester, pasid }: Device): QueuedCommand {
  switch (arch) {
    case 'amd':
      return command(arch, 'INVALIDATE_DEVTAB_ENTRY', { device: requester });
    case 'vtd':
      return command(arch, 'context-cache invalidation', { granularity: Granularity.page, sid: requester }); // prettier-ignore
    case 'smmuv3':
      return command(arch, 'CMD_CFGI_STE', { sid: requester, leaf: 1 });
    case 'riscv':
      return pasid === undefined
        ? command(arch, 'IODIR.INVAL_DDT', { dv: 1, device: requester })
        : command(arch, 'IODIR.INVAL_PDT', { dv: 1, device: requester, process: pasid });
  }
}

/** The command that waits for those before it. */
export function waitCommand(arch: Arch): QueuedCommand {
  switch (arch) {
    case 'amd':
      return command(arch, 'COMPLETION_WAIT', { s: 1 });
    case 'vtd':
      return command(arch, 'invalidation wait', { statusWrite: 1, fence: 1 });
    case 'smmuv3':
      return command(arch, 'CMD_SYNC', {});
    case 'riscv':
      return command(arch, 'IOFENCE.C', {});
  }
}

/** Codes of page responses. Source: PCI Express, "PRG Response". Kernel: enum iommu_page_response_code, QI_RESP_*. */
const RESPONSE: Readonly<Record<PageResponse, number>> = { success: 0, invalid: 1, failure: 0xf };

/**
 * The command that answers a page request or a stalled transaction; undefined where it is not modelled (RISC-V).
 * Kernel: amd/iommu.c:amd_iommu_complete_ppr(), intel/prq.c, arm-smmu-v3.c:arm_smmu_page_response().
 */
export function responseCommand(
  { arch, requester }: Device,
  id: number,
  answer: PageResponse,
): QueuedCommand | undefined {
  switch (arch) {
    case 'amd':
      return command(arch, 'COMPLETE_PPR_REQUEST', { device: requester, tag: id, status: RESPONSE[answer] }); // prettier-ignore
    case 'vtd':
      return command(arch, 'page-group response', { rid: requester, index: id, response: RESPONSE[answer] }); // prettier-ignore
    case 'smmuv3': {
      const response = answer === 'success' ? Resume.retry : Resume.abort;
      return command(arch, 'CMD_RESUME', { sid: requester, stag: id, response });
    }
    case 'riscv':
      return undefined;
  }
}
