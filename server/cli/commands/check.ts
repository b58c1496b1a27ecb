import path from 'node:path';
import type { Confidence, Severity } from '../../checkers/finding.ts';
import { reviewJson } from '../../report/reviewJson.ts';
import { reviewSarif } from '../../report/sarif.ts';
import { coloured, plain } from '../../report/style.ts';
import { reviewText } from '../../report/text.ts';
import { chooseKernel } from '../../review/kernel.ts';
import type { Review } from '../../review/review.ts';
import { allRules } from '../../review/ruleSet.ts';
import type { SessionSettings } from '../../review/session.ts';
import { shownByCheck } from '../../review/settle.ts';
import { countOf } from '../args.ts';
import { reviewFiles } from '../check/reviewFiles.ts';
import { assemble } from '../check/assemble.ts';
import { findTargets, remedyFor } from '../check/targets.ts';
import { treeOf } from '../treeSource.ts';
import { type Args, type Command, type Context, type ExitCode, UsageError } from '../command.ts';
import { kernelOf, rulePages, selectionOf } from '../selection.ts';

/** `iovet check`: findings in files or folders. */
export const check: Command = {
  operands: '[--tree DIR] PATH…',
  options: [
    {
      name: 'files-from',
      value: 'FILE',
      help: 'also check the paths listed in FILE (- for standard input), one per line',
    },
    {
      name: 'report',
      value: 'KIND',
      choices: ['generic-pt'],
      help: 'generic-pt: findings in files that are only included, once per build',
    },
  ],
  run: async (args, context) => {
    const started = context.now();
    const operands = [...args.operands, ...listedFiles(args, context)];
    if (operands.length === 0) {
      throw new UsageError('check: nothing named', 'name files or folders: iovet check PATH…');
    }
    const settings = settingsOf(args, context, operands);
    const kernel = chooseKernel(context.host, settings.tree, settings.kernel);
    const targets = findTargets(context.host, context.folder, operands, {
      tests: args.has('include-tests') ? 'include' : 'skip',
    });
    const jobs = countOf(args, 'jobs') ?? context.processors;
    const outcomes = await reviewFiles(targets.files, settings, jobs, context);
    const { review, unusable } = assemble(targets, outcomes, settings, kernel);
    for (const { file, reason } of unusable) {
      context.note(`iovet: ${file}: ${reason}\n  help: ${remedyFor(reason)}\n`);
    }
    const unread = unusable.length - targets.unusable.length;
    if (unread < targets.files.length || targets.files.length === 0) {
      context.print(render(review, args, context, (context.now() - started) / 1000));
    }
    return exitCode(review, unusable.length, args);
  },
};

function exitCode(review: Review, unusable: number, args: Args): ExitCode {
  if (unusable > 0) return 2;
  if (args.has('strict') && review.incomplete.length > 0) return 3;
  return review.findings.length > 0 ? 1 : 0;
}

/** Paths of `--files-from`, one per line. */
function listedFiles(args: Args, context: Context): string[] {
  const list = args.value('files-from');
  if (list === undefined) return [];
  let text: string;
  if (list === '-') text = context.input();
  else {
    const read = context.host.readText(path.resolve(context.folder, list));
    if (!read.ok) {
      throw new UsageError(
        `--files-from ${list}: ${read.problem.reason}`,
        'a text file with one path per line',
      );
    }
    ({ text } = read);
  }
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '');
}

function settingsOf(args: Args, context: Context, operands: readonly string[]): SessionSettings {
  const tree = treeOf(context, args.value('tree'), operands);
  return {
    tree,
    root: tree ?? context.folder,
    kernel: kernelOf(args),
    selection: selectionOf(args),
    shown: {
      ...shownByCheck,
      // Findings of low confidence are for those who ask for a rule, or for everything.
      confidences:
        args.list('rules').length > 0 || args.has('preview')
          ? new Set<Confidence>(['high', 'medium', 'low'])
          : shownByCheck.confidences,
      severity: (args.value('severity') as Severity | undefined) ?? shownByCheck.severity,
      builds: args.value('report') === 'generic-pt' ? 'separate' : 'merged',
    },
  };
}

function render(review: Review, args: Args, context: Context, seconds: number): string {
  switch (args.value('format')) {
    case 'json':
      return reviewJson(review, seconds);
    case 'sarif':
      return reviewSarif(review, {
        rules: allRules,
        pageOf: rulePages(context),
      });
    default:
      return reviewText(review, context.colour ? coloured : plain, seconds);
  }
}
