/**
 * What a value in a scenario may be.
 * `address` and `size` are text: `0x40000000`, `2M`, `2M+0x1000`; lists of words are separated by spaces.
 */
export type ValueKind =
  | 'name'
  | 'address'
  | 'size'
  | 'count'
  | 'flag'
  | 'text'
  | { readonly oneOf: readonly string[] }
  | { readonly words: readonly string[] };

/** A field of a step. Absent optional fields have the default that the text names. */
export interface FieldForm {
  readonly kind: ValueKind;
  readonly optional: boolean;
  readonly about: string;
}

/** A kind of step. */
export interface StepForm {
  readonly about: string;
  readonly fields: Readonly<Record<string, FieldForm>>;
}

const must = (kind: ValueKind, about: string): FieldForm => ({ kind, optional: false, about });
const may = (kind: ValueKind, about: string): FieldForm => ({ kind, optional: true, about });

const ARCH: ValueKind = { oneOf: ['amd', 'vtd', 'smmuv3', 'riscv'] };
const ACCESS: ValueKind = { oneOf: ['read', 'write', 'execute'] };
const PROT: ValueKind = { words: ['read', 'write', 'mmio', 'cache', 'noexec', 'priv'] };
const FAULTS: ValueKind = {
  words: [
    'skip-flush',
    'leaf-only',
    'free-first',
    'short-range',
    'skip-sync',
    'atc-first',
    'late-top',
  ],
};

const TABLE = must('name', 'Table, by the name of its step.');
const IOVA = must('address', 'First IOVA.');
const LENGTH = must('size', 'Bytes.');
const PA = must('address', 'First physical address.');
const DEVICE = must('name', 'Device, by the name of its step.');

/** Every kind of step, by the name in its field `do`. */
export const STEP_FORMS: Readonly<Record<string, StepForm>> = {
  table: {
    about: 'Makes a translation table by running the init of its format.',
    fields: {
      name: must('name', 'What later steps call it.'),
      arch: must(ARCH, 'Architecture of the IOMMU that walks it.'),
      format: must(
        'name',
        'Format, as in vectors: amdv1, x86_64, vtdss, riscv_64, arm_64_lpae_s1, arm_64_lpae_s2.',
      ),
      id: may('count', 'Domain id that caches tag it with. Default: 1.'),
      bits: may('count', 'Width of IOVAs. Default: 48.'),
      levels: may('count', 'Levels to start with. Default: 4.'),
      features: may(
        'text',
        'Features of generic_pt beside the forced ones, by the names of PT_FEAT_*.',
      ),
      kernel: may({ oneOf: ['release', 'debug'] }, 'Build of the kernel. Default: release.'),
      driver: may(FAULTS, 'What its driver does wrong. Default: nothing.'),
      profile: may(
        { oneOf: ['7.3', 'intended'] },
        'With the known defects of 7.3, or without. Default: 7.3.',
      ),
      'caches-negative': may('flag', 'The hardware caches that nothing is there. Default: no.'),
    },
  },
  device: {
    about: 'Puts a device behind an IOMMU and writes its contexts.',
    fields: {
      name: must('name', 'What later steps call it.'),
      arch: must(ARCH, 'Architecture of its IOMMU.'),
      requester: may('count', 'Requester or stream id. Default: 3.'),
      pasid: may('count', 'PASID of its requests. Default: none.'),
      first: may('name', 'Table of the first stage.'),
      second: may('name', 'Table of the second stage.'),
      ats: may('flag', 'The device caches translations itself. Default: no.'),
      stall: may('flag', 'SMMUv3: its faulting accesses wait for a respond step. Default: no.'),
      guest: may('count', 'Guest or realm that trusts it (T=1). Default: none (T=0).'),
    },
  },
  attach: {
    about:
      'Makes the context of a device lead to other tables. Hardware may go on with the old context until it is invalidated.',
    fields: {
      device: DEVICE,
      first: may('name', 'Table of the first stage.'),
      second: may('name', 'Table of the second stage.'),
      how: may(
        { oneOf: ['context-only', 'driver'] },
        'Only the context is written, or all is done that the kernel’s driver does. Default: context-only.',
      ),
    },
  },
  'check-driver': {
    about: 'Looks at a driver on generic_pt: the layout of its domain, and its domain ops.',
    fields: {
      'pt-domain': must('address', 'Offset of domain in the pt_iommu member.'),
      domain: must('address', 'Offset of the driver’s own domain.'),
      ops: must('text', 'Ops that it fills in, separated by spaces.'),
    },
  },
  memory: {
    about: 'Says what a physical range is.',
    fields: { at: PA, length: LENGTH, use: must({ oneOf: ['ram', 'mmio'] }, 'RAM or a device.') },
  },
  map: {
    about: 'iommu_map().',
    fields: {
      table: TABLE,
      iova: IOVA,
      pa: PA,
      length: LENGTH,
      prot: may(PROT, 'Default: read write.'),
    },
  },
  unmap: {
    about: 'iommu_unmap(): removes mappings and flushes.',
    fields: { table: TABLE, iova: IOVA, length: LENGTH },
  },
  'unmap-fast': {
    about: 'iommu_unmap_fast(): the flush is left to a sync step.',
    fields: {
      table: TABLE,
      iova: IOVA,
      length: LENGTH,
      lose: may('flag', 'Empties the gather, as a driver that forgets it would. Default: no.'),
    },
  },
  sync: { about: 'iommu_iotlb_sync().', fields: { table: TABLE } },
  cut: {
    about:
      'Splits the leaf at an IOVA into smaller ones with the same translation: an operation that the kernel does not have yet.',
    fields: {
      table: TABLE,
      iova: IOVA,
      mode: may({ oneOf: ['in-place', 'break'] }, 'Default: in-place.'),
      within: may({ oneOf: ['unmap'] }, 'Done on the unmap path.'),
    },
  },
  split: {
    about:
      'Arm: replaces the block at an IOVA by a new table of pages with the same translation, in one store. io-pgtable-arm of 7.x does not do this.',
    fields: {
      table: TABLE,
      iova: IOVA,
      empty: may('flag', 'The new table is empty: it is filled later, page by page. Default: no.'),
    },
  },
  release: {
    about: 'Gives pages back: they are unpinned or freed.',
    fields: {
      at: PA,
      length: LENGTH,
      how: may({ oneOf: ['unpinned', 'freed'] }, 'Default: unpinned.'),
    },
  },
  store: {
    about: 'One 64-bit store of the CPU, to a table entry or anywhere.',
    fields: {
      at: must('address', 'Where.'),
      value: must('address', 'What.'),
      flush: may('flag', 'The line is flushed after it. Default: no.'),
    },
  },
  clean: { about: 'Every line of the CPU’s cache reaches memory.', fields: {} },
  'store-table': {
    about: 'Makes a page one that page-table code may store to.',
    fields: { at: PA },
  },
  'store-entry': {
    about: 'One 64-bit store to the entry of a table that translates an IOVA at a level.',
    fields: {
      table: TABLE,
      iova: IOVA,
      level: must('count', 'Level of the entry, 0 being that of the smallest pages.'),
      value: must('address', 'What.'),
    },
  },
  invalidate: {
    about: 'Queues an invalidation of the IOTLB, of devices’ caches, or of cached contexts.',
    fields: {
      table: TABLE,
      iova: may('address', 'First IOVA. Default: the whole address space.'),
      length: may('size', 'Bytes.'),
      of: may({ oneOf: ['iotlb', 'atc', 'context'] }, 'Default: iotlb.'),
      tables: may('flag', 'Table pointers too. Default: no.'),
    },
  },
  wait: { about: 'Waits until the queued commands have completed.', fields: { table: TABLE } },
  access: {
    about: 'A device accesses an IOVA; the result is the set of what hardware may do.',
    fields: { device: DEVICE, iova: IOVA, kind: may(ACCESS, 'Default: read.') },
  },
  'device-write': {
    about: 'A device writes, and the hardware sets the dirty bit.',
    fields: { device: DEVICE, iova: IOVA },
  },
  'read-dirty': {
    about: 'Reads and clears dirty bits.',
    fields: {
      table: TABLE,
      iova: IOVA,
      length: LENGTH,
      sync: may('flag', 'The gather is flushed afterwards. Default: yes.'),
    },
  },
  rmp: {
    about: 'RMPUPDATE: changes one entry of the reverse map table.',
    fields: {
      at: PA,
      size: must({ oneOf: ['4K', '2M'] }, 'Size of the entry.'),
      assigned: may('flag', 'Default: yes.'),
      guest: may('count', 'ASID of the owner. Default: 1.'),
    },
  },
  psmash: { about: 'PSMASH: splits a 2 MiB entry of the reverse map table.', fields: { at: PA } },
  delegate: { about: 'Gives a granule to the realm world.', fields: { at: PA } },
  undelegate: { about: 'Takes a granule back from the realm world.', fields: { at: PA } },
  donate: {
    about: 'pKVM: the host gives a page away.',
    fields: { at: PA, to: may({ oneOf: ['hyp', 'guest'] }, 'Default: hyp.') },
  },
  'dma-map': {
    about: 'A driver in a confidential guest maps a page for DMA.',
    fields: {
      ops: must({ oneOf: ['direct', 'iommu'] }, 'dma-direct or dma-iommu.'),
      call: may({ oneOf: ['map_phys', 'map_sg'] }, 'Default: map_phys.'),
      'cc-shared': may('flag', 'With DMA_ATTR_CC_SHARED. Default: no.'),
      page: may({ oneOf: ['private', 'shared'] }, 'Default: shared.'),
      pool: may({ oneOf: ['shared', 'private'] }, 'The bounce pool. Default: shared.'),
      rules: may({ oneOf: ['seed-000', '7.3'] }, 'Whose rules. Default: 7.3.'),
      granule: may('size', 'Granule of conversions. Default: 4K.'),
      use: may('flag', 'The driver uses the address whatever the call gave. Default: no.'),
    },
  },
  'share-stage2': {
    about: 'May the SMMU use the CPU’s stage 2? The result lists the conditions that are not met.',
    fields: {
      has: must(
        {
          words: [
            'format', 'granule', 'endianness', 'cpu-bbml3', 'smmu-bbml2', 'stall', 'pinned', 'coherent', 'btm',
          ],
        },
        'What the system has.',
      ), // prettier-ignore
    },
  },
  'page-request': {
    about: 'A device asks for a page and waits.',
    fields: { device: DEVICE, iova: IOVA },
  },
  respond: {
    about:
      'Software answers a page request, or a stalled access, which is then retried or aborted.',
    fields: {
      request: may('count', 'Which one, counted from 0. Default: 0.'),
      answer: may({ oneOf: ['success', 'invalid', 'failure'] }, 'Default: success.'),
    },
  },
  'free-domain': { about: 'The domain of a table goes.', fields: { table: TABLE } },
  'write-context': {
    about:
      'Replaces a context entry store by store; the result says what hardware can read in between.',
    fields: {
      kind: must({ oneOf: ['dte', 'ste', 'pasid', 'riscv-dc'] }, 'Kind of entry.'),
      from: must('text', 'Words before, in hexadecimal, separated by spaces.'),
      to: must('text', 'Words after.'),
      order: may(
        { oneOf: ['driver', 'ascending'] },
        'As the kernel’s driver does it, or word by word. Default: driver.',
      ),
    },
  },
};
