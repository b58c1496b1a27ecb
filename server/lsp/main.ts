import path from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { openGit } from '../host/git.ts';
import { nodeHost } from '../host/nodeHost.ts';
import { textAtHead } from './git.ts';
import { threadSimulator } from './simulate/simulator.ts';
import { createReviewer } from './reviewer.ts';
import { startServer } from './server.ts';

// Entry point of dist/server.cjs: stdio or node IPC, as the command line says.
startServer(createConnection(ProposedFeatures.all), {
  host: nodeHost,
  reviewer: createReviewer(nodeHost, import.meta.dirname),
  simulator: threadSimulator(import.meta.dirname),
  textAtHead,
  git: openGit,
  ruleFolder: path.join(import.meta.dirname, '../docs/rules'),
});
