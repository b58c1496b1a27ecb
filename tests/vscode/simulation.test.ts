import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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

  /** A figure for whoever reads the log; machines differ too much for a bound. */
  const tell = (page: string): void => {
    console.log(`      ${page} was drawn ${api.simulation()!.took} ms after the result`);
  };

  const moment = () => api.simulation()!.moment!;

  const press = async (command: string, reached: () => boolean): Promise<void> => {
    await vscode.commands.executeCommand(`iovet.${command}`);
    await until(
      () => (reached() ? true : undefined),
      () => `${command}: ${JSON.stringify(moment())}`,
    );
  };

  it('opens on what breaks, with one sentence that says it', () => {
    const { took } = api.simulation()!;
    assert.ok(took !== undefined && took >= 0);
    tell('the first page of this VS Code');
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
    assert.match(lines[0]!, /^iovet: ran qring_setup\(\)/);
    assert.ok(lines.every((line) => line.length <= 72));
  });

  const leaks = () => findings(document.uri).filter((each) => ruleOf(each) === 'C-LEAK');

  it('keeps what broke in the patch, with its trace, until the next edit', async () => {
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const [leak] = await until(() => (leaks().length > 0 ? leaks() : undefined), 'the diagnostic');
    assert.match(leak!.message, /shown by simulation, newly broken/);
    assert.equal(leak!.severity, vscode.DiagnosticSeverity.Error);
    const trace = leak!.relatedInformation!;
    assert.ok(trace.length >= 2);
    assert.match(trace[0]!.message, /^1\. dma_alloc_attrs\(\)/);
    const at = await vscode.workspace.openTextDocument(trace[0]!.location.uri);
    assert.match(at.lineAt(trace[0]!.location.range.start.line).text, /dma_alloc_attrs/);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '\n');
    await vscode.workspace.applyEdit(edit);
    await until(() => (leaks().length === 0 ? true : undefined), 'the diagnostic gone');
  });

  it('shows one page for a patch that is run twice at once, and says nothing of the first run', async () => {
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const pages = (): readonly vscode.Tab[] =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview && /iovet\.simulation$/.test(input.viewType)); // prettier-ignore
    const runs = ['simulatePatch', 'simulatePatch'].map((name) =>
      vscode.commands.executeCommand(`iovet.${name}`),
    );
    await Promise.all(runs);
    await until(() => (api.simulation()?.moment === undefined ? undefined : true), 'the page');
    // A tab is gone a little after its page was closed.
    await until(() => (pages().length === 1 ? true : undefined), 'one page');
    assert.match(moment().sentence, /^qring_setup\(\) fails and keeps 4096 bytes/);
    tell('the page in place of another');
  });

  it('opens a page that says why, where a patch does not apply', async () => {
    const text = document.getText().replace('-\t\tgoto free_ring;', '-\t\tgoto other_ring;');
    const file = path.join(folder, 'qring-stale.patch');
    fs.writeFileSync(file, text);
    const stale = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(stale, vscode.ViewColumn.One);
    await vscode.commands.executeCommand('iovet.simulatePatch');
    await until(() => (api.simulation()?.uri === stale.uri.toString() ? api.simulation()?.moment : undefined), 'the page'); // prettier-ignore
    assert.equal(api.simulation()!.headline, 'not simulated');
    assert.equal(moment().sentence, 'Nothing was simulated');
  });

  describe('of functions in a C file', () => {
    let driver: vscode.TextDocument;
    let head: string;
    const git = (...args: readonly string[]): void => {
      const identity = ['-c', 'user.name=Reviewer', '-c', 'user.email=reviewer@example.org'];
      execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
    };

    before(async () => {
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'the driver');
      const uri = vscode.Uri.file(path.join(folder, 'drivers/dma/qring/qring.c'));
      driver = await vscode.workspace.openTextDocument(uri);
      const editor = await vscode.window.showTextDocument(driver, vscode.ViewColumn.One);
      head = driver.getText();
      const tested = head.indexOf('\tif (dma_mapping_error');
      const untested = head.indexOf('\tq->ready = 1;');
      // A line more before it, so that the lines of both sides are not the same.
      await editor.edit((edit) => {
        edit.delete(new vscode.Range(driver.positionAt(tested), driver.positionAt(untested)));
        edit.insert(new vscode.Position(16, 0), '/* Sets a ring up. */\n');
      });
      await vscode.workspace.getConfiguration('iovet').update('codeLens.functions', true);
    });

    after(async () => {
      await vscode.workspace.getConfiguration('iovet').update('codeLens.functions', undefined);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    });

    const lenses = async (): Promise<readonly string[]> => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        driver.uri,
        20,
      );
      return found.map(({ command }) => command?.title ?? '');
    };
    const lensesAre = async (wanted: readonly string[]): Promise<void> => {
      let now: readonly string[] = [];
      for (let n = 0; n < 200 && now.join() !== wanted.join(); n++) {
        await new Promise((again) => setTimeout(again, 50));
        now = await lenses();
      }
      assert.deepEqual(now, wanted);
    };

    it('is offered above each of them, and the lens says what came of it', async () => {
      await lensesAre(['Simulate', 'Simulate', 'Simulate']);
      const line = driver
        .getText()
        .split('\n')
        .findIndex((text) => text.startsWith('int qring_setup'));
      const editor = await vscode.window.showTextDocument(driver, vscode.ViewColumn.One);
      editor.selection = new vscode.Selection(line, 0, line, 0);
      await vscode.commands.executeCommand('iovet.simulateFunction');
      await until(
        () =>
          api.simulation()?.uri === driver.uri.toString() ? api.simulation()?.moment : undefined,
        'the page',
      );
      assert.equal(api.simulation()!.headline, 'newly broken: C-UNCHECKED');
      await lensesAre(['newly broken: C-UNCHECKED · Show', 'Simulate', 'Simulate']);
    });

    it('says in the hover of a rule that found the same that a simulation showed it', async () => {
      const found = await until(
        () => findings(driver.uri).find((each) => ruleOf(each) === 'dma-map-no-error-check'),
        () => findings(driver.uri).map(ruleOf).join(),
      );
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        driver.uri,
        found.range.start,
      );
      const text = hovers
        .flatMap(({ contents }) => contents)
        .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
        .join('\n');
      assert.match(
        text,
        /\*\*Shown\*\* by simulation: reports success although dma_map_single_attrs\(\) failed/,
      );
    });

    it('leads from the side before to the text at HEAD, and from the side after to the file', async () => {
      await press('simulationBefore', () => moment().side === 'before');
      await press('simulationFirstDifference', () => /dma_free_attrs/.test(moment().text));
      await vscode.commands.executeCommand('iovet.simulationOpenLine');
      const old = await until(
        () =>
          vscode.window.visibleTextEditors.find(
            ({ document: { uri } }) => uri.scheme === 'iovet-side',
          ),
        'the text at HEAD',
      );
      assert.equal(old.document.getText(), head);
      await until(
        () =>
          /dma_free_attrs/.test(old.document.lineAt(old.selection.active.line).text)
            ? true
            : undefined,
        () => old.document.lineAt(old.selection.active.line).text,
      );
      await press('simulationWhatBreaks', () => moment().side === 'after');
      await vscode.commands.executeCommand('iovet.simulationOpenLine');
      const now = await until(
        () => vscode.window.visibleTextEditors.find(({ document }) => document === driver),
        'the file',
      );
      await until(
        () => (/return 0;/.test(driver.lineAt(now.selection.active.line).text) ? true : undefined),
        () => driver.lineAt(now.selection.active.line).text,
      );
    });
  });
});
