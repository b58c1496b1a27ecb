import type { ChunkAttributeFact, FlowPlace, FlowStep } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';

/** A memory type of one chunk, kept in the object that spans all chunks. */
export const vfioMmioPerRange: Checker = defineChecker(
  {
    id: 'vfio-mmio-per-range',
    summary:
      'The memory type of a mapping belongs to one contiguous chunk, not to the range around it.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['attributes'],
    messages: {
      both: "{object} gets {flag} at {set} and loses it at {clear}: RAM and MMIO chunks get each other's type",
      kept: '{object} gets {flag} at {set} and keeps it: every later RAM chunk is mapped as MMIO',
      cleared:
        '{object} loses {flag} with the next RAM page: the chunk before it is mapped with the wrong type',
    },
    sources: [
      {
        where: 'drivers/vfio/vfio_iommu_type1.c',
        what: 'vfio_pin_pages_remote(): a chunk ends after the next page was looked at',
      },
      {
        where: 'drivers/vfio/vfio_iommu_type1.c',
        what: 'vfio_iommu_replay(): every chunk is mapped again with the stored protection',
      },
      {
        where: 'drivers/iommu/iommufd/pages.c',
        what: 'batch_add_pfn_num(): the kind of memory is kept per batch',
      },
    ],
    falsePositives: [],
    limits: [
      'The chunks have to be made and mapped in one loop of the file, by itself or through its functions.',
      'Without the callers of a function, as in a patch without its tree, only a protection behind a pointer parameter is followed.',
    ],
    holdsInPart: true,
    page: {
      what: 'Reports IOMMU_MMIO or IOMMU_CACHE decided page by page and stored in an object whose chunks are all mapped from there, directly or through a pointer to the member.',
      why: 'A range given to VFIO_IOMMU_MAP_DMA can hold RAM and MMIO in any order, and is mapped in physically contiguous chunks. The memory type belongs to the chunk, and a chunk ends only after the next page was looked at, so a flag in the object always describes the page after the chunk. RAM followed by MMIO: the RAM chunk is mapped as MMIO, and an AMD host with SME leaves out its C-bit. MMIO followed by RAM: the MMIO chunk is mapped as RAM, with a C-bit in its address. vfio_iommu_replay() maps all chunks with the last value. Keep the flag in a local beside the first page frame of the chunk, and derive it again in the replay.',
      example: `
static long get_frames(unsigned long vaddr, int *prot, unsigned long *pfn)
{
	if (pin_page(vaddr, pfn))
		*prot &= ~IOMMU_MMIO;
	else if (follow_frame(vaddr, pfn))
		*prot |= IOMMU_MMIO;
	return 1;
}
/* … get_frames(vaddr, &range->prot, &pfn) for each page,
   iommu_map(…, range->prot, …) for each chunk */`,
      instead: `
mmio = is_mmio_frame(first);
while (pages_left && next_frame(&pfn) == first + pinned &&
       is_mmio_frame(pfn) == mmio)
	pinned++;
iommu_map(dom, iova, first << PAGE_SHIFT, pinned << PAGE_SHIFT,
	  range->prot | (mmio ? IOMMU_MMIO : IOMMU_CACHE), GFP_KERNEL);`,
    },
  },
  ({ attributes }, report) => {
    for (const fact of attributes) {
      if (fact.kind === 'per-chunk') continue;
      const [set] = fact.sets;
      const [clear] = fact.clears;
      const values = { object: { text: fact.object }, flag: fact.flag };
      const more = {
        steps: orders(fact),
        related: related(fact),
        // Who passes the pointer is not in sight: the object behind it is taken from how it is read.
        ...(fact.read === undefined && { confidence: 'medium' as const }),
      };
      if (fact.kind === 'both' && set !== undefined && clear !== undefined) {
        report({ message: 'both', values: { ...values, set, clear }, at: set, ...more });
      } else if (fact.kind === 'kept' && set !== undefined) {
        report({ message: 'kept', values: { ...values, set }, at: set, ...more });
      } else if (clear !== undefined) {
        report({ message: 'cleared', values, at: clear, ...more });
      }
    }
  },
);

/** What happens in a range with RAM before MMIO, and in one with MMIO before RAM. */
function orders({
  flag,
  sets: [set],
  clears: [clear],
  read,
  replays,
}: ChunkAttributeFact): FlowStep[] {
  const other = flag === 'IOMMU_CACHE' ? 'RAM' : 'MMIO';
  const one = other === 'MMIO' ? 'RAM' : 'MMIO';
  const setter =
    set === undefined
      ? 'the flag is set (where is not in sight)'
      : `line ${set.line} sets the flag`;
  const wrongSet = other === 'MMIO' ? 'no C-bit' : 'cacheable device memory';
  const wrongClear = other === 'MMIO' ? 'C-bit' : 'not snooped';
  const at = (place: FlowPlace | undefined): FlowPlace => place ?? read ?? set ?? clear!;
  const steps: FlowStep[] = [
    {
      place: at(set),
      message: `${one}, then ${other}: the ${one} chunk is pinned, then ${setter} for the next page, then the ${one} chunk is mapped: ${wrongSet}`,
    },
    {
      place: at(clear),
      message:
        clear === undefined
          ? `${other}, then ${one}: the flag stays set, and the ${one} chunk is mapped with it: ${wrongSet}`
          : `${other}, then ${one}: ${setter}, the next ${one} page clears it (line ${clear.line}), then the ${other} chunk is mapped: ${wrongClear}`,
    },
  ];
  const [replay] = replays;
  if (replay !== undefined) {
    steps.push({
      place: replay,
      message: `${replay.function}() maps all chunks with the last value`,
    });
  }
  return steps;
}

function related({ sets, clears, read, replays }: ChunkAttributeFact): FlowStep[] {
  return [
    ...sets.slice(1).map((place) => ({ place, message: 'set here, too' })),
    ...clears.map((place) => ({ place, message: 'cleared here' })),
    ...(read === undefined ? [] : [{ place: read, message: 'read for each chunk here' }]),
    ...replays.map((place) => ({ place, message: `read again by ${place.function}() here` })),
  ];
}
