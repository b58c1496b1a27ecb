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
  const fails = assumptions.filter(({ kind }) => kind === 'failure').map(choiceText);
  const during = fails.length === 0 ? '' : `, where ${fails.join(' and ')}`;
  return [
    fittingLine('iovet: ', [
      `ran ${name} of ${file}, ${where}`,
      `ran ${name}, ${where}`,
      `${name}, ${situation}`,
      name,
    ]),
    fittingLine('action:   ', [`calls ${entry}()${during}`, `calls ${entry}()`]),
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
  reason,
}: SimulatedFunction): readonly [Labelled, Labelled] {
  const [violation] = violations;
  if (violation === undefined) {
    const [was, is] = [lastOf(before), lastOf(after)];
    if (after === undefined)
      return [
        ['before', [was]],
        ['after', [reason]],
      ];
    if (before === undefined)
      return [
        ['expected', ['nothing breaks']],
        ['got', [reason, is]],
      ];
    return [['before', [was]], ['after', verdict === 'unchanged' ? [`the same; ${reason}`, 'the same'] : [is]]]; // prettier-ignore
  }
  const came = messageOf(violation);
  switch (verdict) {
    case 'fixed':
      return [
        ['before', came],
        ['after', [accessAt(after, violation) ?? lastOf(after)]],
      ];
    case 'newly-broken': {
      const was = accessAt(before, violation) ?? lastOf(before);
      return [
        ['expected', [`${was}, as before the patch`, was]],
        ['got', came],
      ];
    }
    default:
      return [
        ['expected', [demandOf(violation.id).replace(/\.$/, '')]],
        ['got', [...came.map((text) => `${text}, before the patch too`), ...came]],
      ];
  }
}

/** The message, and with less and less of what a reader can do without: the entry's bits, the consequence. */
function messageOf({ message }: SimulatedViolation): Variants {
  const plain = message.replace(/, entry 0x[0-9a-f]+/, '');
  return [message, plain, plain.replace(/: [^:]*$/, '')];
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

/** What the run did last, and what it returned. */
function lastOf(run: SimulatedRun | undefined): string {
  if (run === undefined) return 'not run';
  const last = run.events.findLast(({ kind }) => kind !== 'assume' && kind !== 'note');
  return last === undefined ? run.outcome : `${last.text}; ${run.outcome}`;
}

const WORDS = {
  'newly-broken': 'newly broken',
  'still-broken': 'still broken',
  fixed: 'fixed',
  unchanged: 'unchanged',
  unknown: 'unknown: nothing that means something differs',
  'not-simulated': 'not simulated',
} as const;

/** The last line: verdict, rule, place, and what had to be assumed. */
function restOf({ verdict, before, violations, assumptions }: SimulatedFunction): Variants {
  const [violation] = violations;
  const word = before === undefined && violation !== undefined ? 'broken' : WORDS[verdict];
  const at = violation?.position === undefined ? '' : `, ${shortPlace(violation.position)}`;
  const head = `${word}${violation === undefined ? '' : `: ${violation.id}${at}`}`;
  const taken = assumptions.filter(({ kind }) => kind !== 'failure').map(choiceText);
  if (taken.length === 0) return [`${head}; nothing assumed`, head];
  return [
    `${head}; assumes ${taken.join(', ')}`,
    `${head}; assumes ${plural(taken.length, 'value')}: ${taken[0]}${taken.length > 1 ? ', …' : ''}`,
    `${head}; assumes ${plural(taken.length, 'value')}`,
  ];
}

/** A choice in words: `dma_map_single_attrs() fails`, `q->ready = 0`. */
export function choiceText({ about, kind, value }: SimulatedChoice): string {
  if (kind === 'failure' && about.endsWith(' fails')) {
    return value === '0' ? `${about.slice(0, -'fails'.length)}works` : about;
  }
  return `${about} = ${value}`;
}
