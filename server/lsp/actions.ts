import {
  CodeActionKind,
  type CodeAction,
  type Diagnostic,
  type SnippetTextEdit,
  type TextDocumentEdit,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { PlacedFix, ReviewedFinding } from '../review/review.ts';
import type { Locate } from './places.ts';

/** The command behind "Open Rule Page"; its argument is the rule id. */
export const openRulePageCommand = 'iovet.openRulePage';

/** What the actions of one finding are made from. */
export interface ActionContext {
  readonly uri: string;
  readonly version: number;
  /** Text of the document's lines, for the indentation of a suppression comment. */
  readonly lineText: (line: number) => string;
  readonly locate: Locate;
  /** The client fills in snippets: the cursor lands on the reason. */
  readonly snippets: boolean;
}

/** Quick fixes of the finding, then its suppression, then its page. */
export function actionsOf(
  finding: ReviewedFinding,
  diagnostic: Diagnostic,
  context: ActionContext,
): CodeAction[] {
  return [
    ...finding.fixes.map((fix, i) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      isPreferred: i === 0 && fix.safe,
      edit: { documentChanges: editsOf(fix, context) },
    })),
    suppressAction(finding, diagnostic, context),
    pageAction(finding, diagnostic),
  ];
}

/** Opens the page of the finding's rule. */
export function pageAction({ rule }: ReviewedFinding, diagnostic: Diagnostic): CodeAction {
  const title = `Open page of ${rule}`;
  return {
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    command: { title, command: openRulePageCommand, arguments: [rule] },
  };
}

/** One entry per file. */
function editsOf(fix: PlacedFix, context: ActionContext): TextDocumentEdit[] {
  const byUri = new Map<string, TextEdit[]>();
  for (const edit of fix.edits) {
    const { uri, range } = context.locate(edit);
    byUri.set(uri, [...(byUri.get(uri) ?? []), { range, newText: edit.text }]);
  }
  return [...byUri].map(([uri, edits]) => ({
    textDocument: { uri, version: uri === context.uri ? context.version : null },
    edits,
  }));
}

/** A comment on a line of its own above the finding; the reason is the user's to write. */
function suppressAction(
  finding: ReviewedFinding,
  diagnostic: Diagnostic,
  context: ActionContext,
): CodeAction {
  const line = diagnostic.range.start.line;
  const indent = /^[ \t]*/.exec(context.lineText(line))![0];
  const at = { line, character: 0 };
  const range = { start: at, end: at };
  const open = `${indent}/* iovet: allow(${finding.rule}): `;
  // Inside a macro the comment's line has to be continued as well.
  const end = line > 0 && /\\$/.test(context.lineText(line - 1)) ? ' */ \\\n' : ' */\n';
  const edit: TextEdit | SnippetTextEdit = context.snippets
    ? {
        range,
        snippet: { kind: 'snippet', value: `${open}\${1:reason}${end.replace('\\', '\\\\')}` },
      }
    : { range, newText: `${open}reason${end}` };
  return {
    title: `Suppress ${finding.rule} with a comment`,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    edit: {
      documentChanges: [
        { textDocument: { uri: context.uri, version: context.version }, edits: [edit] },
      ],
    },
  };
}
