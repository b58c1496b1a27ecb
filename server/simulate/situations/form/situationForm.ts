import { nearest } from '../../../text/nearest.ts';
import { lineIndex } from '../../../text/lineIndex.ts';
import { readPositionedJson } from '../../../text/positionedJson.ts';
import type { Position } from '../../../text/span.ts';
import type { SituationProblem } from '../situation.ts';
import type { SituationSpec } from '../spec.ts';
import type { FieldForm, Form } from './form.ts';
import { readForm, schemaOf } from './form.ts';

const TEXT: Form = { kind: 'text' };
const FLAG: Form = { kind: 'flag' };
const COUNT: Form = { kind: 'count' };
const STATED: Form = { kind: 'record', of: { kind: 'stated' } };

const object = (fields: Readonly<Record<string, FieldForm>>): Form => ({ kind: 'object', fields });

const SEGMENT = object({
  kind: {
    form: { kind: 'choice', of: ['ram', 'mmio', 'rsvdram'] },
    about: 'RAM, device memory, or RAM whose struct pages are reserved.',
    required: true,
  },
  pages: { form: COUNT, about: 'How many pages of 4 KiB.', required: true },
  pfn: { form: COUNT, about: 'Number of the first page frame.', required: true },
});

const TABLE = object({
  format: {
    form: { kind: 'choice', of: ['amdv1', 'vtdss', 'x86_64', 'riscv_64', 'driver'] },
    about:
      'The page table, made by the init of the tree’s own generic_pt, or by the iommu_ops of the file.',
    required: true,
  },
  layout: {
    form: {
      kind: 'choice',
      of: ['amdv1', 'vtdss', 'x86_64', 'riscv_64', 'arm_64_lpae_s1', 'arm_64_lpae_s2'],
    },
    about:
      'Of a driver’s own domain: the table of generic_pt in its struct, where the tree has it, or of io-pgtable.',
  },
  memoryEncryption: { form: FLAG, about: 'The host encrypts memory; the C-bit is bit 51.' },
  incoherent: { form: FLAG, about: 'The IOMMU does not snoop: tables have to be flushed.' },
  pageSizes: { form: { kind: 'stated' }, about: 'The pgsize_bitmap the domain is left with.' },
});

const PHYSICAL = object({
  start: { form: COUNT, about: 'Physical address. Unit: bytes.', required: true },
  bytes: { form: COUNT, about: 'How much RAM. Unit: bytes.', required: true },
  fill: {
    form: { kind: 'choice', of: ['zero', 'entries', 'bytes'] },
    about: 'What it holds; every word of "entries" could be a present page-table entry.',
    required: true,
  },
  buffer: { form: FLAG, about: 'Data is moved from or to it: storing there is no mistake.' },
});

const DEVICE = object({
  dma: {
    form: { kind: 'choice', of: ['direct', 'swiotlb', 'iommu'] },
    about: 'Straight to memory, through bounce buffers, or through the table.',
    required: true,
  },
  untrusted: { form: FLAG, about: 'A PCI device that is given bounce buffers for parts of pages.' },
  minAlignMask: {
    form: COUNT,
    about: 'Low bits of addresses that mapping must not change. Default: 0.',
  },
  addressBits: { form: COUNT, about: 'How many address bits the device drives. Default: 64.' },
});

const SCATTER_ENTRY = object({
  length: { form: COUNT, about: 'Unit: bytes.', required: true },
  offset: { form: COUNT, about: 'Bytes into the first page. Default: 0.' },
  pfn: { form: COUNT, about: 'Number of the first page frame. Default: frames of its own.' },
});

const CALL = object({
  call: {
    form: { kind: 'either', of: [TEXT, { kind: 'list', of: TEXT }] },
    about:
      'A function, or the structs of which it takes pointers where only one function does. One that ends in "?" is left out where the tree lacks it.',
    required: true,
  },
  arguments: { form: STATED, about: 'Arguments by name, by position from 0 or by type: (gfp_t).' },
  times: { form: COUNT, about: 'How often it is called. Default: 1.' },
  result: {
    form: { kind: 'list', of: TEXT },
    about: 'Arguments of the entry that are what this call returned, named in the same way.',
  },
  written: {
    form: COUNT,
    about: 'Bytes that the device writes through what the call maps, an address or a list.',
  },
});

const IOMMU_DEVICE = object({
  requester: { form: COUNT, about: 'Requester id, stream id or device id.', required: true },
  ats: { form: FLAG, about: 'It asks for translations and keeps them.' },
  after: {
    form: { kind: 'choice', of: ['attached', 'blocked'] },
    about: 'What it is once the entry has returned. Default: attached.',
  },
});

const IOMMU = object({
  kind: {
    form: { kind: 'choice', of: ['amd', 'vtd', 'smmuv3', 'riscv'] },
    about: 'The architecture.',
    required: true,
  },
  registers: {
    form: { kind: 'list', of: TEXT },
    about: 'Members that hold the address of the registers, "struct.member".',
    required: true,
  },
  tells: { form: STATED, about: 'What its registers tell of it: 64 bits by the offset in bytes.' },
  start: {
    form: { kind: 'list', of: CALL },
    about: 'Calls that set the hardware up, made before there is a domain.',
  },
  domainId: {
    form: { kind: 'either', of: [TEXT, { kind: 'list', of: TEXT }] },
    about:
      'The number by which commands name the domain: "struct.member", or a function. Of several members the first that the tree has.',
    required: true,
  },
  device: {
    form: IOMMU_DEVICE,
    about: 'The device whose contexts the driver writes. Default: the model makes them.',
  },
  cachesNegative: { form: FLAG, about: 'The IOMMU caches that something is not there.' },
});

const RANGE = object({
  iova: { form: COUNT, about: 'First IOVA.', required: true },
  bytes: { form: COUNT, about: 'Unit: bytes.', required: true },
});

const LEADING = object({
  iova: { form: COUNT, about: 'First IOVA.', required: true },
  bytes: { form: COUNT, about: 'Unit: bytes.', required: true },
  to: { form: COUNT, about: 'Physical address of the first byte.', required: true },
});

const FIELDS: Readonly<Record<string, FieldForm>> = {
  $schema: { form: TEXT, about: 'Where this schema is.' },
  name: { form: TEXT, about: 'Name of the situation.', required: true },
  summary: { form: TEXT, about: 'What is where, in one line.', required: true },
  memory: {
    form: { kind: 'list', of: SEGMENT },
    about: 'What the user mapping covers, in order.',
  },
  table: { form: TABLE, about: 'The page table of the domains.' },
  physical: {
    form: { kind: 'list', of: PHYSICAL },
    about: 'RAM at fixed addresses, whose writers are told.',
  },
  encryption: {
    form: { kind: 'choice', of: ['none', 'host', 'guest'] },
    about: 'Who encrypts memory: nobody, the host for itself (SME), or the host for this guest.',
  },
  device: {
    form: DEVICE,
    about: 'A device that does DMA; it stands for struct device and pci_dev.',
  },
  scatterlist: {
    form: { kind: 'list', of: SCATTER_ENTRY },
    about: 'A list of RAM; it stands for struct scatterlist, sg_table and page.',
  },
  objects: {
    form: { kind: 'record', of: STATED },
    about: 'Structs that are made before the domains, with members that are set.',
  },
  globals: { form: STATED, about: 'Variables that are set once the structs are made.' },
  iommu: { form: IOMMU, about: 'An IOMMU that takes the commands which the driver queues.' },
  vfio: {
    form: object({
      domains: { form: COUNT, about: 'Domains in the container’s list.', required: true },
      another: { form: FLAG, about: 'One more domain exists and is not in the list yet.' },
    }),
    about: 'A VFIO container of type 1.',
  },
  iommufd: {
    form: object({
      domains: { form: COUNT, about: 'Domains that its areas are mapped in.', required: true },
      noHugePages: { form: FLAG, about: 'Ask for pages no larger than 4 KiB.' },
    }),
    about: 'An I/O address space of iommufd.',
  },
  set: {
    form: STATED,
    about:
      'Members of the structs that were made, as "struct.member.path"; text is hexadecimal or C.',
  },
  arguments: {
    form: STATED,
    about: 'Arguments of the entry, by name, by position from 0 or by type: (gfp_t).',
  },
  before: { form: { kind: 'list', of: CALL }, about: 'Calls that come before the entry.' },
  entry: { form: CALL, about: 'What is called instead of the function that changed.' },
  files: {
    form: { kind: 'list', of: TEXT },
    about: 'Files of the tree that belong to what is run.',
  },
  fail: {
    form: object({
      pages: { form: COUNT, about: 'Page allocations that succeed before one fails.' },
      slab: { form: COUNT, about: 'kmalloc() and relatives that succeed before one fails.' },
      pin: { form: COUNT, about: 'Pages that are pinned before one is not.' },
    }),
    about: 'What fails, counted from the entry on.',
  },
  keeps: {
    form: { kind: 'list', of: RANGE },
    about: 'IOVAs that lead after the entry where they led before it.',
  },
  leads: {
    form: { kind: 'list', of: LEADING },
    about: 'Where IOVAs lead after the entry; nowhere, if it fails.',
  },
  takesBack: {
    form: FLAG,
    about: 'What the calls before the entry mapped leads nowhere after it.',
  },
  removes: { form: { kind: 'list', of: RANGE }, about: 'IOVAs that lead nowhere after the entry.' },
};

/** Something wrong with a situation file. */
export interface SituationFileProblem {
  readonly at: Position;
  readonly reason: string;
  readonly nearest: string | undefined;
}

/** A situation read from a file, with the way back to the places of its text. */
export interface SituationFile {
  readonly spec: SituationSpec;
  /** Where the subject of a problem that came up while building stands. */
  readonly placeOf: (problem: SituationProblem) => Position;
}

/** Reads a situation file. Every problem is named with its place. */
export function readSituation(
  text: string,
):
  | { readonly ok: true; readonly file: SituationFile }
  | { readonly ok: false; readonly problems: readonly SituationFileProblem[] } {
  const lines = lineIndex(text);
  const read = readPositionedJson(text);
  if (!read.ok) {
    const { offset, reason } = read;
    return { ok: false, problems: [{ at: lines.position(offset), reason, nearest: undefined }] };
  }
  const { value, offsets } = read.json;
  const place = (path: string): Position => lines.position(offsets.get(path) ?? 0);
  const found: Parameters<typeof readForm>[3] = [];
  const spec = readForm(value, { kind: 'object', fields: FIELDS }, '', found) as SituationSpec;
  if (found.length > 0) {
    const problems = found.map(({ path, reason, known }) => ({
      ...{
        at: place(path),
        reason,
        nearest: nearest(path.slice(path.lastIndexOf('/') + 1), known),
      },
    }));
    return { ok: false, problems };
  }
  const placeOf = ({ subject }: SituationProblem): Position => {
    const paths = [`/set/${subject}`, `/arguments/${subject}`, `/table/format`];
    return place(paths.find((path) => offsets.has(path)) ?? '');
  };
  return { ok: true, file: { spec, placeOf } };
}

/** The JSON schema of situation files. */
export function situationSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'iovet situation',
    ...schemaOf({ kind: 'object', fields: FIELDS }),
  };
}
