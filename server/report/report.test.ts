import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Meta } from '../checkers/checker.ts';
import type { PlacedStep, Review, ReviewedFinding } from '../review/review.ts';
import { unusedSuppression } from '../review/suppression.ts';
import { reviewJson } from './reviewJson.ts';
import { reviewSarif } from './sarif.ts';
import { coloured, plain } from './style.ts';
import { reviewText } from './text.ts';

const file = 'drivers/accel/qcap/qcap_mem.c';
const at = (line: number, column: number, endColumn: number) => ({
  start: { line, column },
  end: { line, column: endColumn },
});
const step = (line: number, name: string, message: string): PlacedStep => ({
  file,
  span: { start: line, end: line + 1 },
  range: at(line, 2, 9),
  function: name,
  message,
});

const finding: ReviewedFinding = {
  rule: 'iommu-map-unmap-size',
  severity: 'error',
  confidence: 'high',
  file,
  span: { start: 10, end: 19 },
  range: at(161, 45, 54),
  lineText: '\tiommu_unmap(q->domain, q->ring_iova + off, PAGE_SIZE);',
  function: 'qcap_ring_exit',
  message: 'unmaps PAGE_SIZE per turn, but line 121 mapped q->ring_size in one call',
  steps: [
    step(121, 'qcap_map_ring', 'maps q->ring_size at q->ring_iova in one call'),
    step(161, 'qcap_ring_exit', 'unmaps PAGE_SIZE at q->ring_iova + off, first turn'),
  ],
  related: [step(121, 'qcap_map_ring', 'mapped here')],
  fixes: [
    {
      title: 'Unmap q->ring_size in one call',
      safe: false,
      code: 'iommu_unmap(q->domain, q->ring_iova, q->ring_size)',
      edits: [{ file, span: { start: 10, end: 19 }, range: at(161, 45, 54), text: 'q->ring_size' }],
    },
  ],
  fingerprint: '0123456789abcdef',
  stem: 'fedcba9876543210',
  builds: [],
};

const review: Review = {
  kernel: { version: '7.3', source: 'tree' },
  findings: [finding],
  incomplete: [
    {
      file: 'drivers/accel/qcap/qcap_ras.c',
      line: 88,
      function: 'qcap_ras_decode',
      reason: 'too many states (bound 20000)',
    },
  ],
  notLookedAt: [],
  files: { offered: 9, analysed: 6 },
  functions: { total: 214, analysed: 213 },
  suppressed: 0,
};

const empty: Review = {
  ...review,
  findings: [],
  incomplete: [],
  functions: { total: 214, analysed: 214 },
};
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)!;

describe('reviewText', () => {
  it('prints place, message, source with carets, steps, fix and what was not analysed', () => {
    assert.equal(
      reviewText(review, plain, 0.4),
      [
        'drivers/accel/qcap/qcap_mem.c:161:45: error: unmaps PAGE_SIZE per turn, but line 121 mapped q->ring_size in one call [iommu-map-unmap-size]',
        '    161 |         iommu_unmap(q->domain, q->ring_iova + off, PAGE_SIZE);',
        '        |                                                    ^^^^^^^^^',
        '  1. line 121: maps q->ring_size at q->ring_iova in one call (qcap_map_ring)',
        '  2. line 161: unmaps PAGE_SIZE at q->ring_iova + off, first turn (qcap_ring_exit)',
        '  fix: iommu_unmap(q->domain, q->ring_iova, q->ring_size)',
        'not analysed: drivers/accel/qcap/qcap_ras.c:88: qcap_ras_decode(): too many states (bound 20000)',
        '1 error, 0 warnings · 213 of 214 functions analysed, 1 not · 6 files (3 without DMA or IOMMU calls), contracts of 7.3 (from Makefile) · 0.4 s',
        '',
      ].join('\n'),
    );
  });

  it('has the same characters in colour', () => {
    const colour = reviewText(review, coloured, 0.4);
    // eslint-disable-next-line no-control-regex -- the escape is what is looked for
    assert.equal(colour.replace(/\u001b\[[0-9;]*m/g, ''), reviewText(review, plain, 0.4));
    assert.notEqual(colour, reviewText(review, plain, 0.4));
  });

  it('calls a run clean only when it is', () => {
    assert.equal(
      lastLine(reviewText(empty, plain, 0.4)),
      'no findings · 214 of 214 functions analysed · 6 files (3 without DMA or IOMMU calls), contracts of 7.3 (from Makefile) · 0.4 s',
    );
    assert.match(
      lastLine(reviewText({ ...review, findings: [] }, plain, 0.4)),
      /^no findings in what was analysed · 213 of 214 functions, 1 not: this is not a clean result · /,
    );
    assert.equal(
      lastLine(
        reviewText(
          {
            ...empty,
            files: { offered: 9, analysed: 0 },
            functions: { total: 0, analysed: 0 },
            notLookedAt: [
              { what: 'Rust', count: 3 },
              { what: 'Kconfig', count: 1 },
            ],
          },
          plain,
          0,
        ),
      ),
      'nothing to analyse: 0 of 9 files mention DMA or IOMMU interfaces; 3 Rust and 1 Kconfig files not looked at',
    );
  });
});

describe('reviewJson', () => {
  it('has the fields of the contract, in its order', () => {
    const json = JSON.parse(reviewJson(review, 0.4)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(json), [
      'version',
      'tool',
      'kernel',
      'findings',
      'incomplete',
      'notLookedAt',
      'summary',
    ]);
    const [first] = json['findings'] as Record<string, unknown>[];
    assert.equal(first!['line'], 161);
    assert.equal(first!['endColumn'], 54);
    assert.equal('status' in first!, false);
    assert.deepEqual(first!['steps'], [
      { file, line: 121, column: 2, message: 'maps q->ring_size at q->ring_iova in one call' },
      { file, line: 161, column: 2, message: 'unmaps PAGE_SIZE at q->ring_iova + off, first turn' },
    ]);
  });
});

/** The OASIS schema of SARIF 2.1.0, as draft 7 reads it: it uses nothing whose meaning changed since draft 4. */
function sarifSchema(): object {
  const require = createRequire(import.meta.url);
  const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<
    string,
    unknown
  >;
  const rest = { ...schema };
  delete rest['$schema'];
  delete rest['id'];
  return rest;
}

describe('reviewSarif', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const valid = ajv.compile(sarifSchema());
  const rules: readonly Meta[] = [unusedSuppression];
  const withPage = { rules, pageOf: (id: string) => `file:///docs/rules/${id}.md` };

  it('is valid SARIF 2.1.0 with everything in it, and with nothing', () => {
    for (const each of [review, empty]) {
      const log: unknown = JSON.parse(reviewSarif(each, withPage));
      assert.equal(valid(log), true, ajv.errorsText(valid.errors));
    }
    assert.equal(valid({ version: '2.1.0', runs: [{}] }), false);
  });

  it('carries steps, fingerprint, fix and incompleteness', () => {
    const [run] = (
      JSON.parse(reviewSarif(review, { rules, pageOf: () => undefined })) as {
        runs: Record<string, unknown>[];
      }
    ).runs;
    const text = JSON.stringify(run);
    assert.match(text, /"partialFingerprints":\{"iovet\/v1":"0123456789abcdef"\}/);
    assert.match(text, /"threadFlows"/);
    assert.match(text, /"insertedContent":\{"text":"q->ring_size"\}/);
    assert.match(text, /qcap_ras_decode\(\): too many states/);
    assert.doesNotMatch(text, /primaryLocationLineHash/);
  });
});
