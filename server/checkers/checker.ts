import type { Facts, FlowPlace, FlowStep, UnitFacts } from '../flow/facts.ts';
import type { Confidence, Finding, Fix, Severity, Step } from './finding.ts';
import { fill, fillWhole, type Placeholders, type Wording } from './message.ts';

/** Where a contract is written down: a kernel document or function, a specification section, a fixing commit. */
export interface Source {
  /** Path in the tree, or the name of a specification. */
  readonly where: string;
  /** Function, section or sentence subject inside it. */
  readonly what: string;
}

/** The page of a rule. Plain Markdown paragraphs; `example` and `instead` are C. */
export interface Page {
  /** What the rule reports, in one or two sentences. */
  readonly what: string;
  /** Why it matters: what the device, the CPU or the allocator sees. */
  readonly why: string;
  readonly example: string;
  readonly instead: string;
}

/** Everything about a rule that is not its check. */
export interface Meta<
  Id extends string = string,
  Need extends keyof Facts = keyof Facts,
  Messages extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> {
  /** File name, fixture folder and page name. Names the defect. */
  readonly id: Id;
  /** The invariant, as one true sentence about correct code. */
  readonly summary: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** `preview` rules are off unless asked for, by name or with `--preview`. */
  readonly maturity: 'preview' | 'stable';
  /** Version of iovet that brought the rule. */
  readonly since: string;
  /** The facts that the check may see. Order between rules does not exist. */
  readonly needs: readonly Need[];
  /** Texts with {placeholders}; at most 110 characters once filled, no final full stop. */
  readonly messages: Messages;
  readonly sources: readonly Source[];
  /** Correct code that is reported all the same; each has a `todo-fp` fixture. */
  readonly falsePositives: readonly string[];
  /** Wrong code that stays silent, for the page. */
  readonly limits: readonly string[];
  readonly page: Page;
  /** What it says rests on one statement, and holds whatever the rest of the function is: said of patches without a tree, too. */
  readonly holdsInPart?: true;
}

/** What a check says about one place. */
export interface Report<Messages extends Readonly<Record<string, string>>> {
  <Message extends keyof Messages & string>(said: {
    readonly message: Message;
    readonly values: Readonly<Record<Placeholders<Messages[Message]>, Wording>>;
    /** The argument at fault, not the call. */
    readonly at: FlowPlace;
    /** Path to the finding; more than seven are folded in the middle. */
    readonly steps?: readonly FlowStep[];
    /** The other ends. */
    readonly related?: readonly FlowStep[];
    readonly fixes?: readonly Fix[];
    /** Where this finding is less sure than its rule. */
    readonly confidence?: Confidence;
    /** Where this finding weighs less than its rule. */
    readonly severity?: Severity;
  }): void;
}

/** What a check may know besides the facts. */
export interface Surroundings {
  /** Kernel version of the tree, for instance `7.2`. Texts name it where behaviour depends on it. */
  readonly kernel: string;
}

/** A rule as the registry holds it: its description, and its check over one file's facts. */
export interface Checker {
  readonly meta: Meta;
  readonly check: (unit: UnitFacts, around: Surroundings) => Finding[];
}

/** Makes a rule of its description and its check. Checks are pure, synchronous and know no other rule. */
export function defineChecker<
  const Id extends string,
  const Need extends keyof Facts,
  const Messages extends Readonly<Record<string, string>>,
>(
  meta: Meta<Id, Need, Messages>,
  check: (facts: Pick<Facts, Need>, report: Report<Messages>, around: Surroundings) => void,
): Checker {
  return {
    meta,
    check: ({ facts }, around) => {
      const findings: Finding[] = [];
      const report: Report<Messages> = (said) => {
        const { file, span, function: name } = said.at;
        findings.push({
          rule: meta.id,
          severity: said.severity ?? meta.severity,
          confidence: said.confidence ?? meta.confidence,
          file,
          span,
          function: name,
          ...filled(meta.messages[said.message]!, said.values, file),
          steps: foldSteps((said.steps ?? []).map(toStep)),
          related: (said.related ?? []).map(toStep),
          fixes: said.fixes ?? [],
        });
      };
      check(facts, report, around);
      return findings;
    },
  };
}

/** Both forms of a message. */
export function filled(
  text: string,
  values: Readonly<Record<string, Wording>>,
  file: string,
): Pick<Finding, 'message' | 'whole'> {
  const message = fill(text, values, file);
  const whole = fillWhole(text, values, file);
  return whole === message ? { message } : { message, whole };
}

function toStep({ place, message }: FlowStep): Step {
  return { file: place.file, span: place.span, message };
}

const mostSteps = 7;

/** Keeps the first and the last steps, and counts what is left out between them. */
function foldSteps(steps: readonly Step[]): readonly Step[] {
  if (steps.length <= mostSteps) return steps;
  const tail = 4;
  const head = mostSteps - tail - 1;
  const hidden = steps.length - head - tail;
  const fold: Step = { ...steps[head]!, message: `… ${hidden} more conditions` };
  return [...steps.slice(0, head), fold, ...steps.slice(-tail)];
}
