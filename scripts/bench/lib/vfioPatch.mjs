// The patch that the figures of simulations are taken with: made by edits on identifiers, so that no kernel text is here.
import fs from 'node:fs';
import path from 'node:path';
import { VFIO_FILE } from '../../demo/vfioRuns.mjs';
import { VARIANTS } from '../../demo/vfioVariants.mjs';

const CONTEXT = 3;

/** The change of the VFIO demonstration that has to be found broken, for a tree: a patch of one hunk. */
export function vfioPatch(tree) {
  const before = fs.readFileSync(path.join(tree, VFIO_FILE), 'utf8');
  const after = VARIANTS.find(({ name }) => name === 'v4').edit(before);
  const [old, made] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (old[head] === made[head]) head++;
  let tail = 0;
  while (old.at(-1 - tail) === made.at(-1 - tail)) tail++;
  const first = Math.max(0, head - CONTEXT);
  const rest = Math.max(0, tail - CONTEXT);
  const removed = old.slice(head, old.length - tail);
  const added = made.slice(head, made.length - tail);
  const context = (from, to) => old.slice(from, to).map((line) => ` ${line}`);
  const hunk = [
    ...context(first, head),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...context(old.length - tail, old.length - rest),
  ];
  const count = (lines) => lines.length - first - rest;
  return [
    ...[`--- a/${VFIO_FILE}`, `+++ b/${VFIO_FILE}`],
    `@@ -${first + 1},${count(old)} +${first + 1},${count(made)} @@`,
    ...hunk,
    '',
  ].join('\n');
}
