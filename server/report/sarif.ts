import type {
  Log,
  Location,
  Notification,
  PhysicalLocation,
  ReportingDescriptor,
  Result,
} from 'sarif';
import type { Meta } from '../checkers/checker.ts';
import type { Severity } from '../checkers/finding.ts';
import { renderPage } from '../checkers/page.ts';
import type { ChangeFinding, SeriesReview } from '../review/patch/seriesReview.ts';
import type { Kernel, PlacedFix, PlacedStep, Review, ReviewedFinding } from '../review/review.ts';
import { settleProblems } from '../review/settle.ts';
import type { Problem } from '../text/problem.ts';
import type { Range } from '../text/span.ts';
import { version } from './version.ts';

/** What a SARIF log needs beside the review. */
export interface SarifContext {
  /** Rules that ran. */
  readonly rules: readonly Meta[];
  /** URI of a rule's page; absent where none is shipped. */
  readonly pageOf: (rule: string) => string | undefined;
}

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>;
const schema =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The SARIF 2.1.0 log of a review. Paths stay relative to the tree, under the base `SRCROOT`. */
export function reviewSarif(review: Review, context: SarifContext): string {
  const { kernel, incomplete, findings } = review;
  return logOf({ kernel, incomplete, results: findings.map((finding) => ({ finding })) }, context);
}

/** The SARIF 2.1.0 log of a change: introduced findings are `new`, existing and suppressed ones `unchanged`, fixed ones `absent`. */
export function seriesSarif(review: SeriesReview, context: SarifContext): string {
  const { kernel, patches, whole } = review;
  const as = (
    findings: readonly ChangeFinding[],
    baselineState: NonNullable<Result['baselineState']>,
  ): LogResult[] => findings.map((finding) => ({ finding, baselineState }));
  const results = [
    ...patches.flatMap(({ introduced, remarks }) => as([...introduced, ...remarks], 'new')),
    ...as(whole.existing, 'unchanged'),
    ...as(whole.suppressed, 'unchanged'),
    ...patches.flatMap(({ fixed }) => as(fixed, 'absent')),
  ];
  const incomplete = [
    ...settleProblems(patches.flatMap((patch) => patch.incomplete)),
    ...review.problems,
  ];
  return logOf({ kernel, incomplete, results }, context);
}

/** One finding with what became of it. */
interface LogResult {
  readonly finding: ReviewedFinding & Pick<ChangeFinding, 'patch' | 'cause' | 'commit'>;
  readonly baselineState?: NonNullable<Result['baselineState']>;
}

function logOf(
  review: {
    readonly kernel: Kernel;
    readonly incomplete: readonly Problem[];
    readonly results: readonly LogResult[];
  },
  context: SarifContext,
): string {
  const ruleIndex = new Map(context.rules.map((rule, i) => [rule.id, i]));
  const log: Log = {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'iovet',
            version,
            semanticVersion: version,
            rules: context.rules.map((rule) => descriptor(rule, context.pageOf(rule.id))),
          },
        },
        // Columns count UTF-16 units, as positions do everywhere in iovet.
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'Top of the kernel tree.' } } },
        properties: { kernel: review.kernel.version },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: review.incomplete.map(notification),
          },
        ],
        results: review.results.map((each) => resultOf(each, ruleIndex)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function descriptor(rule: Meta, page: string | undefined): ReportingDescriptor {
  return {
    id: rule.id,
    shortDescription: { text: rule.summary },
    fullDescription: { text: rule.page.what },
    help: { text: rule.page.why, markdown: renderPage(rule) },
    ...(page === undefined ? {} : { helpUri: page }),
    defaultConfiguration: {
      level: levels[rule.severity],
      enabled: rule.maturity === 'stable',
    },
    properties: { confidence: rule.confidence, maturity: rule.maturity, since: rule.since },
  };
}

function resultOf(
  { finding, baselineState }: LogResult,
  ruleIndex: ReadonlyMap<string, number>,
): Result {
  const { file, range, steps, related, fixes } = finding;
  const index = ruleIndex.get(finding.rule);
  const place = finding.patch ?? finding.cause;
  return {
    ruleId: finding.rule,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: levels[finding.severity],
    ...(baselineState === undefined ? {} : { baselineState }),
    message: { text: finding.message },
    locations: [
      {
        physicalLocation: physical(file, range),
        ...(finding.function === ''
          ? {}
          : { logicalLocations: [{ name: finding.function, kind: 'function' }] }),
      },
    ],
    // Viewers leave suppressed results out of what is to be done.
    ...(finding.status === 'suppressed' ? { suppressions: [{ kind: 'inSource' as const }] } : {}),
    partialFingerprints: { 'iovet/v1': finding.fingerprint },
    ...(steps.length === 0
      ? {}
      : {
          codeFlows: [
            { threadFlows: [{ locations: steps.map((step) => ({ location: located(step) })) }] },
          ],
        }),
    ...(related.length === 0 ? {} : { relatedLocations: related.map(located) }),
    ...(fixes.length === 0 ? {} : { fixes: fixes.map(fixOf) }),
    properties: {
      ...(place === undefined ? {} : { patch: { file: place.document, line: place.line } }),
      ...(finding.commit === undefined ? {} : { commit: finding.commit }),
      confidence: finding.confidence,
      ...(finding.status === undefined ? {} : { status: finding.status }),
      ...(finding.builds.length === 0 ? {} : { builds: finding.builds }),
    },
  };
}

const physical = (file: string, range: Range): PhysicalLocation => ({
  artifactLocation: artifact(file),
  region: {
    startLine: range.start.line,
    startColumn: range.start.column,
    endLine: range.end.line,
    endColumn: range.end.column,
  },
});

/** A path as a URI reference; absolute ones, of files outside of a tree, have no base. */
function artifact(file: string): { uri: string; uriBaseId?: string } {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: 'SRCROOT' };
}

const located = (step: PlacedStep): Location => ({
  physicalLocation: physical(step.file, step.range),
  message: { text: step.message },
});

function fixOf(fix: PlacedFix): NonNullable<Result['fixes']>[number] {
  const files = [...new Set(fix.edits.map((edit) => edit.file))];
  return {
    description: { text: fix.title },
    artifactChanges: files.map((file) => ({
      artifactLocation: artifact(file),
      replacements: fix.edits
        .filter((edit) => edit.file === file)
        .map((edit) => ({
          deletedRegion: physical(file, edit.range).region!,
          insertedContent: { text: edit.text },
        })),
    })),
  };
}

function notification({ file, line, function: name, reason }: Problem): Notification {
  return {
    level: 'warning',
    message: { text: name === undefined ? reason : `${name}(): ${reason}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file),
          ...(line === undefined ? {} : { region: { startLine: line } }),
        },
        ...(name === undefined ? {} : { logicalLocations: [{ name, kind: 'function' }] }),
      },
    ],
  };
}
