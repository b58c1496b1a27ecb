import { INVARIANTS } from '../../model/check/violation.ts';
import type { InvariantId } from '../../model/check/violation.ts';
import type { Machine } from '../machine/machine.ts';
import type { Environment } from '../situations/situation.ts';
import { isLookUpUnderReview } from './lookUp.ts';

/** Invariants that a run could not break, because nothing of them can be seen there. */
export interface NotWatched {
  readonly ids: readonly InvariantId[];
  /** One clause. */
  readonly reason: string;
}

const NO_DIRTY = 'no situation lets a device write, or hands out a bitmap';
const NO_OWNERS = 'no situation says who owns pages besides the host';

/** Invariants for which C runs have nothing that could be looked at, whatever the situation. */
const NEVER: Readonly<Partial<Record<InvariantId, string>>> = {
  'I-FMT-3':
    'the features are those of the situation; the init of the tree refuses others by itself',
  'I-DIRTY-1': NO_DIRTY,
  'I-DIRTY-2': NO_DIRTY,
  'I-CTX-1': 'contexts are made by the model: the situation has no device whose contexts C writes',
  'I-CC-1': NO_OWNERS,
  'I-RMP-1': NO_OWNERS,
  'I-PKVM-1': NO_OWNERS,
  'I-FAULT-1': 'no situation lets a device ask for pages',
};

const UNSEEN_FLUSHES = 'the driver under review flushes by itself, and its queue is not watched';

/** What is not watched in an environment, with the reasons. `isCut`: it stored more than is kept; `isGuest`: memory is a guest's. */
export function notWatched(
  machine: Machine,
  { probes, behind }: Environment,
  { isCut, isGuest }: { readonly isCut: boolean; readonly isGuest: boolean },
): readonly NotWatched[] {
  const all = Object.keys(INVARIANTS) as InvariantId[];
  const ofGuest: readonly InvariantId[] = isGuest ? ['I-DMA-1'] : [];
  if (isCut) {
    const ids = all.filter((id) => !ofGuest.includes(id));
    return [{ ids, reason: 'the run stores more words than are kept' }];
  }
  if (probes.length === 0) {
    const ids = all.filter((id) => id !== 'I-LIFE-3' && !ofGuest.includes(id));
    return [{ ids, reason: 'the situation has no table that can be looked at' }];
  }
  const reasons = new Map<string, string>(Object.entries(NEVER));
  if (behind !== undefined) reasons.delete('I-CTX-1');
  if (!isGuest) reasons.set('I-DMA-1', 'the memory of the situation is not that of a guest');
  const add = (ids: readonly InvariantId[], reason: string): void => {
    for (const id of ids) reasons.set(id, reason);
  };
  if (probes.every(({ incoherent }) => incoherent?.() !== true)) {
    const isRemembered = probes.some(({ cachesNegative }) => cachesNegative === true);
    const mapped: readonly InvariantId[] = isRemembered ? [] : ['I-COH-1'];
    add([...mapped, 'I-COH-2', 'I-COH-3'], 'the IOMMU of the situation snoops');
  }
  if (probes.some(({ flushes }) => flushes === 'unseen')) {
    add(['I-REACH-1', 'I-LIFE-2'], UNSEEN_FLUSHES);
  }
  if (probes.every(({ domain }) => !isLookUpUnderReview(machine, domain))) {
    add(['I-FMT-2'], 'what software finds is asked where its C is in the file under review');
  }
  if (probes.every(({ format }) => format !== 'amdv1')) {
    add(['I-TOP-1'], 'tables of this format do not grow');
  }
  if (probes.every(({ format }) => !format.startsWith('arm_'))) {
    add(
      ['I-BBM-1', 'I-BBM-2'],
      'only entries of Arm tables have to go before others take their place',
    );
  }
  if (probes.every(({ encryptionMask }) => encryptionMask === 0n)) {
    add(['I-CC-2'], 'the host does not encrypt memory');
  }
  return [...new Set(reasons.values())].map((reason) => ({
    ids: all.filter((id) => reasons.get(id) === reason),
    reason,
  }));
}
