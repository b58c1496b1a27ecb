import * as vscode from 'vscode';
import type { RulePage } from '../server/lsp/messages.ts';

const scheme = 'iovet-rule';

/** Link to the page of a rule, `{rule}` standing for its id; it works in diagnostics and in hovers. */
export const ruleLinkTemplate = 'command:iovet.openRulePage?%5B%22{rule}%22%5D';

/** Serves the pages as documents of their own scheme: nothing of them lies on disk, and no web site is needed. */
export function rulePages(
  page: (rule: string) => Promise<RulePage | null | undefined>,
): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async (uri) => {
      const rule = uri.path.replace(/^\/|\.md$/g, '');
      return (
        (await page(rule))?.markdown ?? `# ${rule}\n\nThis version of iovet has no such rule.\n`
      );
    },
  });
}

/** Shows the page of a rule beside the code, rendered. */
export async function openRulePage(rule: unknown): Promise<void> {
  if (typeof rule !== 'string' || !/^[a-z0-9-]+$/.test(rule)) return;
  const uri = vscode.Uri.from({ scheme, path: `/${rule}.md` });
  await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
}
