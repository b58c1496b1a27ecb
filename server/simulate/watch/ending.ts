import type { Type } from '../../cfront/types/type.ts';
import type { Value } from '../machine/values.ts';
import type { Holding, Ledger } from './ledger.ts';
import type { Violation } from './violation.ts';

/**
 * What a function says by its result. `silent`: its type has no room for an error. `stopped`: the run
 * ended before it could say anything.
 */
export type Report = 'success' | 'error' | 'silent' | 'stopped';

/** The largest errno; kernel error pointers and codes lie above its negative. */
const MAX_ERRNO = 4095;

/** What a result says: kernel functions fail with a negative errno, an error pointer, or NULL. */
export function reportOf(type: Type, value: Value): Report {
  if (value === undefined) return 'silent';
  switch (type.kind) {
    case 'integer':
      if (!type.signed || type.rank === 0) return 'silent';
      return value < 0 && value >= -MAX_ERRNO ? 'error' : 'success';
    case 'pointer':
      return value === 0 || (value < 0 && value >= -MAX_ERRNO) ? 'error' : 'success';
    default:
      return 'silent';
  }
}

/** What a run of an entry function broke: contracts on the way, and at its end. */
export function judgeEnding(ledger: Ledger, report: Report): Violation[] {
  const broken: Violation[] = ledger.breaches.map(({ contract, message, api, place, taken }) => ({
    ...{ id: contract, message, subject: api, place, since: taken },
  }));
  if (report === 'stopped') return broken;
  for (const holding of ledger.holdings) {
    if (report === 'error' && holding.state === 'held' && !holding.managed) {
      broken.push(about(holding, 'C-LEAK', `fails and keeps ${holding.what}`));
    }
    if (report !== 'error' && holding.state === 'failed' && !holding.tested) {
      const reports = report === 'success' ? 'reports success' : 'goes on';
      broken.push(
        about(
          holding,
          'C-UNCHECKED',
          `${reports} although ${holding.api}() failed (${holding.what})`,
        ),
      );
    }
  }
  return broken;
}

function about({ api, taken }: Holding, id: 'C-LEAK' | 'C-UNCHECKED', message: string): Violation {
  return { id, message, subject: api, place: taken, since: taken };
}
