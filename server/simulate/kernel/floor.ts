import type { Model } from '../machine/executor.ts';
import type { Floor } from '../machine/machine.ts';
import { ATOMICS } from './atomics.ts';
import { CONFIDENTIAL } from './confidential.ts';
import { CPU_FEATURES } from './cpuFeatures.ts';
import { externalData } from './externalData.ts';
import { HELPERS } from './helpers.ts';
import { LOCKS } from './locks.ts';
import { OPERATIONS } from './operations.ts';
import { PAGES } from './pages.ts';
import { PRINTING } from './printing.ts';
import { REGISTERS } from './registers.ts';
import { SLAB } from './slab.ts';
import { STRINGS } from './strings.ts';
import { UNQUOTED } from './unquoted.ts';
import { USER_MEMORY } from './userMemory.ts';
import { VMAP } from './vmap.ts';
import { unknownFunction } from './unknown.ts';

const FAMILIES: readonly (readonly Model[])[] = [
  ...[
    ATOMICS,
    CONFIDENTIAL,
    CPU_FEATURES,
    HELPERS,
    LOCKS,
    PAGES,
    PRINTING,
    REGISTERS,
    SLAB,
    STRINGS,
    UNQUOTED,
    USER_MEMORY,
    VMAP,
  ],
];

/** The floor of an ordinary kernel; `extra` models replace those of the same name. */
export function kernelFloor(extra: readonly Model[] = []): Floor {
  const models = new Map<string, Model>();
  for (const model of [...FAMILIES.flat(), ...extra]) models.set(model.name, model);
  return { models, operations: OPERATIONS, externalData, unknownFunction };
}
