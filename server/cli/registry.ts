import type { Command } from './command.ts';

/** Name and summary of a command; its code is loaded when it runs, so that each one starts fast. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every subcommand, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'check',
    summary: 'findings in files or folders',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'review',
    summary: 'what a patch or series introduces and fixes',
    load: async () => (await import('./commands/review.ts')).review,
  },
  {
    name: 'explain',
    summary: 'a rule, field, constant or interface function',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    name: 'decode',
    summary: 'a page-table or context entry, field by field',
    load: async () => (await import('./commands/decode.ts')).decode,
  },
  {
    name: 'rules',
    summary: 'every rule with its metadata',
    load: async () => (await import('./commands/rules.ts')).rules,
  },
  {
    name: 'conformance',
    summary: "vector files against the model or a tree's C",
    load: async () => (await import('./commands/conformance.ts')).conformance,
  },
  {
    name: 'run',
    summary: 'execute one C function: result and trace',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'simulate',
    summary: 'a scripted scenario on the model',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
  {
    name: 'lsp',
    summary: 'the language server for any editor',
    load: async () => (await import('./commands/lsp.ts')).lsp,
  },
];
