import assert from 'node:assert/strict';
import type { WireFinding, WireSeries } from '../../server/lsp/messages.ts';
import { add, closed, drop, edit, noDrafts, reviewed, type Drafts } from './drafts.ts';

const uri = 'file:///s.mbox';

const finding = (id: string, over: Partial<WireFinding> = {}): WireFinding => ({
  id,
  rule: 'iommu-mmio-missing',
  severity: 'error',
  message: 'm',
  file: 'a.c',
  fileLine: 1,
  line: 7,
  relation: '',
  comment: `words on ${id}`,
  ...over,
});

const series = (...introduced: WireFinding[]): WireSeries => ({
  uri,
  version: 1,
  title: 's',
  base: 'tree',
  tree: '/t',
  introduced: introduced.length,
  fixed: 0,
  cameAndWent: 0,
  patches: [{ number: '', name: 's', line: 0, files: [], introduced, fixed: [], notes: [], otherFiles: 0 }], // prettier-ignore
  existing: [],
});

const texts = ({ list }: Drafts): string[] => list.map(({ line, text }) => `${line} ${text}`);

describe('draft comments', () => {
  const first = reviewed(noDrafts, series(finding('a'), finding('b')));

  it('are made for what a series introduces and leaves', () => {
    assert.deepEqual(texts(first), ['7 words on a', '7 words on b']);
    const later = [finding('c', { relation: 'fixed in 3/3' }), finding('d', { line: null })];
    assert.deepEqual(texts(reviewed(noDrafts, series(...later))), []);
  });

  it('keep what the reviewer wrote, follow their line, and go with their finding', () => {
    const id = first.list[0]!.id;
    const changed = add(edit(first, id, 'better words'), uri, 3, 'mine');
    const again = reviewed(changed, series(finding('a', { line: 9 })));
    assert.deepEqual(texts(again).sort(), ['3 mine', '9 better words']);
    assert.deepEqual(texts(reviewed(first, series(finding('b')))), ['7 words on b']);
    const mended = reviewed(changed, series());
    assert.deepEqual(texts(mended).sort(), ['3 mine', '7 better words']);
  });

  it('stay away once they are dropped, by hand or by emptying them', () => {
    const [a, b] = first.list;
    const left = edit(drop(first, a!.id), b!.id, '  ');
    assert.deepEqual(texts(left), []);
    assert.deepEqual(texts(reviewed(left, series(finding('a'), finding('b')))), []);
    assert.equal(texts(reviewed(closed(left, uri), series(finding('a')))).length, 1);
  });

  it('of other documents are left alone', () => {
    const both = add(first, 'file:///other.patch', 1, 'there');
    assert.deepEqual(texts(closed(both, uri)), ['1 there']);
    assert.ok(texts(reviewed(both, series())).includes('1 there'));
  });
});
