import * as vscode from 'vscode';

/** Opens the example driver of the walkthrough, as shipped. */
export async function openExample(context: vscode.ExtensionContext): Promise<void> {
  const file = vscode.Uri.joinPath(
    context.extensionUri,
    'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c',
  );
  await vscode.window.showTextDocument(file);
}

/** Opens the example series: three patches on the example driver. */
export async function openExampleSeries(context: vscode.ExtensionContext): Promise<void> {
  const file = vscode.Uri.joinPath(
    context.extensionUri,
    'test-fixtures/workspace/qcap-doorbell.mbox',
  );
  await vscode.window.showTextDocument(file);
}
