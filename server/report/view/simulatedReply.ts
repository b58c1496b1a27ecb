import type {
  SimulatedAccess,
  SimulatedChoice,
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/simulation.ts';
import { plural } from '../words.ts';
import { fittingLine, type Variants } from './reply.ts';
import { demandOf, shortPlace } from './simulatedText.ts';

/** The block for a mail: set-up, action, what was expected, what came, and what it rests on. */
export function replyOf(result: SimulatedFunction): readonly string[] {
  const { file, situation, entry, assumptions } = result;
  const name = `${result.function}()`;
  const where = situation === 'interfaces' ? 'any call may fail' : `situation ${situation}`;
  const fails = assumptions.flatMap((choice) =>
    choice.kind === 'failure' ? failureText(choice) : [],
  );
  const during = fails.length === 0 ? '' : `, where ${[...new Set(fails)].join(' and ')}`;
  return [
    fittingLine('iovet: ', [
      `ran ${name} of ${file}, ${where}`,
      `ran ${name}, ${where}`,
      `${name}, ${situation}`,
      name,
    ]),
    fittingLine('action:   ', [
      `calls ${entry}()${during}`,
      `calls ${entry}()${during.replaceAll('a call of ', '')}`,
      `calls ${entry}()`,
    ]),
    ...middleOf(result).map(([label, variants]) =>
      fittingLine(`${`${label}:`.padEnd(LABEL)} `, variants),
    ),
    fittingLine('', restOf(result)),
  ];
}

const LABEL = 'expected:'.length;

type Labelled = readonly [label: string, variants: Variants];

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
        ['got', [is]],
      ];
    }
    const same = verdict === 'unchanged' && was === is;
    return [
      ['before', [was]],
      ['after', [same ? 'the same' : is]],
    ];
  }
  const came = messageOf(violation);
  switch (verdict) {
    case 'fixed':
      return [
        ['before', came],
        ['after', [accessAt(after, violation) ?? is]],
      ];
    case 'newly-broken': {
      const right = accessAt(before, violation) ?? was;
      return [
        ['expected', [`${right}, as before the patch`, right]],
        ['got', came],
      ];
    }
    default:
      return [
        ['expected', [demandOf(violation.id).replace(/\.$/, '')]],
        [
          'got',
          before === undefined ? came : [...came.map((text) => `${text} (before, too)`), ...came],
        ],
      ];
  }
}

/** The message, and with less and less of what a reader can do without: the entry's bits, the consequence. */
function messageOf({ message }: SimulatedViolation): Variants {
  const plain = message.replace(/, entry 0x[0-9a-f]+/, '');
  return [message, plain, plain.replace(/: [^:]*$| \([^)]*\)$/, '')];
}

/** What a device meets at the addresses of a violation. */
function accessAt(run: SimulatedRun | undefined, { iova }: SimulatedViolation): string | undefined {
  if (iova === undefined) return undefined;
  const found = run?.accesses.find((access) => isWithin(access, iova));
  if (found === undefined) return undefined;
  return `device ${found.write ? 'write' : 'read'} to ${found.iova} ${found.outcomes.join(' or ')}`;
}

function isWithin(
  { iova }: SimulatedAccess,
  { first, last }: { readonly first: string; readonly last: string },
): boolean {
  return BigInt(iova) >= BigInt(first) && BigInt(iova) <= BigInt(last);
}

/** What the driver did last that it did not do on the other side, and what the function returned. */
function endOf(run: SimulatedRun | undefined, other: SimulatedRun | undefined): string {
  if (run === undefined) return 'not run';
  const elsewhere = new Set(other?.events.map(({ text }) => text));
  const last = run.events.findLast(
    ({ actor, kind, text }) => actor !== 'cpu' && kind !== 'assume' && !elsewhere.has(text),
  );
  return last === undefined ? run.outcome : `${last.text}; ${run.outcome}`;
}

const WORDS = {
  'newly-broken': 'newly broken',
  'still-broken': 'still broken',
  fixed: 'fixed',
  unchanged: 'unchanged',
  unknown: 'unknown',
  'not-simulated': 'not simulated',
} as const;

/** The last line: verdict, rule, place, and what had to be assumed; of what is not broken, why. */
function restOf({ verdict, reason, before, violations, assumptions }: SimulatedFunction): Variants {
  const [violation] = violations;
  if (violation === undefined) return [`${WORDS[verdict]}: ${reason}`];
  const word = before === undefined ? 'broken' : WORDS[verdict];
  const at = violation.position === undefined ? '' : `, ${shortPlace(violation.position)}`;
  const head = `${violation.id}${at}`;
  const taken = assumptions.filter(({ kind }) => kind !== 'failure').map(choiceText);
  if (taken.length === 0) return [`${word}: ${head}; nothing assumed`, `${word}: ${head}`];
  const count = plural(taken.length, 'value');
  return [
    `${word}: ${head}; assumes ${taken.join(', ')}`,
    `${head}; assumes ${taken.join(', ')}`,
    `${head}; assumes ${count}, as ${taken[0]}`,
    `${word}: ${head}; assumes ${count}`,
  ];
}

/** `a call of dma_map_single_attrs() fails`; undefined for a call that works, as calls do. */
function failureText({ about, value }: SimulatedChoice): readonly string[] {
  if (value === '0') return [];
  return [about.endsWith('() fails') ? `a call of ${about}` : about];
}

/** A choice in words: `dma_map_single_attrs() fails`, `q->ready = 0`. */
export function choiceText({ about, kind, value }: SimulatedChoice): string {
  if (kind === 'failure' && about.endsWith(' fails')) {
    return value === '0' ? `${about.slice(0, -'fails'.length)}works` : about;
  }
  return `${about} = ${value}`;
}
