import { formatAddr } from '../bits/pfn.ts';
import { possibleOutcomes } from '../world/access.ts';
import type { World } from '../world/world.ts';
import type { Scenario } from './form/scenario.ts';
import { outcomeText } from './steps/accesses.ts';
import { stepArgs } from './steps/step.ts';

/** An access of the script, tried at a moment: nothing is filled or recorded by it. */
export interface TriedAccess {
  readonly device: string;
  /** Hexadecimal. */
  readonly iova: string;
  /** Page number. */
  readonly page: number;
  readonly kind: 'read' | 'write' | 'execute';
  /** More than one where caches may answer either way; none before the device is there. */
  readonly outcomes: readonly string[];
}

/** Tries every access of a script on the world as it is now: for pictures. */
export function triedAccesses(world: World, { steps }: Scenario): readonly TriedAccess[] {
  const tried = new Map<string, TriedAccess>();
  for (const step of steps) {
    if (step.do !== 'access') continue;
    const args = stepArgs(step);
    const [device, at] = [args.name('device'), args.at('iova')];
    const kind = (args.text('kind') ?? 'read') as TriedAccess['kind'];
    const iova = formatAddr(at);
    const key = `${device} ${kind} ${iova}`;
    if (tried.has(key)) continue;
    const known = world.devices.get(device);
    const outcomes =
      known === undefined ? [] : possibleOutcomes(world, known, at, kind).map(outcomeText);
    tried.set(key, { device, iova, page: at.pfn, kind, outcomes: [...new Set(outcomes)] });
  }
  return [...tried.values()];
}
