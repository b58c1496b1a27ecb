import type { Choice, Chooser, Question } from '../../machine/choices.ts';
import type { Value } from '../../machine/values.ts';
import { isAddress } from '../../machine/values.ts';
import type { SiteOf } from '../change/side.ts';

/**
 * Decisions by what they are about instead of by their order: the input's name, or the place of the call
 * in terms of the file before the change. So the same plan means the same environment on both sides.
 * A question that is not named takes its first, usual option.
 */
export type Plan = ReadonlyMap<string, number>;

/** A decision with its name. */
export interface KeyedChoice extends Choice {
  readonly key: string;
  /** The C function that asked. */
  readonly asker: string;
  /** What was asked for may be an address: an error among the options is an error pointer. */
  readonly isPointer: boolean;
}

/** Answers questions by a plan. */
export class KeyedChooser implements Chooser {
  readonly made: KeyedChoice[] = [];
  private readonly plan: Plan;
  private readonly siteOf: SiteOf;
  private readonly counts = new Map<string, number>();

  constructor(plan: Plan, siteOf: SiteOf) {
    this.plan = plan;
    this.siteOf = siteOf;
  }

  take({ text, kind, options, frame }: Question): Value {
    const base = kind === 'input' ? text : `${text} at ${this.siteOf(frame)}`;
    const count = (this.counts.get(base) ?? 0) + 1;
    this.counts.set(base, count);
    const key = count === 1 ? base : `${base} #${count}`;
    const taken = Math.min(this.plan.get(key) ?? 0, options.length - 1);
    const value = options[taken];
    this.made.push({
      ...{ key, question: text, kind, options: options.length, taken, value },
      ...{ asker: frame?.callable.name ?? '', isPointer: options.some(isAddress) },
    });
    return value;
  }
}

/** How often a run had asked the same at the same place, this time included. */
export function turnOf({ key }: KeyedChoice): number {
  const turn = /#(\d+)$/.exec(key);
  return turn === null ? 1 : Number(turn[1]);
}

/** A plan as text, the same for equal plans. */
export function planText(plan: Plan): string {
  return [...plan]
    .map(([key, taken]) => `${key}=${taken}`)
    .sort()
    .join('\n');
}
