import type { Selection } from '../checkers/run.ts';
import { analyzeInSlices } from '../flow/analyze.ts';
import { createFlowCache, type FlowCache } from '../flow/cache.ts';
import type { UnitFacts } from '../flow/facts.ts';
import type { KernelVersion } from '../program/kernelApi/contract.ts';
import type { Build } from '../program/openUnit.ts';
import { createProgram } from '../program/program.ts';
import type { Unit } from '../program/unit.ts';
import type { ParseResult, Syntax } from '../syntax/syntax.ts';
import { partOf, runSlices, type Slices } from '../text/slices.ts';
import { buildsOf } from './builds.ts';
import { type Files, sourceTree } from './files.ts';
import { chooseKernel, type ChosenKernel } from './kernel.ts';
import type { FileReview } from './review.ts';
import { reviewUnit } from './reviewUnit.ts';
import { settle, settleProblems, type Shown } from './settle.ts';
import { unparsed } from './unparsed.ts';

/** What a session reviews, and against what. */
export interface SessionSettings {
  /** Absolute path of the kernel tree; undefined for files outside of one. */
  readonly tree: string | undefined;
  /** Absolute folder that paths are relative to: the tree, or outside of one the folder of the user. */
  readonly root: string;
  /** Contracts to use instead of the tree's. */
  readonly kernel: KernelVersion | undefined;
  readonly selection: Selection;
  readonly shown: Shown;
}

/** What a review of an open document rests on, for explanations of the same text. One per build of the file. */
export interface Reading {
  readonly unit: Unit;
  readonly facts: UnitFacts;
  readonly text: string;
  readonly flow: FlowCache;
}

/** Reviews files of one tree. Holds what was read from it, so it is made once per tree and thread. */
export interface ReviewSession {
  readonly kernel: ChosenKernel;
  /** Reviews a text once. `file` is relative to the root, absolute where it lies outside. */
  review(file: string, text: string): FileReview;
  /**
   * Reviews an open document; what did not change since the last call is not analysed again.
   * A review that is dropped half way leaves its finished functions to the next one of the document.
   */
  reviewOpen(file: string, text: string): Slices<FileReview>;
  /** What the last finished review of an open document rests on; empty for files that are not open. */
  readings(file: string): readonly Reading[];
  /** A file changed on disk: what was read from it is not valid any more. */
  changed(file: string): void;
  /** A document was closed; its memory can go. */
  close(file: string): void;
}

/** Results of the engine, one cache per build of the file. */
type FlowCaches = Map<string, FlowCache>;

/** An open document: its last answer, and the results of its functions. */
interface OpenDocument {
  readonly flow: FlowCaches;
  /** Absent while its first review runs, and after one that was dropped. */
  readonly answer?: {
    readonly text: string;
    readonly review: FileReview;
    readonly readings: readonly Reading[];
  };
}

/** Starts a session. It reads the tree's Makefile at once, and everything else when a file needs it. */
export function openSession(
  syntax: Syntax,
  files: Files,
  settings: SessionSettings,
): ReviewSession {
  const { root, selection, shown } = settings;
  const kernel = chooseKernel(files, settings.tree, settings.kernel);
  const tree = sourceTree(files, root);
  const version = kernel.source === 'newest' ? undefined : kernel.version;
  const program = createProgram({ parsing: syntax, tree, ...(version && { version }) });
  const open = new Map<string, OpenDocument>();

  const reviewBuild = function* (
    file: string,
    { value, problems }: ParseResult,
    build: Build | undefined,
    caches: FlowCaches,
    readings: Reading[],
  ): Slices<FileReview> {
    const { text } = value;
    const unit = program.unit(file, value, build);
    const name = build?.name ?? '';
    const cache = caches.get(name) ?? createFlowCache();
    caches.set(name, cache);
    const facts = yield* analyzeInSlices(unit, { text, cache });
    readings.push({ unit, facts, text, flow: cache });
    const textOf = (name: string) => tree.read(name);
    return reviewUnit({
      unit,
      text,
      facts,
      problems: [...problems, ...unparsed(unit, value)],
      kernel,
      selection,
      shown,
      textOf,
    });
  };
  const reviewParsed = function* (
    file: string,
    parsed: ParseResult,
    caches: FlowCaches,
    readings: Reading[],
  ): Slices<FileReview> {
    const builds = buildsOf(file, parsed.value, program.headers, files, root);
    if (builds.length === 0) return yield* reviewBuild(file, parsed, undefined, caches, readings);
    const reviews: FileReview[] = [];
    for (const [i, build] of builds.entries()) {
      const slices = reviewBuild(file, parsed, build, caches, readings);
      reviews.push(yield* partOf(slices, i / builds.length, (i + 1) / builds.length));
    }
    return mergeBuilds(reviews, shown);
  };
  /** An error found while patching the old tree can be one of the patching: only a fresh parse may report it. */
  const parseOpen = (file: string, text: string): ParseResult => {
    const patched = syntax.parseOpen(file, text);
    if (!patched.value.items.some((item) => item.tree.hasError)) return patched;
    syntax.close(file);
    return syntax.parseOpen(file, text);
  };
  /** Whatever goes wrong inside is the review's to tell: the caller has other files. */
  const guarded = function* (file: string, work: () => Slices<FileReview>): Slices<FileReview> {
    try {
      return yield* work();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const reason = `internal error, the file was not analysed: ${why}`;
      return {
        file,
        findings: [],
        incomplete: [{ file, reason }],
        functions: 0,
        analysed: 0,
        suppressed: 0,
        allowed: [],
      };
    }
  };
  return {
    kernel,
    review: (file, text) =>
      runSlices(guarded(file, () => reviewParsed(file, syntax.parse(file, text), new Map(), []))),
    reviewOpen: function* (file, text) {
      const { flow, answer } = open.get(file) ?? { flow: new Map<string, FlowCache>() };
      if (answer?.text === text) return answer.review;
      // Noted before there is an answer: what was found before a drop is not lost.
      const running: OpenDocument = { flow };
      open.set(file, running);
      const readings: Reading[] = [];
      const review = yield* guarded(file, () =>
        reviewParsed(file, parseOpen(file, text), flow, readings),
      );
      // Another file may have changed meanwhile, or the document may be closed.
      if (open.get(file) === running) open.set(file, { flow, answer: { text, review, readings } });
      return review;
    },
    readings: (file) => open.get(file)?.answer?.readings ?? [],
    changed: (file) => {
      program.forget([file]);
      // What other documents were told may rest on the changed file.
      open.clear();
    },
    close: (file) => {
      open.delete(file);
      syntax.close(file);
    },
  };
}

/** One review of a file that several builds include. Its functions count once. */
function mergeBuilds(reviews: readonly FileReview[], shown: Shown): FileReview {
  const [first] = reviews;
  return {
    ...first!,
    findings: settle(
      reviews.flatMap(({ findings }) => findings),
      shown,
    ),
    allowed: settle(
      reviews.flatMap(({ allowed }) => allowed),
      shown,
    ),
    incomplete: settleProblems(reviews.flatMap(({ incomplete }) => incomplete)),
    analysed: Math.min(...reviews.map(({ analysed }) => analysed)),
  };
}
