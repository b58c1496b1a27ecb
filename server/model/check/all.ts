import type { World } from '../world/world.ts';
import { checkAccess } from './access.ts';
import { checkBbm } from './bbm.ts';
import { checkCoherence } from './coherence.ts';
import { checkContexts } from './contexts.ts';
import { checkContract } from './contract.ts';
import { checkDirty } from './dirty.ts';
import { checkFormat } from './format.ts';
import { checkLifetime } from './lifetime.ts';
import { checkReach } from './reach.ts';
import type { Check, StepFacts, Violation } from './violation.ts';

const CHECKS: readonly Check[] = [
  checkReach,
  checkLifetime,
  checkFormat,
  checkCoherence,
  checkBbm,
  checkContract,
  checkContexts,
  checkDirty,
  checkAccess,
];

/** Checks every invariant after a step. */
export function checkAll(world: World, step: StepFacts): readonly Violation[] {
  return CHECKS.flatMap((check) => check(world, step));
}
