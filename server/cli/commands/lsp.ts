import { createRequire } from 'node:module';
import path from 'node:path';
import { type Command, UsageError } from '../command.ts';

/** `iovet lsp --stdio`: the language server, which is a program of its own so that `check` need not load it. */
export const lsp: Command = {
  operands: '--stdio',
  options: [{ name: 'stdio', help: 'speak the protocol on standard input and output' }],
  run: async (args, { host, programFolder }) => {
    if (!args.has('stdio')) {
      throw new UsageError('lsp: no transport named', 'iovet lsp --stdio');
    }
    const server = path.join(programFolder, 'server.cjs');
    if (host.kind(server) !== 'file') {
      throw new UsageError(`lsp: ${server}: no such file`, 'build it: npm run build');
    }
    createRequire(server)(server);
    // The server ends the process itself when its client says `exit` or goes away.
    return new Promise(() => undefined);
  },
};
