import * as vscode from 'vscode';

/** Waits until a condition holds; looks again now and then. */
export async function until<T>(
  look: () => T | undefined,
  what: string | (() => string),
): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    if (Date.now() > end)
      throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`);
    await new Promise((again) => setTimeout(again, 25));
  }
}

/** Rule of a diagnostic; `undefined` for one that is no finding. */
export const ruleOf = ({ code }: vscode.Diagnostic): string =>
  typeof code === 'object' ? String(code.value) : String(code);

/** What iovet says about a document, in the order of its lines. */
export const findings = (uri: vscode.Uri): vscode.Diagnostic[] =>
  vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'iovet')
    .sort((a, b) => a.range.start.compareTo(b.range.start));

/** The findings once they are of these rules, in the order of the lines. */
export const findingsOf = (
  uri: vscode.Uri,
  rules: readonly string[],
): Promise<vscode.Diagnostic[]> =>
  until(
    () => {
      const now = findings(uri);
      return now.map(ruleOf).join() === rules.join() ? now : undefined;
    },
    () => `findings ${rules.join()}; there are ${findings(uri).map(ruleOf).join()}`,
  );
