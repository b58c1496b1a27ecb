import type { Type } from '../../cfront/types/type.ts';
import type { Value } from '../machine/values.ts';
import { pointerBits } from '../machine/values.ts';
import { isMappingError } from './contractWords.ts';
import type { Holding, Ledger } from './ledger.ts';
import type { ContractId, Violation } from './violation.ts';

/**
 * What a function says by its result. `silent`: its type has no errors that all functions share. `void`:
 * there is none. `stopped`: the run ended before it could say anything.
 */
export type Report = 'success' | 'error' | 'silent' | 'void' | 'stopped';

/** The largest errno; kernel error pointers and codes lie above its negative. */
const MAX_ERRNO = 4095;

/** Types of addresses that no memory has when all bits are set (include/linux/dma-mapping.h, DMA_MAPPING_ERROR). */
const ADDRESSES: ReadonlySet<string> = new Set(['dma_addr_t', 'phys_addr_t']);

/** What a result says: kernel functions fail with a negative errno, an error pointer, NULL, or DMA_MAPPING_ERROR. */
export function reportOf(type: Type, value: Value): Report {
  if (value === undefined || type.kind === 'void') return 'void';
  switch (type.kind) {
    case 'integer':
      if (ADDRESSES.has(type.alias ?? '') && isMappingError(pointerBits(value))) return 'error';
      if (!type.signed || type.rank === 0) return 'silent';
      return value < 0 && value >= -MAX_ERRNO ? 'error' : 'success';
    case 'pointer':
      return value === 0 || (value < 0 && value >= -MAX_ERRNO) ? 'error' : 'success';
    default:
      return 'silent';
  }
}

/** Whether a failure made a difference to the way that a run took, or to what it returned. */
export type WasLookedAt = (failure: Holding) => boolean;

/** What a run of an entry function broke: contracts on the way, and at its end. */
export function judgeEnding(ledger: Ledger, report: Report, wasLookedAt: WasLookedAt): Violation[] {
  const broken: Violation[] = ledger.breaches.map(
    ({ contract, message, api, place, about: held }) => ({
      ...{ id: contract, message, subject: api, place, since: held?.taken },
      ...(held === undefined ? {} : { holding: held.number }),
    }),
  );
  if (report === 'stopped') return broken;
  for (const holding of ledger.holdings) {
    if (holding.isOlder) continue;
    const isHeld = holding.state === 'held' && !holding.managed;
    if (isHeld && holding.part !== undefined) {
      const { what, at } = holding.part;
      const message = `unmaps ${what}, and keeps the rest of ${holding.what}`;
      broken.push({ ...about(holding, 'C-UNMAP-SIZE', message), place: at });
    } else if (isHeld && report === 'error') {
      broken.push(about(holding, 'C-LEAK', `fails and keeps ${holding.what}`));
    }
    if (report !== 'error' && isUnchecked(holding, wasLookedAt)) {
      const reports = report === 'success' ? 'reports success' : 'goes on';
      const message = `${reports} although ${holding.spelled}() failed (${holding.what})`;
      broken.push(about(holding, 'C-UNCHECKED', message));
    }
  }
  return broken;
}

function isUnchecked(holding: Holding, wasLookedAt: WasLookedAt): boolean {
  return (
    holding.state === 'failed' &&
    !holding.tested &&
    holding.question !== undefined &&
    !wasLookedAt(holding)
  );
}

function about({ api, taken, number }: Holding, id: ContractId, message: string): Violation {
  return { id, message, subject: api, place: taken, since: taken, holding: number };
}
