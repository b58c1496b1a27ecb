import type { Profile } from '../../model/pt/iommuTable.ts';
import { formatWord } from '../../model/bits/pte64.ts';
import { printJson } from '../../report/json.ts';
import { runVectors, type VectorRun } from '../conformance/runVectors.ts';
import { type Args, type Command, type ExitCode, UsageError } from '../command.ts';

/** `iovet conformance`: vectors recorded from reference code against the model. */
export const conformance: Command = {
  operands: '[--profile 7.3|intended] PATH…',
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
    if (args.value('tree') !== undefined) {
      throw new UsageError(
        "conformance --tree: running the tree's own C against vectors is not built yet",
        'without --tree the vectors run against the model',
      );
    }
    const json = jsonWanted(args);
    const profile = (args.value('profile') ?? '7.3') as Profile;
    const run = runVectors(context.host, context.folder, args.operands, profile);
    for (const { file, caseId, reason } of run.unreadable) {
      const at = caseId === '' ? file : `${file}: ${caseId}`;
      context.note(`iovet: ${at}: ${reason}\n  help: the other files and cases ran\n`);
    }
    context.print(json ? conformanceJson(run) : conformanceText(run));
    return exitCode(run);
  },
};

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
