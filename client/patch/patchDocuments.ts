import * as vscode from 'vscode';
import { PATCH_SCHEME, type PatchOrigin } from '../../server/lsp/messages.ts';

/** Documents made of the clipboard and of commits: read-only, nothing of them lies on disk. */
export interface PatchDocuments {
  dispose(): void;
  /** Makes a document and gives its address. The same name with other text makes another one. */
  make(name: string, text: string, origin: PatchOrigin): vscode.Uri;
}

/** Texts that are kept; the oldest goes first. */
const mostTexts = 20;

/** What stands in a document whose text is not kept any more, such as one of an earlier window. */
const gone = 'This text is gone. Review the clipboard or the commits again.\n';

/** No documents yet. */
export function createPatchDocuments(): PatchDocuments {
  const texts = new Map<string, string>();
  let made = 0;
  const provider = vscode.workspace.registerTextDocumentContentProvider(PATCH_SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? gone,
  });
  return {
    make: (name, text, origin) => {
      const path = `/${++made}/${name.replaceAll('/', '-')}`;
      const uri = vscode.Uri.from({ scheme: PATCH_SCHEME, path, query: JSON.stringify(origin) });
      texts.set(uri.toString(), text);
      // A closed one can be opened again, from the diff editor or from the history.
      if (texts.size > mostTexts) texts.delete(texts.keys().next().value!);
      return uri;
    },
    dispose: () => {
      provider.dispose();
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
