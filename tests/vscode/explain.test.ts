import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('explanations in VS Code', () => {
  let document: vscode.TextDocument;

  before(async () => {
    await vscode.extensions.getExtension('iovet.iovet')!.activate();
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    const file = vscode.Uri.joinPath(folder, 'drivers/accel/qcap/qcap_mem.c');
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  const at = (what: string): vscode.Position => {
    const offset = document.getText().indexOf(what);
    assert.ok(offset >= 0, what);
    return document.positionAt(offset + 1);
  };

  const hover = async (what: string): Promise<string> => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at(what),
    );
    return hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content as vscode.MarkdownString).value)
      .join('\n');
  };

  it('hovers over a flag: its effect, format by format', async () => {
    const text = await hover('IOMMU_WRITE, GFP_KERNEL');
    assert.match(text, /IOMMU_WRITE, bit 1: the device may write/);
    assert.match(text, /```text\n[^]*arm_64_lpae_s1/);
  });

  it('hovers over a call: contract, arguments, and who ends it', async () => {
    const text = await hover('iommu_map(');
    assert.match(text, /maps all of a range or nothing/);
    assert.match(text, /size {2}QCAP_RING_SIZE = 0x200000/);
  });

  it('shows the signature while a call is written', async () => {
    const help = await vscode.commands.executeCommand<vscode.SignatureHelp>(
      'vscode.executeSignatureHelpProvider',
      document.uri,
      at('ring->phys, QCAP'),
    );
    assert.match(help.signatures[0]!.label, /^iommu_map\(domain, iova, paddr/);
    assert.equal(help.activeParameter, 2);
  });

  it('completes flags with a warning where one does nothing', async () => {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      at('IOMMU_READ | IOMMU_WRITE'),
    );
    const label = ({ label: said }: vscode.CompletionItem): string =>
      typeof said === 'string' ? said : said.label;
    const mmio = list.items.find((item) => label(item) === 'IOMMU_MMIO');
    assert.ok(mmio !== undefined && typeof mmio.label !== 'string');
    assert.match(mmio.label.description ?? '', /no effect: .*vtdss/);
  });

  it('goes from a map to its unmaps, and shows them as a hierarchy', async () => {
    const places = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeImplementationProvider',
      document.uri,
      at('iommu_map('),
    );
    assert.deepEqual(
      places.map(({ range }) => document.lineAt(range.start.line).text.trim().split('(')[0]),
      ['iommu_unmap', 'iommu_unmap'],
    );
    const [item] = await vscode.commands.executeCommand<vscode.CallHierarchyItem[]>(
      'vscode.prepareCallHierarchy',
      document.uri,
      at('iommu_map('),
    );
    assert.equal(item?.name, 'iommu_map(ring->iova)');
  });
});
