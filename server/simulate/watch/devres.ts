import type { Executor, Model } from '../machine/executor.ts';
import type { Arguments, ModelBody } from '../kernel/model.ts';
import { alike, family, stateOf } from '../kernel/model.ts';
import { Stop } from '../machine/stop.ts';
import type { Pointer } from '../machine/values.ts';

/** What a device does when its driver lets go of it: devm_add_action(). */
interface Action {
  readonly device: Pointer;
  readonly run: Pointer;
  readonly data: Pointer;
}

const ENOMEM = -12;
const ENOENT = -2;

function actionsOf(machine: Executor): Action[] {
  return stateOf<Action[]>(machine, 'devres', () => []);
}

function actionFrom(args: Arguments): Action {
  return { device: args.pointer(0), run: args.pointer(1), data: args.pointer(2) };
}

const add: ModelBody = (machine, args, { name }) => {
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) return ENOMEM;
  actionsOf(machine).push(actionFrom(args));
  machine.record({ kind: 'model', name, text: 'an action for when the device is let go' });
  return 0;
};

/** Takes the latest action of that kind off the list; false where there is none. */
function remove(machine: Executor, { device, run, data }: Action): boolean {
  const actions = actionsOf(machine);
  const index = actions.findLastIndex(
    (one) => one.device === device && one.run === run && one.data === data,
  );
  if (index >= 0) actions.splice(index, 1);
  return index >= 0;
}

const removeAction: ModelBody = (machine, args) => (remove(machine, actionFrom(args)) ? 0 : ENOENT);

const releaseAction: ModelBody = (machine, args) => {
  const action = actionFrom(args);
  if (remove(machine, action)) machine.callThrough(action.run, [action.data]);
  return undefined;
};

/**
 * Runs what drivers left for the end, the latest first, as driver core does when a probe has failed
 * (drivers/base/devres.c:release_nodes). An action that cannot be run to its end ends this.
 */
export function letGo(machine: Executor): void {
  const actions = actionsOf(machine);
  try {
    for (let action = actions.pop(); action !== undefined; action = actions.pop()) {
      machine.callThrough(action.run, [action.data]);
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    machine.record({ kind: 'note', text: `an action of the device ends early: ${error.message}` });
    machine.unwind();
  }
}

/** Actions that a driver leaves with its device. */
export const DEVRES: readonly Model[] = family(
  {
    reads: 'nothing',
    writes: 'nothing; the action is noted, and runs when the device is let go',
    shadows: 'the device lets go of its driver only when everything else is over',
  },
  {
    ...alike('devm_add_action __devm_add_action', add),
    ...alike('devm_remove_action devm_remove_action_nowarn', removeAction),
    devm_release_action: releaseAction,
  },
);
