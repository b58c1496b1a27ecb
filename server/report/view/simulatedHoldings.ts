import type {
  SimulatedEvent,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { both } from './sides.ts';
import { placeOf, type AlignedSteps } from './simulatedSteps.ts';
import type { ViewHolding, ViewLife, ViewPlace, ViewSide } from './view.ts';
import type { Watched } from './watched.ts';

/** What was taken on a side, with its steps. */
interface Taken {
  /** 1-based step. */
  readonly step: number;
  readonly event: SimulatedEvent;
  readonly lives: readonly ViewLife[];
}

/**
 * What both sides took, with what became of it step by step; what is taken in the same step is the same thing.
 * First what breaks something, then what has another life on the other side, then the rest.
 */
export function holdingsOf({ steps, events, sides }: AlignedSteps): readonly ViewHolding[] {
  const of = (side: ViewSide): ReadonlyMap<number, Taken> =>
    new Map(takenOn(events, side, sides[side]).map((taken) => [taken.step, taken]));
  const [before, after] = [of('before'), of('after')];
  const nothing: readonly ViewLife[] = [
    { from: 1, to: steps.length, says: ['not taken'], isWrong: false, state: 'absent' },
  ];
  const all = [...new Set([...before.keys(), ...after.keys()])]
    .sort((a, b) => a - b)
    .map((step): ViewHolding => {
      const [was, is] = [before.get(step), after.get(step)];
      const { text } = (is ?? was)!.event;
      const [, by = '', title = text] = /^(\S+\(\)): (.*)$/.exec(text) ?? [];
      return {
        ...{ title: title.replace(/: fails$/, ''), by },
        at: both(place(was), place(is)),
        lives: both(
          sides.before === undefined ? undefined : (was?.lives ?? nothing),
          sides.after === undefined ? undefined : (is?.lives ?? nothing),
        ),
      };
    });
  return all.sort((a, b) => rankOf(a) - rankOf(b));
}

function place(taken: Taken | undefined): ViewPlace | undefined {
  return placeOf(taken?.event.position);
}

function rankOf({ lives: { before, after } }: ViewHolding): number {
  if ([...(before ?? []), ...(after ?? [])].some(({ isWrong }) => isWrong)) return 0;
  return before !== undefined && JSON.stringify(before) !== JSON.stringify(after) ? 1 : 2;
}

function takenOn(
  events: AlignedSteps['events'],
  side: ViewSide,
  watched: Watched | undefined,
): readonly Taken[] {
  if (watched === undefined) return [];
  const own = events.map((event) => event[side]);
  const numbers = new Set(own.flatMap((event) => event?.holding?.number ?? []));
  return [...numbers].flatMap((number): Taken[] => {
    const first = own.findIndex((event) => event?.holding?.number === number);
    const event = own[first]!;
    // What a function took that ran before is there already, and has no step of its own.
    if (event.holding?.what !== 'taken' && event.holding?.what !== 'failed') return [];
    return [{ step: first + 1, event, lives: livesOf(own, number, watched) }];
  });
}

/** The states of one thing from where it is taken to the end; a step that breaks something stands by itself. */
function livesOf(
  events: readonly (SimulatedEvent | undefined)[],
  number: number,
  { broken }: Watched,
): readonly ViewLife[] {
  const lives: ViewLife[] = [];
  let now: Pick<ViewLife, 'state' | 'says'> | undefined;
  events.forEach((event, n) => {
    const own = event?.holding?.number === number ? event.holding : undefined;
    if (own !== undefined) now = stateAfter(own);
    if (now === undefined) return;
    const wrong = (event === undefined ? [] : (broken.get(event) ?? [])).filter(
      ({ holding }) => holding === number,
    );
    const says = wrong.length === 0 ? now.says : wrong.map(wrongText);
    const last = lives.at(-1);
    const goesOn =
      last?.state === now.state && !last.isWrong && wrong.length === 0 && last.says[0] === says[0];
    if (goesOn) lives[lives.length - 1] = { ...last, to: n + 1 };
    else lives.push({ from: n + 1, to: n + 1, says, isWrong: wrong.length > 0, state: now.state });
  });
  return lives;
}

function stateAfter({
  what,
  reachable,
}: NonNullable<SimulatedEvent['holding']>): Pick<ViewLife, 'state' | 'says'> {
  const held = reachable ? 'held, devices reach it' : 'held';
  switch (what) {
    case 'taken':
      return { state: 'held', says: [held] };
    case 'partly-returned':
      return { state: 'held', says: [`a part is given back, the rest ${held}`] };
    case 'failed':
      return { state: 'failed', says: ['failed: there is nothing to reach'] };
    case 'returned':
      return { state: 'returned', says: ['given back'] };
  }
}

/** What a bar says has its thing and its call above it: the message would name them once more. */
function wrongText({ id, message }: SimulatedViolation): string {
  if (id === 'C-LEAK') return 'leaks';
  return id === 'C-UNCHECKED' ? 'unnoticed' : message;
}
