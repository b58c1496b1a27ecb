// What the language server does between an event and its diagnostics, without the protocol: a warm session over the
// 20 largest files of drivers/iommu and drivers/vfio. Opening is measured per file; editing puts one character into
// an identifier, at twenty places of each file that are spread over its functions, and takes it out again.
import fs from 'node:fs';
import path from 'node:path';
import { loadEngine, quantiles } from '../lib/engine.mjs';

export const title = 'Editor: 20 largest files of drivers/iommu and drivers/vfio, warm session';

export async function run({ tree }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  const { open } = await loadEngine();
  const files = ['drivers/iommu', 'drivers/vfio']
    .flatMap((folder) => sources(tree, folder))
    .sort((a, b) => b.text.length - a.text.length)
    .slice(0, 20);
  // Warm: the server has parsed the headers of the tree, and the machine code of the stages exists.
  const session = open({ tree, root: tree });
  for (const { file, text } of files) session.review(file, text);
  const opening = [];
  const editing = [];
  const slow = [];
  for (const { file, text } of files) {
    const timed = (content) => {
      const started = performance.now();
      for (const slice of session.reviewOpen(file, content)) void slice;
      return performance.now() - started;
    };
    const opened = timed(text);
    opening.push(opened);
    slow.push({ file, opened });
    for (const offset of places(text, 20)) {
      editing.push(timed(`${text.slice(0, offset)}x${text.slice(offset)}`), timed(text));
    }
    session.close(file);
  }
  const open_ = quantiles(opening);
  const edit = quantiles(editing);
  const [slowest] = slow.sort((a, b) => b.opened - a.opened);
  const ms = (value) => `${value.toFixed(0)} ms`;
  return {
    rows: [
      {
        what: 'open to diagnostics, median',
        value: ms(open_.median),
        goal: '80 ms',
        met: open_.median <= 80,
      },
      {
        what: 'open to diagnostics, p99',
        value: ms(open_.p99),
        goal: '250 ms',
        met: open_.p99 <= 250,
      },
      {
        what: 'one-character edit to diagnostics, median',
        value: ms(edit.median),
        goal: '30 ms',
        met: edit.median <= 30,
      },
      {
        what: 'one-character edit to diagnostics, p99',
        value: ms(edit.p99),
        goal: '100 ms',
        met: edit.p99 <= 100,
      },
      { what: 'slowest file to open', value: `${slowest.file}, ${ms(slowest.opened)}` },
    ],
  };
}

function sources(tree, folder) {
  return fs
    .readdirSync(path.join(tree, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
    .map((entry) => {
      const absolute = path.join(entry.parentPath, entry.name);
      return { file: path.relative(tree, absolute), text: fs.readFileSync(absolute, 'utf8') };
    });
}

/** Offsets at the end of an identifier that is assigned to or passed, spread over the text. */
function places(text, count) {
  const all = [...text.matchAll(/\n\t+\w+(?= = )/g)].map((match) => match.index + match[0].length);
  return Array.from(
    { length: Math.min(count, all.length) },
    (_, i) => all[Math.floor((i * all.length) / count)],
  );
}
