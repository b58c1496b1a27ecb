import type { KernelSource, Status } from '../server/lsp/messages.ts';

/** What the server process is doing. */
export type ServerState = 'idle' | 'running' | 'stopped';

/** Text of the status item: `iovet 7.3 · 214 functions, 2 not analysed`, or how far a long review is. */
export function statusText(
  server: ServerState,
  tree: Status | undefined,
  percent: number | null,
): string {
  if (server === 'stopped') return 'iovet · stopped';
  if (percent !== null) return `iovet · indexing ${percent} %`;
  if (tree === undefined) return 'iovet';
  const counts =
    `${tree.functions} functions` +
    (tree.notAnalysed === 0 ? '' : `, ${tree.notAnalysed} not analysed`);
  return tree.tree === '' && tree.kernelSource === 'newest'
    ? `iovet · no kernel tree, newest contracts · ${counts}`
    : `iovet ${tree.kernel.replace(/-.*/, '')} · ${counts}`;
}

const sources: Readonly<Record<KernelSource, string>> = {
  tree: 'read from Makefile',
  setting: 'as set by iovet.kernelVersion',
  newest: 'the newest that iovet knows',
};

/** Its tooltip: where the contracts come from, and what a click does. */
export function statusTooltip(server: ServerState, tree: Status | undefined): string {
  if (server === 'stopped') return 'The server stopped three times. Click to start it again.';
  if (tree === undefined) return 'The server is running.';
  const missed =
    tree.notAnalysed === 0
      ? 'Every function of the open files was analysed.'
      : `${tree.notAnalysed} not analysed: click for the list.`;
  return [`Contracts of ${tree.kernel}, ${sources[tree.kernelSource]}.`, tree.tree, missed]
    .filter((line) => line !== '')
    .join('\n');
}
