// Packages what is built and installs the VSIX for a run of VS Code.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { runOnce } from './host.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** Installs the extension into the folders of a run; throws when that fails. */
export function installExtension(folders) {
  const vsix = path.join(folders.base, 'iovet.vsix');
  const packed = spawnSync(process.execPath, [path.join(root, 'scripts/package.mjs'), vsix], {
    cwd: root,
    encoding: 'utf8',
  });
  if (packed.status !== 0) throw new Error(`packaging failed\n${packed.stdout}${packed.stderr}`);
  const code = runOnce(folders, ['--install-extension', vsix]);
  if (code !== 0) throw new Error(`installing the extension ended with ${code}`);
}
