import type { Word64 } from '../../model/bits/pte64.ts';
import type { Arch } from '../../model/world/space.ts';
import { stateOf } from '../kernel/model.ts';
import type { ContextRoot } from './port.ts';
import type { Executor } from '../machine/executor.ts';

/** A command that an IOMMU took from the queue which C fills. */
export interface TakenCommand {
  readonly arch: Arch;
  /** As the queue holds it, without what the command set leaves reserved. */
  readonly words: readonly Word64[];
}

/** Who is told of the commands that IOMMUs take. */
export interface CommandListeners {
  readonly listeners: ((command: TakenCommand) => void)[];
  /** Where IOMMUs read contexts now; undefined: nobody told them yet. */
  contexts: ContextRoot | undefined;
}

/** The listeners of a machine. */
export function commandListeners(machine: Executor): CommandListeners {
  return stateOf<CommandListeners>(machine, 'iommu-commands', () => ({
    ...{ listeners: [], contexts: undefined },
  }));
}
