import { hex, pageOf, UNMAPPED_CAUSES, type Recogniser } from './logMessage.ts';

interface Reason {
  readonly why: string;
  /** What the entry looks like; empty where the reason says it all. */
  readonly entry: string;
  readonly causes: string;
}

const BROKEN = 'the IOMMU driver, or tables that were overwritten or not flushed';
const SECOND =
  'The second stage has no present bit: unmapped reads the same as without that right.';
const RIGHTS = `${UNMAPPED_CAUSES}; or mapped in the other direction only`;

const reason = (why: string, entry = '', causes = BROKEN): Reason => ({ why, entry, causes });

/**
 * Fault reasons. Source: VT-d specification, fault reason encodings; kernel: dma_remap_fault_reasons and
 * dma_remap_sm_fault_reasons in drivers/iommu/intel/dmar.c.
 */
const REASONS: Readonly<Record<number, Reason>> = {
  0x01: reason('the bus has no context table', 'P of the root entry is 0', 'the device is in no domain, or was removed'),
  0x02: reason('the device has no context entry', 'P of the context entry is 0', 'DMA before the driver attached, after it detached, or by a device behind a bridge with another id'),
  0x03: reason('the context entry contradicts itself'),
  0x04: reason('the address is wider than the tables', '', 'dma_set_mask() with more bits than the IOMMU has, or an address that is none'),
  0x05: reason('the entry that ends the walk has W = 0', `W (bit 1) is clear. ${SECOND}`, RIGHTS),
  0x06: reason('the entry that ends the walk has R = 0', `R (bit 0) is clear. ${SECOND}`, RIGHTS),
  0x07: reason('a table pointer is beyond the address width'),
  0x08: reason('the root table pointer is beyond the address width'),
  0x09: reason('the context table pointer is beyond the address width'),
  0x0a: reason('a reserved bit of the root entry is set'),
  0x0b: reason('a reserved bit of the context entry is set'),
  0x0c: reason('a reserved bit of a table entry is set', 'an address that is too wide, or PS at a level that has no leaf'),
  0x0d: reason('the context entry refuses translation requests', 'TT is 0: ATS is off for the device'),
  0x30: reason('the root table pointer is not valid'),
  0x38: reason('the root entry could not be read'),
  0x39: reason('the bus has no context table', 'P of the root entry is 0', 'the device is in no domain, or was removed'),
  0x40: reason('the context entry could not be read'),
  0x41: reason('the device has no context entry', 'P of the context entry is 0', 'DMA before the driver attached, or after it detached'),
  0x44: reason('the device used ATS without being allowed to', 'DTE of the context entry is 0', 'pci_enable_ats() before the context entry allows it'),
  0x45: reason('the device sent a PASID without being allowed to', 'PASIDE of the context entry is 0'),
  0x46: reason('the PASID is larger than the PASID directory', '', 'a PASID that was never attached'),
  0x51: reason('the PASID directory entry is not present', 'P is 0', 'DMA with a PASID that was never attached, or after its detach'),
  0x58: reason('the PASID entry could not be read'),
  0x59: reason('the PASID entry is not present', 'P is 0', 'DMA with a PASID that was never attached, or after its detach'),
  0x5b: reason('the PASID entry contradicts itself'),
  0x70: reason('a first-stage entry could not be read'),
  0x71: reason('nothing is mapped there', 'P of a first-stage entry is 0', UNMAPPED_CAUSES),
  0x72: reason('a reserved bit of a first-stage entry is set'),
  0x78: reason('a second-stage entry could not be read'),
  0x79: reason('the second-stage entry lacks the right', `R or W is clear. ${SECOND}`, RIGHTS),
  0x7a: reason('a reserved bit of a second-stage entry is set'),
  0x80: reason('the address is not canonical', 'bits above the table do not repeat its highest bit', 'an address that is none'),
  0x81: reason('the page is for supervisors', 'U of a first-stage entry is 0'),
  0x85: reason('the first-stage entry does not allow the write', 'RW is 0', 'mapped DMA_TO_DEVICE and written; iommu_map() without IOMMU_WRITE'),
  0x86: reason('the entry does not allow the read', 'R is 0', 'mapped DMA_FROM_DEVICE and read'),
}; // prettier-ignore

/** Faults of VT-d. Kernel: dmar_fault_do_one() in drivers/iommu/intel/dmar.c. */
export const dmar: Recogniser = (lines, at) => {
  const fault =
    /DMAR: \[(DMA Read|DMA Write|INTR-REMAP)(?: (?:NO_PASID|PASID (0x[0-9a-f]+)))?\] Request device \[([\da-f:.]+)\](?: PASID (?:0x)?[0-9a-f]+)? fault (?:addr|index) (?:0x)?([0-9a-f]+) \[fault reason (?:0x)?([0-9a-f]+)\]/i.exec(
      lines[at]!,
    );
  if (fault === null) return undefined;
  const [, type, pasid, device, where, code] = fault;
  const number = Number(hex(code));
  const who = pasid === undefined ? device! : `${device!} with PASID ${pasid}`;
  if (type === 'INTR-REMAP') {
    return {
      lineCount: 1,
      summary: `VT-d: an interrupt of ${who} was refused, index 0x${where!}`,
      details: [['look at', 'the interrupt remapping entry of that index; it is no DMA fault']],
    };
  }
  const address = hex(where)!;
  const known = REASONS[number];
  const did = type === 'DMA Write' ? 'wrote to' : 'read from';
  const entry = known?.entry ?? '';
  return {
    lineCount: 1,
    summary: `VT-d: ${who} ${did} IOVA 0x${address.toString(16)}, and ${known?.why ?? 'the reason is not in our table'}`,
    details: [
      ['reason', `0x${number.toString(16).padStart(2, '0')}${entry === '' ? '' : `: ${entry}`}`],
      ...(known === undefined ? [] : [['causes', known.causes] as const]),
      [
        'next',
        `page ${pageOf(address)}; CONFIG_DMAR_DEBUG dumps the entries: 0x0 is unmapped, iovet decode vtdss 0x… reads the others`,
      ],
    ],
  };
};
