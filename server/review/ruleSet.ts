import { checkers } from '../checkers/all.generated.ts';
import { patchCheckers } from '../checkers/allPatch.generated.ts';
import type { Meta } from '../checkers/checker.ts';
import { unusedSuppression } from './suppression.ts';

/** Every rule that can appear in a finding, by id: the checkers, and the rule about suppression comments. */
export const allRules: readonly Meta[] = [
  ...checkers.map(({ meta }) => meta),
  ...patchCheckers.map(({ meta }) => meta),
  unusedSuppression,
].sort((a, b) => (a.id < b.id ? -1 : 1));
