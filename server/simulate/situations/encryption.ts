import { confidentiality } from '../kernel/confidential.ts';
import type { ObjectPool } from './objects.ts';
import type { SituationSpec } from './spec.ts';

/** The C-bit of a host or guest with memory encryption. */
export const ENCRYPTION_MASK: bigint = 1n << 51n;

/** Says who encrypts memory, before anything is made that depends on it. */
export function setEncryption(pool: ObjectPool, spec: SituationSpec): void {
  const { machine } = pool;
  const who = spec.encryption ?? (spec.table?.memoryEncryption === true ? 'host' : 'none');
  confidentiality(machine).encryption = who;
  const mask = who === 'none' ? 0n : ENCRYPTION_MASK;
  for (const unit of machine.program.all) {
    const object = unit.object('sme_me_mask');
    if (object === undefined) continue;
    machine.memory.store64(machine.addressOfObject(unit, object), mask);
    return;
  }
}
