import { readVectorFile } from './vectorFile.ts';
import type { VectorFile } from './vectorTypes.ts';

/** Parses and reads a vector file. Text that is no JSON is named together with the last case it reaches. */
export function parseVectorText(text: string): VectorFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const caseId = lastCaseId(text);
    const reason = isCutOff(text) ? 'the file is cut off' : 'no valid JSON';
    const where = caseId === '' ? reason : `${reason} in or after this case`;
    return { kind: 'unreadable', problems: [{ caseId, reason: where }] };
  }
  return readVectorFile(data);
}

/** Id of the last case that begins in a text. */
function lastCaseId(text: string): string {
  const at = text.lastIndexOf('"id"');
  return at < 0 ? '' : (/^"id"\s*:\s*"([^"]*)"/.exec(text.slice(at, at + 200))?.[1] ?? '');
}

/** Whether a JSON text ends before its outermost bracket closes. */
function isCutOff(text: string): boolean {
  const trimmed = text.trim();
  const closing = trimmed.startsWith('[') ? ']' : trimmed.startsWith('{') ? '}' : '';
  return closing !== '' && !trimmed.endsWith(closing);
}
