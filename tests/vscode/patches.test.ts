import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../client/extension.ts';
import { findingsOf, until } from './support.ts';

const introduced = ['iommu-mmio-missing', 'dma-map-null-check'];

/** The documents that a tab compares. */
interface Compared {
  readonly original: vscode.Uri;
  readonly modified: vscode.Uri;
}

const comparedTab = (): Compared | undefined => {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff ? input : undefined;
};

describe('patches in VS Code', () => {
  let api: Api;
  let folder: vscode.Uri;
  let document: vscode.TextDocument;
  let editor: vscode.TextEditor;

  before(async () => {
    folder = vscode.workspace.workspaceFolders![0]!.uri;
    api = await vscode.extensions.getExtension<Api>('iovet.iovet')!.activate();
  });

  /** Every test begins with the example series in front, as it is on disk. */
  beforeEach(async () => {
    const file = vscode.Uri.joinPath(folder, 'qcap-doorbell.mbox');
    document = await vscode.workspace.openTextDocument(file);
    editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    await findingsOf(document.uri, introduced);
  });

  const lineOf = (text: string): number =>
    document
      .getText()
      .split('\n')
      .findIndex((line) => line.includes(text));

  const cursorOn = (line: number): void => {
    editor.selection = new vscode.Selection(line, 0, line, 0);
  };

  const series = () =>
    until(() => api.seriesRows().find(({ uri }) => uri === document.uri.toString()), 'the series');

  it('shows findings on the lines of the patch, with the place in the patched file', async () => {
    const [, nullCheck] = await findingsOf(document.uri, introduced);
    assert.equal(document.languageId, 'iovet-mail');
    assert.equal(document.getText(nullCheck!.range), '!req->dst_dma');
    assert.equal(nullCheck!.severity, vscode.DiagnosticSeverity.Error);
    const [place] = nullCheck!.relatedInformation!;
    assert.match(place!.message, /qcap_mem\.c:\d+ after the patch$/);
    const after = await vscode.workspace.openTextDocument(place!.location.uri);
    assert.equal(after.getText(place!.location.range), '!req->dst_dma');
    assert.equal(after.languageId, 'c');
  });

  it('lists the series: what each patch introduces, fixes, and what was not looked at', async () => {
    const { label, description, children } = await series();
    assert.equal(label, 'v2 accel/qcap: a doorbell, and error paths');
    assert.equal(description, '1 introduced · 1 fixed · 1 came and went');
    assert.deepEqual(
      children.map((row) => `${row.label} | ${row.description}`),
      [
        '1/3 add a doorbell window | 1 introduced, fixed in 3/3',
        '2/3 tidy up the error paths | 1 introduced · 1 fixed',
        '3/3 mark the doorbell as MMIO | 1 fixed · 1 file not looked at',
        'existing (2) | ',
      ],
    );
    const fixed = children[1]!.children.find(({ kind }) => kind === 'fixed')!;
    await vscode.commands.executeCommand('iovet.openSeriesRow', fixed);
    const front = vscode.window.activeTextEditor!;
    assert.equal(front.document.uri.toString(), document.uri.toString());
    assert.equal(front.selection.active.line, fixed.line);
  });

  it('explains a finding and a flag inside a hunk', async () => {
    const hover = async (text: string, name: string): Promise<string> => {
      const line = lineOf(text);
      const at = new vscode.Position(line, document.lineAt(line).text.indexOf(name) + 1);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        at,
      );
      return hovers
        .flatMap(({ contents }) => contents)
        .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
        .join('\n');
    };
    assert.match(await hover('+\tif (!req->dst_dma) {', 'req'), /command:iovet\.openRulePage/);
    assert.match(await hover('| IOMMU_MMIO', 'IOMMU_MMIO'), /a device, not RAM/);
  });

  it('says above each patch what it does, and leads to both sides of each file', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.deepEqual(
      lenses
        .sort((a, b) => a.range.start.compareTo(b.range.start))
        .map(({ command }) => command?.title),
      [
        '1 introduced',
        'Simulate',
        'Open before/after',
        'Simulate this hunk',
        'Simulate this hunk',
        '1 introduced · 1 fixed',
        'Simulate',
        'Open before/after',
        'Simulate this hunk',
        'Simulate this hunk',
        'Simulate this hunk',
        '1 fixed',
        'Simulate',
        'Open before/after',
        'Simulate this hunk',
      ],
    );
  });

  it('reviews a mail that was saved under any name', async () => {
    const saved = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-mail-'));
    try {
      const file = path.join(saved, 'saved.txt');
      fs.writeFileSync(file, document.getText());
      await vscode.commands.executeCommand('iovet.reviewPatch', vscode.Uri.file(file));
      const front = vscode.window.activeTextEditor!.document;
      assert.equal(front.languageId, 'iovet-mail');
      await findingsOf(front.uri, introduced);
    } finally {
      fs.rmSync(saved, { recursive: true });
    }
  });

  it('opens a patched file before and after in the diff editor, and writes nothing', async () => {
    const line = lineOf('+\tif (!req->dst_dma) {');
    cursorOn(line);
    await vscode.commands.executeCommand('iovet.openBeforeAfter');
    const { original, modified } = await until(comparedTab, 'a diff editor');
    const [before, after] = await Promise.all(
      [original, modified].map((uri) => vscode.workspace.openTextDocument(uri)),
    );
    assert.match(before!.getText(), /if \(dma_mapping_error\(dev, req->dst_dma\)\) \{/);
    assert.match(after!.getText(), /if \(!req->dst_dma\) \{/);
    const shown = vscode.window.activeTextEditor!;
    assert.equal(shown.document.lineAt(shown.selection.active.line).text, '\tif (!req->dst_dma) {');
    const onDisk = fs.readFileSync(
      path.join(folder.fsPath, 'drivers/accel/qcap/qcap_mem.c'),
      'utf8',
    );
    assert.ok(!onDisk.includes('qcap_map_doorbell'));
  });

  it('explains both sides in the diff editor: findings, the pages of their rules, names and definitions', async () => {
    cursorOn(lineOf('+\tif (!req->dst_dma) {'));
    await vscode.commands.executeCommand('iovet.openBeforeAfter');
    const { original, modified } = await until(
      () => (comparedTab()?.modified.query.includes('"patch":1') ? comparedTab() : undefined),
      'a diff editor',
    );
    const [finding] = await findingsOf(modified, ['dma-map-null-check']);
    const after = await vscode.workspace.openTextDocument(modified);
    assert.equal(after.getText(finding!.range), '!req->dst_dma');
    const textOf = async (uri: vscode.Uri, at: vscode.Position): Promise<string> => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        ...[uri, at],
      );
      return hovers
        .flatMap(({ contents }) => contents)
        .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
        .join('\n');
    };
    assert.match(await textOf(modified, finding!.range.start), /command:iovet\.openRulePage/);
    const before = await vscode.workspace.openTextDocument(original);
    const placeOf = (document: vscode.TextDocument, text: string): vscode.Position =>
      document.positionAt(document.getText().indexOf(text) + 1);
    assert.match(
      await textOf(original, placeOf(before, 'dma_mapping_error(')),
      /dma_mapping_error/,
    );
    const [definition] = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      ...[modified, placeOf(after, 'qcap_copy(')],
    );
    assert.equal(definition?.uri.toString(), modified.toString());
  });

  it('drafts a comment per finding that stays, and copies the reply', async () => {
    const drafts = await until(() => {
      const list = api.drafts(document.uri.toString());
      return list.length > 0 ? list : undefined;
    }, 'a draft');
    assert.deepEqual(
      drafts.map(({ line, author }) => [line, author]),
      [[lineOf('+\tif (!req->dst_dma) {'), 'iovet · error · introduced']],
    );
    cursorOn(drafts[0]!.line);
    const mail = await vscode.commands.executeCommand<string>('iovet.copyReply');
    assert.match(mail, /^To: The Author <author@example\.org>$/m);
    assert.match(mail, /^Subject: Re: \[PATCH v2 2\/3\] accel\/qcap: tidy up the error paths$/m);
    assert.match(
      mail,
      /^> \+\tif \(!req->dst_dma\) \{\n\nqcap_prepare\(\) tests req->dst_dma for 0/m,
    );
    assert.equal(await vscode.env.clipboard.readText(), mail);
  });

  it('saves the reply as a mail', async () => {
    const saved = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-reply-'));
    try {
      const file = path.join(saved, 'reply.eml');
      await until(() => (api.drafts(document.uri.toString()).length > 0 ? true : undefined), 'a draft'); // prettier-ignore
      await vscode.commands.executeCommand('iovet.saveReply', { target: vscode.Uri.file(file) });
      const text = fs.readFileSync(file, 'utf8');
      assert.match(text, /^To: The Author <author@example\.org>\r\n/);
      assert.doesNotMatch(text, /[^\r]\n/);
    } finally {
      fs.rmSync(saved, { recursive: true });
    }
  });

  it('walks the path of a finding through the patched file', async () => {
    const [mmio] = await findingsOf(document.uri, introduced);
    cursorOn(mmio!.range.start.line);
    await vscode.commands.executeCommand('iovet.nextStep');
    const [first] = api.shownSteps();
    assert.match(first!.uri, /^iovet-side:/);
    const front = vscode.window.activeTextEditor!;
    assert.equal(front.document.uri.toString(), vscode.Uri.parse(first!.uri).toString());
    assert.equal(front.selection.active.line, first!.line);
    await vscode.commands.executeCommand('iovet.hideSteps');
  });

  it('reviews several files as one series', async () => {
    const saved = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-series-'));
    try {
      const mails = document
        .getText()
        .split(/^(?=From [0-9a-f]{40} )/m)
        .slice(1);
      const files = mails.map((text, i) => {
        const file = path.join(saved, `000${i + 1}.patch`);
        fs.writeFileSync(file, text);
        return vscode.Uri.file(file);
      });
      const [first] = files;
      await vscode.commands.executeCommand('iovet.reviewPatch', first, files.toReversed());
      const front = vscode.window.activeTextEditor!.document;
      await findingsOf(front.uri, introduced);
    } finally {
      fs.rmSync(saved, { recursive: true });
    }
  });

  it('takes edited, added and dropped comments into the reply', async () => {
    const uri = document.uri.toString();
    const [draft] = await until(() => {
      const list = api.drafts(uri);
      return list.length > 0 ? list : undefined;
    }, 'a draft');
    const run = (name: string, ...args: unknown[]) =>
      vscode.commands.executeCommand(`iovet.${name}`, ...args);
    await run('saveComment', { draft: draft!.id, body: 'Address 0 is valid here.' });
    const range = new vscode.Range(lineOf('+\t}'), 0, lineOf('+\t}'), 0);
    await run('addComment', {
      thread: { uri: document.uri, range, dispose: () => undefined },
      text: 'Good: this was missing.',
    });
    cursorOn(draft!.line);
    const both = await vscode.commands.executeCommand<string>('iovet.copyReply');
    assert.match(both, /Good: this was missing\.\n\n> \[\.\.\.\]|Good: this was missing\./);
    assert.match(both, /Address 0 is valid here\.\n$/);
    const own = api.drafts(uri).find(({ author }) => author === 'you')!;
    await run('dropComment', { draft: own.id });
    assert.ok(!(await vscode.commands.executeCommand<string>('iovet.copyReply')).includes('Good'));
    await run('dropComment', { draft: draft!.id });
    assert.deepEqual(api.drafts(uri), []);
    assert.equal(await vscode.commands.executeCommand('iovet.copyReply'), undefined);
  });

  it('keeps what the reviewer wrote when the document is closed and opened again, and moves it with its line', async () => {
    const uri = document.uri.toString();
    const own = (): readonly { readonly line: number; readonly text: string }[] =>
      api.drafts(uri).filter(({ author }) => author === 'you');
    const at = lineOf('+\tif (!req->dst_dma) {');
    await vscode.commands.executeCommand('iovet.addComment', {
      thread: { uri: document.uri, range: new vscode.Range(at, 0, at, 0), dispose: () => undefined }, // prettier-ignore
      text: 'My own words.',
    });
    // Another language closes the document and opens it again.
    await vscode.languages.setTextDocumentLanguage(document, 'diff');
    assert.deepEqual(own().map(({ line }) => line), [at]); // prettier-ignore
    await vscode.languages.setTextDocumentLanguage(document, 'iovet-mail');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '\n\n');
    await vscode.workspace.applyEdit(edit);
    assert.deepEqual(own().map(({ line }) => line), [at + 2]); // prettier-ignore
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until(() => (own()[0]?.line === at ? true : undefined), 'the comment at its line again');
    const [comment] = api.drafts(uri).filter(({ author }) => author === 'you');
    await vscode.commands.executeCommand('iovet.dropComment', { draft: comment!.id });
  });

  it('applies a series to the tree on request only, and undo takes it back', async () => {
    const driver = vscode.Uri.joinPath(folder, 'drivers/accel/qcap/qcap_mem.c');
    const target = await vscode.workspace.openTextDocument(driver);
    const before = target.getText();
    await vscode.commands.executeCommand('iovet.applyPatch');
    await until(
      () => (target.getText().includes('IOMMU_WRITE | IOMMU_MMIO') ? true : undefined),
      'the applied text',
    );
    assert.ok(target.isDirty, 'nothing is saved');
    await vscode.window.showTextDocument(target);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    assert.equal(target.getText(), before);
  });

  /** Writes files into a folder beside the workspace, and opens a patch on them. */
  const opened = async (files: Readonly<Record<string, string>>): Promise<vscode.Uri> => {
    const top = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet apply+'));
    temporary.push(top);
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(top, name), text);
    const patch = vscode.Uri.file(path.join(top, 'x.patch'));
    await vscode.window.showTextDocument(patch);
    return vscode.Uri.file(top);
  };
  const temporary: string[] = [];
  after(() => {
    for (const top of temporary) fs.rmSync(top, { recursive: true });
  });
  const apply = (): Thenable<unknown> => vscode.commands.executeCommand('iovet.applyPatch');

  it('copies and renames files as the patch says: the source of a copy stays', async () => {
    const top = await opened({
      'model.c': 'int m;\n',
      'old.c': 'int a;\nint b;\n',
      'x.patch': [
        'diff --git a/model.c b/twin.c\ncopy from model.c\ncopy to twin.c\n--- a/model.c\n+++ b/twin.c\n@@ -1,1 +1,1 @@\n-int m;\n+int t;\n',
        'diff --git a/old.c b/new.c\nrename from old.c\nrename to new.c\n--- a/old.c\n+++ b/new.c\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n+int c;\n',
      ].join(''),
    });
    await apply();
    const text = async (name: string): Promise<string> =>
      (await vscode.workspace.openTextDocument(vscode.Uri.joinPath(top, name))).getText();
    assert.equal(await text('model.c'), 'int m;\n');
    assert.equal(await text('twin.c'), 'int t;\n');
    assert.equal(await text('new.c'), 'int a;\nint c;\n');
    assert.ok(!fs.existsSync(path.join(top.fsPath, 'old.c')));
    await vscode.workspace.saveAll();
  });

  it('changes nothing where the tree has the patch already', async () => {
    const patch = '--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n int a;\n+int b;\n int c;\n';
    const top = await opened({ 'f.c': 'int a;\nint c;\n', 'x.patch': patch });
    const file = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(top, 'f.c'));
    await apply();
    assert.equal(file.getText(), 'int a;\nint b;\nint c;\n');
    await file.save();
    await apply();
    assert.equal(file.getText(), 'int a;\nint b;\nint c;\n');
    assert.ok(!file.isDirty);
  });

  it('applies to what a file is after it was saved, not to what it was before', async () => {
    const patch = '--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n int a;\n+int b;\n int c;\n';
    const top = await opened({ 'f.c': 'int a;\nint c;\n', 'x.patch': patch });
    const file = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(top, 'f.c'));
    const typed = new vscode.WorkspaceEdit();
    typed.insert(file.uri, new vscode.Position(0, 0), '// typed\n');
    await vscode.workspace.applyEdit(typed);
    // As a formatter would, when the file is saved.
    const formatter = vscode.workspace.onWillSaveTextDocument((event) => {
      const head = new vscode.Position(0, 0);
      event.waitUntil(Promise.resolve([vscode.TextEdit.insert(head, '/* one */\n/* two */\n')]));
    });
    await vscode.commands.executeCommand('notifications.clearAll');
    let isDone = false;
    const applied = apply().then(() => {
      isDone = true;
    });
    try {
      // Save and Apply.
      while (!isDone) {
        await vscode.commands.executeCommand('notification.acceptPrimaryAction');
        await new Promise((again) => setTimeout(again, 25));
      }
      await applied;
    } finally {
      formatter.dispose();
    }
    assert.equal(file.getText(), '/* one */\n/* two */\n// typed\nint a;\nint b;\nint c;\n');
    await file.save();
  });

  it('reviews what is on the clipboard', async () => {
    await vscode.env.clipboard.writeText(document.getText());
    await vscode.commands.executeCommand('iovet.reviewClipboard');
    const front = vscode.window.activeTextEditor!.document;
    assert.equal(front.uri.scheme, 'iovet-patch');
    await findingsOf(front.uri, introduced);
  });

  it('reviews commits and uncommitted changes on the commit that they were made from', async function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    const top = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-commits-'));
    try {
      const git = (...args: string[]): void => {
        const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
        assert.equal(spawnSync('git', [...identity, ...args], { cwd: top }).status, 0);
      };
      const file = path.join(top, 'q.c');
      const good = fs.readFileSync(
        path.join(folder.fsPath, 'drivers/accel/qcap/qcap_mem.c'),
        'utf8',
      );
      fs.writeFileSync(file, good);
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'first');
      const bad = good.replace('dma_mapping_error(dev, req->dst_dma)', '!req->dst_dma');
      fs.writeFileSync(file, bad);
      git('commit', '-q', '-a', '-m', 'second');
      fs.writeFileSync(file, bad.replace('dma_mapping_error(dev, req->src_dma)', '!req->src_dma'));
      await vscode.commands.executeCommand('iovet.reviewCommits', 'HEAD', vscode.Uri.file(top));
      const commit = vscode.window.activeTextEditor!.document;
      const [found] = await findingsOf(commit.uri, ['dma-map-null-check']);
      assert.equal(commit.getText(found!.range), '!req->dst_dma');
      await vscode.commands.executeCommand('iovet.reviewWorkingTree', vscode.Uri.file(top));
      const changes = vscode.window.activeTextEditor!.document;
      const [now] = await findingsOf(changes.uri, ['dma-map-null-check']);
      assert.equal(changes.getText(now!.range), '!req->src_dma');
    } finally {
      fs.rmSync(top, { recursive: true });
    }
  });
});
