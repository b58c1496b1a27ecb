import { INVARIANTS } from '../../model/check/violation.ts';
import type {
  SimulatedFunction,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { CONTRACTS } from '../../simulate/watch/violation.ts';
import { calledEntry, plural } from '../words.ts';
import type { ViewEntry, ViewPlace, ViewRun, ViewSide, ViewStep, ViewStore } from './view.ts';

/** What breaks, for whom. A contract's message goes on from the function's name; one about a page has its own subject. */
export function sentenceOf({ reason, verdict, violations, ...result }: SimulatedFunction): string {
  const [violation] = violations;
  const name = `${result.function}()`;
  if (violation === undefined) return `${name}: ${reason}`;
  // Where the reason says in which function, that is the one the sentence is about.
  const also = violations.slice(1).map(({ id, message }) => `; ${id}: ${message}`);
  const first = also.reduce((text, more) => text.replace(more, ''), reason);
  const what = withoutId(first, violation.id).replace(` in ${name}`, '');
  // What an invariant says has a subject of its own; a contract's message goes on from the name.
  const said =
    /^[A-Z]/.test(what) || what.startsWith(name)
      ? what
      : violation.id.startsWith('I-')
        ? `${name}: ${what}`
        : `${name} ${what}`;
  return verdict === 'fixed' ? `Fixed by the patch: ${said}` : said;
}

/** What a contract or an invariant demands. */
export function demandOf(id: SimulatedViolation['id']): string {
  return id in CONTRACTS
    ? CONTRACTS[id as keyof typeof CONTRACTS].what
    : INVARIANTS[id as keyof typeof INVARIANTS];
}

/** A reason or message without the id that it begins with. */
export function withoutId(text: string, id: string): string {
  return text.startsWith(`${id}: `) ? text.slice(id.length + 2) : text;
}

/** One dim line: where it is, who called it, in what. */
export function factsOf({
  file,
  line,
  entry,
  situation,
  setup,
  pairs,
  before,
  ...result
}: SimulatedFunction): string {
  const name = calledEntry(entry);
  const by = name === undefined ? entry : `called by ${name}`;
  const via = entry === result.function ? [] : [by];
  const first = setup === undefined ? [] : [`after ${setup}()`];
  const sides = before === undefined ? '' : ' on both sides';
  const runs = `run ${plural(pairs, 'time')}${sides}`;
  return [`${file}:${line}`, ...via, ...first, `situation ${situation}`, runs].join(' · ');
}

/** The first difference in one sentence: a step of one side, a text, or an entry and the bits in which it differs. */
export function differenceOf({
  steps,
  entries,
  tables,
}: Pick<ViewRun, 'steps' | 'entries' | 'tables'>): string | undefined {
  const n = steps.findIndex(({ differs }) => differs);
  const step = steps[n];
  if (step === undefined) return undefined;
  const where = `First difference, step ${n + 1}`;
  if (step.only !== undefined) {
    return `${where}, only ${step.only} the patch: ${plainText(step.text[step.only])}${lineText(step.at[step.only])}`;
  }
  const slot = differentSlot(step);
  if (slot === undefined) {
    const { before = '', after = '' } = step.text;
    if (before === after) return `${where}: ${after}${breakText(step)}`;
    return `${where}: ${before} before the patch, ${after} after it`;
  }
  const table = tables.find(({ id }) => id === slot.table);
  const at =
    table === undefined ? '' : ` for IOVA 0x${iovaOf(BigInt(table.iova), table.level, slot.slot)}`;
  const [was, is] = [entryOf(entries, slot.before), entryOf(entries, slot.after)];
  const bits = `${was?.bits ?? 'empty'} before the patch and ${is?.bits ?? 'empty'} after it`;
  return `${where}: the entry${at} is ${bits}${fieldsThatDiffer(was, is)}`;
}

/** On which side what breaks: the sides do the same there otherwise. */
function breakText({ bad, breaks }: ViewStep): string {
  const ids = (side: ViewSide): string =>
    [...new Set((breaks[side] ?? []).map((text) => text.split(':')[0]))].join(', ');
  if (bad.length === 2)
    return ` breaks ${ids('before')} before the patch, ${ids('after')} after it`;
  return bad.map((side) => ` breaks ${ids(side)} only ${side} the patch`).join('');
}

/** Of a function that nothing is known of, the call is what can be told. */
function plainText(text = ''): string {
  return text.replace(/: unknown function$/, ' is called');
}

const LEVEL_LG2 = 9;
const PAGE_LG2 = 12;

function iovaOf(base: bigint, level: number, slot: number): string {
  return (base + (BigInt(slot) << BigInt(PAGE_LG2 + LEVEL_LG2 * level))).toString(16);
}

function lineText(place: ViewPlace | undefined): string {
  return place === undefined ? '' : ` (${shortPlace(place)})`;
}

/** `qcap_mem.c:12`. */
export function shortPlace({
  file,
  line,
}: {
  readonly file: string;
  readonly line: number;
}): string {
  return `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}

function entryOf(entries: ViewRun['entries'], key: string | undefined): ViewEntry | undefined {
  return key === undefined ? undefined : entries[key];
}

interface DifferentSlot {
  readonly table: string;
  readonly slot: number;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function differentSlot({ stores }: ViewStep): DifferentSlot | undefined {
  const valuesOf = (side: ViewSide): ReadonlyMap<string, string | undefined> =>
    new Map((stores[side] ?? []).flatMap((store) => slotsOf(store)));
  const [old, made] = [valuesOf('before'), valuesOf('after')];
  for (const key of new Set([...old.keys(), ...made.keys()])) {
    const [before, after] = [old.get(key), made.get(key)];
    if (before === after) continue;
    const [table = '', slot = '0'] = key.split('#');
    return { table, slot: Number(slot), before, after };
  }
  return undefined;
}

function slotsOf({ table, slot, slots, value }: ViewStore): [string, string | undefined][] {
  return Array.from({ length: slots }, (_, n) => [`${table}#${slot + n}`, value]);
}

/** `: C is 1, then 0`. */
function fieldsThatDiffer(was: ViewEntry | undefined, is: ViewEntry | undefined): string {
  const changed = (was?.fields ?? []).flatMap(({ name, low, value }) => {
    const other = is?.fields.find((field) => field.name === name && field.low === low);
    return other === undefined || other.value === value
      ? []
      : [`${name} is ${value}, then ${other.value}`];
  });
  return changed.length === 0 ? '' : `: ${changed.join('; ')}`;
}

const NO_QUEUE =
  'the command queue: no situation has one; what the driver is asked is shown, and not the commands it would queue';

/** What the page cannot show of a run, and why. */
export function notesOf({ before, after }: SimulatedFunction, tables: number): readonly string[] {
  const notes = [];
  if (tables === 0) {
    notes.push(
      'page tables: the interfaces were watched, and not what they do; no table was built',
    );
  }
  if (tables > 0) notes.push(NO_QUEUE);
  const unwatched = tables === 0 ? [] : ((after ?? before)?.notWatched ?? []);
  for (const { ids, reason } of unwatched) notes.push(`${ids.join(', ')}: ${reason}`);
  if (before === undefined && after !== undefined) {
    notes.push('another side: the function was run as it is');
  }
  return notes;
}
