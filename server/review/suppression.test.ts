import assert from 'node:assert/strict';
import type { Finding } from '../checkers/finding.ts';
import { lineIndex } from '../text/lineIndex.ts';
import { applySuppressions, readSuppressions } from './suppression.ts';

const rule = 'dma-map-null-check';

const findingAt = (text: string, marked: string): Finding => ({
  rule,
  severity: 'error',
  confidence: 'high',
  file: 'a.c',
  span: { start: text.indexOf(marked), end: text.indexOf(marked) + marked.length },
  function: 'f',
  message: 'tests it for 0',
  steps: [],
  related: [],
  fixes: [],
});

function run(text: string, findings: readonly Finding[], incomplete = false) {
  const index = lineIndex(text);
  return applySuppressions(findings, readSuppressions(text), {
    file: 'a.c',
    lineOf: (offset) => index.position(offset).line,
    known: new Set([rule, 'iommu-unmap-ret']),
    ran: new Set([rule]),
    incompleteAt: () => incomplete,
    functionAt: () => 'f',
  });
}

describe('readSuppressions', () => {
  it('reads block and line comments, several rules and a wrapped reason', () => {
    const found = readSuppressions(
      'a; // iovet: allow(x): because\n/* iovet: allow(x, y): it\n * wraps */\nb;',
    );
    assert.deepEqual(
      found.map(({ rules, reason, firstLine, lastLine }) => ({
        rules,
        reason,
        firstLine,
        lastLine,
      })),
      [
        { rules: ['x'], reason: 'because', firstLine: 1, lastLine: 2 },
        { rules: ['x', 'y'], reason: 'it wraps', firstLine: 2, lastLine: 4 },
      ],
    );
  });

  it('is not fooled by strings and survives an unterminated comment', () => {
    assert.deepEqual(readSuppressions('p("/* iovet: allow(x): no */");'), []);
    assert.equal(readSuppressions('/* iovet: allow(x): open').length, 1);
  });
});

describe('applySuppressions', () => {
  it('allows on the same line and on the line below, not further', () => {
    const here = 'if (!dma) /* iovet: allow(dma-map-null-check): own mark */';
    assert.equal(run(here, [findingAt(here, 'dma')]).allowed.length, 1);
    const above = '/* iovet: allow(dma-map-null-check): own mark */\nif (!dma)';
    assert.equal(run(above, [findingAt(above, '!dma')]).allowed.length, 1);
    const far = '/* iovet: allow(dma-map-null-check): own mark */\n\nif (!dma)';
    const { allowed, unused } = run(far, [findingAt(far, '!dma')]);
    assert.deepEqual(allowed, []);
    assert.equal(unused.length, 1);
  });

  it('allows nothing without a reason, and says so', () => {
    const text = 'if (!dma) /* iovet: allow(dma-map-null-check) */';
    const { kept, unused } = run(text, [findingAt(text, '!dma')]);
    assert.equal(kept.length, 1);
    assert.match(unused[0]!.message, /without a reason/);
  });

  it('names the nearest rule for one that does not exist', () => {
    const { unused } = run('/* iovet: allow(dma-map-null): x */', []);
    assert.equal(
      unused[0]!.message,
      'allows dma-map-null, which is no rule; nearest: dma-map-null-check',
    );
  });

  it('does not judge a comment for a rule that did not run or in code that was not analysed', () => {
    assert.deepEqual(run('/* iovet: allow(iommu-unmap-ret): x */', []).unused, []);
    assert.deepEqual(run('/* iovet: allow(dma-map-null-check): x */', [], true).unused, []);
  });
});
