import * as vscode from 'vscode';
import { PATCH_SCHEME, type PatchOrigin } from '../../server/lsp/messages.ts';

/** Documents made of the clipboard and of commits: read-only, nothing of them lies on disk. */
export interface PatchDocuments {
  dispose(): void;
  /** Makes a document and gives its address. The same name with other text makes another one. */
  make(name: string, text: string, origin: PatchOrigin): vscode.Uri;
}

/** No documents yet. */
export function createPatchDocuments(): PatchDocuments {
  const texts = new Map<string, string>();
  let made = 0;
  const provider = vscode.workspace.registerTextDocumentContentProvider(PATCH_SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });
  const closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    texts.delete(uri.toString());
  });
  return {
    make: (name, text, origin) => {
      const path = `/${++made}/${name.replaceAll('/', '-')}`;
      const uri = vscode.Uri.from({ scheme: PATCH_SCHEME, path, query: JSON.stringify(origin) });
      texts.set(uri.toString(), text);
      return uri;
    },
    dispose: () => {
      provider.dispose();
      closing.dispose();
    },
  };
}

/** Ends of names of patches, mailboxes and mails. */
const names = /\.(?:patch|diff|mbox|mbx|mail|eml)$/i;

/** True for a document that can hold patches. */
export function isPatch({ uri, languageId }: vscode.TextDocument): boolean {
  return languageId === 'diff' || languageId === 'iovet-mail' || names.test(uri.path);
}

/** True for a patch that touches C: the server is started for no other. */
export function isKernelPatch(document: vscode.TextDocument): boolean {
  return isPatch(document) && /^[> ]*(?:\+\+\+|---) \S+\.[ch]\s*$/m.test(document.getText());
}
