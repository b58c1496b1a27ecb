// The whole way from the text of a fixture to its findings, with no file system behind it.
import fs from 'node:fs';
import path from 'node:path';
import type { Confidence } from '../../server/checkers/finding.ts';
import type { Selection } from '../../server/checkers/run.ts';
import { analyzeUnit } from '../../server/flow/analyze.ts';
import type { UnitFacts } from '../../server/flow/facts.ts';
import type { KernelVersion } from '../../server/program/kernelApi/contract.ts';
import { newestRelease } from '../../server/program/kernelApi/versions.ts';
import { createProgram } from '../../server/program/program.ts';
import type { Unit } from '../../server/program/unit.ts';
import type { FileReview } from '../../server/review/review.ts';
import { reviewUnit } from '../../server/review/reviewUnit.ts';
import { loadSyntax, type Syntax } from '../../server/syntax/syntax.ts';
import type { Problem } from '../../server/text/problem.ts';
import type { Fixture } from './fixture.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Loads the parser once for a test file. */
export function loadParser(): Promise<Syntax> {
  return loadSyntax(
    fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
    fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
  );
}

interface AnalysedFile {
  readonly unit: Unit;
  readonly text: string;
  readonly facts: UnitFacts;
  readonly problems: readonly Problem[];
}

/** The facts of every C file of a fixture. */
export function analyseFixture(syntax: Syntax, fixture: Fixture): readonly AnalysedFile[] {
  const texts = new Map(fixture.files.map(({ path: name, text }) => [name, text]));
  const program = createProgram({
    parsing: syntax,
    tree: { read: (name) => texts.get(name), list: () => undefined },
    version: kernelOf(fixture),
  });
  return fixture.files
    .filter(({ path: name }) => name.endsWith('.c'))
    .map(({ path: name, text }) => {
      const { value, problems } = syntax.parse(name, text);
      const unit = program.unit(name, value);
      return { unit, text, facts: analyzeUnit(unit, { text }), problems };
    });
}

/** Reviews every C file of a fixture with some rules; all severities and confidences are shown. */
export function reviewFixture(
  syntax: Syntax,
  fixture: Fixture,
  selection: Selection,
): readonly FileReview[] {
  return analyseFixture(syntax, fixture).map((file) =>
    reviewUnit({
      ...file,
      kernel: { version: kernelOf(fixture), source: 'setting' },
      selection,
      shown: {
        severity: 'info',
        confidences: new Set<Confidence>(['high', 'medium', 'low']),
        builds: 'merged',
      },
      textOf: (name) => fixture.files.find((other) => other.path === name)?.text,
    }),
  );
}

/** The release whose contracts a fixture is judged by. */
export function kernelOf(fixture: Fixture): KernelVersion {
  return (fixture.kernel as KernelVersion | undefined) ?? newestRelease;
}
