import { nearest } from '../text/nearest.ts';
import { readArgs } from './args.ts';
import { type Context, type ExitCode, UsageError } from './command.ts';
import { commandHelp, generalHelp } from './help.ts';
import { commands } from './registry.ts';
import { processContext } from './terminal.ts';

async function dispatch(argv: readonly string[], context: Context): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    context.note(generalHelp());
    return 2;
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    context.print(generalHelp());
    return 0;
  }
  const names = commands.map((entry) => entry.name);
  const wanted = name === 'help' ? rest[0] : name;
  const entry = commands.find((candidate) => candidate.name === wanted);
  if (entry === undefined) {
    const guess = nearest(wanted ?? '', names);
    throw new UsageError(
      name.startsWith('-') ? `${name}: a command comes first` : `no command named ${wanted ?? ''}`,
      guess === undefined ? `commands: ${names.join(', ')}` : `did you mean ${guess}?`,
    );
  }
  const command = await entry.load();
  if (name === 'help' || rest.includes('--help') || rest.includes('-h')) {
    context.print(commandHelp(entry, command));
    return 0;
  }
  return command.run(readArgs(rest, command.options), context);
}

async function main(): Promise<void> {
  const context = processContext();
  try {
    process.exitCode = await dispatch(process.argv.slice(2), context);
  } catch (error) {
    process.exitCode = 2;
    if (error instanceof UsageError) {
      context.note(`iovet: ${error.message}\n  help: ${error.help}\n`);
      return;
    }
    context.note(
      `iovet: internal error: ${error instanceof Error ? error.message : String(error)}\n` +
        `  help: a defect of iovet; IOVET_DEBUG=1 prints where\n`,
    );
    if (process.env['IOVET_DEBUG'] === '1' && error instanceof Error) {
      context.note(`${error.stack ?? ''}\n`);
    }
  }
}

void main();
