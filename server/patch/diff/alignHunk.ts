import { isProse } from './prose.ts';
import type { HunkHeader } from './hunkHeader.ts';
import { kindOfMark, type ViewLine } from './readHunk.ts';

/**
 * What a line of a damaged hunk is taken for: one of its lines, a context line without its space (`bare`),
 * the rest of the line above (`join`), not part of it (`skip`), or `\ No newline` (`marker`).
 */
export type Step = 'context' | 'added' | 'removed' | 'bare' | 'join' | 'skip' | 'marker';

/** The likeliest reading of a damaged hunk. */
export interface Alignment {
  /** For each line below the header that was used. */
  readonly steps: readonly Step[];
  readonly used: number;
  /** Old and new lines that were found; at most what the header promises. */
  readonly old: number;
  readonly new: number;
  /** Context lines that follow although the counts are used up. */
  readonly trailing: number;
  /** Changed lines follow although the counts are used up. */
  readonly surplus: boolean;
  /** Nothing but blank lines stands between the last line that was used and the end of the region. */
  readonly whole: boolean;
}

/** One way to read the lines so far; the fields before `cost` are what later lines depend on. */
interface State {
  readonly old: number;
  readonly new: number;
  readonly cost: number;
  readonly step: Step;
  readonly previous: State | undefined;
}

/** Readings that are followed at a time. */
const beam = 48;

/** Columns after which mail programs wrap: a line whose next word would have fitted was not wrapped. */
const leastWrapColumn = 64;

/**
 * Finds the reading of a damaged hunk that needs the fewest unlikely assumptions, such that the counts come out even.
 * The costs order the assumptions: what mail programs do often is cheap, what only chance would do is dear.
 * `region` begins with the header line.
 */
export function alignHunk(
  region: readonly ViewLine[],
  header: HunkHeader,
  kind: 'reply' | 'patch',
): Alignment {
  let states: State[] = [{ old: 0, new: 0, cost: 0, step: 'skip', previous: undefined }];
  const after = trailingCosts(region, kind);
  let best: { state: State; at: number; cost: number } | undefined;
  let partial: { state: State; at: number; cost: number } | undefined;
  for (let at = 1; ; at++) {
    for (const state of states) {
      const lacking = header.oldCount - state.old + header.newCount - state.new;
      if (lacking === 0) {
        const cost = state.cost + after[at]!;
        if (best === undefined || cost < best.cost) best = { state, at, cost };
      } else {
        const cost = state.cost + partialCost(region, at, lacking, kind) + after[at]!;
        if (partial === undefined || cost < partial.cost) partial = { state, at, cost };
      }
    }
    if (at >= region.length) break;
    states = advance(states, region, at, header, kind);
    if (states.length === 0) break;
  }
  const chosen =
    best !== undefined && (partial === undefined || best.cost <= partial.cost) ? best : partial!;
  return outcome(region, chosen, header);
}

/** What it costs to say that a hunk ends early at `at`: likely only where a quote was trimmed, or at the region's end. */
function partialCost(
  region: readonly ViewLine[],
  at: number,
  lacking: number,
  kind: 'reply' | 'patch',
): number {
  const next = region[at];
  if (next === undefined) return 12 + Math.min(lacking, 20) / 4;
  if (kind === 'reply' && next.foreign !== true && isProse(next.text))
    return 6 + Math.min(lacking, 20) / 4;
  return 60 + Math.min(lacking, 40);
}

/** For each index, what the lines from there on cost when they are not part of the hunk. */
function trailingCosts(region: readonly ViewLine[], kind: 'reply' | 'patch'): Float64Array {
  const costs = new Float64Array(region.length + 1);
  for (let at = region.length - 1; at >= 1; at--) {
    const { text, foreign } = region[at]!;
    const mark = foreign === true || text === '' ? undefined : kindOfMark(text);
    const own = mark === undefined ? 0 : mark === 'context' ? 6 : 8;
    // What follows a sentence of a reply may well look like a diff.
    costs[at] = Math.min(own + costs[at + 1]! * (kind === 'reply' && isProse(text) ? 0 : 1), 40);
  }
  return costs;
}

function advance(
  states: readonly State[],
  region: readonly ViewLine[],
  at: number,
  header: HunkHeader,
  kind: 'reply' | 'patch',
): State[] {
  const next = new Map<number, State>();
  const options = stepCosts(region, at, kind);
  for (const state of states) {
    for (const [step, price] of options) {
      // A comment or a marker is not continued.
      if (step === 'join' && state.step === 'marker') continue;
      const takesOld = step === 'context' || step === 'bare' || step === 'removed' ? 1 : 0;
      const takesNew = step === 'context' || step === 'bare' || step === 'added' ? 1 : 0;
      const old = state.old + takesOld;
      const fresh = state.new + takesNew;
      if (old > header.oldCount || fresh > header.newCount) continue;
      const skipped = step === 'skip' ? 1 : 0;
      const key = (old * 4096 + fresh) * 2 + skipped;
      const cost = state.cost + price;
      const known = next.get(key);
      if (known === undefined || cost < known.cost)
        next.set(key, { old, new: fresh, cost, step, previous: state });
    }
  }
  const all = [...next.values()];
  if (all.length <= beam) return all;
  return all.toSorted((a, b) => a.cost - b.cost).slice(0, beam);
}

/** What a line can be, and how unlikely each is. */
function stepCosts(
  region: readonly ViewLine[],
  at: number,
  kind: 'reply' | 'patch',
): readonly (readonly [Step, number])[] {
  const { text, foreign } = region[at]!;
  if (foreign === true) return [['skip', 0]];
  if (text === '')
    return [
      ['context', 0.5],
      ['skip', 3],
    ];
  const mark = text[0]!;
  if (mark === '\\') return [['marker', 0]];
  const reply = kind === 'reply';
  const wrap = wrapCost(region, at);
  const taken = kindOfMark(text);
  if (taken !== undefined) {
    // Only a long line above makes it credible that a line with a mark is the rest of it.
    const rest: [Step, number][] = wrap < unlikely ? [['join', wrap + 4]] : [];
    return reply ? [[taken, 0], ...rest, ['skip', 9]] : [[taken, 0], ...rest];
  }
  const prose = isProse(text);
  const bare = (mark === '\t' ? 1 : 3) + (prose ? 5 : 0);
  const skip = prose ? (reply ? 2 : 10) : reply ? 12 : 16;
  return [
    ['bare', bare],
    ['join', wrap],
    ['skip', skip],
  ];
}

/** Cost of a join that only the counts speak for. */
const unlikely = 14;

/** Cheap where the line above is so long that its next word would not have fitted. */
function wrapCost(region: readonly ViewLine[], at: number): number {
  const above = region[at - 1]!.text;
  // Git cuts the section itself, so its length says little.
  if (at === 1) return 6;
  const word = /^\s*(\S{0,200})/.exec(region[at]!.text.slice(0, 400))![1]!;
  if (above.endsWith(' ') && above.trim() !== '') return 0.5;
  return above.length + 1 + word.length > leastWrapColumn ? 1 : unlikely;
}

function outcome(
  region: readonly ViewLine[],
  { state, at }: { state: State; at: number },
  header: HunkHeader,
): Alignment {
  const steps: Step[] = [];
  for (let each = state; each.previous !== undefined; each = each.previous) steps.push(each.step);
  steps.reverse();
  let used = at - 1;
  if (region[at]?.text.startsWith('\\ ') === true) {
    steps.push('marker');
    used++;
  }
  let trailing = 0;
  let surplus = false;
  for (const { text, foreign } of region.slice(used + 1)) {
    const mark = foreign === true || text === '' ? undefined : kindOfMark(text);
    if (mark === undefined) break;
    if (mark === 'context') trailing++;
    else surplus = true;
  }
  const complete = state.old === header.oldCount && state.new === header.newCount;
  return {
    steps,
    used,
    old: state.old,
    new: state.new,
    trailing: complete ? trailing : 0,
    surplus: complete && surplus,
    whole: region
      .slice(used + 1)
      .every(({ text, foreign }) => foreign !== true && text.trim() === ''),
  };
}
