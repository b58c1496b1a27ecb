import {
  CodeActionKind,
  type CancellationToken,
  type Connection,
  type Diagnostic,
} from 'vscode-languageserver/node';
import type { ReviewedFinding } from '../review/review.ts';
import { actionsOf, openRulePageCommand, pageAction } from './actions.ts';
import type { Agreement } from './agreement.ts';
import type { Desk } from './desk.ts';
import { explainingHover } from './explain/hover.ts';
import { hoverOf } from './hover.ts';
import {
  RULE_PAGE,
  STEPS,
  type RulePageParams,
  type StepsParams,
  type WirePosition,
} from './messages.ts';
import { hoverInHunk } from './patch/patchHover.ts';
import type { PatchSources } from './patch/patchSources.ts';
import type { PatchAnswer } from './patch/patches.ts';
import { stepsInPatch } from './patch/patchSteps.ts';
import type { RuleText } from './review.ts';
import { stepsAt } from './steps.ts';
import type { Answer } from './workspace.ts';

/** What the requests about findings need. */
export interface FindingRequests {
  readonly desk: Desk;
  /** The answer about a C document; undefined for every other one. */
  readonly answer: (uri: string, token?: CancellationToken) => Promise<Answer | undefined>;
  /** The answer about a document that holds patches; undefined for every other one. */
  readonly patchAnswer: (
    uri: string,
    token?: CancellationToken,
  ) => Promise<PatchAnswer | undefined>;
  readonly rule: (id: string) => RuleText | undefined;
  readonly ruleLink: (id: string) => string | undefined;
  /** What a simulation showed about the place of a finding. */
  readonly proof: (answer: Answer | PatchAnswer, finding: ReviewedFinding) => string | undefined;
  readonly sources: PatchSources;
  readonly agreed: () => Agreement;
}

/** Answers what is asked about findings: fixes, hovers, steps and the pages of their rules. */
export function registerFindingRequests(
  connection: Connection,
  {
    desk: { guarded },
    answer,
    patchAnswer,
    rule,
    ruleLink,
    proof,
    sources,
    agreed,
  }: FindingRequests,
): void {
  connection.onCodeAction(({ textDocument: { uri }, range, context }, token) =>
    guarded('codeAction', [], async () => {
      const wanted = context.only ?? [CodeActionKind.QuickFix];
      if (!wanted.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)) return [];
      const patch = await patchAnswer(uri, token);
      if (patch !== undefined) {
        return patch.shown
          .filter(({ diagnostic }) => touches(diagnostic.range, range))
          .map(({ finding, diagnostic }) => pageAction(finding, diagnostic));
      }
      const found = await answer(uri, token);
      if (found === undefined) return [];
      return found.shown
        .filter(({ diagnostic }) => touches(diagnostic.range, range))
        .flatMap(({ finding, diagnostic }) =>
          actionsOf(finding, diagnostic, {
            uri,
            version: found.version,
            lineText: (line) => found.lines[line] ?? '',
            locate: found.locate,
            snippets: agreed().snippets,
          }),
        );
    }),
  );

  connection.onHover(({ textDocument: { uri }, position }, token) =>
    guarded('hover', null, async () => {
      const kind = agreed().markdown ? 'markdown' : 'plaintext';
      const found = (await patchAnswer(uri, token)) ?? (await answer(uri, token));
      if (found === undefined) return null;
      const shown: readonly { finding: ReviewedFinding; diagnostic: Diagnostic }[] = found.shown;
      const hit = shown.find(({ diagnostic }) =>
        touches(diagnostic.range, { start: position, end: position }),
      );
      if (hit === undefined) {
        return 'series' in found
          ? hoverInHunk(found, position, kind, sources, token)
          : explainingHover(found, position, kind);
      }
      const { rule: id } = hit.finding;
      const value = hoverOf(hit.finding, rule(id), {
        link: ruleLink(id),
        proof: proof(found, hit.finding),
      });
      return { contents: { kind, value }, range: hit.diagnostic.range };
    }),
  );

  connection.onRequest(STEPS, ({ uri, position }: StepsParams) =>
    guarded(STEPS, null, async () => {
      const patch = await patchAnswer(uri);
      if (patch !== undefined) return stepsInPatch(patch.shown, position);
      const found = await answer(uri);
      return found === undefined
        ? null
        : stepsAt(
            found.shown.map(({ finding }) => finding),
            uri,
            position,
            found.locate,
          );
    }),
  );

  connection.onRequest(RULE_PAGE, ({ rule: id }: RulePageParams) => {
    const text = rule(id);
    return text === undefined ? null : { markdown: text.page };
  });

  connection.onExecuteCommand(({ command, arguments: args }) =>
    guarded(command, null, async () => {
      const id: unknown = args?.[0];
      const uri = typeof id === 'string' ? ruleLink(id) : undefined;
      if (command !== openRulePageCommand || uri === undefined) return null;
      await connection.window.showDocument({ uri });
      return null;
    }),
  );
}

const touches = (
  a: { start: WirePosition; end: WirePosition },
  b: { start: WirePosition; end: WirePosition },
): boolean => !(after(a.start, b.end) || after(b.start, a.end));

const after = (a: WirePosition, b: WirePosition): boolean =>
  a.line > b.line || (a.line === b.line && a.character > b.character);
