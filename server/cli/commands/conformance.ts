import type { Profile } from '../../model/pt/iommuTable.ts';
import { formatWord } from '../../model/bits/pte64.ts';
import { printJson } from '../../report/json.ts';
import { sha256 } from '../../host/vectorHost.ts';
import { replayCase } from '../../model/scenario/replay.ts';
import { TreeReplay } from '../../simulate/conformance/treeReplay.ts';
import { type Answerer, runVectors, type VectorRun } from '../conformance/runVectors.ts';
import { kernelTree, treeSource } from '../treeSource.ts';
import { type Args, type Command, type Context, type ExitCode, UsageError } from '../command.ts';

/** `iovet conformance`: vectors recorded from reference code against the model, or against a tree's C. */
export const conformance: Command = {
  operands: '[--tree DIR] [--profile 7.3|intended] PATH…',
  options: [
    {
      name: 'profile',
      value: 'NAME',
      choices: ['7.3', 'intended'],
      help: '7.3: defects of the kernel included; intended: without them (default 7.3)',
    },
  ],
  run: (args, context) => {
    if (args.operands.length === 0) {
      throw new UsageError(
        'conformance: nothing named',
        'name vector files or folders: iovet conformance PATH…',
      );
    }
    const json = jsonWanted(args);
    const answerer = answererFor(args, context);
    const run = runVectors(context.host, context.folder, args.operands, answerer);
    for (const { file, caseId, reason } of run.unreadable) {
      const at = caseId === '' ? file : `${file}: ${caseId}`;
      context.note(`iovet: ${at}: ${reason}\n  help: the other files and cases ran\n`);
    }
    context.print(json ? conformanceJson(run) : conformanceText(run));
    return exitCode(run);
  },
};

/** The model, or with --tree the tree's own C. */
function answererFor(args: Args, context: Context): Answerer {
  const tree = args.value('tree');
  const profile = args.value('profile');
  if (tree === undefined) {
    const options = { sha256, profile: (profile ?? '7.3') as Profile };
    return { replay: (vector) => replayCase(vector, options), noHardware: undefined };
  }
  if (profile !== undefined) {
    throw new UsageError(
      'conformance: --profile with --tree',
      'a profile is about the model; with --tree the C decides',
    );
  }
  const source = treeSource(context.host, kernelTree(context, tree));
  const replay = new TreeReplay({ source, sha256, now: () => context.now() });
  return {
    replay: (vector) => replay.replay(vector),
    noHardware: 'recorded from hardware behaviour: there is no C to run',
  };
}

function jsonWanted(args: Args): boolean {
  if (args.value('format') === 'sarif') {
    throw new UsageError('conformance: no SARIF of vectors', 'use --format json');
  }
  return args.value('format') === 'json';
}

function exitCode(run: VectorRun): ExitCode {
  if (run.unreadable.length > 0) return 2;
  return run.failed.length > 0 ? 1 : 0;
}

function conformanceText(run: VectorRun): string {
  const lines = run.failed.flatMap((failed) => failed.lines);
  for (const { file, count, reason } of run.skipped) {
    lines.push(`SKIPPED ${file}  ${count} ${count === 1 ? 'case' : 'cases'}: ${reason}`);
  }
  const skipped = skippedCases(run);
  const tail = skipped === 0 ? '' : `, ${skipped} skipped`;
  lines.push(`${run.passed} passed, ${run.failed.length} failed${tail}`);
  return `${lines.join('\n')}\n`;
}

function skippedCases(run: VectorRun): number {
  return run.skipped.reduce((sum, { count }) => sum + count, 0);
}

function conformanceJson(run: VectorRun): string {
  return printJson({
    passed: run.passed,
    failed: run.failed.length,
    skipped: skippedCases(run),
    failures: run.failed.map(({ file, caseId, index, op, args, differences }) => ({
      file,
      case: caseId,
      step: index,
      op,
      args,
      differences: differences.map((difference) =>
        difference.kind === 'value'
          ? difference
          : {
              ...difference,
              expected: formatWord(difference.expected),
              got: formatWord(difference.got),
            },
      ),
    })),
    skippedCases: run.skipped,
    unreadable: run.unreadable,
  });
}
