import type { GivenStep } from '../../watch/guestDma.ts';
import { spanOf } from './watchedSteps.ts';
import type { TracedEvent } from './watchedSteps.ts';

/** The events of a trace with what becomes of memory that devices of a guest are given, in order. */
export function withGiven(
  traced: readonly TracedEvent[],
  given: readonly GivenStep[],
): readonly TracedEvent[] {
  if (given.length === 0) return traced;
  const steps = given.map((step): TracedEvent => ({
    index: step.after - 0.5,
    event: eventOf(step),
  }));
  return [...traced, ...steps].sort((a, b) => a.index - b.index);
}

function eventOf(step: GivenStep): TracedEvent['event'] {
  const { number, what, first, last, sharing, by, place } = step;
  const span = spanOf(first, last);
  return {
    ...{ actor: 'api', kind: what, text: `${by}(): ${textOf(step, `${span.first}-${span.last}`)}` },
    position: place === undefined ? undefined : { ...place },
    given: { number, ...span, sharing },
  };
}

function textOf({ what, sharing }: GivenStep, pages: string): string {
  switch (what) {
    case 'given':
      return `a device is given ${pages}, ${SHARINGS[sharing]}`;
    case 'taken-back':
      return `${pages} is taken back from a device`;
    case 'becomes-private':
      return `${pages} becomes private to the guest, and a device still has it`;
  }
}

const SHARINGS: Readonly<Record<GivenStep['sharing'], string>> = {
  shared: 'shared with the host',
  private: 'private to the guest',
  'shared by its caller': 'which its caller says it shared',
};
