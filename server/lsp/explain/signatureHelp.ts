import type { SignatureHelp } from 'vscode-languageserver/node';
import { callAt } from '../../explain/calls/callAt.ts';
import { signatureOf } from '../../explain/calls/signature.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';

/** The signature of the interface function whose call the cursor is in; null elsewhere. */
export function signatureHelpAt(
  api: KernelApi,
  text: string,
  offset: number,
): SignatureHelp | null {
  const call = callAt(api, text, offset);
  if (call === undefined) return null;
  const { label, summary, parameters } = signatureOf(call.contract);
  return {
    signatures: [
      {
        label,
        documentation: summary,
        parameters: parameters.map(({ span, text: said }) => ({
          label: [span[0], span[1]],
          ...(said === '' ? {} : { documentation: said }),
        })),
      },
    ],
    activeSignature: 0,
    activeParameter: Math.min(call.argument, Math.max(0, parameters.length - 1)),
  };
}
