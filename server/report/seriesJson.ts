import type { ChangeFinding, SeriesReview } from '../review/patch/seriesReview.ts';
import { settleProblems } from '../review/settle.ts';
import { printJson } from './json.ts';
import { findingJson } from './reviewJson.ts';

/** The JSON report of `review`, as the command line contract gives it; `patches` tells it patch by patch. */
export function seriesJson(review: SeriesReview, seconds: number): string {
  const { patches, whole } = review;
  const number = (index: number | undefined): string | undefined =>
    index === undefined ? undefined : patches[index]?.number;
  return printJson({
    kernel: review.kernel.version,
    base: review.base,
    findings: [
      ...patches.flatMap((patch) =>
        [...patch.introduced, ...patch.fixed, ...patch.remarks].map((finding) =>
          changeFindingJson(finding, patch.number, number),
        ),
      ),
      ...[...whole.existing, ...whole.suppressed].map((finding) =>
        changeFindingJson(finding, '', number),
      ),
    ],
    patches: patches.map((patch) => ({
      title: patch.title,
      ...(patch.number === '' ? {} : { number: patch.number }),
      file: patch.patch.document,
      line: patch.patch.line,
      ...(patch.patch.commit === undefined ? {} : { commit: patch.patch.commit }),
      introduced: patch.introduced.length,
      fixed: patch.fixed.length,
      existing: patch.existing.length,
      suppressed: patch.suppressed.length,
      remarks: patch.remarks.length,
      notLookedAt: patch.notLookedAt,
    })),
    incomplete: settleProblems(patches.flatMap(({ incomplete }) => incomplete)).map(
      ({ file, line, function: name, reason }) => ({
        file,
        ...(line === undefined ? {} : { line }),
        ...(name === undefined ? {} : { function: name }),
        reason,
      }),
    ),
    problems: review.problems.map(({ file, line, path, hunk, reason, help, severity }) => ({
      file,
      line,
      ...(path === undefined ? {} : { path }),
      ...(hunk === undefined ? {} : { hunk }),
      severity,
      reason,
      ...(help === undefined ? {} : { help }),
    })),
    repairs: review.repairs.map(({ document, line, path, hunk, kind, what }) => ({
      file: document,
      line,
      ...(path === undefined ? {} : { path }),
      ...(hunk === undefined ? {} : { hunk }),
      kind,
      what,
    })),
    summary: {
      files: whole.counts.analysed,
      offered: whole.counts.files,
      functions: whole.counts.functions,
      analysed: whole.counts.analysedFunctions,
      findings: whole.introduced.length,
      introduced: whole.introduced.length,
      fixed: whole.fixed.length,
      existing: whole.existing.length,
      suppressed: whole.suppressed.length,
      introducedAndFixed: whole.cameAndWent.length,
      seconds: Math.round(seconds * 1000) / 1000,
    },
  });
}

function changeFindingJson(
  finding: ChangeFinding,
  inPatch: string,
  number: (index: number | undefined) => string | undefined,
): Readonly<Record<string, unknown>> {
  const { patch, cause, commit } = finding;
  const place = patch ?? cause;
  const fixedIn = number(finding.fixedIn);
  const introducedIn = number(finding.introducedIn);
  return {
    ...findingJson(finding),
    ...(finding.inBaseline === true ? { inBaseline: true } : {}),
    ...(place === undefined
      ? {}
      : {
          patch: {
            file: place.document,
            line: place.line,
            ...(patch === undefined ? { cause: true } : {}),
          },
        }),
    ...(inPatch === '' ? {} : { series: inPatch }),
    ...(fixedIn === undefined ? {} : { fixedIn }),
    ...(introducedIn === undefined ? {} : { introducedIn }),
    ...(commit === undefined ? {} : { commit }),
  };
}
