import assert from 'node:assert/strict';
import type { WireFinding, WirePatch, WireSeries } from '../../server/lsp/messages.ts';
import { reviewFinished, rowsOf, type SeriesRow } from './seriesRows.ts';

const finding = (over: Partial<WireFinding> = {}): WireFinding => ({
  id: '0 abc',
  rule: 'iommu-mmio-missing',
  severity: 'error',
  message: 'maps a BAR without IOMMU_MMIO',
  file: 'drivers/accel/qcap/qcap_mem.c',
  fileLine: 142,
  inTree: null,
  line: 40,
  relation: '',
  comment: '',
  ...over,
});

const patch = (over: Partial<WirePatch> = {}): WirePatch => ({
  number: '1/3',
  name: 'add a doorbell window',
  line: 3,
  files: [{ path: 'a.c', line: 10, hunks: [[12, 20]] }],
  introduced: [],
  fixed: [],
  notes: [],
  otherFiles: 0,
  ...over,
});

const series = (over: Partial<WireSeries> = {}): WireSeries => ({
  uri: 'file:///s.mbox',
  version: 1,
  title: 'v2 accel/qcap: one ring mapping',
  base: 'tree',
  tree: '/src/linux',
  introduced: 1,
  fixed: 1,
  cameAndWent: 1,
  patches: [
    patch({ introduced: [finding({ relation: 'fixed in 3/3' })] }),
    patch({
      number: '2/3',
      name: 'map the ring in one call',
      introduced: [finding()],
      fixed: [finding()],
    }),
    patch({ number: '3/3', name: 'mark the doorbell', fixed: [finding()], otherFiles: 2 }),
  ],
  existing: [finding({ line: null }), finding({ line: null, id: 'whole x' })],
  ...over,
});

const text = ({ label, description }: SeriesRow): string => `${label}   ${description}`;

describe('view of patch series', () => {
  it('tells per patch what it introduces, fixes and what was not looked at', () => {
    const row = rowsOf(series());
    assert.equal(
      text(row),
      'v2 accel/qcap: one ring mapping   1 introduced · 1 fixed · 1 came and went',
    );
    assert.deepEqual(row.children.map(text), [
      '1/3 add a doorbell window   1 introduced, fixed in 3/3',
      '2/3 map the ring in one call   1 introduced · 1 fixed',
      '3/3 mark the doorbell   1 fixed · 2 files not looked at',
      'existing (2)   ',
    ]);
    assert.equal(row.children[3]!.expanded, false);
  });

  it('says what all patches are about once, in the title', () => {
    const names = (...all: string[]): string[] =>
      rowsOf(
        series({ existing: [], patches: all.map((name) => patch({ number: '', name })) }),
      ).children.map(({ label }) => label);
    assert.deepEqual(names('a/b: one', 'a/b: two'), ['one', 'two']);
    assert.deepEqual(names('a/b: one', 'c: two'), ['a/b: one', 'c: two']);
    assert.deepEqual(names('one', 'two'), ['one', 'two']);
  });

  it('reads aloud without its signs', () => {
    const [, second] = rowsOf(series()).children;
    assert.equal(second!.spoken, 'Patch 2 of 3, map the ring in one call, 1 introduced, 1 fixed');
    assert.equal(reviewFinished(series()), 'Review finished: 1 introduced, 1 fixed.');
  });

  it('opens a patch where it introduces something, else at its first hunk', () => {
    const [first, , third] = rowsOf(series()).children;
    assert.deepEqual([first!.line, third!.line], [40, 12]);
    assert.equal(rowsOf(series({ patches: [patch({ files: [] })] })).line, 3);
  });

  it('shows the findings of a single patch below the series, without a row for the patch', () => {
    const notes = [{ text: 'hunk 2 of a.c does not apply: x\nrebase it', line: 50 }];
    const row = rowsOf(
      series({ patches: [patch({ introduced: [finding()], notes })], existing: [] }),
    );
    assert.deepEqual(
      row.children.map(({ kind, label, description }) => [kind, label, description]),
      [
        ['introduced', 'maps a BAR without IOMMU_MMIO', 'qcap_mem.c:143'],
        ['note', 'hunk 2 of a.c does not apply: x', ''],
      ],
    );
  });

  it('says that nothing is introduced, and that there is no tree', () => {
    const quiet = rowsOf(
      series({ introduced: 0, fixed: 0, cameAndWent: 0, patches: [], existing: [], base: 'hunks' }),
    );
    assert.equal(quiet.description, 'nothing introduced');
    assert.match(quiet.tooltip, /No kernel tree/);
  });
});
