import { parseArgs } from 'node:util';
import { nearest } from '../text/nearest.ts';
import { type Args, type Option, UsageError } from './command.ts';

/** Options that every command accepts. */
export const commonOptions: readonly Option[] = [
  {
    name: 'format',
    value: 'FORMAT',
    choices: ['text', 'json', 'sarif'],
    help: 'text, json or sarif (default text)',
  },
  { name: 'rules', value: 'ID,…', help: 'run these rules only' },
  {
    name: 'severity',
    value: 'MIN',
    choices: ['error', 'warning', 'info'],
    help: 'lowest shown: error, warning or info',
  },
  { name: 'preview', help: 'also show findings of low confidence, and run unproven rules' },
  { name: 'kernel', value: 'VERSION', help: "contracts to check against (default: the tree's)" },
  { name: 'tree', value: 'DIR', help: 'kernel tree (default: found above the paths)' },
  { name: 'strict', help: 'end with 3 when something was not analysed' },
  { name: 'jobs', value: 'N', help: 'threads to use (default: one per processor)' },
  { name: 'include-tests', help: 'do not skip selftests and kunit' },
  { name: 'help', help: 'this text' },
];

function unknownOption(raw: string, known: readonly Option[]): UsageError {
  const name = nearest(
    raw.replace(/^-+/, ''),
    known.map((option) => option.name),
  );
  const option = known.find((candidate) => candidate.name === name);
  const values = option?.choices === undefined ? '' : ` (${option.choices.join('|')})`;
  return new UsageError(
    `unknown option ${raw}`,
    name === undefined ? 'all options: iovet --help' : `did you mean --${name}?${values}`,
  );
}

function checkChoice(option: Option, value: string): void {
  if (option.choices === undefined || option.choices.includes(value)) return;
  const guess = nearest(value, option.choices);
  throw new UsageError(
    `--${option.name} ${value}: no such value`,
    `one of ${option.choices.join(', ')}${guess === undefined ? '' : `; nearest: ${guess}`}`,
  );
}

/** Checks a command line against the options it may have; anything else is a {@link UsageError}. */
export function readArgs(argv: readonly string[], options: readonly Option[]): Args {
  const known = [...commonOptions, ...options];
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      known.map((option) => [
        option.name,
        { type: option.value === undefined ? 'boolean' : 'string', multiple: true } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const operands: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known.find((candidate) => candidate.name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, known);
    if (option.value === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value`, `write ${token.rawName} alone`);
    }
    // `--tree --strict` would silently take `--strict` for a folder.
    const missing =
      token.value === undefined ||
      token.value === '' ||
      (!token.inlineValue && token.value.startsWith('--'));
    if (option.value !== undefined && missing) {
      throw new UsageError(
        `${token.rawName} needs a value`,
        `${token.rawName} ${option.value}: ${option.help}`,
      );
    }
    if (token.value !== undefined) checkChoice(option, token.value);
    const values = given.get(token.name) ?? [];
    if (token.value !== undefined) values.push(token.value);
    given.set(token.name, values);
  }
  return {
    operands,
    has: (flag) => given.has(flag),
    value: (option) => given.get(option)?.at(-1),
    list: (option) =>
      (given.get(option) ?? [])
        .flatMap((value) => value.split(','))
        .map((value) => value.trim())
        .filter((value) => value !== ''),
  };
}

/** A whole number of at least 1 given to an option. */
export function countOf(args: Args, option: string): number | undefined {
  const value = args.value(option);
  if (value === undefined) return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(value)) {
    throw new UsageError(`--${option} ${value}: not a count`, 'a whole number from 1 on');
  }
  return Number(value);
}
