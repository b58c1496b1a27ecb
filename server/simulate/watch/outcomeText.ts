import { formatAddr } from '../../model/bits/pfn.ts';
import type { Reached } from '../../model/hw/common/dma.ts';
import { pageState } from '../../model/mem/physMem.ts';
import type { PossibleOutcome } from '../../model/world/access.ts';
import type { World } from '../../model/world/world.ts';

/** How an outcome comes about, where it is not the plain walk. */
const WAYS: Readonly<Record<PossibleOutcome['via'], string>> = {
  walk: '',
  'walk before the flush': 'before the CPU writes back: ',
  'stale entry': 'stale entry: ',
  'stale table': 'stale table: ',
  'stale context': 'stale context: ',
};

/** What may come of an access, in words that say what it means for memory. */
export function outcomeText(
  world: World,
  { via, outcome, content }: PossibleOutcome,
  access: 'read' | 'write',
): string {
  const way = WAYS[via];
  switch (outcome.kind) {
    case 'reached':
      return `${way}${reachedText(world, outcome, content, access)}`;
    case 'fault':
      return `${way}fault: ${outcome.why}`;
    case 'unknown':
      return `${way}unknown: ${outcome.why}`;
  }
}

function reachedText(
  world: World,
  { spa }: Reached,
  content: string | undefined,
  access: 'read' | 'write',
): string {
  const { use } = pageState(world.mem, spa.pfn);
  const address = formatAddr(spa);
  switch (content?.split(':')[0]) {
    case 'wrong-target':
      return `misses MMIO ${address}: the C-bit counts as address`;
    case 'ciphertext':
      return `${access}s ${address} past the encryption`;
    default:
      return `reaches ${use === 'mmio' ? 'MMIO' : use === 'ram' ? 'RAM' : 'memory'} ${address}`;
  }
}
