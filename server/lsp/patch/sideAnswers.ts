import type { CancellationToken } from 'vscode-languageserver/node';
import type { ChangeFinding } from '../../review/patch/seriesReview.ts';
import { diagnosticOf } from '../diagnostics.ts';
import type { Answer, OpenDocument } from '../workspace.ts';
import { sideOf } from './origin.ts';
import type { PatchAnswer } from './patches.ts';
import { changedFile } from './patchPlaces.ts';
import { locateAround, type PatchSources, type SideOfFile } from './patchSources.ts';

/** What the answers about sides need. */
export interface SidesAround {
  readonly documents: { get(uri: string): OpenDocument | undefined };
  readonly patch: (uri: string, token?: CancellationToken) => Promise<PatchAnswer | undefined>;
  readonly sources: PatchSources;
  readonly ruleLink: (rule: string) => string | undefined;
  /** The client takes related information. */
  readonly related: () => boolean;
}

/** Answers about the documents that hold one side of a patched file. */
export interface SideAnswers {
  /** Undefined for a document that is none, or older than its patch. */
  answer(uri: string, token?: CancellationToken): Promise<Answer | undefined>;
  close(uri: string): void;
}

/** No answer yet. */
export function createSideAnswers(around: SidesAround): SideAnswers {
  const answers = new Map<string, Answer>();

  const answer: SideAnswers['answer'] = async (uri, token) => {
    const params = sideOf(uri);
    if (params === undefined) return undefined;
    const patch = await around.patch(params.document, token);
    const document = around.documents.get(uri);
    const file = patch && changedFile(patch.change, params.patch, params.path);
    if (patch === undefined || document === undefined || file === undefined) return undefined;
    const text = document.getText();
    // The client reads it anew after each review; what is said about the new text is no word about the old one.
    if (file[params.side]?.text !== text) return undefined;
    const id = `${patch.id} ${document.version}`;
    const known = answers.get(uri);
    if (known?.id === id) return known;
    const { version } = document;
    const side: SideOfFile = { patch: params.patch, side: params.side, file };
    const locate = locateAround(patch, side);
    const show = {
      ...{ locate, ruleLink: around.ruleLink, related: around.related() },
      // What the patch mends is no fault of it.
      unchanged: () => params.side === 'before',
    };
    const shown = findingsOf(patch, side).map((finding) => ({
      finding,
      diagnostic: diagnosticOf(finding, show),
    }));
    const fresh: Answer = {
      ...{ uri, id, version, shown, locate, tree: patch.tree },
      lines: text.split(/\r\n|\n|\r/),
      diagnostics: shown.map(({ diagnostic }) => diagnostic),
      ...{ incomplete: [], functions: 0, analysed: 0 },
      readings: await around.sources.readings(patch, side, token),
    };
    if (around.documents.get(uri) !== undefined) answers.set(uri, fresh);
    return fresh;
  };
  return {
    answer,
    close: (uri) => {
      answers.delete(uri);
    },
  };
}

/** After a patch what it introduces, before it what it fixes. */
function findingsOf(
  { review }: PatchAnswer,
  { patch, file, side }: SideOfFile,
): readonly ChangeFinding[] {
  const of = patch === null ? review.whole : review.patches[patch];
  const list = side === 'after' ? of?.introduced : of?.fixed;
  return (list ?? []).filter((finding) => finding.file === file[side]?.path);
}
