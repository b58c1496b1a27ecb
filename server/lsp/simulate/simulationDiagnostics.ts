import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver/node';
import type { ReviewedFinding } from '../../review/review.ts';
import type { Position, SimulatedFunction } from '../../simulate/compare/result/simulation.ts';
import type { Range } from '../../text/span.ts';
import { lineRange } from '../patch/lines.ts';
import { afterLocation } from '../patch/patchDiagnostics.ts';
import { uriOfPath, type Location } from '../places.ts';
import {
  brokenIn,
  changeOf,
  shownFor,
  type KeptSimulation,
  type ShownBroken,
} from './simulations.ts';

/** What the document shows, and where else it can lead. */
export interface SimulationPresentation {
  readonly uri: string;
  readonly lines: readonly string[];
  /** Folder of the tree. */
  readonly tree: string;
  /** Path of the document below the tree, for a C file. */
  readonly file: string | undefined;
  readonly related: boolean;
  readonly sides: boolean;
}

/** Steps of a trace that a diagnostic names: the last ones, which lead to what breaks. */
const mostSteps = 16;

/** What is said of something broken, by what it is compared with. */
const HOW_SHOWN = {
  newly: { severity: DiagnosticSeverity.Error, words: ', newly broken' },
  before: { severity: DiagnosticSeverity.Information, words: ', broken before, too' },
  alone: { severity: DiagnosticSeverity.Error, words: '' },
} as const;

/** What simulations showed to be broken, as diagnostics with the trace as related information. */
export function simulationDiagnostics(
  kept: readonly KeptSimulation[],
  show: SimulationPresentation,
): Diagnostic[] {
  return brokenIn(kept).map(({ of, result, violation, also }) => {
    const { id, message, position, since } = violation;
    const told =
      HOW_SHOWN[
        of.sides === 'one' ? 'alone' : result.verdict === 'newly-broken' ? 'newly' : 'before'
      ];
    const others = also.map((other) => otherOf(other, result, show));
    const related = show.related ? [...traceOf(result, of, show), ...others] : [];
    return {
      range: lineRange(show.lines, lineOf(position, of, show) ?? lineOf(since, of, show) ?? 1),
      severity: told.severity,
      source: 'iovet',
      code: id,
      message: `${result.function}(): ${message} (shown by simulation${told.words})`,
      ...(related.length === 0 ? {} : { relatedInformation: related }),
    };
  });
}

/** The 1-based line of the document that shows a line of C, or speaks of it. */
function lineOf(
  at: Position | undefined,
  kept: KeptSimulation,
  { file }: SimulationPresentation,
): number | undefined {
  const change = changeOf(kept);
  if (change === undefined) return at?.file === file ? at?.line : undefined;
  const changed = change.files.find(({ after }) => after?.path === at?.file);
  if (at === undefined || changed === undefined) return change.patches[0]?.line;
  const { map } = changed;
  // Between hunks: the added line that follows, else the last one before.
  const added = map.lines.filter(({ kind }) => kind === 'added');
  const near = added.find(({ after }) => after !== undefined && after >= at.line) ?? added.at(-1);
  return (map.ofAfter(at.line) ?? near ?? map.lines[0])?.line;
}

function traceOf(
  { after }: SimulatedFunction,
  of: KeptSimulation,
  show: SimulationPresentation,
): DiagnosticRelatedInformation[] {
  const steps = (after?.events ?? []).filter(
    ({ kind, position }) => kind !== 'assume' && position !== undefined,
  );
  const left = Math.max(0, steps.length - mostSteps);
  return steps.slice(left).map(({ text, position }, i) => ({
    location: locationOf(position!, of, show),
    message: `${left + i + 1}. ${text}`,
  }));
}

/** Where else the same is broken: another domain, another situation. */
function otherOf(
  { of, violation, result }: ShownBroken,
  shown: SimulatedFunction,
  show: SimulationPresentation,
): DiagnosticRelatedInformation {
  const { position, since, message } = violation;
  const { entry, situation } = result;
  const place = position ?? since ?? { file: result.file, line: result.line, column: 1, function: result.function }; // prettier-ignore
  const where =
    situation === shown.situation && entry === shown.entry
      ? 'the same run'
      : `${situation}${/^\w+$/.test(entry) ? `, ${entry}()` : ''}`;
  return { location: locationOf(place, of, show), message: `also in ${where}: ${message}` };
}

function locationOf(
  { file, line, column }: Position,
  { series, patch }: KeptSimulation,
  show: SimulationPresentation,
): Location {
  const place = { line, column: Math.max(1, column) };
  const range: Range = { start: place, end: place };
  if (series !== undefined) return afterLocation(file, range, patch, series, show);
  const at = { line: line - 1, character: place.column - 1 };
  const uri = file === show.file ? show.uri : uriOfPath(`${show.tree}/${file}`);
  return { uri, range: { start: at, end: at } };
}

/** What a simulation showed about the place of a finding; undefined without any. */
export function proofOf(
  kept: readonly KeptSimulation[],
  { rule, file, range, steps, related }: ReviewedFinding,
): string | undefined {
  const places = [{ file, range }, ...steps, ...related].map((place) => ({
    file: place.file,
    line: place.range.start.line,
  }));
  return shownFor(kept, { rule, places });
}
