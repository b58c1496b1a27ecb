import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';

const root = path.resolve(import.meta.dirname, '../../..');

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { command: string; title: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
    readonly walkthroughs: readonly {
      steps: readonly { description: string; media: { markdown: string } }[];
    }[];
  };
}
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;

describe('the packaged extension', () => {
  it('contains what it needs and nothing else', async () => {
    const pages = fs.readdirSync(path.join(root, 'docs/rules')).map((name) => `docs/rules/${name}`);
    const walkthrough = ['fix', 'open', 'read', 'tree', 'walk'].map(
      (step) => `docs/walkthrough/${step}.md`,
    );
    const programs = ['cli', 'extension', 'server', 'worker'].map((name) => `dist/${name}.cjs`);
    const expected = [
      'LICENSE',
      'README.md',
      'package.json',
      'dist/THIRD-PARTY.txt',
      'dist/kernel-c.wasm',
      'dist/web-tree-sitter.wasm',
      'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c',
      ...programs,
      ...pages,
      ...walkthrough,
    ];
    const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
    assert.deepEqual(files.toSorted(), expected.toSorted());
  });

  it('has every program that the bundler makes, without imports that nobody installs', () => {
    for (const name of ['cli', 'extension', 'server', 'worker']) {
      const text = fs.readFileSync(path.join(root, `dist/${name}.cjs`), 'utf8');
      const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id!);
      const foreign = required.filter((id) => !isBuiltIn(id) && id !== 'vscode');
      assert.deepEqual(foreign, [], name);
    }
  });

  it('registers every command that it contributes and that its texts link to', () => {
    const client = fs.readFileSync(path.join(root, 'dist/extension.cjs'), 'utf8');
    const registered = new Set([...client.matchAll(/command\("(\w+)",/g)].map(([, id]) => id!));
    const { commands, walkthroughs } = manifest.contributes;
    const linked = walkthroughs
      .flatMap(({ steps }) => steps)
      .flatMap(({ description }) => [...description.matchAll(/\(command:iovet\.(\w+)\)/g)])
      .map(([, id]) => id!);
    const wanted = [...commands.map(({ command }) => command.replace('iovet.', '')), ...linked];
    assert.deepEqual(
      wanted.filter((id) => !registered.has(id)),
      [],
    );
  });

  it('has the settings that the server reads', () => {
    const server = fs.readFileSync(path.join(root, 'server/lsp/settings.ts'), 'utf8');
    const [, body] = /export interface Settings \{([^]*?)\n\}/.exec(server)!;
    const read = [...body!.matchAll(/readonly (\w+):/g)].map(([, name]) => `iovet.${name!}`);
    const declared = Object.keys(manifest.contributes.configuration.properties);
    assert.deepEqual(declared.toSorted(), [...read, 'iovet.trace.server'].toSorted());
  });
});

const builtIns = new Set(process.getBuiltinModule('node:module').builtinModules);
const isBuiltIn = (id: string): boolean => id.startsWith('node:') || builtIns.has(id);
