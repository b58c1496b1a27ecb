import type {
  SimulatedAccess,
  SimulatedChoice,
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { INTERFACES } from '../../simulate/watch/interfaces.ts';
import { guessesOf } from '../foldedResults.ts';
import { calledEntry, plural, VERDICT_WORDS } from '../words.ts';
import { fittingLine, type Variants } from './reply.ts';
import { demandOf, shortPlace } from './simulatedText.ts';

/**
 * The block for a mail: set-up, action, what was expected, what came, and what it rests on. `also`: other results that
 * show the same.
 */
export function replyOf(
  result: SimulatedFunction,
  also: readonly SimulatedFunction[] = [],
): readonly string[] {
  const { file, situation, summary, entry, setup } = result;
  const name = `${result.function}()`;
  const short = file.slice(file.lastIndexOf('/') + 1);
  // Where the entry is not what changed, it is only the way there.
  const isAbove = entry !== result.function && calledEntry(entry) !== undefined;
  const call = `${callText(entry)}${setup === undefined ? '' : ` after ${setup}()`}`;
  const fails = failuresOf(result);
  const during = fails.length === 0 ? '' : `, where ${fails.join(' and ')}`;
  return [
    fittingLine('iovet: ', [
      `ran ${name} of ${file}: ${summary}`,
      `ran ${name} of ${short}: ${summary}`,
      `ran ${name}: ${summary}`,
      ...(situation === INTERFACES.name ? [`ran ${name} of ${short}`, `ran ${name}`] : [summary]),
    ]),
    fittingLine(labelled('action'), [
      ...lastOperation(result),
      ...(isAbove
        ? [`${call}${during}, which comes to ${name}`, `${call}, which comes to ${name}`]
        : []),
      `${call}${during}`,
      ...(fails.length === 0 ? [] : [`${call}; ${fails[0]!}`, `${fails[0]!} in ${entry}()`]),
      call,
      callText(entry),
    ]),
    ...middleOf(result).map(([label, variants]) => fittingLine(labelled(label), variants)),
    fittingLine('', restOf(result, also)),
  ];
}

/** The function that is called; of page-table code it is no function, but operations. */
export function callText(entry: string): string {
  const name = calledEntry(entry);
  return name === undefined ? entry : `calls ${name}`;
}

const LABEL = 'expected:'.length;

const labelled = (label: string): string => `${`${label}:`.padEnd(LABEL)} `;

type Labelled = readonly [label: string, variants: Variants];

/** The operation that shows it, where operations were run and no function. */
function lastOperation({ entry, verdict, before, after }: SimulatedFunction): Variants {
  const last = (verdict === 'fixed' ? before : after)?.events.at(-1)?.text;
  return calledEntry(entry) !== undefined || last === undefined
    ? []
    : [last, last.replace(/: .*$/, '')];
}

/** What was expected and what came; of what is not broken, both sides. */
function middleOf({
  verdict,
  violations,
  before,
  after,
}: SimulatedFunction): readonly [Labelled, Labelled] {
  const [violation] = violations;
  const [was, is] = [endOf(before, after), endOf(after, before)];
  if (violation === undefined) {
    if (before === undefined && after !== undefined) {
      return [
        ['expected', ['nothing breaks']],
        ['got', is],
      ];
    }
    if (verdict === 'unchanged' && before === undefined && after === undefined) {
      return [
        ['before', ['as the model of the format says, at every step']],
        ['after', ['the same']],
      ];
    }
    const same = verdict === 'unchanged' && was[0] === is[0];
    return [
      ['before', was],
      ['after', same ? ['the same'] : is],
    ];
  }
  const came = violation.got === undefined ? messageOf(violation) : entryVariants(violation.got);
  const demand = violation.expected ?? demandOf(violation.id).replace(/\.$/, '');
  switch (verdict) {
    case 'fixed': {
      const now = accessAt(after, violation);
      return [
        ['before', came],
        ['after', now ?? is],
      ];
    }
    case 'newly-broken': {
      const access = accessAt(before, violation);
      // Where both sides end alike, how the one before ended says nothing of what is broken.
      const right = access ?? (was[0] === is[0] ? [demand] : was);
      return [
        ['expected', [...right.map((text) => `${text}, as before the patch`), ...right]],
        ['got', came],
      ];
    }
    default:
      return [
        ['expected', [demand]],
        [
          'got',
          before === undefined ? came : [...came.map((text) => `${text} (before, too)`), ...came],
        ],
      ];
  }
}

/** An entry decoded, then only what kind it is of. */
function entryVariants(text: string): Variants {
  return [text, text.replace(/ \(([^,)]*?leaf)[^)]*\)$/, ' ($1)'), text.replace(/ \([^)]*\)$/, '')];
}

/** The message with where it began, and with less and less of what a reader can do without. */
function messageOf({ id, message, since, position, domain }: SimulatedViolation): Variants {
  const plain = message.replace(/, entry 0x[0-9a-f]+/, '');
  const short = plain.replace(/: [^:]*$| \([^)]*\)$/, '');
  const anywhere = domain === undefined ? [] : [short.replace(` in ${domain}`, '')];
  // Where a range leads begins at its first address.
  const first = (anywhere[0] ?? short)
    .replace(/(0x[0-9a-f]+)-0x[0-9a-f]+ to /, '$1 to ')
    .replace(/ of domain \d+/, '');
  const isElsewhere = since !== undefined && (id === 'C-LEAK' || since.line !== position?.line);
  const begun = isElsewhere ? [`${message} (of line ${since.line})`] : [];
  return [...begun, message, plain, short, ...anywhere, first];
}

/** What a device meets at the addresses of a violation. */
function accessAt(
  run: SimulatedRun | undefined,
  { iova }: SimulatedViolation,
): Variants | undefined {
  if (iova === undefined) return undefined;
  const found = run?.accesses.find((access) => isWithin(access, iova));
  if (found === undefined) return undefined;
  const { write, outcomes } = found;
  const access = `device ${write ? 'write' : 'read'} to ${found.iova}`;
  const faults = outcomes.length === 1 && outcomes[0]!.startsWith('fault: ');
  return [`${access} ${outcomes.join(' or ')}`, ...(faults ? [`${access} faults`] : [])];
}

function isWithin(
  { iova }: SimulatedAccess,
  { first, last }: { readonly first: string; readonly last: string },
): boolean {
  return BigInt(iova) >= BigInt(first) && BigInt(iova) <= BigInt(last);
}

/** What it called last that the other side did not call, and what the function returned. */
function endOf(run: SimulatedRun | undefined, other: SimulatedRun | undefined): Variants {
  if (run === undefined) return ['not run'];
  const elsewhere = new Set(other?.events.map(({ text }) => text));
  const own = run.events.filter(
    ({ actor, text }) => actor !== 'cpu' && actor !== 'device' && !elsewhere.has(text),
  );
  // What gives something back says more than what nothing is known of.
  const told = own.findLast(({ holding }) => holding !== undefined) ?? own.at(-1);
  // Of memory that a device is given, what it is says more than the call.
  if (told?.given !== undefined) {
    const text = told.text.replace(/^\S+: /, '');
    return [told.text, text, text.replace(/(0x[0-9a-f]+)-0x[0-9a-f]+/, '$1')];
  }
  const called = told === undefined ? undefined : calledBy(told);
  return called === undefined ? [run.outcome] : [`calls ${called}(), ${run.outcome}`, run.outcome];
}

/** What an event of a model calls, as the source spells it. */
function calledBy({ text, actor }: SimulatedEvent): string | undefined {
  return actor === 'cpu' ? undefined : /^([\w.>-]+)\(\): /.exec(text)?.[1];
}

/** The last line: verdict, rule, place, and what had to be assumed; of what is not broken, why. */
function restOf(result: SimulatedFunction, also: readonly SimulatedFunction[]): Variants {
  const { verdict, reason, before, after, violations } = result;
  const [violation] = violations;
  if (violation === undefined) {
    const [first = reason] = reason.split('; ');
    return [`${VERDICT_WORDS[verdict]}: ${reason}`, `${VERDICT_WORDS[verdict]}: ${first}`];
  }
  const word = before === undefined ? 'broken' : VERDICT_WORDS[verdict];
  const run = verdict === 'fixed' ? before : after;
  const place = violation.id === 'C-LEAK' ? run?.endedAt : undefined;
  const position = place ?? violation.position ?? violation.since;
  const at = position === undefined ? '' : `, ${shortPlace(position)}`;
  const head = `${violation.id}${at}`;
  const taken = guessesOf(result).map(choiceText);
  if (taken.length === 0) {
    return [
      ...elsewhere(result, also).flatMap((more) => [
        `${word}: ${head}${more}; nothing assumed`,
        `${word}: ${head}${more}`,
      ]),
      ...[`${word}: ${head}; nothing assumed`, `${word}: ${head}`],
    ];
  }
  const [first, ...more] = taken;
  const fewer = more.length === 0 ? first : `${first} and ${more.length} more`;
  return [
    `${word}: ${head}; assumes ${taken.join(', ')}`,
    `${head}; assumes ${taken.join(', ')}`,
    `${word}: ${head}; assumes ${fewer}`,
    `${head}; assumes ${fewer}`,
    `${word}: ${head}; assumes ${plural(taken.length, 'value')}`,
    `${head}; assumes ${plural(taken.length, 'value')}`,
  ];
}

/** Where else the same shows: other entries by name, else how many situations. */
function elsewhere(
  { entry, ...result }: SimulatedFunction,
  also: readonly SimulatedFunction[],
): Variants {
  if (also.length === 0) return [];
  const entries = new Set(also.map((other) => other.entry).filter((name) => name !== entry));
  const names = [...entries].flatMap((name) => calledEntry(name) ?? []);
  const named = names.length === entries.size && names.length > 0;
  const calls = names.join(', ');
  const count = new Set(also.map(({ situation }) => situation).filter((one) => one !== result.situation)).size; // prettier-ignore
  return [
    ...(named ? [`; also in ${calls}`, `; also ${calls}`] : []),
    ...(count === 0 ? [] : [`; also in ${plural(count, 'other situation')}`]),
  ];
}

/** The calls that fail in the run that breaks, as the source spells them: `the 2nd dma_alloc_coherent() fails`. */
export function failuresOf({
  verdict,
  before,
  after,
  assumptions,
}: SimulatedFunction): readonly string[] {
  const run = (verdict === 'fixed' ? before : after) ?? before;
  const calls = (run?.events ?? []).filter(
    ({ holding }) => holding?.what === 'taken' || holding?.what === 'failed',
  );
  const counts = new Map<string, number>();
  const failed = calls.flatMap((event) => {
    const name = calledBy(event) ?? event.kind;
    const turn = (counts.get(name) ?? 0) + 1;
    counts.set(name, turn);
    return event.holding?.what === 'failed' ? [{ name, turn, api: event.kind }] : [];
  });
  const known = new Set(failed.map(({ api }) => `${api}() fails`));
  const others = assumptions.filter(
    ({ kind, about, value }) => kind === 'failure' && value !== '0' && !known.has(about),
  );
  return [
    ...failed.map(({ name, turn }) =>
      counts.get(name) === 1 ? `${name}() fails` : `the ${ordinal(turn)} ${name}() fails`,
    ),
    ...new Set(others.map(({ about }) => asSpelled(about, run))),
  ];
}

/** A choice about a call, by the name that the C uses. */
function asSpelled(about: string, run: SimulatedRun | undefined): string {
  const event = run?.events.find(({ kind }) => about.startsWith(`${kind}() `));
  const name = event === undefined ? undefined : calledBy(event);
  return event === undefined || name === undefined
    ? about
    : `${name}${about.slice(event.kind.length)}`;
}

function ordinal(number: number): string {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  const ending = teens ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${ending}`;
}

/** A choice in words: `dma_map_single_attrs() fails`, `q->ready = 0`. */
export function choiceText({ about, kind, value }: SimulatedChoice): string {
  if (kind === 'failure' && about.endsWith(' fails')) {
    return value === '0' ? `${about.slice(0, -'fails'.length)}works` : about;
  }
  return `${about} = ${value}`;
}
