import assert from 'node:assert/strict';
import type { FlowPlace, UnitFacts } from '../flow/facts.ts';
import { defineChecker } from './checker.ts';
import { runThese } from './run.ts';

const at = (start: number, line: number): FlowPlace => ({
  file: 'a.c',
  span: { start, end: start + 1 },
  line,
  function: 'f',
});
const unit = { file: 'a.c', facts: {}, problems: [], counts: {} } as unknown as UnitFacts;
const around = { kernel: '7.2' };
const described = {
  summary: 'Correct code does not do this.',
  severity: 'error',
  confidence: 'high',
  maturity: 'stable',
  since: '0.1.0',
  needs: [],
  sources: [],
  falsePositives: [],
  limits: [],
  page: { what: '', why: '', example: '', instead: '' },
} as const;

describe('running the rules', () => {
  it('sorts findings by place and keeps one per place', () => {
    const rule = defineChecker(
      { ...described, id: 'late-first', messages: { m: 'as {L} says' } },
      (_facts, report) => {
        for (const start of [30, 10, 10]) {
          report({ message: 'm', values: { L: at(0, 3) }, at: at(start, 9) });
        }
      },
    );
    const { findings, problems } = runThese([rule], unit, around);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      findings.map((finding) => [finding.span.start, finding.message, finding.function]),
      [
        [10, 'as line 3 says', 'f'],
        [30, 'as line 3 says', 'f'],
      ],
    );
  });

  it('keeps the surest of one place', () => {
    const rule = defineChecker(
      { ...described, id: 'unsure-first', messages: { m: 'says {how}' } },
      (_facts, report) => {
        for (const how of ['low', 'high', 'medium'] as const)
          report({ message: 'm', values: { how }, at: at(10, 9), confidence: how });
      },
    );
    const { findings } = runThese([rule], unit, around);
    assert.deepEqual(
      findings.map(({ message }) => message),
      ['says high'],
    );
  });

  it('turns a rule that throws into a problem that names it, and runs the others', () => {
    const broken = defineChecker({ ...described, id: 'broken', messages: {} }, () => {
      throw new Error('no such fact');
    });
    const good = defineChecker(
      { ...described, id: 'good', messages: { m: 'says so' } },
      (_facts, report) => {
        report({ message: 'm', values: {}, at: at(1, 1) });
      },
    );
    const { findings, problems } = runThese([broken, good], unit, around);
    assert.equal(findings.length, 1);
    assert.deepEqual(problems, [{ file: 'a.c', reason: 'rule broken failed: no such fact' }]);
  });

  it('folds the middle of a long path', () => {
    const rule = defineChecker(
      { ...described, id: 'long-path', messages: { m: 'ends here' } },
      (_facts, report) => {
        const steps = Array.from({ length: 10 }, (_, i) => ({
          place: at(i, i),
          message: `step ${i}`,
        }));
        report({ message: 'm', values: {}, at: at(1, 1), steps });
      },
    );
    const [finding] = runThese([rule], unit, around).findings;
    assert.deepEqual(
      finding!.steps.map((step) => step.message),
      ['step 0', 'step 1', '… 4 more conditions', 'step 6', 'step 7', 'step 8', 'step 9'],
    );
  });
});
