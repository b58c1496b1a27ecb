import path from 'node:path';
import { DEFAULT_BUDGET } from '../../simulate/machine/budget.ts';
import type { FunctionRun } from '../../simulate/runFunction.ts';
import { runFunction } from '../../simulate/runFunction.ts';
import { runText } from '../../simulate/runText.ts';
import { parseDotConfig } from '../../cfront/profile/dotConfig.ts';
import { printJson } from '../../report/json.ts';
import { type Args, type Command, type Context, type ExitCode, UsageError } from '../command.ts';
import { situationList, situationListJson, situationNamed } from '../situationOption.ts';
import { insideTree, listedSource, neededTree } from '../treeSource.ts';

/** `iovet run`: executes one C function of a tree, on inputs that are chosen as they are needed. */
export const run: Command = {
  operands: '[--tree DIR] [--config FILE] [--situation NAME|FILE] FILE:FUNCTION',
  options: [
    { name: 'config', value: 'FILE', help: 'a .config whose options replace the assumed ones' },
    {
      name: 'situation',
      value: 'NAME|FILE',
      help: 'the environment: a built-in one, or a file in the form of docs/situation.schema.json; `list` lists',
    },
    { name: 'paths', value: 'N', help: `paths to run at most (default ${DEFAULT_BUDGET.paths})` },
    { name: 'calls', help: 'trace calls and returns too' },
  ],
  run: (args, context) => {
    const wanted = args.value('situation');
    if (args.value('format') === 'sarif') {
      throw new UsageError('run: no SARIF of a run', 'use --format json');
    }
    if (wanted === 'list') {
      context.print(args.value('format') === 'json' ? situationListJson() : situationList());
      return 0;
    }
    const [operand, more] = args.operands;
    if (operand === undefined || more !== undefined) {
      throw new UsageError('run: name one function', 'iovet run [--tree DIR] FILE:FUNCTION');
    }
    const colon = operand.lastIndexOf(':');
    if (colon < 1) {
      throw new UsageError(`run: ${operand} names no function`, 'write FILE:FUNCTION');
    }
    const named = operand.slice(0, colon);
    const tree = neededTree(context, args.value('tree'), [named]);
    const file = insideTree(context, tree, named);
    const overrides = configOf(args, context);
    const situation = wanted === undefined ? undefined : situationNamed(wanted, context);
    const result = runFunction({
      source: listedSource(context.host, tree),
      file,
      function: operand.slice(colon + 1),
      budget: { ...DEFAULT_BUDGET, paths: pathsOf(args) },
      now: () => context.now(),
      traceCalls: args.has('calls') ? 'all' : 'none',
      load: overrides === undefined ? {} : { overrides },
      ...(situation === undefined ? {} : { situation: situation.situation }),
    });
    if (!result.ok) {
      if (result.situation !== undefined) throw situation!.usageError(result.situation, tree);
      throw new UsageError(`${result.problem.file}: ${result.problem.reason}`, 'see --help');
    }
    context.print(args.value('format') === 'json' ? runJson(result.run) : runText(result.run));
    return exitCode(args, result.run);
  },
};

function configOf(args: Args, context: Context): ReadonlyMap<string, string> | undefined {
  const named = args.value('config');
  if (named === undefined) return undefined;
  const read = context.host.readText(path.resolve(context.folder, named));
  if (!read.ok) throw new UsageError(`${named}: ${read.problem.reason}`, 'name a kernel .config');
  return parseDotConfig(read.text);
}

function pathsOf(args: Args): number {
  const text = args.value('paths');
  if (text === undefined) return DEFAULT_BUDGET.paths;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`run: --paths ${text} is no count`, 'use a whole number from 1');
}

/** With --strict, a run that leaves something open is incomplete. */
function exitCode(args: Args, { paths, complete }: FunctionRun): ExitCode {
  const open = !complete || paths.some(({ outcome }) => outcome.kind === 'stopped');
  return args.has('strict') && open ? 3 : 0;
}

function runJson(run: FunctionRun): string {
  // 64-bit values are text in JSON, as everywhere in iovet.
  const text = JSON.stringify(run, (_, value: unknown) =>
    typeof value === 'bigint' ? `0x${BigInt.asUintN(64, value).toString(16)}` : value,
  );
  return printJson(JSON.parse(text) as Record<string, unknown>);
}
