// Every rule against its fixtures. `npm run test:unit -- -g <rule id>` runs one rule; UPDATE_EXPECT=1 writes
// down messages and columns that moved, and never a verdict.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { checkers } from '../../server/checkers/all.generated.ts';
import type { Fix } from '../../server/checkers/finding.ts';
import { longestMessage } from '../../server/checkers/message.ts';
import type { ReviewedFinding } from '../../server/review/review.ts';
import type { Syntax } from '../../server/syntax/syntax.ts';
import { compare } from './compare.ts';
import { readFixture, type Fixture } from './fixture.ts';
import { loadParser, reviewFixture } from './pipeline.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'test-fixtures/checkers');

describe('rules', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await loadParser();
  });
  after(() => {
    syntax.dispose();
  });

  it('have a fixture folder each, and no folder is left over', () => {
    const folders = fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    assert.deepEqual(
      folders.sort(),
      checkers.map(({ meta }) => meta.id),
    );
  });

  for (const { meta } of checkers) {
    describe(meta.id, () => {
      const files = fs
        .readdirSync(path.join(folder, meta.id))
        .filter((name) => name.endsWith('.c'));
      const marks = files.flatMap((name) =>
        readFixture(name, fs.readFileSync(path.join(folder, meta.id, name), 'utf8')).files.flatMap(
          (file) => file.marks,
        ),
      );

      it('has wrong code, correct code and every message in its fixtures', () => {
        const own = marks.filter(({ subject }) => subject === meta.id);
        assert.ok(own.some(({ verdict }) => verdict === 'error' || verdict === 'warning'));
        assert.ok(own.some(({ verdict }) => verdict === 'ok'));
        const claims = own.filter(({ verdict }) => /^(error|warning|info|todo-fp)$/.test(verdict));
        for (const [name, text] of Object.entries(meta.messages)) {
          const pieces = text.split(/\{\w+\}/).map((piece) => piece.replace(/^\W+|\W+$/g, ''));
          const words = pieces.filter((piece) => piece.length > 3);
          assert.ok(
            claims.some(({ text: said }) => words.some((word) => said.includes(word))),
            `no fixture expects message '${name}'`,
          );
        }
      });

      it('names its known false positives, and each has a fixture', () => {
        assert.equal(
          meta.falsePositives.length > 0,
          marks.some(({ verdict, subject }) => verdict === 'todo-fp' && subject === meta.id),
        );
      });

      for (const name of files) {
        it(name, () => {
          const file = path.join(folder, meta.id, name);
          const text = fs.readFileSync(file, 'utf8');
          const fixture = readFixture(name, text);
          const reviews = reviewFixture(syntax, fixture, { rules: new Set([meta.id]) });
          const findings = reviews.flatMap((review): readonly ReviewedFinding[] => review.findings);
          const incomplete = reviews.flatMap((review) => review.incomplete);
          const { differences, rewritten } = compare(meta.id, text, fixture, findings);
          if (process.env['UPDATE_EXPECT'] === '1') fs.writeFileSync(file, rewritten);
          const missing = [
            ...differences,
            ...incomplete.map(
              (problem) => `not analysed: ${problem.function ?? ''} ${problem.reason}`,
            ),
          ];
          assert.deepEqual(missing, []);
          for (const finding of findings) {
            assert.ok(finding.message.length <= longestMessage, finding.message);
            assert.ok(finding.steps.length <= 7);
            for (const fix of finding.fixes) {
              const fixed = applyFix(fixture, fix);
              const left = reviewFixture(syntax, fixed, { rules: new Set([meta.id]) })
                .flatMap((review): readonly ReviewedFinding[] => review.findings)
                .filter(({ message }) => message === finding.message);
              const before = findings.filter(({ message }) => message === finding.message);
              assert.equal(left.length, before.length - 1, `'${fix.title}' does not mend it`);
            }
          }
        });
      }
    });
  }
});

/** The fixture after a quick fix. */
function applyFix(fixture: Fixture, fix: Fix): Fixture {
  const files = fixture.files.map((file) => {
    const edits = fix.edits.filter((edit) => edit.file === file.path);
    let { text } = file;
    for (const { span, text: by } of edits.toSorted((a, b) => b.span.start - a.span.start)) {
      text = text.slice(0, span.start) + by + text.slice(span.end);
    }
    return { ...file, text };
  });
  return { ...fixture, files };
}
