/** A word of the field, as iovet uses it. */
export interface Term {
  readonly word: string;
  /** One sentence. */
  readonly meaning: string;
  /** The kernel's name for it, as Markdown; empty where it has none. */
  readonly kernel: string;
  /** What specifications call it; empty where they have the same word or none. */
  readonly specifications: string;
}

function term(word: string, meaning: string, kernel: string, specifications: string): Term {
  return { word, meaning, kernel, specifications };
}

/** The glossary. Where the kernel and a specification disagree, the kernel's word is used. */
// prettier-ignore
export const glossary: readonly Term[] = [
  term('item', 'One slot of a table page, 4 or 8 bytes.', '`pt_table_item_lg2sz()`', 'descriptor (Arm), PTE (x86, RISC-V)'),
  term('entry', 'What one or more items say together: empty, a table, or a leaf.', '`enum pt_entry_type`', ''),
  term('leaf', 'An entry that ends the walk with an output address.', '`PT_ENTRY_OA`', 'page or block (Arm), page (x86)'),
  term('level', 'Distance from the leaves: level 0 holds leaves only.', '`pts->level`', 'counted from the top by Arm (3 is the last)'),
  term('granule', 'Smallest size that can be mapped.', '`PAGE_SIZE` of the format', 'translation granule (Arm)'),
  term('contiguous entry', 'Several items that form one larger leaf.', '`pt_entry_num_contig_lg2()`', 'Contiguous bit (Arm), NAPOT (RISC-V)'),
  term('VA', 'Address that goes into a page table, of whatever kind.', 'generic_pt VA', 'IOVA, IPA'),
  term('OA', 'Output address of a leaf.', 'generic_pt OA', 'PA, IPA'),
  term('IOVA', 'Address that a device uses.', '`dma_addr_t`, `unsigned long iova`', 'DVA'),
  term('domain', 'An address space for devices: a page table and what is attached to it.', '`struct iommu_domain`', 'domain id (VT-d, AMD), context bank (SMMU)'),
  term('gather', 'The range and pages that wait for one IOTLB flush.', '`struct iommu_iotlb_gather`', ''),
  term('streaming mapping', 'A mapping of memory that the driver has already.', '`dma_map_single()` and its kin', ''),
  term('coherent memory', 'Memory that device and CPU see alike without syncs.', '`dma_alloc_coherent()`', ''),
  term('nents, orig_nents', 'DMA segments after mapping, and entries before it; merging makes them differ.', '`struct sg_table`', ''),
  term('provenance', 'Where an address comes from: RAM, MMIO, carve-out, DMA, IOVA, user.', '', ''),
  term('resource', 'Something that is acquired and has to be released: a mapping, an allocation, a pin, a domain.', '', ''),
  term('summary', 'What a function does to its parameters, derived from its body, used at its calls.', '', ''),
  term('contract', 'What a kernel function promises and demands: roles of parameters, how it fails, what it acquires.', 'kernel-doc', ''),
  term('fixture', 'A C file with marks that say what a rule must answer.', '', ''),
  term('finding', 'A violated contract at a place, with the path that leads there.', '', 'result (SARIF)'),
  term('problem', 'Something that was not parsed, lowered or analysed, with its reason; shown as `incomplete`.', '', 'notification (SARIF)'),
  term('build', 'One inclusion of a file that is only included, such as generic_pt for `amdv1`.', '`drivers/iommu/generic_pt/fmt`', ''),
  term('DTE, STE', 'Entry that tells the IOMMU about one device.', '`struct dev_table_entry`, `struct arm_smmu_ste`', 'Device Table Entry (AMD), Stream Table Entry (SMMUv3)'),
  term('RMP', 'Table that says which guest owns a page of memory.', '`arch/x86/virt/svm/sev.c`', 'Reverse Map Table (AMD SEV-SNP)'),
  term('prot', 'Flags of an IOMMU mapping: who may do what, and which memory type.', '`IOMMU_READ` … `IOMMU_PRIV`', ''),
  term('STE, CD', 'Entries of the SMMU: what happens to a stream, and the tables of one of its address spaces.', '`struct arm_smmu_ste`, `struct arm_smmu_cd`', 'Stream Table Entry, Context Descriptor'),
  term('context entry, PASID entry', 'Entries of VT-d: what happens to a device, and to one of its address spaces.', '`struct context_entry`, `struct pasid_entry`', ''),
  term('DC, PC', 'Entries of the RISC-V IOMMU: what happens to a device, and to one of its processes.', '`struct riscv_iommu_dc`', 'device context, process context'),
  term('PASID', 'Number of an address space that a device names with its requests.', '`ioasid_t`', 'SubstreamID (SMMUv3), process_id (RISC-V)'),
  term('ATC', 'Cache of translations inside a device; it is invalidated by messages.', '', 'ATC (PCIe), device-TLB (VT-d)'),
];
