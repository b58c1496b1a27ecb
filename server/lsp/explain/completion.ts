import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver/node';
import { callAt } from '../../explain/calls/callAt.ts';
import { choicesFor, roleOfAssignment } from '../../explain/calls/flags.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';
import type { Markup } from './markdown.ts';

/** Flags, directions and attributes that fit the argument or assignment at an offset; empty elsewhere. `path` is the file. */
export function completionsAt(
  api: KernelApi,
  path: string,
  text: string,
  offset: number,
  kind: Markup,
): CompletionItem[] {
  const call = callAt(api, text, offset);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const role = call === undefined ? roleOfAssignment(line) : call.contract.params[call.argument];
  return choicesFor(role, path).map(({ name, text: said, warning, lines }, i) => {
    const body = lines.length === 0 ? (warning ?? '') : lines.join('\n');
    const value = kind === 'markdown' && lines.length > 0 ? `\`\`\`text\n${body}\n\`\`\`` : body;
    return {
      label: name,
      kind: CompletionItemKind.Constant,
      detail: said,
      ...(warning === undefined ? {} : { labelDetails: { description: warning } }),
      ...(value === '' ? {} : { documentation: { kind, value } }),
      // In the order of the kernel's headers: the common ones come first there.
      sortText: String(i).padStart(2, '0'),
    };
  });
}
