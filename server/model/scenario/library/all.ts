import type { Scenario } from '../form/scenario.ts';
import { ATTACH } from './attach.ts';
import { CACHES } from './caches.ts';
import { INVARIANT_SCENARIOS } from './invariants.ts';
import { OPEN } from './open.ts';
import { S000 } from './s000.ts';
import { S001 } from './s001.ts';
import { S002 } from './s002.ts';
import { S003 } from './s003.ts';
import { S004 } from './s004.ts';

/** Every built-in scenario. */
export const LIBRARY: readonly Scenario[] = [
  ...S000,
  ...S001,
  ...S002,
  ...S003,
  ...S004,
  ...CACHES,
  ...ATTACH,
  ...OPEN,
  ...INVARIANT_SCENARIOS,
];
