import { ARM_FORMATS } from '../fmt/armLpae.ts';
import { BUILDS } from '../fmt/builds.ts';

/**
 * Whether an entry's size may change while hardware can use it.
 * `unknown` is never taken for permission.
 */
export interface SizeChangeRule {
  readonly inPlace: 'allowed' | 'forbidden' | 'unknown';
  /** In plain words, with where it is said. */
  readonly reason: string;
}

/** What is known of the walkers that can see a table. */
export interface SizeChangeObservers {
  /**
   * Arm: how well changes of block size are tolerated, the lowest of all observers.
   * Source: SMMU_IDR3.BBML; for a CPU that shares the table, ID_AA64MMFR2_EL1.BBM.
   */
  readonly bbml?: 0 | 1 | 2;
}

/**
 * The rule of a format's architecture for replacing a leaf by smaller ones, or the other way round.
 * `items` is the number of items of the leaf: a contiguous leaf cannot change in one store.
 */
export function sizeChangeRule(
  format: string,
  items: number,
  observers: SizeChangeObservers = {},
): SizeChangeRule {
  if (format in ARM_FORMATS) return armRule(observers);
  if (format === 'riscv_64' && items > 1) {
    return {
      inPlace: 'unknown',
      reason: 'whether the items of a Svnapot leaf may differ for a moment is not settled here',
    };
  }
  if (format in BUILDS) {
    return {
      inPlace: 'allowed',
      reason: 'old and new entry translate alike, and one of them is used until the flush',
    };
  }
  return { inPlace: 'unknown', reason: `nothing is known of ${format}` };
}

function armRule({ bbml }: SizeChangeObservers): SizeChangeRule {
  if (bbml === undefined) {
    return { inPlace: 'unknown', reason: 'BBML of the observers is not known' };
  }
  return bbml === 2
    ? { inPlace: 'allowed', reason: 'BBML 2: a change of block size needs no break' }
    : {
        inPlace: 'forbidden',
        reason: `BBML ${bbml}: break-before-make, or walkers may see a TLB conflict`,
      };
}
