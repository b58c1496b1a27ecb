import * as vscode from 'vscode';
import {
  STEPS,
  type FindingSteps,
  type StepsParams,
  type WireStep,
} from '../server/lsp/messages.ts';
import type { Server } from './server.ts';

/** A step's text at the end of its line. */
export interface ShownStep {
  readonly uri: string;
  readonly line: number;
  readonly text: string;
}

/** Walks the path of a finding, with what is assumed shown at the line ends. */
export interface StepWalk {
  dispose(): void;
  next(): Promise<void>;
  previous(): Promise<void>;
  hide(): void;
  shown(): readonly ShownStep[];
}

/** Longest text at a line's end. Unit: UTF-16 units. */
const mostText = 120;

/** A walk that shows nothing yet. */
export function createStepWalk(server: Server): StepWalk {
  const plain = decoration('editorCodeLens.foreground');
  const current = decoration('editorWarning.foreground');
  let path: FindingSteps | undefined;
  let at = 0;

  const hide = (): void => {
    path = undefined;
    void vscode.commands.executeCommand('setContext', 'iovet.stepsShown', false);
    for (const editor of vscode.window.visibleTextEditors) draw(editor);
  };

  const draw = (editor: vscode.TextEditor): void => {
    const uri = editor.document.uri.toString();
    const steps = path?.steps ?? [];
    const options = (wanted: (i: number) => boolean): vscode.DecorationOptions[] =>
      steps.flatMap((step, i) =>
        sameUri(step.uri, uri) && wanted(i)
          ? [atLineEnd(editor.document, step, i, steps.length)]
          : [],
      );
    editor.setDecorations(
      plain,
      options((i) => i !== at),
    );
    editor.setDecorations(
      current,
      options((i) => i === at),
    );
  };

  /** Continues the walk when the cursor stands where it left off, else begins one at the cursor. */
  const go = async (delta: 1 | -1): Promise<void> => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return;
    const here = path?.steps[at];
    if (path !== undefined && here !== undefined && isAt(editor, here)) {
      at = (at + delta + path.steps.length) % path.steps.length;
    } else {
      const found = await findPath(server, editor);
      if (found === null) return;
      path = found;
      at = delta === 1 ? 0 : found.steps.length - 1;
    }
    const step = path.steps[at]!;
    const start = new vscode.Position(step.range.start.line, step.range.start.character);
    const shown = await vscode.window.showTextDocument(vscode.Uri.parse(step.uri), {
      selection: new vscode.Range(start, start),
    });
    shown.revealRange(
      new vscode.Range(start, start),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
    void vscode.commands.executeCommand('setContext', 'iovet.stepsShown', true);
    for (const visible of vscode.window.visibleTextEditors) draw(visible);
  };

  const listeners = [
    plain,
    current,
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      editors.forEach(draw);
    }),
    // The steps are about the text as it was: any edit of it ends the walk.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const uri = document.uri.toString();
      if (contentChanges.length > 0 && path?.steps.some((step) => sameUri(step.uri, uri))) hide();
    }),
  ];
  return {
    next: () => go(1),
    previous: () => go(-1),
    hide,
    shown: () =>
      (path?.steps ?? []).map((step, i, steps) => ({
        uri: step.uri,
        line: step.range.start.line,
        text: textOf(step, i, steps.length),
      })),
    dispose: () => {
      vscode.Disposable.from(...listeners).dispose();
    },
  };
}

/** The finding at the cursor, else the first one of the document. */
async function findPath(server: Server, editor: vscode.TextEditor): Promise<FindingSteps | null> {
  const uri = editor.document.uri.toString();
  const { line, character } = editor.selection.active;
  const ask = (params: StepsParams): Promise<FindingSteps | null | undefined> =>
    server.request<FindingSteps | null>(STEPS, params);
  return (
    (await ask({ uri, position: { line, character } })) ??
    (await ask({ uri, position: null })) ??
    null
  );
}

const decoration = (colour: string): vscode.TextEditorDecorationType =>
  vscode.window.createTextEditorDecorationType({
    after: { margin: '0 0 0 2em', fontStyle: 'italic', color: new vscode.ThemeColor(colour) },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });

function atLineEnd(
  document: vscode.TextDocument,
  step: WireStep,
  index: number,
  count: number,
): vscode.DecorationOptions {
  const line = Math.min(step.range.start.line, document.lineCount - 1);
  const { end } = document.lineAt(line).range;
  return {
    range: new vscode.Range(end, end),
    renderOptions: { after: { contentText: textOf(step, index, count) } },
  };
}

/** `2/4 ret < 0 is true here` */
function textOf({ message }: WireStep, index: number, count: number): string {
  const text = `${index + 1}/${count} ${message}`;
  return text.length <= mostText ? text : `${text.slice(0, mostText - 1)}…`;
}

const isAt = (editor: vscode.TextEditor, step: WireStep): boolean =>
  sameUri(step.uri, editor.document.uri.toString()) &&
  editor.selection.active.line === step.range.start.line;

/** URIs are written in more than one way (`%3A`): compare what they mean. */
const sameUri = (a: string, b: string): boolean =>
  a === b || vscode.Uri.parse(a).toString() === vscode.Uri.parse(b).toString();
