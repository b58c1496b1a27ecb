import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../client/extension.ts';
import { findings, ruleOf, until } from './support.ts';

describe('simulations in VS Code', () => {
  let api: Api;
  let folder: string;
  let document: vscode.TextDocument;

  /** The fixture: a small tree of its own, with a patch that leaks on an error path. */
  before(async () => {
    api = await vscode.extensions.getExtension<Api>('iovet.iovet')!.activate();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-sim-'));
    fs.cpSync(process.env['IOVET_SIMULATION_FIXTURE']!, folder, { recursive: true });
    const file = vscode.Uri.file(path.join(folder, 'qring-error.patch'));
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    await vscode.commands.executeCommand('iovet.simulatePatch');
    await until(() => api.simulation()?.moment, 'the page');
  });

  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const moment = () => api.simulation()!.moment!;

  const press = async (command: string, reached: () => boolean): Promise<void> => {
    await vscode.commands.executeCommand(`iovet.${command}`);
    await until(
      () => (reached() ? true : undefined),
      () => `${command}: ${JSON.stringify(moment())}`,
    );
  };

  it('opens on what breaks, with one sentence that says it', () => {
    assert.equal(api.simulation()!.headline, 'newly broken: C-LEAK');
    assert.equal(api.simulation()!.uri, document.uri.toString());
    assert.match(moment().sentence, /^qring_setup\(\) fails and keeps 4096 bytes/);
    assert.equal(moment().side, 'after');
  });

  it('steps through what ran, on both sides', async () => {
    const { step } = moment();
    assert.ok(step > 1);
    await press('simulationPreviousStep', () => moment().step === step - 1);
    await press('simulationNextStep', () => moment().step === step);
    await press('simulationBefore', () => moment().side === 'before');
    assert.equal(moment().step, step);
    await press('simulationWhatBreaks', () => moment().side === 'after' && moment().step === step);
  });

  it('leads from a step to its line of C, on the side that is shown', async () => {
    await press('simulationFirstDifference', () => moment().text !== '');
    await press('simulationWhatBreaks', () => moment().side === 'after');
    await vscode.commands.executeCommand('iovet.simulationOpenLine');
    const editor = await until(
      () =>
        vscode.window.visibleTextEditors.find(
          ({ document: { uri } }) => uri.scheme === 'iovet-side',
        ),
      'the patched file',
    );
    assert.match(editor.document.uri.path, /qring\.c$/);
    await until(() => (editor.selection.active.line > 0 ? true : undefined), 'the line');
    const line = editor.document.lineAt(editor.selection.active.line).text;
    assert.match(line, /dma_alloc_attrs|return -EIO/);
  });

  it('copies five lines for a mail', async () => {
    await vscode.env.clipboard.writeText('');
    await vscode.commands.executeCommand('iovet.copyReplyBlock');
    let copied = '';
    for (let i = 0; i < 200 && copied === ''; i++) {
      await new Promise((again) => setTimeout(again, 25));
      copied = await vscode.env.clipboard.readText();
    }
    const lines = copied.split('\n');
    assert.equal(lines.length, 5);
    assert.match(lines[0]!, /^iovet: qring_setup\(\)/);
    assert.ok(lines.every((line) => line.length <= 72));
  });

  it('keeps what broke in the patch, with its trace, until the next edit', async () => {
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const leaks = () => findings(document.uri).filter((each) => ruleOf(each) === 'C-LEAK');
    const [leak] = await until(() => (leaks().length > 0 ? leaks() : undefined), 'the diagnostic');
    assert.match(leak!.message, /shown by simulation, newly broken/);
    assert.ok(leak!.relatedInformation!.length >= 2);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '\n');
    await vscode.workspace.applyEdit(edit);
    await until(() => (leaks().length === 0 ? true : undefined), 'the diagnostic gone');
  });
});
