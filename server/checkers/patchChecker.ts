import type { FlowPlace, FlowStep, Value } from '../flow/facts.ts';
import { filled, type Meta, type Page, type Source } from './checker.ts';
import type { Confidence, Finding, Fix, Severity } from './finding.ts';
import type { Placeholders, Wording } from './message.ts';

/** A pair of which a patch changes one side: equal before it, not known to be equal after it. */
export interface PairChangeFact {
  readonly changed: Value;
  readonly left: Value;
  /** Which end of the pair {@link changed} is of. */
  readonly side: 'acquired' | 'released';
  /** How the changed side was spelled before. */
  readonly was: string;
}

/** A flag of the interfaces that a patch defines. */
export interface NewFlagFact {
  readonly name: string;
  readonly kind: 'prot' | 'attrs';
  readonly place: FlowPlace;
  /** Files that handle its siblings and that the series leaves as they are. */
  readonly untouched: readonly string[];
}

/** A use of an interface that the kernel at hand does not have in this form. */
export interface ForeignUseFact {
  readonly name: string;
  readonly place: FlowPlace;
  /** Oldest release that has it so. */
  readonly since: string | undefined;
  readonly why:
    | { readonly kind: 'absent' }
    /** Numbers of arguments: given, and of the form that the kernel has. */
    | { readonly kind: 'arguments'; readonly given: number; readonly has: number };
}

/** A function or operation that is new and that nobody in sight calls. */
export interface UncalledFact {
  readonly name: string;
  readonly kind: 'function' | 'operation';
  readonly place: FlowPlace;
}

/** A defect that the patch mends. */
export interface MendedFact {
  readonly rule: string;
  readonly function: string;
  /** A line of the patch near it, in the file after the patch. */
  readonly place: FlowPlace;
  /** The commit that brought the defect, as a Fixes: tag names it; undefined where nobody was asked or knew. */
  readonly introducedBy: string | undefined;
}

/** Code with tests of its own that a patch changes. */
export interface TestedChangeFact {
  /** `generic_pt` or `iommufd`. */
  readonly area: string;
  readonly place: FlowPlace;
  /** Where its tests are. */
  readonly tests: string;
}

/** What rules about a patch as a whole may know. Findings in the code are the other rules' business. */
export interface PatchFacts {
  /** Kernel version of the tree, for instance `6.12`. */
  readonly kernel: string;
  readonly hasFixesTag: boolean;
  /** Errors and warnings that the patch introduces. */
  readonly introduced: number;
  readonly pairChanges: readonly PairChangeFact[];
  readonly newFlags: readonly NewFlagFact[];
  readonly foreignUses: readonly ForeignUseFact[];
  readonly uncalled: readonly UncalledFact[];
  readonly mended: readonly MendedFact[];
  readonly testedChanges: readonly TestedChangeFact[];
}

/** The description of a rule about patches. */
export interface PatchMeta<
  Id extends string = string,
  Messages extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> {
  readonly id: Id;
  readonly summary: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly maturity: 'preview' | 'stable';
  readonly since: string;
  readonly messages: Messages;
  readonly sources: readonly Source[];
  readonly falsePositives: readonly string[];
  readonly limits: readonly string[];
  readonly page: Page;
}

/** What a patch rule says about one place. */
export type PatchReport<Messages extends Readonly<Record<string, string>>> = <
  Message extends keyof Messages & string,
>(said: {
  readonly message: Message;
  readonly values: Readonly<Record<Placeholders<Messages[Message]>, Wording>>;
  readonly at: FlowPlace;
  readonly related?: readonly FlowStep[];
  readonly fixes?: readonly Fix[];
}) => void;

/** A rule about patches as the registry holds it. */
export interface PatchChecker {
  readonly meta: Meta;
  readonly check: (facts: PatchFacts) => Finding[];
}

/** Makes a rule about patches. Checks are pure, synchronous and know no other rule. */
export function definePatchChecker<
  const Id extends string,
  const Messages extends Readonly<Record<string, string>>,
>(
  meta: PatchMeta<Id, Messages>,
  check: (facts: PatchFacts, report: PatchReport<Messages>) => void,
): PatchChecker {
  return {
    meta: { ...meta, needs: [] },
    check: (facts) => {
      const findings: Finding[] = [];
      check(facts, ({ message, values, at, related = [], fixes = [] }) => {
        findings.push({
          rule: meta.id,
          severity: meta.severity,
          confidence: meta.confidence,
          file: at.file,
          span: at.span,
          function: at.function,
          ...filled(meta.messages[message]!, values, at.file),
          steps: [],
          related: related.map((step) => ({
            file: step.place.file,
            span: step.place.span,
            message: step.message,
          })),
          fixes,
        });
      });
      return findings;
    },
  };
}
