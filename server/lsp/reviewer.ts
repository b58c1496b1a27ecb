import { checkers } from '../checkers/all.generated.ts';
import type { Selection } from '../checkers/run.ts';
import { readGrammarFiles } from '../host/grammarFiles.ts';
import type { Host } from '../host/host.ts';
import { overlayHost } from '../host/overlayHost.ts';
import type { SeriesChange } from '../patch/change.ts';
import type { KernelVersion } from '../program/kernelApi/contract.ts';
import type { FileReview, ReviewedFinding } from '../review/review.ts';
import { reviewSeries } from '../review/patch/reviewSeries.ts';
import type { ChangeFinding, SeriesReview } from '../review/patch/seriesReview.ts';
import { shownByReview } from '../review/patch/shown.ts';
import { openStates, type SeriesStates } from '../review/patch/states.ts';
import { openSession } from '../review/session.ts';
import { byPlace, shownByCheck } from '../review/settle.ts';
import { loadSyntax } from '../syntax/syntax.ts';
import type { Reviewer } from './review.ts';
import { ruleText } from './rules.ts';
import type { Settings } from './settings.ts';

/** Series of which a tree keeps what their review rests on: some 20 MB each. Others are read again for explanations. */
const mostSeries = 4;

/** The review layer as the server uses it. Each tree has a parser of its own, because files are named relative to their tree. */
export function createReviewer(host: Host, programFolder: string): Reviewer {
  return {
    rule: ruleText,
    open: async (tree, settings, openTexts) => {
      const { runtime, grammar } = readGrammarFiles(host, programFolder);
      const syntax = await loadSyntax(runtime, grammar);
      const apart = syntax.apart();
      const recent = new Map<SeriesChange, SeriesStates>();
      const files = overlayHost(host, openTexts);
      const kernel = versionOf(settings.kernelVersion);
      const selection = selectionOf(settings);
      const session = openSession(syntax, files, {
        tree,
        root: tree ?? '/',
        kernel,
        selection,
        // The lowest severity is applied below, because a rule's own severity can be replaced.
        shown: { ...shownByCheck, severity: 'info' },
      });
      return {
        kernel: session.kernel,
        check: function* (file, text) {
          return applySettings(yield* session.reviewOpen(file, text), settings);
        },
        reviewSeries: function* (series, change, base) {
          const around = { tree, kernel, selection, shown: shownByReview };
          const opened = (): SeriesStates => {
            const states = recent.get(change) ?? openStates(apart, base ?? files, change, around);
            recent.delete(change);
            recent.set(change, states);
            if (recent.size > mostSeries) recent.delete(recent.keys().next().value!);
            return states;
          };
          try {
            const review = yield* reviewSeries(apart, base ?? files, series, change, around, opened()); // prettier-ignore
            return {
              review: withSeverities(review, settings),
              known: (patches, path, text) => recent.get(change)?.known(patches, path, text),
              *read(patches, path, text) {
                try {
                  return yield* opened().read(patches, path, text);
                } finally {
                  apart.close(path);
                }
              },
            };
          } finally {
            // Nobody edits patched files: what the parser keeps for edits can go.
            for (const { before, after } of change.patches.flatMap((patch) => patch.files)) {
              for (const side of [before, after]) if (side !== undefined) apart.close(side.path);
            }
          }
        },
        readings: (file) => session.readings(file),
        changed: (file) => {
          session.changed(file);
        },
        close: (file) => {
          session.close(file);
        },
      };
    },
  };
}

/** The rules that run: those on by default, and what the settings add or take away. */
function selectionOf({ rules, preview }: Settings): Selection {
  const wanted = checkers.flatMap(({ meta: { id, maturity } }) => {
    const set = rules[id];
    const on = set === undefined ? maturity === 'stable' || preview : set !== 'off';
    return on ? [id] : [];
  });
  return { rules: new Set(wanted) };
}

/** Replaces the severities of rules that the settings name. */
function withSeverities(review: SeriesReview, { rules }: Settings): SeriesReview {
  const replaced = (list: readonly ChangeFinding[]): ChangeFinding[] =>
    list.map((finding) => {
      const set = rules[finding.rule];
      return set === undefined || set === 'on' || set === 'off'
        ? finding
        : { ...finding, severity: set };
    });
  const { whole } = review;
  return {
    ...review,
    patches: review.patches.map((patch) => ({
      ...patch,
      introduced: replaced(patch.introduced),
      fixed: replaced(patch.fixed),
      existing: replaced(patch.existing),
      suppressed: replaced(patch.suppressed),
    })),
    whole: {
      ...whole,
      introduced: replaced(whole.introduced),
      fixed: replaced(whole.fixed),
      existing: replaced(whole.existing),
      suppressed: replaced(whole.suppressed),
      cameAndWent: replaced(whole.cameAndWent),
    },
  };
}

const rank = { error: 2, warning: 1, info: 0 } as const;

/** Replaces severities, then drops what is below the lowest one. */
function applySettings(review: FileReview, { rules, severity }: Settings): FileReview {
  const findings = review.findings.flatMap((finding): ReviewedFinding[] => {
    const set = rules[finding.rule];
    if (set === 'off') return [];
    const own = set === undefined || set === 'on' ? finding.severity : set;
    return rank[own] < rank[severity] ? [] : [{ ...finding, severity: own }];
  });
  return { ...review, findings: findings.sort(byPlace) };
}

/** `6.12` and `6.12-rc3` have the contracts of 6.12; an empty setting leaves the choice to the tree. */
function versionOf(setting: string): KernelVersion | undefined {
  const match = /^(\d+)\.(\d+)/.exec(setting);
  return match === null ? undefined : `${Number(match[1])}.${Number(match[2])}`;
}
