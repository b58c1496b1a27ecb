// `npm run package [-- FILE]`: the VSIX of what is built in dist/. Default: build/iovet.vsix.
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const target = path.resolve(process.argv[2] ?? path.join(root, 'build/iovet.vsix'));
for (const file of [
  'extension',
  'server',
  'cli',
  'commands',
  'worker',
  'simulator',
  'gitObjectsThread',
]) {
  if (!fs.existsSync(path.join(root, 'dist', `${file}.cjs`))) {
    console.error(`iovet: dist/${file}.cjs is missing\n  help: npm run build`);
    process.exit(2);
  }
}
fs.mkdirSync(path.dirname(target), { recursive: true });
await createVSIX({
  cwd: root,
  packagePath: target,
  dependencies: false,
  allowMissingRepository: true,
  // The README has pictures, which an extension without a repository cannot show.
  readmePath: 'docs/extension.md',
});
const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
const size = (fs.statSync(target).size / 1e6).toFixed(1);
console.log(`${path.relative(root, target)}: ${files.length} files, ${size} MB`);
