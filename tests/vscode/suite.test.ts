import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../client/extension.ts';
import { findings, findingsOf, until } from './support.ts';

const extensionId = 'iovet.iovet';
const defects = ['iommu-map-unmap-size', 'dma-map-null-check', 'dma-map-leak-error-path'];

function actionsAt(
  document: vscode.TextDocument,
  { range }: vscode.Diagnostic,
): Thenable<vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
}

/** The language server among the children of the extension host. */
function serverProcess(): number | undefined {
  const children = fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return children
    .split(' ')
    .map(Number)
    .find((pid) => pid > 0 && commandOf(pid).includes('server.cjs'));
}

function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It ended while we looked.
  }
}

describe('iovet in VS Code', () => {
  let document: vscode.TextDocument;
  let editor: vscode.TextEditor;
  let api: Api;

  before(async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const file = vscode.Uri.joinPath(folder, 'drivers/accel/qcap/qcap_mem.c');
    document = await vscode.workspace.openTextDocument(file);
    editor = await vscode.window.showTextDocument(document);
    const extension = vscode.extensions.getExtension<Api>(extensionId)!;
    api = await extension.activate();
    const expected = process.env['IOVET_EXPECT_FROM'];
    if (expected !== undefined) assert.ok(extension.extensionPath.startsWith(expected));
  });

  /** Every test begins with the file as it is on disk. */
  const reset = async (): Promise<vscode.Diagnostic[]> => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    return findingsOf(document.uri, defects);
  };

  it('shows the three defects of the example driver, with steps, other ends and rule pages', async () => {
    const [size, , leak] = await findingsOf(document.uri, defects);
    assert.equal(size!.severity, vscode.DiagnosticSeverity.Error);
    assert.match(size!.message, /^unmaps SZ_4K per turn, but line \d+ mapped QCAP_RING_SIZE/);
    assert.equal(document.getText(size!.range), 'SZ_4K');
    assert.match(leak!.message, /^returns -ENOSPC with .* still mapped/);
    const steps = leak!.relatedInformation ?? [];
    assert.match(steps[0]!.message, /^1\. /);
    assert.ok(steps.some(({ message }) => /pool->used >= pool->max is true here/.test(message)));
    const { code } = size!;
    assert.ok(typeof code === 'object');
    assert.equal(code.target.scheme, 'command');
  });

  it('says in the status item which contracts apply and how much was analysed', async () => {
    await until(() => (/· 6 functions$/.test(api.status()) ? true : undefined), api.status());
    assert.match(api.status(), /^iovet · no kernel tree, newest contracts/);
  });

  it('explains a finding in its hover: contract, reason and source', async () => {
    const [size] = await reset();
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      size!.range.start,
    );
    const text = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
      .join('\n');
    assert.match(text, /\*\*Why\*\*/);
    assert.match(text, /iommu-map-unmap-size\]\(command:iovet\.openRulePage/);
  });

  it('applies the quick fix, and the finding goes', async () => {
    const found = await reset();
    const actions = await actionsAt(document, found[1]!);
    const fix = actions.find(({ title }) => title.startsWith('Use dma_mapping_error'))!;
    assert.equal(await vscode.workspace.applyEdit(fix.edit!), true);
    assert.match(document.getText(), /dma_mapping_error\(dev, dma\)/);
    await findingsOf(document.uri, ['iommu-map-unmap-size', 'dma-map-leak-error-path']);
  });

  it('follows typing: the finding goes with the edit that mends it and comes back with undo', async () => {
    await reset();
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.includes('return -ENOSPC;'));
    await editor.edit((edit) => {
      edit.insert(
        new vscode.Position(line, 0),
        '\t\tdma_unmap_single(dev, src_dma, len, DMA_TO_DEVICE);\n',
      );
      edit.insert(new vscode.Position(line - 1, document.lineAt(line - 1).text.length), ' {');
      edit.insert(new vscode.Position(line + 1, 0), '\t}\n');
    });
    await findingsOf(document.uri, ['iommu-map-unmap-size', 'dma-map-null-check']);
    await vscode.commands.executeCommand('undo');
    await findingsOf(document.uri, defects);
  });

  it('suppresses a finding with a comment that carries a reason', async () => {
    const found = await reset();
    const actions = await actionsAt(document, found[0]!);
    const suppress = actions.find(({ title }) => title.startsWith('Suppress '))!;
    assert.equal(await vscode.workspace.applyEdit(suppress.edit!), true);
    assert.match(document.getText(), /\/\* iovet: allow\(iommu-map-unmap-size\): reason \*\//);
    await findingsOf(document.uri, ['dma-map-null-check', 'dma-map-leak-error-path']);
  });

  it('walks the path of a finding, with what is assumed at the line ends', async () => {
    const found = await reset();
    const leak = found[2]!;
    editor.selection = new vscode.Selection(leak.range.start, leak.range.start);
    await vscode.commands.executeCommand('iovet.nextStep');
    const shown = api.shownSteps();
    assert.ok(shown.length >= 3, `${shown.length} steps`);
    assert.match(shown[0]!.text, new RegExp(`^1/${shown.length} maps len`));
    assert.equal(vscode.window.activeTextEditor!.selection.active.line, shown[0]!.line);
    await vscode.commands.executeCommand('iovet.nextStep');
    assert.equal(vscode.window.activeTextEditor!.selection.active.line, shown[1]!.line);
    await vscode.commands.executeCommand('iovet.previousStep');
    assert.equal(vscode.window.activeTextEditor!.selection.active.line, shown[0]!.line);
    await vscode.commands.executeCommand('iovet.hideSteps');
    assert.deepEqual(api.shownSteps(), []);
  });

  it('follows settings: a rule switched off, another severity', async () => {
    await reset();
    const settings = vscode.workspace.getConfiguration('iovet', document.uri);
    const target = vscode.ConfigurationTarget.Global;
    try {
      await settings.update('rules', { 'dma-map-null-check': 'off' }, target);
      await findingsOf(document.uri, ['iommu-map-unmap-size', 'dma-map-leak-error-path']);
      await settings.update('rules', { 'dma-map-null-check': 'warning' }, target);
      const [, nullCheck] = await findingsOf(document.uri, defects);
      assert.equal(nullCheck!.severity, vscode.DiagnosticSeverity.Warning);
    } finally {
      await settings.update('rules', undefined, target);
    }
    await findingsOf(document.uri, defects);
  });

  it('shows findings on committed lines as hints, and in full where the line changed or everything is asked for', async function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    const top = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-hints-'));
    const git = (...args: string[]): void => {
      const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
      assert.equal(spawnSync('git', [...identity, ...args], { cwd: top }).status, 0);
    };
    const settings = vscode.workspace.getConfiguration('iovet');
    try {
      const file = path.join(top, 'qcap_mem.c');
      fs.writeFileSync(file, fs.readFileSync(document.uri.fsPath));
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'first');
      const committed = await vscode.workspace.openTextDocument(file);
      const front = await vscode.window.showTextDocument(committed);
      const severities = async (...wanted: vscode.DiagnosticSeverity[]): Promise<void> => {
        await until(
          () => {
            const now = findings(committed.uri).map(({ severity }) => severity);
            return now.join() === wanted.join() ? true : undefined;
          },
          () =>
            `severities ${wanted.join()}; there are ${JSON.stringify(findings(committed.uri))} in ${committed.languageId}`,
        );
      };
      const { Hint, Error: Full } = vscode.DiagnosticSeverity;
      // The example workspace asks for everything, because its defects are committed.
      await settings.update('show', 'changed', vscode.ConfigurationTarget.Workspace);
      await severities(Hint, Hint, Hint);
      const line = committed
        .getText()
        .split('\n')
        .findIndex((text) => text.includes('if (!dma)'));
      await front.edit((edit) => {
        edit.insert(new vscode.Position(line, 0), ' ');
      });
      await severities(Hint, Full, Hint);
      await settings.update('show', 'all', vscode.ConfigurationTarget.Workspace);
      await severities(Full, Full, Full);
    } finally {
      await settings.update('show', 'all', vscode.ConfigurationTarget.Workspace);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await vscode.window.showTextDocument(document);
      fs.rmSync(top, { recursive: true });
    }
  });

  it('starts a server that died again, gives up at the third time, and starts again on request', async function () {
    if (process.platform !== 'linux') this.skip();
    await reset();
    for (let i = 0; i < 3; i++) {
      const pid = await until(serverProcess, 'a server process');
      process.kill(pid, 'SIGKILL');
      await until(() => (serverProcess() === pid ? undefined : true), 'the end of the server');
      if (i < 2) await findingsOf(document.uri, defects);
    }
    await until(() => (api.status() === 'iovet · stopped' ? true : undefined), 'giving up');
    assert.equal(serverProcess(), undefined);
    await vscode.commands.executeCommand('iovet.restartServer');
    await findingsOf(document.uri, defects);
    await until(() => (api.status().includes('functions') ? true : undefined), 'a status');
  });

  it('opens the page of a rule, rendered', async () => {
    await vscode.commands.executeCommand('iovet.openRulePage', 'dma-map-null-check');
    await until(
      () =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .find(({ label }) => label.includes('dma-map-null-check')),
      'a tab with the page',
    );
    const text = await until(
      () =>
        vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'iovet-rule')?.getText() ??
        undefined,
      'the page',
    );
    assert.match(text, /^# dma-map-null-check/);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  });
});
