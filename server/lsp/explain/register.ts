import type { CancellationToken, Connection, ServerCapabilities } from 'vscode-languageserver/node';
import { kernelApiOfAnyAge } from '../../program/kernelApi/registry.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';
import { lineIndex } from '../../text/lineIndex.ts';
import type { WirePosition } from '../messages.ts';
import { pathOfUri } from '../places.ts';
import type { Settings } from '../settings.ts';
import type { Answer } from '../workspace.ts';
import { completionsAt } from './completion.ts';
import { inlayHintsIn } from './inlayHints.ts';
import type { Markup } from './markdown.ts';
import { endersOf, implementationsAt, makersOf, resourceAt } from './navigation.ts';
import { signatureHelpAt } from './signatureHelp.ts';

/** What explanations need of the server. */
export interface ExplainingServer {
  /** The answer for the text of now. */
  answer(uri: string, token?: CancellationToken): Promise<Answer | undefined>;
  /** The last answer, possibly of an older text: while somebody types, nobody waits for a review. */
  last(uri: string): Answer | undefined;
  text(uri: string): string | undefined;
  settings(uri: string): Promise<Settings>;
  markup(): Markup;
  readonly guarded: <T>(what: string, fallback: T, job: () => T | Promise<T>) => Promise<T>;
}

/** What the server offers beside hovers. */
export const explainingCapabilities: ServerCapabilities = {
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  completionProvider: { triggerCharacters: ['|'], resolveProvider: false },
  implementationProvider: true,
  callHierarchyProvider: true,
  inlayHintProvider: true,
};

/** Answers requests for signatures, completions, navigation and inlay hints. */
export function registerExplanations(connection: Connection, server: ExplainingServer): void {
  const { guarded } = server;
  const apiOf = (uri: string): KernelApi =>
    server.last(uri)?.readings[0]?.unit.api ?? kernelApiOfAnyAge();

  connection.onSignatureHelp(({ textDocument: { uri }, position }) =>
    guarded('signatureHelp', null, () => {
      const text = server.text(uri);
      return text === undefined
        ? null
        : signatureHelpAt(apiOf(uri), text, offsetIn(text, position));
    }),
  );
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    guarded('completion', null, () => {
      const text = server.text(uri);
      if (text === undefined) return null;
      const offset = offsetIn(text, position);
      return completionsAt(apiOf(uri), pathOfUri(uri) ?? uri, text, offset, server.markup());
    }),
  );
  connection.onImplementation(({ textDocument: { uri }, position }, token) =>
    guarded('implementation', null, async () => {
      const answer = await server.answer(uri, token);
      return answer === undefined ? null : implementationsAt(answer, position);
    }),
  );
  connection.languages.callHierarchy.onPrepare(({ textDocument: { uri }, position }, token) =>
    guarded('callHierarchy', null, async () => {
      const answer = await server.answer(uri, token);
      return answer === undefined ? null : resourceAt(answer, position);
    }),
  );
  connection.languages.callHierarchy.onIncomingCalls(({ item }, token) =>
    guarded('callHierarchy', null, async () => {
      const answer = await server.answer(item.uri, token);
      return answer === undefined ? null : makersOf(answer, item);
    }),
  );
  connection.languages.callHierarchy.onOutgoingCalls(({ item }, token) =>
    guarded('callHierarchy', null, async () => {
      const answer = await server.answer(item.uri, token);
      return answer === undefined ? null : endersOf(answer, item);
    }),
  );
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
    guarded('inlayHint', null, async () => {
      const settings = await server.settings(uri);
      if (!settings.inlayHints.provenance && !settings.inlayHints.context) return null;
      const answer = await server.answer(uri, token);
      return answer === undefined ? null : inlayHintsIn(answer, range, settings);
    }),
  );
}

function offsetIn(text: string, { line, character }: WirePosition): number {
  return lineIndex(text).offset({ line: line + 1, column: character + 1 });
}
