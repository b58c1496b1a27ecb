import type { SimulatedEvent, SimulatedGiven } from '../../simulate/compare/result/simulation.ts';
import { both } from './sides.ts';
import { placeOf, type AlignedSteps } from './simulatedSteps.ts';
import type { ViewHolding, ViewLife, ViewPlace, ViewSide } from './view.ts';

/** Memory that devices of a guest are given, with who may read it step by step. */
export function givenMemory({ steps, events, sides }: AlignedSteps): readonly ViewHolding[] {
  const numbers = new Set(
    events.flatMap(({ before, after }) =>
      [before, after].flatMap((one) => one?.given?.number ?? []),
    ),
  );
  const of = (side: ViewSide, number: number): readonly ViewLife[] | undefined =>
    sides[side] === undefined ? undefined : livesOf(events, side, number, steps.length);
  return [...numbers].map((number): ViewHolding => {
    const [was, is] = (['before', 'after'] as const).map((side) => firstOf(events, side, number));
    const [, by = ''] = /^(\S+\(\)): /.exec((is ?? was)!.text) ?? [];
    return {
      ...{ title: 'memory for a device', by },
      at: both<ViewPlace>(placeOf(was?.position), placeOf(is?.position)),
      lives: both(of('before', number), of('after', number)),
    };
  });
}

function firstOf(
  events: AlignedSteps['events'],
  side: ViewSide,
  number: number,
): SimulatedEvent | undefined {
  return events.find((event) => event[side]?.given?.number === number)?.[side];
}

function livesOf(
  events: AlignedSteps['events'],
  side: ViewSide,
  number: number,
  total: number,
): readonly ViewLife[] {
  const changes = events.flatMap((event, n) => {
    const own = event[side];
    return own?.given?.number === number ? [{ step: n + 1, ...stateAfter(own, own.given) }] : [];
  });
  if (changes.length === 0) {
    return [{ from: 1, to: total, says: ['not given'], isWrong: false, state: 'absent' }];
  }
  return changes.map(({ step, ...state }, n) => ({
    ...{ from: step, to: (changes[n + 1]?.step ?? total + 1) - 1, ...state },
  }));
}

function stateAfter(
  { kind }: SimulatedEvent,
  { first, last, sharing }: SimulatedGiven,
): Pick<ViewLife, 'says' | 'isWrong' | 'state'> {
  if (kind === 'taken-back')
    return { says: [`${first}-${last} taken back`], isWrong: false, state: 'returned' };
  return {
    says: [`${first}-${last}, ${SHARINGS[sharing]}`],
    isWrong: sharing === 'private',
    state: 'held',
  };
}

const SHARINGS: Readonly<Record<SimulatedGiven['sharing'], string>> = {
  shared: 'shared with the host: the device reads and writes it',
  private: 'private to the guest: the device may not reach it',
  'shared by its caller': 'shared, as its caller says',
};
