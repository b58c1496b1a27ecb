import type {
  Position,
  SimulatedAccess,
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedStale,
  SimulatedViolation,
  Simulation,
  Verdict,
} from '../simulate/compare/result/simulation.ts';
import { UNKNOWN } from '../simulate/kernel/unknown.ts';
import type { FoldedResult } from './foldedResults.ts';
import { foldedReasons, foldedResults, guessesOf } from './foldedResults.ts';
import type { Style } from './style.ts';
import { plain } from './style.ts';
import type { ComparedSides } from './view/ofSimulation.ts';
import { failuresOf } from './view/simulatedReply.ts';
import { calledEntry } from './words.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  'newly-broken': 'NEWLY BROKEN',
  fixed: 'FIXED',
  'still-broken': 'STILL BROKEN',
  unchanged: 'UNCHANGED',
  unknown: 'UNKNOWN',
  'not-simulated': 'NOT SIMULATED',
};
const ORDER: readonly Verdict[] = [
  ...(['newly-broken', 'fixed', 'still-broken', 'unchanged', 'unknown', 'not-simulated'] as const),
];
const WIDTH = 'NOT SIMULATED'.length + 1;

const ORDER_ALONE = ORDER.filter((verdict) => verdict !== 'newly-broken' && verdict !== 'fixed');
/** Words for C that was run as it is: there is nothing that it could be newly, still or no more. */
const ALONE: Readonly<Record<Verdict, string>> = {
  ...WORDS,
  'still-broken': 'BROKEN',
  unchanged: 'NOT BROKEN',
};

/** A simulation as text: what breaks first, with its sides and what it rests on. */
export function simulationText(
  simulation: Simulation,
  style: Style = plain,
  sides: ComparedSides = 'both',
): string {
  const folded = [...foldedResults(simulation.functions)].sort(
    ({ shown: a }, { shown: b }) =>
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
      (a.violations.length === 0 && a.file === b.file ? a.line - b.line : 0),
  );
  const lines = folded.flatMap((one) => functionLines(one, style, sides));
  for (const { places, reason } of foldedReasons(simulation.notSimulated)) {
    lines.push(`${WORDS['not-simulated'].padEnd(WIDTH)}${places.join(', ')}: ${reason}`);
  }
  return `${[...lines, summary(simulation, folded, sides)].join('\n')}\n`;
}

function functionLines(folded: FoldedResult, style: Style, sides: ComparedSides): string[] {
  const { shown, also } = folded;
  const { verdict, file, line, reason, situation } = shown;
  const word = (sides === 'one' ? ALONE : WORDS)[verdict].padEnd(WIDTH);
  switch (verdict) {
    case 'newly-broken':
    case 'still-broken':
    case 'fixed': {
      const head = `${nameOf(shown)}  ${file}:${line}   situation: ${situation}${calledIn(shown)}`;
      const coloured = verdict === 'fixed' ? style.note(word) : style.error(word);
      const others = also.map((other) => `  also    ${alsoText(other, shown)}`);
      return [`${coloured}${style.bold(head)}`, ...witnessLines(shown, sides), ...others];
    }
    default: {
      const all = [shown, ...also].sort((a, b) => a.line - b.line);
      const names = distinct(all.map(nameOf)).join(', ');
      const files = distinct(all.flatMap(({ ranIn }) => ranIn ?? [])).join(', ');
      const lines = distinct(all.map((one) => String(one.line))).join(', ');
      const situations = distinct(all.map((one) => one.situation)).join(', ');
      const ran = files === '' ? '' : `, run in ${files}`;
      return [`${style.dim(word)}${names}  ${file}:${lines}  ${situations}${ran}: ${reason}`];
    }
  }
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** The function, and the macro or constant of a header by which it is another. */
function nameOf({ function: name, changedName }: SimulatedFunction): string {
  return changedName === undefined ? `${name}()` : `${name}() with ${changedName}`;
}

/**
 * The C file that a header's function was run in, who called the function where it was not called itself, and what ran
 * before it on the same objects.
 */
function calledIn({ entry, setup, ranIn, ...result }: SimulatedFunction): string {
  const name = calledEntry(entry);
  const by = name === undefined ? entry : `called by ${name}`;
  const called = entry === result.function ? '' : `, ${by}`;
  const ran = ranIn === undefined ? '' : `, run in ${ranIn}`;
  return `${called}${setup === undefined ? '' : `, after ${setup}()`}${ran}`;
}

/** Where else the same shows: the situation, and the lines at which it breaks there and not in the one shown. */
function alsoText(other: SimulatedFunction, shown: SimulatedFunction): string {
  const of = other.function === shown.function ? '' : `${other.function}() `;
  const lines = linesOf(other).filter((line) => !linesOf(shown).includes(line));
  const more = lines.length === 0 ? '' : `, there at line ${lines.join(' and ')}, too`;
  return `${of}in ${other.situation}${calledIn(other)}${more}`;
}

function linesOf({ violations }: SimulatedFunction): readonly number[] {
  return [...new Set(violations.flatMap(({ position }) => position?.line ?? []))];
}

function witnessLines(result: SimulatedFunction, sides: ComparedSides): string[] {
  const { before, after, violations, verdict } = result;
  const lines: string[] = [];
  const [beforeText, afterText] =
    sides === 'one' ? [undefined, sideTexts(undefined, after)[1]] : sideTexts(before, after);
  if (beforeText !== undefined && beforeText === afterText) lines.push(`  both    ${afterText}`);
  else {
    if (beforeText !== undefined) lines.push(`  before  ${beforeText}`);
    if (afterText !== undefined)
      lines.push(`  ${sides === 'one' ? 'run  ' : 'after'}   ${afterText}`);
  }
  lines.push(...changedTexts(before, after).map((text) => `  changed ${text}`));
  const word = verdict === 'fixed' ? 'mends ' : 'breaks';
  const { file } = result;
  for (const violation of violations) lines.push(`  ${word}  ${violationText(violation, file)}`);
  const broken = verdict === 'fixed' ? before : after;
  if (broken !== undefined) lines.push(...stepLines(broken, violations, file));
  const failures = failuresOf(result);
  if (failures.length > 0) lines.push(`  where   ${failures.join(', ')}`);
  const guessed = guessesOf(result);
  const shown = guessed.slice(0, MOST_ASSUMPTIONS).map((choice) => {
    const how = choice.kind === 'input' ? 'input' : 'unknown function';
    return `${choice.about} = ${choice.value} (${how})`;
  });
  const more = guessed.length - shown.length;
  if (more > 0) shown.push(`${more} more`);
  if (shown.length > 0) lines.push(`  assumed ${shown.join('; ')}`);
  return lines;
}

const MOST_CHANGED = 3;

/** What changed lines put somewhere that only their side has, each once. */
function changedTexts(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): readonly string[] {
  const of = (run: SimulatedRun | undefined, sign: string): readonly string[] =>
    (run?.events ?? []).flatMap(({ kind, text, position }) =>
      kind === 'changed' && / -> /.test(text) ? [`${sign}${position?.line ?? ''}: ${text}`] : [],
    );
  const told = new Set((before?.events ?? []).map(({ text }) => text));
  const made = of(after, '+').filter((text) => !told.has(text.replace(/^\+\d*: /, '')));
  return distinct(made).slice(0, MOST_CHANGED);
}

/** What caches may hold between the same two steps. */
interface HeldRanges {
  readonly span: string;
  readonly kind: SimulatedStale['kind'];
  readonly ranges: string[];
}

const PLURALS: Readonly<Record<SimulatedStale['kind'], string>> = {
  ...{ leaf: 'leaves', table: 'pointers to tables', context: 'contexts' },
  negative: 'entries that say that nothing is there',
};

/** The step at which it breaks, and from when to when a cache may hold an entry that is gone. */
function stepLines(
  run: SimulatedRun,
  violations: readonly SimulatedViolation[],
  file: string,
): string[] {
  const lines: string[] = [];
  const { events } = run;
  const shown = violations.map(({ id, iova }) =>
    run.violations.find((one) => one.id === id && one.iova?.first === iova?.first),
  );
  const steps = new Set(shown.flatMap((one) => one?.step ?? []));
  for (const step of steps) lines.push(`  step    ${stepText(events, step, file)}`);
  const held = new Map<string, HeldRanges>();
  for (const { first, last, stale } of staleSpans(events)) {
    // What was flushed in time is no news.
    const wasStaleAt = (step: number): boolean =>
      step >= first && (last === undefined || step < last);
    if (last !== undefined && ![...steps].some(wasStaleAt)) continue;
    const { iova, to, where, kind } = stale;
    const until = last === undefined ? 'to the end' : `until step ${stepText(events, last, file)}`;
    const since = `from step ${stepText(events, first, file)} ${until}`;
    const span = `${since}: ${where.join(', ')} may hold`;
    const reach = to === undefined ? '' : ` -> ${to}`;
    const known = held.get(`${span} ${kind}`) ?? { span, kind, ranges: [] };
    known.ranges.push(`${iova.first}-${iova.last}${reach}`);
    held.set(`${span} ${kind}`, known);
  }
  for (const { span, kind, ranges } of held.values()) {
    const what = ranges.length === 1 ? `the old ${kind}` : `old ${PLURALS[kind]}`;
    lines.push(`  stale   ${span} ${what} of ${ranges.join(', ')}`);
  }
  return lines;
}

const MOST_STALE = 3;

interface StaleSpan {
  readonly stale: SimulatedStale;
  /** Sequence numbers of the events between which it was stale; `last` undefined to the end. */
  readonly first: number;
  last: number | undefined;
}

/** What was stale at some time, from when to when. */
export function staleSpans(events: readonly SimulatedEvent[]): readonly StaleSpan[] {
  const spans = new Map<string, StaleSpan>();
  const keyOf = ({ kind, domain, iova, to }: SimulatedStale): string =>
    [kind, domain, iova.first, iova.last, to].join(' ');
  for (const { sequence, stale } of events) {
    if (stale === undefined) continue;
    const now = new Set(stale.map(keyOf));
    for (const [key, span] of spans) if (!now.has(key)) span.last ??= sequence;
    for (const one of stale) {
      const key = keyOf(one);
      if (!spans.has(key)) spans.set(key, { stale: one, first: sequence, last: undefined });
    }
  }
  return [...spans.values()].slice(0, MOST_STALE);
}

/** A line of C: of another file than the one of the result, with that. */
function lineText({ file, line }: Position, shown: string): string {
  return file === shown ? `line ${line}` : `${file}:${line}`;
}

function stepText(events: readonly SimulatedEvent[], sequence: number, file: string): string {
  const event = events.find((one) => one.sequence === sequence);
  const line = event?.position === undefined ? '' : ` (${lineText(event.position, file)})`;
  return `${sequence}${line} ${event?.text ?? ''}`.trimEnd();
}

const MOST_ASSUMPTIONS = 5;
const MOST_EVENTS = 8;

function violationText(
  { id, message, position, since, iova }: SimulatedViolation,
  file: string,
): string {
  const at = position === undefined ? '' : ` at ${lineText(position, file)}`;
  const isSame = since?.line === position?.line && since?.file === position?.file;
  const begun = since === undefined || isSame ? '' : `, of ${lineText(since, file)}`;
  const range = iova === undefined ? '' : `, IOVA ${iova.first}-${iova.last}`;
  return `${id}${at}: ${message}${begun}${range}`;
}

/** Both sides from where they part, in one line each. */
function sideTexts(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): readonly [string | undefined, string | undefined] {
  const old = before?.events.filter(isShown) ?? [];
  const made = after?.events.filter(isShown) ?? [];
  let same = 0;
  while (same < old.length && old[same]?.text === made[same]?.text) same++;
  // One common event more, so that it can be seen what the difference follows.
  const parts = same < old.length || same < made.length;
  const from = parts ? Math.max(0, same - 1) : same;
  const [oldAccesses, newAccesses] = otherAccesses(before, after);
  return [
    sideText(before, old.slice(from), oldAccesses),
    sideText(after, made.slice(from), newAccesses),
  ];
}

/** Device accesses that end otherwise on the two sides: the first of those that differ in the same way. */
function otherAccesses(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): readonly [readonly string[], readonly string[]] {
  const texts: [string[], string[]] = [[], []];
  const kinds = new Set<string>();
  const told = new Set<string>();
  // Writes first: of a page that they tell of, a read says the same.
  const accesses = [...(after?.accesses ?? [])].sort((a, b) => Number(b.write) - Number(a.write));
  for (const access of accesses) {
    const { domain, iova, write } = access;
    const page = `${domain} ${iova}`;
    const old = before?.accesses.find(
      (one) => one.domain === domain && one.iova === iova && one.write === write,
    );
    if (told.has(page) || old === undefined || accessText(old) === accessText(access)) continue;
    told.add(page);
    const kind = [old, access].map(({ outcomes }) => outcomes.join().replace(NUMBERS, '')).join();
    if (kinds.has(kind) || kinds.size >= MOST_ACCESSES) continue;
    kinds.add(kind);
    texts[0].push(accessText(old));
    texts[1].push(accessText(access));
  }
  return texts;
}

const MOST_ACCESSES = 2;
const NUMBERS = /0x[0-9a-f]+/g;

function accessText({ domain, iova, write, outcomes }: SimulatedAccess): string {
  return `${domain}, device ${write ? 'write' : 'read'} to ${iova}: ${outcomes.join(' or ')}`;
}

/** Kinds of events that are no news in a line of text: what was assumed or printed, and steps of the tables. */
const UNTOLD: ReadonlySet<string> = new Set([
  ...['assume', 'print', 'note', 'call', 'map', 'unmap', 'store', 'clean', 'alloc', 'free'],
  ...['unpin', 'iova', 'top', 'gather', 'changed'],
]);

function isShown({ kind }: SimulatedEvent): boolean {
  return !UNTOLD.has(kind);
}

/** A step in a line of text; of a function that nothing is known of, that it is called. */
function toldText({ text }: SimulatedEvent): string {
  const [, name, what] = /^(\S+\(\)): (.*)$/s.exec(text) ?? [];
  return name !== undefined && UNKNOWN.has(what!) ? `calls ${name}` : text;
}

function sideText(
  run: SimulatedRun | undefined,
  events: readonly SimulatedEvent[],
  accesses: readonly string[],
): string | undefined {
  if (run === undefined) return undefined;
  const texts: { text: string; count: number }[] = [];
  for (const event of events) {
    const text = toldText(event);
    const last = texts.at(-1);
    if (last?.text === text) last.count++;
    else texts.push({ text, count: 1 });
  }
  const shown = texts
    .slice(0, MOST_EVENTS)
    .map(({ text, count }) => (count === 1 ? text : `${count} x ${text}`));
  if (texts.length > MOST_EVENTS) shown.push(`${texts.length - MOST_EVENTS} more`);
  return [...shown, run.outcome, ...accesses].join('; ');
}

/** How much came of what: the same function in several situations that show the same counts once. */
function summary(
  { notSimulated, elapsed }: Simulation,
  folded: readonly FoldedResult[],
  sides: ComparedSides,
): string {
  const order = sides === 'one' ? ORDER_ALONE : ORDER;
  const counts = order.map((verdict) => {
    const count = folded
      .filter(({ shown }) => shown.verdict === verdict)
      .reduce((sum, { shown, also }) => sum + namesOf([shown, ...also]).size, 0);
    const more = verdict === 'not-simulated' ? notSimulated.length : 0;
    return `${count + more} ${(sides === 'one' ? ALONE : WORDS)[verdict].toLowerCase()}`;
  });
  return `${counts.join(', ')} · ${(elapsed / 1000).toFixed(1)} s`;
}

function namesOf(results: readonly SimulatedFunction[]): ReadonlySet<string> {
  return new Set(results.map((result) => result.function));
}

/** A simulation as the fields of a JSON answer. */
export function simulationJson(
  { functions, notSimulated, elapsed }: Simulation,
  kernel: string | undefined,
): {
  readonly kernel: string | undefined;
  readonly runs: readonly SimulatedFunction[];
  readonly notSimulated: Simulation['notSimulated'];
  readonly seconds: number;
} {
  return { kernel, runs: functions, notSimulated, seconds: elapsed / 1000 };
}
