import type { Command, Option } from './command.ts';
import { commonOptions } from './args.ts';
import { commands, type CommandEntry } from './registry.ts';

const optionLine = (option: Option): string =>
  `  ${`--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(22)} ${option.help}`;

const exitCodes = `Exit codes: 0 nothing found, 1 findings, 2 unusable input or usage, 3 incomplete (with --strict).`;

/** What `iovet --help` prints. */
export function generalHelp(): string {
  return [
    'iovet reviews Linux kernel C that touches DMA and IOMMUs.',
    '',
    'Usage: iovet COMMAND [OPTIONS] …',
    '',
    'Commands:',
    ...commands.map((entry) => `  ${entry.name.padEnd(12)} ${entry.summary}`),
    '',
    'Common options:',
    ...commonOptions.map(optionLine),
    '  --version              version of iovet',
    '',
    exitCodes,
    'More: iovet COMMAND --help',
    '',
  ].join('\n');
}

/** What `iovet COMMAND --help` prints. */
export function commandHelp(entry: CommandEntry, command: Command): string {
  return [
    `iovet ${entry.name}: ${entry.summary}`,
    '',
    `Usage: iovet ${entry.name} ${command.operands}`.trimEnd(),
    '',
    ...(command.options.length === 0 ? [] : ['Options:', ...command.options.map(optionLine), '']),
    'Common options:',
    ...commonOptions.map(optionLine),
    '',
    exitCodes,
    '',
  ].join('\n');
}
