// The whole way from the text of a fixture to its findings, with no file system behind it.
import fs from 'node:fs';
import path from 'node:path';
import type { Confidence } from '../../server/checkers/finding.ts';
import type { Selection } from '../../server/checkers/run.ts';
import type { KernelVersion } from '../../server/program/kernelApi/contract.ts';
import type { FileReview } from '../../server/review/review.ts';
import { openSession } from '../../server/review/session.ts';
import { loadSyntax, type Syntax } from '../../server/syntax/syntax.ts';
import type { Fixture } from './fixture.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Loads the parser once for a test file. */
export function loadParser(): Promise<Syntax> {
  return loadSyntax(
    fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
    fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
  );
}

/** Reviews every C file of a fixture with some rules; all severities and confidences are shown. */
export function reviewFixture(
  syntax: Syntax,
  fixture: Fixture,
  selection: Selection,
): readonly FileReview[] {
  const texts = new Map(fixture.files.map(({ path: name, text }) => [`/fixture/${name}`, text]));
  const session = openSession(
    syntax,
    {
      readText: (name) => {
        const text = texts.get(name);
        return text === undefined
          ? { ok: false, problem: { file: name, reason: 'is not in the fixture' } }
          : { ok: true, text };
      },
    },
    {
      tree: '/fixture',
      root: '/fixture',
      kernel: fixture.kernel as KernelVersion | undefined,
      selection,
      shown: {
        severity: 'info',
        confidences: new Set<Confidence>(['high', 'medium', 'low']),
        builds: 'merged',
      },
    },
  );
  return fixture.files
    .filter(({ path: name }) => name.endsWith('.c'))
    .map(({ path: name, text }) => session.review(name, text));
}
