import { interfaceContract } from './interfaceContract.ts';
import type { FunctionContract } from '../../program/kernelApi/contract.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';

/** A call of an interface function that is being written, or read. */
export interface CallAt {
  readonly contract: FunctionContract;
  /** Argument that the cursor is in, counted from 0. */
  readonly argument: number;
}

/** How far back a call is looked for: no sensible call is longer. Unit: characters. */
const FARTHEST = 2000;

/**
 * The innermost call around an offset, found in the text alone: it works in code that does not parse yet.
 * Calls of other functions inside its arguments hide it, as they do in an editor.
 */
export function callAt(api: KernelApi, text: string, offset: number): CallAt | undefined {
  let depth = 0;
  let argument = 0;
  for (let at = offset - 1; at >= 0 && at > offset - FARTHEST; at--) {
    const c = text[at]!;
    if (c === ')' || c === ']' || c === '}') depth++;
    else if (c === '[' && depth > 0) depth--;
    else if (c === ',' && depth === 0) argument++;
    else if (c === ';' || c === '{') return undefined;
    else if (c === '(') {
      if (depth > 0) {
        depth--;
        continue;
      }
      const name = /([A-Za-z_]\w*)\s*$/.exec(text.slice(Math.max(0, at - 80), at))?.[1];
      if (name === undefined) {
        // A parenthesis for grouping: what surrounds it is the call.
        argument = 0;
        continue;
      }
      const contract = interfaceContract(api, name);
      return contract === undefined ? undefined : { contract, argument };
    }
  }
  return undefined;
}
