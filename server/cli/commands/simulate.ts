import path from 'node:path';
import { readScenario } from '../../model/scenario/form/readScenario.ts';
import type { Scenario } from '../../model/scenario/form/scenario.ts';
import { LIBRARY } from '../../model/scenario/library/all.ts';
import { runScenario, type ScenarioRun } from '../../model/scenario/runScenario.ts';
import { printJson } from '../../report/json.ts';
import { scenarioJson, scenarioText } from '../../report/scenario.ts';
import { viewOfScenarios } from '../../report/view/ofScenario.ts';
import { nearest } from '../../text/nearest.ts';
import { writeHtml } from '../simulate/htmlFile.ts';
import { simulatePatches } from '../simulate/patches.ts';
import { type Args, type Command, type Context, type ExitCode, UsageError } from '../command.ts';

/** `iovet simulate`: runs the C of a patch before and after, or a scripted scenario on the model alone. */
export const simulate: Command = {
  operands: '[--tree DIR] PATCH… | [--tree DIR] FILE[:FUNCTION] | --scenario ID|FILE',
  options: [
    {
      name: 'situation',
      value: 'NAME|FILE',
      help: 'the environment, instead of those that fit: a built-in one, or a file in the form of docs/situation.schema.json',
    },
    {
      name: 'html',
      value: 'FILE',
      help: 'also write the run as one page with steps and page tables, for a browser',
    },
    {
      name: 'scenario',
      value: 'ID|FILE',
      help: 'a built-in scenario, or a file in the form of docs/scenario.schema.json; `list` lists, `all` runs all',
    },
  ],
  run: (args, context) => {
    if (args.value('format') === 'sarif') {
      throw new UsageError('simulate: no SARIF of simulations', 'use --format json');
    }
    const named = args.value('scenario');
    if (named === undefined) return simulatePatches(args, context);
    if (named === 'list') return list(args, context);
    const html = args.value('html');
    const runs = (named === 'all' ? LIBRARY : [find(named, context)]).map((scenario) =>
      runScenario(scenario, 'changed', html === undefined ? 'none' : 'tables'),
    );
    context.print(print(runs, args, named));
    if (html !== undefined) writeHtml(viewOfScenarios(runs), html, context);
    return exitCode(runs);
  },
};

function list(args: Args, context: Context): ExitCode {
  if (args.value('format') === 'json') {
    const scenarios = LIBRARY.map(({ id, title, source }) => ({ id, title, source }));
    context.print(printJson({ scenarios }));
    return 0;
  }
  const width = Math.max(...LIBRARY.map(({ id }) => id.length));
  context.print(LIBRARY.map(({ id, title }) => `${id.padEnd(width)}  ${title}\n`).join(''));
  return 0;
}

/** The scenario of that id, else that of that file. */
function find(named: string, context: Context): Scenario {
  const known = LIBRARY.find(({ id }) => id === named);
  if (known !== undefined) return known;
  const file = path.resolve(context.folder, named);
  if (context.host.kind(file) !== 'file') {
    const near = nearest(
      named,
      LIBRARY.map(({ id }) => id),
    );
    throw new UsageError(
      `no scenario and no file named ${named}`,
      near === undefined
        ? 'iovet simulate --scenario list lists them'
        : `nearest: ${near}; all: iovet simulate --scenario list`,
    );
  }
  return readFile(named, file, context);
}

function readFile(named: string, file: string, context: Context): Scenario {
  const read = context.host.readText(file);
  if (!read.ok) throw new UsageError(`${named}: ${read.problem.reason}`, 'name a scenario file');
  let data: unknown;
  try {
    data = JSON.parse(read.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(
      `${named}: no valid JSON: ${error.message}`,
      'docs/scenario.schema.json describes the form',
    );
  }
  const checked = readScenario(data);
  if ('scenario' in checked) return checked.scenario;
  const [first, ...more] = checked.problems.map(
    ({ path: at, reason }) => `${named}: ${at === '' ? '' : `${at}: `}${reason}`,
  );
  throw new UsageError(
    [first, ...more].join('\niovet: '),
    'docs/scenario.schema.json describes the form',
  );
}

function print(runs: readonly ScenarioRun[], args: Args, named: string): string {
  if (args.value('format') === 'json') {
    return printJson({ runs: runs.map(scenarioJson) });
  }
  if (named !== 'all') return runs.map(scenarioText).join('\n');
  const differing = runs.filter(({ asExpected }) => !asExpected);
  const width = Math.max(...runs.map(({ scenario }) => scenario.id.length));
  const rows = runs.map(({ scenario, asExpected, broken }) => {
    const what = broken.length === 0 ? '' : `  breaks ${broken.join(', ')}`;
    return `${asExpected ? 'ok     ' : 'DIFFERS'}  ${scenario.id.padEnd(width)}  ${scenario.title}${what}\n`;
  });
  return `${rows.join('')}${runs.length - differing.length} as expected, ${differing.length} not\n`;
}

/** 2 when a step made no sense, 1 when a result or a broken invariant is not what the scenario says. */
function exitCode(runs: readonly ScenarioRun[]): ExitCode {
  if (runs.some(({ problem }) => problem !== undefined)) return 2;
  return runs.every(({ asExpected }) => asExpected) ? 0 : 1;
}
