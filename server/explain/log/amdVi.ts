import { pageOf, PERMISSION_CAUSES, UNMAPPED_CAUSES, hex, type Recogniser } from './logMessage.ts';

/** Flags of an event, low bit first. Source: AMD 48882, IO_PAGE_FAULT; RW and I also in amd_iommu_types.h of 7.3. */
const FLAGS: readonly (readonly [number, string, string, string])[] = [
  [0x001, 'GN', 'guest address', ''],
  [0x002, 'NX', 'no execute', ''],
  [0x004, 'US', 'user', 'supervisor'],
  [0x008, 'I', 'an interrupt, not DMA', 'DMA'],
  [0x010, 'PR', 'an entry is there', 'no entry is there'],
  [0x020, 'RW', 'write', 'read'],
  [0x040, 'PE', 'permission denied', ''],
  [0x080, 'RZ', 'a reserved bit is set', ''],
  [0x100, 'TR', 'a translation request (ATS)', ''],
];

const flagText = (flags: bigint): string =>
  FLAGS.flatMap(([bit, name, set, clear]) => {
    const text = (Number(flags) & bit) !== 0 ? set : clear;
    return text === '' ? [] : [`${name} ${(Number(flags) & bit) !== 0 ? 1 : 0} ${text}`];
  }).join(', ');

const OTHERS: Readonly<Record<string, readonly [string, string]>> = {
  ILLEGAL_DEV_TABLE_ENTRY: ['the DTE of the device has a setting that is reserved', 'the driver of the IOMMU, or memory that was overwritten: decode the DTE that the log dumps (iovet decode dte …)'],
  DEV_TAB_HARDWARE_ERROR: ['the IOMMU could not read the DTE', 'the device table address, or the memory behind it'],
  PAGE_TAB_HARDWARE_ERROR: ['the IOMMU could not read a page table', 'a table page that was freed or never flushed; a root pointer without the C-bit under SME'],
  ILLEGAL_COMMAND_ERROR: ['a command in the buffer has a reserved setting', 'the command builder of the driver'],
  COMMAND_HARDWARE_ERROR: ['the IOMMU could not read a command', 'the command buffer address'],
  IOTLB_INV_TIMEOUT: ['the device did not answer an ATC invalidation', 'the device hangs, or ATS is on while it is reset'],
  INVALID_DEVICE_REQUEST: ['the device asked for what it may not', 'pre-translated requests without ATS in the DTE, or an address in the interrupt range'],
  INVALID_PPR_REQUEST: ['a page request was malformed', 'the device'],
  RMP_PAGE_FAULT: ['the page belongs to somebody else (SEV-SNP)', 'a page of a guest that the host still maps, or an IOMMU leaf smaller than the RMP entry'],
  RMP_HW_ERROR: ['the IOMMU could not read the RMP', 'the RMP address'],
}; // prettier-ignore

/** Why a page fault was raised, as its flags tell: PE and RZ say it, PR alone says that an entry is there. */
function reasonOf(flags: bigint): { readonly why: string; readonly causes: string } {
  if ((flags & 0x80n) !== 0n) {
    return {
      why: 'an entry on the way has a reserved bit set',
      causes:
        'memory of a page table that was overwritten or freed; a level or format that does not fit the DTE',
    };
  }
  if ((flags & 0x40n) !== 0n) {
    return { why: 'the entry does not allow it', causes: PERMISSION_CAUSES };
  }
  if ((flags & 0x10n) !== 0n) {
    return {
      why: 'an entry is there; the flags do not say what was wrong',
      causes: 'a mapping that changed while the device used it; a stale IOTLB entry',
    };
  }
  return { why: 'nothing is mapped there', causes: UNMAPPED_CAUSES };
}

/** Events of the AMD IOMMU. Kernel: iommu_print_event() in drivers/iommu/amd/iommu.c. */
export const amdVi: Recogniser = (lines, at) => {
  const line = lines[at]!;
  const event =
    /(?:(\S+ [\da-f:.]+|\S+): )?AMD-Vi: Event logged \[(\w+)(.*?)\]?$/.exec(line) ?? undefined;
  if (event === undefined) return undefined;
  const [, who, kind, rest] = event;
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}=(0x[0-9a-fA-F]+|[\\da-f:.]+)`).exec(rest!)?.[1];
  const device =
    value('device') ??
    /[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[\da-f]/.exec(who ?? '')?.[0] ??
    'a device';
  if (kind !== 'IO_PAGE_FAULT') {
    const known = OTHERS[kind!];
    if (known === undefined) return undefined;
    const address = value('address') ?? value('gpa') ?? value('spa');
    return {
      lineCount: 1,
      summary: `AMD IOMMU: ${known[0]}${kind === 'ILLEGAL_COMMAND_ERROR' || kind === 'COMMAND_HARDWARE_ERROR' ? '' : ` (${device})`}`,
      details: [
        ...(address === undefined ? [] : [['address', address] as const]),
        ['look at', known[1]],
      ],
    };
  }
  const address = hex(value('address')) ?? 0n;
  const flags = hex(value('flags')) ?? 0n;
  const write = (flags & 0x20n) !== 0n;
  const { why, causes } = reasonOf(flags);
  const interrupt = (flags & 0x08n) !== 0n;
  const did = interrupt ? 'sent an interrupt through' : write ? 'wrote to' : 'read from';
  return {
    lineCount: 1,
    summary: `AMD IOMMU: ${device} ${did} IOVA 0x${address.toString(16)}, and ${why}`,
    details: [
      ['flags', `0x${flags.toString(16)}: ${flagText(flags)}`],
      ['causes', causes],
      [
        'next',
        `page ${pageOf(address)}: which map covered it? iovet check on the driver of ${device}`,
      ],
    ],
  };
};
