import {
  CodeActionKind,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { version } from '../report/version.ts';
import { openRulePageCommand } from './actions.ts';
import { explainingCapabilities } from './explain/register.ts';
import type { InitOptions } from './messages.ts';
import type { ProgressDisplay } from './progress.ts';

/** What was agreed with the client. */
export interface Agreement {
  readonly pull: boolean;
  readonly related: boolean;
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  readonly dynamicWatching: boolean;
  readonly refresh: boolean;
  readonly lensRefresh: boolean;
  readonly folderChanges: boolean;
  readonly snippets: boolean;
  readonly markdown: boolean;
  readonly progress: ProgressDisplay;
  readonly options: InitOptions;
}

/** Reads the capabilities and options of a client. */
export function agree(client: ClientCapabilities, options: unknown): Agreement {
  const { textDocument, workspace, window } = client;
  const own: InitOptions = typeof options === 'object' && options !== null ? options : {};
  return {
    pull: textDocument?.diagnostic !== undefined,
    related:
      (textDocument?.diagnostic?.relatedInformation ??
        textDocument?.publishDiagnostics?.relatedInformation) === true,
    configuration: workspace?.configuration === true,
    dynamicConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    dynamicWatching: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    lensRefresh: workspace?.codeLens?.refreshSupport === true,
    folderChanges: workspace?.workspaceFolders === true,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    snippets: workspace?.workspaceEdit?.snippetEditSupport === true,
    markdown: textDocument?.hover?.contentFormat?.includes('markdown') === true,
    progress: own.ui === true ? 'status' : window?.workDoneProgress === true ? 'protocol' : 'none',
    options: own,
  };
}

/** What the server offers a client in return. */
export function initializeResult(agreed: Agreement): InitializeResult {
  return {
    serverInfo: { name: 'iovet', version },
    capabilities: {
      positionEncoding: 'utf-16',
      textDocumentSync: {
        openClose: true,
        change: TextDocumentSyncKind.Incremental,
        save: { includeText: false },
      },
      ...(agreed.pull
        ? {
            diagnosticProvider: {
              identifier: 'iovet',
              interFileDependencies: true,
              workspaceDiagnostics: false,
            },
          }
        : {}),
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      hoverProvider: true,
      definitionProvider: true,
      ...explainingCapabilities,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      documentLinkProvider: {},
      ...(agreed.options.ui === true
        ? { codeLensProvider: {} }
        : { executeCommandProvider: { commands: [openRulePageCommand] } }),
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
}
