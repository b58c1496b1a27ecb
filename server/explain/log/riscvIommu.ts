import { riscvFqFields } from '../fields/riscvFq.ts';
import { hex, pageOf, PERMISSION_CAUSES, UNMAPPED_CAUSES, type Recogniser } from './logMessage.ts';

/** What the causes of a fault record mean. Source: RISC-V IOMMU specification, fault queue; kernel: RISCV_IOMMU_FQ_CAUSE_*. */
const CAUSES: Readonly<Record<number, readonly [string, string]>> = {
  1: ['an instruction fetch failed', ''],
  4: ['a read was misaligned', 'the device'],
  5: ['a read reached no memory', 'an address that is mapped to nothing'],
  6: ['a write was misaligned', 'the device'],
  7: ['a write reached no memory', 'an address that is mapped to nothing'],
  12: ['no entry allows the fetch, first stage', UNMAPPED_CAUSES],
  13: ['no entry allows the read, first stage', UNMAPPED_CAUSES],
  15: ['no entry allows the write, first stage', `${UNMAPPED_CAUSES}; or ${PERMISSION_CAUSES}`],
  20: ['no entry allows the fetch, second stage', UNMAPPED_CAUSES],
  21: ['no entry allows the read, second stage', UNMAPPED_CAUSES],
  23: ['no entry allows the write, second stage', UNMAPPED_CAUSES],
  256: ['the IOMMU is off: all DMA is refused', 'ddtp mode Off'],
  257: ['the device directory could not be read', 'the directory address'],
  258: ['the device has no valid context', 'DMA before the driver attached, or after it detached'],
  259: ['the device context has a reserved setting', 'the IOMMU driver'],
  260: ['the kind of transaction is not allowed', 'ATS or a PASID that the device context does not allow'],
  265: ['the process directory could not be read', 'the directory address'],
  266: ['the process has no valid context', 'a PASID that was never attached'],
  267: ['the process context has a reserved setting', 'the IOMMU driver'],
  272: ['the IOMMU failed inside', 'the hardware'],
  274: ['a page table entry was corrupted in memory', 'the memory'],
}; // prettier-ignore

/** Faults of the RISC-V IOMMU. Kernel: riscv_iommu_fault() in drivers/iommu/riscv/iommu.c. */
export const riscvIommu: Recogniser = (lines, at) => {
  const fault =
    /\bFault (\d+) devid: (0x[0-9a-f]+|0) iotval: ([0-9a-f]+) iotval2: ([0-9a-f]+)/.exec(
      lines[at]!,
    );
  if (fault === null) return undefined;
  const [, cause, device, value, second] = fault;
  const number = Number(cause);
  const name = riscvFqFields.entries.find(
    (entry) => entry.name.includes('FQ_CAUSE_') && entry.value === BigInt(number),
  )?.name;
  const known = CAUSES[number];
  const address = hex(value)!;
  const guest = hex(second)! & ~3n;
  return {
    lineCount: 1,
    summary: `RISC-V IOMMU: device ${device!} at IOVA 0x${address.toString(16)}: ${known?.[0] ?? 'the cause is not in our table'}`,
    details: [
      ['cause', `${number}${name === undefined ? '' : `, ${name}`}`],
      ...(guest === 0n ? [] : [['guest', `physical address 0x${guest.toString(16)} at the second stage`] as const]), // prettier-ignore
      ...(known === undefined || known[1] === '' ? [] : [['causes', known[1]] as const]),
      ['next', `page ${pageOf(address)}: which map covered it?`],
    ],
  };
};
