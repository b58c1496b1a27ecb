import type { Severity } from '../../checkers/finding.ts';
import { readGrammarFiles } from '../../host/grammarFiles.ts';
import { commitOfLines } from '../../host/gitBlame.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import type { PatchProblem } from '../../patch/patch.ts';
import { seriesWithoutTree } from '../../patch/withoutTree.ts';
import { reviewSeries } from '../../review/patch/reviewSeries.ts';
import type { SeriesReview } from '../../review/patch/seriesReview.ts';
import { withBaseline } from '../../review/patch/baseline.ts';
import { shownByReview } from '../../review/patch/shown.ts';
import { seriesReply } from '../../report/reply/reply.ts';
import { seriesSarif } from '../../report/sarif.ts';
import { seriesJson } from '../../report/seriesJson.ts';
import { coloured, plain } from '../../report/style.ts';
import { seriesText } from '../../report/seriesText.ts';
import { allRules } from '../../review/ruleSet.ts';
import { loadSyntax } from '../../syntax/syntax.ts';
import { runSlices } from '../../text/slices.ts';
import { treeOf } from '../treeSource.ts';
import { type Args, type Command, type Context, type ExitCode, UsageError } from '../command.ts';
import { commitsOf, worktreeOf } from '../review/fromGit.ts';
import { readDocuments } from '../review/input.ts';
import type { ReviewInput } from '../review/reviewInput.ts';
import { baselineOf } from '../review/baselineFile.ts';
import { kernelOf, rulePages, selectionOf } from '../selection.ts';
import { expectShortRun } from '../shortRun.ts';

/** `iovet review`: what a patch or a series introduces, fixes and leaves. */
export const review: Command = {
  operands: '[--tree DIR] PATCH|MBOX|DIR|-… | --git RANGE | --worktree',
  options: [
    { name: 'git', value: 'RANGE', help: 'review commits, for example HEAD~3..HEAD' },
    {
      name: 'reply',
      help: 'print a mail that answers the patch, quoted, comments below their lines',
    },
    {
      name: 'baseline',
      value: 'FILE',
      help: 'a SARIF log of iovet: what is in it does not count as introduced',
    },
    { name: 'worktree', help: 'review the working tree against HEAD' },
  ],
  run: async (args, context) => {
    const started = context.now();
    const input = await inputOf(args, context);
    for (const note of input.notes) context.note(`iovet: ${note}\n`);
    const series = parsePatches(input.documents);
    const change =
      input.tree === undefined
        ? seriesWithoutTree(series.patches)
        : seriesChange(series.patches, input.read);
    const { runtime, grammar } = readGrammarFiles(context.host, context.programFolder);
    const baseline = baselineOf(args, context);
    expectShortRun();
    const found = runSlices(
      reviewSeries(await loadSyntax(runtime, grammar), input.files, series, change, {
        tree: input.tree,
        kernel: kernelOf(args),
        selection: selectionOf(args),
        shown: shownOf(args),
        ...(input.commitOf && { commitOf: input.commitOf }),
      }),
    );
    const answer = baseline === undefined ? found : withBaseline(found, baseline);
    tellProblems(answer.problems, context);
    if (args.has('reply')) printReply(answer, args, context);
    else context.print(render(answer, args, context, (context.now() - started) / 1000));
    return exitCode(answer, args);
  },
};

async function inputOf(args: Args, context: Context): Promise<ReviewInput> {
  const { operands } = args;
  const range = args.value('git');
  const ways = [operands.length > 0, range !== undefined, args.has('worktree')];
  if (ways.filter(Boolean).length !== 1) {
    throw new UsageError(
      ways.some(Boolean) ? 'review: several things named' : 'review: nothing named',
      'name patches (iovet review PATCH), or --git RANGE, or --worktree',
    );
  }
  if (operands.length > 0) return patchInput(args, context);
  const folder = args.value('tree') ?? '.';
  const { top, files, documents, base, notes } = await (range === undefined
    ? worktreeOf(context, folder)
    : commitsOf(context, range, folder));
  return {
    documents,
    tree: top,
    files,
    read: (path) => {
      const read = files.readText(`${top}/${path}`);
      return read.ok ? read.text : undefined;
    },
    commitOf: (file, lines) => commitOfLines(top, base, file, lines),
    notes,
  };
}

function patchInput(args: Args, context: Context): ReviewInput {
  const { host } = context;
  const documents = readDocuments(context, args.operands);
  const tree = treeOf(context, args.value('tree'), [
    ...args.operands.filter((operand) => operand !== '-'),
    '.',
  ]);
  return {
    documents,
    tree,
    files: host,
    read: tree === undefined ? () => undefined : treeReader(host, tree),
    commitOf: tree === undefined ? undefined : historyOf(context, tree),
    notes:
      tree === undefined
        ? ['no kernel tree: only what the hunks show is reviewed (name one: --tree DIR)']
        : [],
  };
}

/** Blame in the working tree of a kernel tree that is a git repository. */
function historyOf({ host }: Context, tree: string): ReviewInput['commitOf'] {
  if (host.kind(`${tree}/.git`) === 'missing') return undefined;
  return (file, lines) => commitOfLines(tree, undefined, file, lines);
}

function shownOf(args: Args): typeof shownByReview {
  return {
    severity: (args.value('severity') as Severity | undefined) ?? shownByReview.severity,
    lowConfidence:
      args.list('rules').length > 0 || args.has('preview') ? 'everywhere' : 'on-changed-lines',
  };
}

function tellProblems(problems: readonly PatchProblem[], context: Context): void {
  for (const { file, line, reason, help, severity } of problems) {
    if (severity === 'warning') continue;
    context.note(
      `iovet: ${file}:${line}: ${reason}\n${help === undefined ? '' : `  help: ${help}\n`}`,
    );
  }
}

function printReply(answer: SeriesReview, args: Args, context: Context): void {
  if (args.has('format')) {
    throw new UsageError('--reply: a mail has no other format', 'leave --format or --reply out');
  }
  const { introduced, fixed } = answer.whole;
  const text = seriesReply(answer, allRules);
  if (text === '') {
    context.note(`nothing to reply to: ${introduced.length} introduced, ${fixed.length} fixed\n`);
  } else context.print(text);
}

function render(answer: SeriesReview, args: Args, context: Context, seconds: number): string {
  if (args.value('format') === 'json') return seriesJson(answer, seconds);
  if (args.value('format') === 'sarif') {
    return seriesSarif(answer, { rules: allRules, pageOf: rulePages(context) });
  }
  return seriesText(answer, context.colour ? coloured : plain, seconds);
}

function exitCode(answer: SeriesReview, args: Args): ExitCode {
  if (answer.problems.some(({ severity }) => severity === 'error')) return 2;
  const incomplete = answer.patches.some((patch) => patch.incomplete.length > 0);
  if (args.has('strict') && incomplete) return 3;
  return answer.patches.some(({ introduced }) => introduced.length > 0) ? 1 : 0;
}
