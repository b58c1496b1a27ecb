import path from 'node:path';
import {
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DocumentDiagnosticReportKind,
  TextDocuments,
  type CancellationToken,
  type Connection,
  type Diagnostic,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Git } from '../host/git.ts';
import { commitFiles } from '../host/gitTree.ts';
import type { Host } from '../host/host.ts';
import { agree, initializeResult } from './agreement.ts';
import { createDesk } from './desk.ts';
import { registerExplanations } from './explain/register.ts';
import { NOT_ANALYSED, SERIES, STATUS, TRUST } from './messages.ts';
import { pathOfUri, uriOfPath } from './places.ts';
import { isPatchDocument } from './patch/kinds.ts';
import { sideOf } from './patch/origin.ts';
import { registerPatchDefinitions } from './patch/patchDefinitions.ts';
import { createPatchSources } from './patch/patchSources.ts';
import { createSideAnswers } from './patch/sideAnswers.ts';
import { createPatches, type PatchAnswer, type Patches } from './patch/patches.ts';
import { proofOf, simulationDiagnostics } from './simulate/simulationDiagnostics.ts';
import { functionLenses } from './simulate/functionLenses.ts';
import { simulationLenses } from './simulate/simulationLenses.ts';
import { registerSimulation } from './simulate/simulateRequests.ts';
import { createSimulations } from './simulate/simulations.ts';
import type { Simulator } from './simulate/simulator.ts';
import { registerPatchRequests } from './patch/patchRequests.ts';
import { seriesStatus, wireSeries } from './patch/wireSeries.ts';
import { reviewProgress } from './progress.ts';
import { registerFindingRequests } from './findingRequests.ts';
import type { Reviewer } from './review.ts';
import { createSettingsStore } from './settingsStore.ts';
import { createTrees, nameInTree } from './trees.ts';
import { ordinaryTurn } from './turns.ts';
import { createWorkspace, type Answer, type Workspace } from './workspace.ts';

/** Everything that the server takes from outside, so that tests can replace it. */
export interface Runtime {
  readonly host: Host;
  readonly reviewer: Reviewer;
  readonly simulator: Simulator;
  textAtHead(file: string): Promise<string | undefined>;
  /** The repository around a folder; not asked in workspaces that are not trusted. */
  git(folder: string): Git;
  /** Folder with the pages of the rules; empty where there is none. */
  readonly ruleFolder: string;
  /** How long a review goes on without letting messages in. Unit: milliseconds. Default: {@link ordinaryTurn}. */
  readonly turn?: number;
}

/** Answers a client on a connection until it goes away. */
export function startServer(connection: Connection, runtime: Runtime): void {
  const documents = new TextDocuments(TextDocument);
  const desk = createDesk(
    connection,
    reviewProgress(connection, () => agreed.progress),
    runtime.turn,
  );
  const settings = createSettingsStore(connection, runtime, () => agreed.configuration);
  let agreed = agree({}, {});
  let trusted = true;
  const openTexts = new Map<string, string>();
  const trees = createTrees(runtime.reviewer, openTexts);
  let workspace: Workspace = openWorkspace();
  let patches: Patches = openPatches();
  let folders: readonly string[] = [];
  const simulations = createSimulations();

  function gitAt(folder: string): Git | undefined {
    return trusted ? runtime.git(folder) : undefined;
  }

  function hasUi(): boolean {
    return agreed.options.ui === true;
  }

  function openWorkspace(): Workspace {
    return createWorkspace({
      host: runtime.host,
      trees,
      openTexts,
      documents,
      settings: settings.of,
      textAtHead: (file) => (trusted ? runtime.textAtHead(file) : Promise.resolve(undefined)),
      ruleLink,
      related: agreed.related,
      problemsInline: agreed.options.ui !== true,
      turn: runtime.turn ?? ordinaryTurn,
    });
  }

  function openPatches(): Patches {
    return createPatches({
      host: runtime.host,
      trees,
      documents,
      settings: settings.of,
      folders: () => folders,
      filesAt: (folder, commit) => {
        const git = gitAt(folder);
        return git && commitFiles(git, folder, commit);
      },
      presentation: {
        ruleLink,
        related: agreed.related,
        sides: hasUi(),
        notesInline: !hasUi(),
      },
      turn: runtime.turn ?? ordinaryTurn,
    });
  }

  function ruleLink(rule: string): string | undefined {
    const template = agreed.options.ruleLink;
    if (template !== undefined) return template.replace('{rule}', rule);
    const page = path.join(runtime.ruleFolder, `${rule}.md`);
    return runtime.host.kind(page) === 'file' ? uriOfPath(page) : undefined;
  }

  const isPatch = (uri: string): boolean =>
    isPatchDocument(uri, documents.get(uri)?.languageId ?? '');

  /** The answer about a C document for the text of now. */
  const answerFor = (uri: string, token?: CancellationToken): Promise<Answer | undefined> =>
    isPatch(uri)
      ? Promise.resolve(undefined)
      : desk.answer(
          workspace,
          uri,
          (answer) => {
            if (hasUi()) void connection.sendNotification(STATUS, workspace.status(answer));
          },
          token,
        );

  /** The answer about a document that holds patches. */
  const patchAnswerFor = (
    uri: string,
    token?: CancellationToken,
  ): Promise<PatchAnswer | undefined> =>
    isPatch(uri)
      ? desk.answer(
          patches,
          uri,
          (answer) => {
            if (!hasUi()) return;
            void connection.sendNotification(SERIES, wireSeries(answer));
            void connection.sendNotification(STATUS, seriesStatus(answer));
            refreshSides(uri);
            forecast.reviewed(answer);
          },
          token,
        )
      : Promise.resolve(undefined);

  const sources = createPatchSources(desk);
  const sides = createSideAnswers({
    ...{ documents, patch: patchAnswerFor, sources, ruleLink },
    related: () => agreed.related,
  });

  /** The answer about a text of C: a document on disk, or a side of a patched file. */
  const codeAnswerFor = (uri: string, token?: CancellationToken): Promise<Answer | undefined> =>
    sideOf(uri) === undefined ? answerFor(uri, token) : sides.answer(uri, token);

  const anyAnswerFor = (
    uri: string,
    token?: CancellationToken,
  ): Promise<Answer | PatchAnswer | undefined> =>
    isPatch(uri) ? patchAnswerFor(uri, token) : codeAnswerFor(uri, token);

  /** The diagnostics of an answer, with what simulations of the same text showed. */
  function diagnosticsOf(answer: Answer | PatchAnswer): { id: string; items: Diagnostic[] } {
    const kept = simulations.of(answer.uri, answer.version);
    const { folder } = answer.tree;
    if (kept.length === 0 || folder === undefined) {
      return { id: answer.id, items: [...answer.diagnostics] };
    }
    const file = pathOfUri(answer.uri);
    const shown = simulationDiagnostics(kept, {
      ...{ uri: answer.uri, lines: answer.lines, tree: folder },
      file: file === undefined ? undefined : nameInTree(file, folder),
      ...{ related: agreed.related, sides: hasUi() },
    });
    const ids = kept.map(({ id }) => id).join();
    return { id: `${answer.id} simulated ${ids}`, items: [...answer.diagnostics, ...shown] };
  }

  /** What is said about the sides of patched files may have changed, though their texts did not. */
  function refreshSides(document: string): void {
    const open = documents.all().filter(({ uri }) => sideOf(uri)?.document === document);
    if (open.length > 0 && agreed.pull && agreed.refresh)
      void connection.languages.diagnostics.refresh();
    for (const { uri } of open) push(uri);
  }

  const waiting = new Set<string>();
  /** For clients that do not ask: reviews a document once the messages that are already here are read. */
  function push(uri: string): void {
    if (agreed.pull || waiting.has(uri)) return;
    waiting.add(uri);
    void desk
      .later(() => {
        waiting.delete(uri);
      })
      .then(() => anyAnswerFor(uri))
      .then((answer) => {
        if (answer === undefined || documents.get(uri) === undefined) return;
        void connection.sendDiagnostics({
          uri,
          version: answer.version,
          diagnostics: diagnosticsOf(answer).items,
        });
      });
  }

  /** Something other than a text changed: every diagnostic is asked for, or sent, again. */
  function refresh(): void {
    if (agreed.pull && agreed.refresh) void connection.languages.diagnostics.refresh();
    for (const { uri } of documents.all()) push(uri);
  }

  connection.onInitialize((params) => {
    agreed = agree(params.capabilities, params.initializationOptions);
    trusted = agreed.options.trusted !== false;
    settings.sent(params.initializationOptions);
    workspace = openWorkspace();
    patches = openPatches();
    folders = foldersOf(params);
    return initializeResult(agreed);
  });

  connection.onInitialized(() => {
    if (agreed.folderChanges) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = removed.flatMap(({ uri }) => pathOfUri(uri) ?? []);
        const come = added.flatMap(({ uri }) => pathOfUri(uri) ?? []);
        folders = [...folders.filter((folder) => !gone.includes(folder)), ...come];
        patches.changed();
        refresh();
      });
    }
    if (agreed.dynamicConfiguration) {
      void connection.client.register(DidChangeConfigurationNotification.type, {
        section: 'iovet',
      });
    }
    if (agreed.dynamicWatching) {
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{c,h}' }, { globPattern: '**/.git/logs/HEAD' }],
      });
    }
  });

  connection.onDidChangeConfiguration(({ settings: sent }) => {
    settings.changed(sent);
    trees.reset();
    workspace.reset();
    patches.changed();
    refresh();
  });

  connection.onNotification(TRUST, () => {
    trusted = true;
    workspace.headChanged();
    patches.changed();
    refresh();
  });

  connection.onDidChangeWatchedFiles(({ changes }) => {
    const files = changes.flatMap(({ uri }) => pathOfUri(uri) ?? []);
    const sources = files.filter((file) => /\.[ch]$/.test(file) && !isOpen(file));
    if (sources.length > 0) workspace.filesChanged(sources);
    if (sources.length > 0) patches.changed();
    if (files.some((file) => file.endsWith(path.join('logs', 'HEAD')))) workspace.headChanged();
    if (sources.length > 0 || sources.length < files.length) refresh();
  });

  const isUnlikeDisk = (file: string, text: string): boolean => {
    const read = runtime.host.readText(file);
    return !read.ok || read.text !== text;
  };

  const isOpen = (file: string): boolean =>
    documents.all().some(({ uri }) => pathOfUri(uri) === file);

  documents.onDidChangeContent(({ document }) => {
    push(document.uri);
  });

  documents.onDidSave(({ document }) => {
    workspace.headChanged(document.uri);
    const file = pathOfUri(document.uri);
    if (file !== undefined) patches.fileChanged(file);
    if (file?.endsWith('.h') === true) {
      // A header counts for the files that include it once it is saved: not with every letter typed.
      workspace.filesChanged([file]);
      refresh();
    } else {
      push(document.uri);
    }
  });

  documents.onDidClose(({ document }) => {
    const file = pathOfUri(document.uri);
    // What was not saved is gone.
    if (file !== undefined && isUnlikeDisk(file, document.getText())) patches.fileChanged(file);
    settings.forget(document.uri);
    workspace.close(document.uri);
    patches.close(document.uri);
    sides.close(document.uri);
    simulations.forget(document.uri);
    if (!agreed.pull) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.languages.diagnostics.on(async (params, token) => {
    const answer = await anyAnswerFor(params.textDocument.uri, token);
    if (answer === undefined) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    const { id, items } = diagnosticsOf(answer);
    return id === params.previousResultId
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId: id }
      : { kind: DocumentDiagnosticReportKind.Full, resultId: id, items };
  });

  registerFindingRequests(connection, {
    desk,
    answer: codeAnswerFor,
    patchAnswer: patchAnswerFor,
    sources,
    rule: (id) => runtime.reviewer.rule(id),
    ruleLink,
    proof: (answer, finding) => proofOf(simulations.of(answer.uri, answer.version), finding),
    agreed: () => agreed,
  });

  registerExplanations(connection, {
    answer: codeAnswerFor,
    last: (uri) => workspace.last(uri),
    text: (uri) => documents.get(uri)?.getText(),
    settings: settings.of,
    markup: () => (agreed.markdown ? 'markdown' : 'plaintext'),
    guarded: desk.guarded,
  });

  registerPatchDefinitions(connection, {
    ...{ guarded: desk.guarded, patch: patchAnswerFor, sources },
    side: (uri, token) => sides.answer(uri, token),
  });

  registerPatchRequests(connection, {
    desk,
    answer: patchAnswerFor,
    moreLenses: (answer) => simulationLenses(answer, simulations.of(answer.uri, answer.version)),
    otherLenses: async (uri, token) => {
      if (!(await settings.of(uri)).codeLens.functions) return [];
      const answer = await answerFor(uri, token);
      if (answer === undefined) return [];
      return functionLenses(answer, simulations.of(answer.uri, answer.version));
    },
    otherSide: ({ document, side }) => {
      const text = side === 'before' ? simulations.textBefore(document) : undefined;
      return text === undefined ? null : { text, lines: [] };
    },
    gitAt,
    onTree: (answer, patch) => patches.onTree(answer, patch),
    fileUri: (answer, name) => {
      const file = `${answer.tree.folder ?? ''}/${name}`;
      return answer.tree.folder !== undefined && runtime.host.kind(file) === 'file'
        ? uriOfPath(file)
        : undefined;
    },
  });

  const forecast = registerSimulation(connection, {
    ...{ host: runtime.host, desk, simulator: runtime.simulator, simulations },
    ...{ file: answerFor, settings: settings.of },
    patch: async (uri, token) => {
      const wanted = (): boolean => !token.isCancellationRequested;
      return isPatch(uri) ? patches.applied(uri, { wanted, progress: () => undefined }) : undefined;
    },
    documents: () => documents.all(),
    textAtHead: (file) => (trusted ? runtime.textAtHead(file) : Promise.resolve(undefined)),
    isTrusted: () => trusted,
    changed: (uri) => {
      if (agreed.pull && agreed.refresh) void connection.languages.diagnostics.refresh();
      if (agreed.lensRefresh) void connection.sendRequest(CodeLensRefreshRequest.type);
      push(uri);
    },
  });

  connection.onRequest(NOT_ANALYSED, () => workspace.notAnalysed());

  documents.listen(connection);
  connection.listen();
}

/** Folders of the workspace. */
function foldersOf({ workspaceFolders }: InitializeParams): string[] {
  return (workspaceFolders ?? []).flatMap(({ uri }) => pathOfUri(uri) ?? []);
}
