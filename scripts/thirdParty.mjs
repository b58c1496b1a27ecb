// Notices of the packages whose code is inside the bundles, as their licences ask for.
import fs from 'node:fs';
import path from 'node:path';

/** Packages that reach the product as WebAssembly, which the bundler does not see. */
const asWasm = ['web-tree-sitter', 'tree-sitter-c'];

/** Writes dist/THIRD-PARTY.txt for what a build read. A package without a licence text stops the build. */
export function writeNotices(root, inputs) {
  const bundled = Object.keys(inputs).flatMap(
    (file) =>
      /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(file)?.[1] ?? [],
  );
  const names = [...new Set([...bundled, ...asWasm])].sort();
  const notices = names.map((name) => noticeOf(root, name));
  fs.writeFileSync(
    path.join(root, 'dist/THIRD-PARTY.txt'),
    `iovet contains code of these packages.\n${notices.join('')}`,
  );
}

function noticeOf(root, name) {
  const folder = path.join(root, 'node_modules', name);
  const { version, license } = JSON.parse(
    fs.readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const file = fs
    .readdirSync(folder)
    .find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${name} ${version} (${license}) has no licence text`);
  const text = fs.readFileSync(path.join(folder, file), 'utf8').trim();
  return `\n${'-'.repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`;
}
