import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import type { PatchProblem } from '../../patch/patch.ts';
import { printJson } from '../../report/json.ts';
import { simulationJson, simulationText } from '../../report/simulation.ts';
import { coloured, plain } from '../../report/style.ts';
import type { Simulation } from '../../simulate/compare/result/simulation.ts';
import { SIMULATION_LIMITS, simulateChange } from '../../simulate/compare/simulateChange.ts';
import { simulateSource } from '../../simulate/compare/simulateSource.ts';
import { viewOfSimulation, type ComparedSides } from '../../report/view/ofSimulation.ts';
import { type Args, type Context, type ExitCode, UsageError } from '../command.ts';
import { readDocuments } from '../review/input.ts';
import { chooseKernel } from '../../review/kernel.ts';
import { kernelOf } from '../selection.ts';
import { situationNamed } from '../situationOption.ts';
import { insideTree, listedSource, neededTree } from '../treeSource.ts';
import { writeHtml } from './htmlFile.ts';

/** Simulates patches on a tree: all of them together, before the first against after the last. */
export function simulatePatches(args: Args, context: Context): ExitCode {
  const { operands } = args;
  if (operands.length === 0) {
    throw new UsageError(
      'simulate: nothing named',
      'name patches (iovet simulate PATCH), or a scenario: --scenario list lists them',
    );
  }
  const { host } = context;
  const named = operands.filter((operand) => operand !== '-');
  const tree = neededTree(context, args.value('tree'), named);
  const [only, more] = operands;
  const wanted = only === undefined || more !== undefined ? undefined : sourceNamed(only);
  if (wanted !== undefined) return simulateFile(wanted, tree, args, context);
  const series = parsePatches(readDocuments(context, operands));
  const { whole } = seriesChange(series.patches, treeReader(host, tree));
  const problems = [...series.problems, ...whole.problems];
  tell(problems, context);
  const situation = args.value('situation');
  const simulation = simulateChange({
    ...{ source: listedSource(host, tree), change: whole, limits: SIMULATION_LIMITS },
    ...{ now: () => context.now(), cancelled: () => false },
    ...(situation === undefined
      ? {}
      : { situations: [situationNamed(situation, context).situation] }),
  });
  context.print(render(simulation, tree, args, context));
  const html = args.value('html');
  if (html !== undefined) {
    const subject = series.patches.at(-1)?.name ?? named.join(', ');
    const { version: kernel } = chooseKernel(host, tree, kernelOf(args));
    writeHtml({ ...viewOfSimulation(simulation, subject), kernel }, html, context);
  }
  return exitCode(simulation, problems, args);
}

/** What `FILE` or `FILE:FUNCTION` names, a C file or a header. */
interface NamedSource {
  readonly file: string;
  readonly function: string | undefined;
}

function sourceNamed(operand: string): NamedSource | undefined {
  const match = /^(.+\.[ch])(?::(\w+))?$/.exec(operand);
  return match === null ? undefined : { file: match[1]!, function: match[2] };
}

/** Runs functions of one file as they are. */
function simulateFile(
  { file, function: name }: NamedSource,
  tree: string,
  args: Args,
  context: Context,
): ExitCode {
  const { host } = context;
  const situation = args.value('situation');
  const simulation = simulateSource({
    ...{ source: listedSource(host, tree), path: insideTree(context, tree, file), function: name },
    ...{ limits: SIMULATION_LIMITS, now: () => context.now(), cancelled: () => false },
    ...(situation === undefined
      ? {}
      : { situations: [situationNamed(situation, context).situation] }),
  });
  if ('reason' in simulation) {
    throw new UsageError(`${simulation.file}: ${simulation.reason}`, 'see --help');
  }
  context.print(render(simulation, tree, args, context, 'one'));
  const html = args.value('html');
  if (html !== undefined) {
    const { version: kernel } = chooseKernel(host, tree, kernelOf(args));
    writeHtml({ ...viewOfSimulation(simulation, name ?? file, 'one'), kernel }, html, context);
  }
  return exitCode(simulation, [], args);
}

function tell(problems: readonly PatchProblem[], context: Context): void {
  for (const { file, line, reason, help, severity } of problems) {
    if (severity === 'warning') continue;
    const remedy = help === undefined ? '' : `  help: ${help}\n`;
    context.note(`iovet: ${file}:${line}: ${reason}\n${remedy}`);
  }
}

function render(
  simulation: Simulation,
  tree: string,
  args: Args,
  context: Context,
  sides: ComparedSides = 'both',
): string {
  const { version: release } = chooseKernel(context.host, tree, kernelOf(args));
  if (args.value('format') === 'json') return printJson(simulationJson(simulation, release));
  return simulationText(simulation, context.colour ? coloured : plain, sides);
}

/** 1 when something is broken after the patch, 2 when a patch could not be used, 3 for what is open, with --strict. */
function exitCode(
  { functions, notSimulated }: Simulation,
  problems: readonly PatchProblem[],
  args: Args,
): ExitCode {
  if (problems.some(({ severity }) => severity === 'error')) return 2;
  const verdicts = functions.map(({ verdict }) => verdict);
  if (verdicts.some((verdict) => verdict === 'newly-broken' || verdict === 'still-broken'))
    return 1;
  const open =
    notSimulated.length > 0 || verdicts.some((v) => v === 'unknown' || v === 'not-simulated');
  return args.has('strict') && open ? 3 : 0;
}
