import type { Host } from '../host/host.ts';

/**
 * What the process ends with: 0 nothing to report, 1 findings (or failures), 2 unusable input or usage,
 * 3 incomplete under `--strict`.
 */
export type ExitCode = 0 | 1 | 2 | 3;

/** One `--name` of a command. */
export interface Option {
  /** Without dashes. */
  readonly name: string;
  /** Placeholder of the value in the help, e.g. `DIR`; an option without it is a flag. */
  readonly value?: string;
  /** The only values accepted. */
  readonly choices?: readonly string[];
  /** One line for the help. */
  readonly help: string;
}

/** The command line after the command's name, checked against its options. */
export interface Args {
  /** What is no option, in order; `-` stands for standard input. */
  readonly operands: readonly string[];
  has(flag: string): boolean;
  /** The last value given. */
  value(option: string): string | undefined;
  /** Every value given; a comma separates values inside one. */
  list(option: string): readonly string[];
}

/** Everything a command may touch: the outside world as values and functions, so tests can replace it. */
export interface Context {
  readonly host: Host;
  /** Absolute path that relative operands start from. */
  readonly folder: string;
  /** Folder of the built programs; the language server, the grammar and the workers lie there. */
  readonly programFolder: string;
  /** Colours are wanted on standard output. */
  readonly colour: boolean;
  /** Processors that may be used when `--jobs` is absent. */
  readonly processors: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Text of standard input, read to its end. */
  input(): string;
  /** Writes a file that the user named. Gives why it could not, in a few words. */
  save(path: string, text: string): string | undefined;
  /** Writes to standard output: results only. */
  print(text: string): void;
  /** Writes to standard error: progress, notes and errors. */
  note(text: string): void;
}

/** One subcommand. A new one is a file in `commands/` and a line in `registry.ts`. */
export interface Command {
  /** What follows the name in the usage line, e.g. `[--tree DIR] PATH…`. */
  readonly operands: string;
  /** Options beside the common ones. */
  readonly options: readonly Option[];
  run(args: Args, context: Context): ExitCode | Promise<ExitCode>;
}

/**
 * Input that iovet cannot use. Thrown by whatever reads the command line, caught once in `main.ts`, printed as
 * `iovet: what: cause` with the remedy below, and the process ends with 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
