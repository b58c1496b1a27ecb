import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Module from 'node:module';
import vm from 'node:vm';
import { unsealed } from '../../server/cli/codeCache.ts';

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
  it('contains what it needs and nothing else', () => {
    const pages = fs.readdirSync(path.join(root, 'docs/rules')).map((name) => `docs/rules/${name}`);
    const walkthrough = ['fix', 'open', 'read', 'review', 'tree', 'walk'].map(
      (step) => `docs/walkthrough/${step}.md`,
    );
    const programs = [
      'cli',
      'commands',
      'extension',
      'gitObjectsThread',
      'server',
      'simulator',
      'worker',
    ].map((name) => `dist/${name}.cjs`);
    const expected = [
      '[Content_Types].xml',
      'extension.vsixmanifest',
      ...[
        'LICENSE.txt',
        'readme.md',
        'package.json',
        'dist/THIRD-PARTY.txt',
        'dist/kernel-c.wasm',
        'dist/simulationStyle.css',
        'dist/simulationView.js',
        'dist/web-tree-sitter.wasm',
        'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c',
        'test-fixtures/workspace/qcap-doorbell.mbox',
        'client/icons/iovet.svg',
        'client/syntaxes/mail.tmLanguage.json',
        ...programs,
        ...pages,
        ...walkthrough,
      ].map((name) => `extension/${name}`),
    ];
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-package-'));
    try {
      const vsix = path.join(folder, 'iovet.vsix');
      const script = path.join(root, 'scripts/package.mjs');
      const { status, stderr } = spawnSync(process.execPath, [script, vsix], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.deepEqual(namesInZip(fs.readFileSync(vsix)).sort(), expected.sort());
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('has every program that the bundler makes, without imports that nobody installs', () => {
    for (const name of [
      'cli',
      'commands',
      'extension',
      'gitObjectsThread',
      'server',
      'simulator',
      'worker',
    ]) {
      const text = fs.readFileSync(path.join(root, `dist/${name}.cjs`), 'utf8');
      const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id!);
      const foreign = required.filter((id) => !isBuiltIn(id) && id !== 'vscode');
      assert.deepEqual(foreign, [], name);
    }
  });

  it('has compiled code of the commands that V8 takes', () => {
    const program = path.join(root, 'dist/commands.cjs');
    const source = fs.readFileSync(program);
    const cachedData = unsealed(source, fs.readFileSync(`${program}.cache`));
    assert.ok(cachedData !== undefined);
    const script = new vm.Script(Module.wrap(source.toString('utf8')), { cachedData });
    assert.equal(script.cachedDataRejected, false);
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
    // `iovet.inlayHints.context` is a member of the setting `iovet.inlayHints`.
    const declared = Object.keys(manifest.contributes.configuration.properties).map((name) =>
      name.split('.').slice(0, 2).join('.'),
    );
    assert.deepEqual([...new Set(declared)].toSorted(), [...read, 'iovet.trace'].toSorted());
  });
});

const builtIns = new Set(process.getBuiltinModule('node:module').builtinModules);
const isBuiltIn = (id: string): boolean => id.startsWith('node:') || builtIns.has(id);

/** Names in the central directory of a ZIP file (APPNOTE.TXT 4.3.12 and 4.3.16). */
function namesInZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const text = zip.toString('utf8', at + 46, at + 46 + name!);
    at += 46 + name! + extra! + comment!;
    return text;
  });
}
