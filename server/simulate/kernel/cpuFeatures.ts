import type { Model } from '../machine/executor.ts';
import { alike, family } from './model.ts';
import { letTimePass } from './registerDevices.ts';

/**
 * What CPUs of arm64 can do (arch/arm64/include/asm/cpufeature.h): what all of them can, and nothing optional. Who waits
 * for memory to change looks again (asm/cmpxchg.h).
 */
export const CPU_FEATURES: readonly Model[] = [
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing',
      shadows: 'the kernel patches its own text when it knows the CPUs',
    },
    {
      // Used for what holds once the kernel has started.
      ...alike('alternative_has_cap_likely alternative_has_feature_likely', () => 1),
      ...alike('alternative_has_cap_unlikely alternative_has_feature_unlikely', () => 0),
      // Every field is that of the least CPU.
      read_sanitised_ftr_reg: () => 0,
    },
  ),
  ...family(
    {
      reads: 'nothing',
      writes: 'what hardware finishes meanwhile',
      shadows: 'the CPU sleeps until memory changes',
    },
    {
      __cmpwait: (machine) => {
        letTimePass(machine);
        return undefined;
      },
    },
  ),
];
