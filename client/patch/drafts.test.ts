import assert from 'node:assert/strict';
import type { WireFinding, WireSeries } from '../../server/lsp/messages.ts';
import {
  add,
  closed,
  drop,
  edit,
  kept,
  moved,
  noDrafts,
  reviewed,
  type Drafts,
  type Edited,
} from './drafts.ts';

const uri = 'file:///s.mbox';

const finding = (id: string, over: Partial<WireFinding> = {}): WireFinding => ({
  id,
  rule: 'iommu-mmio-missing',
  severity: 'error',
  message: 'm',
  file: 'a.c',
  fileLine: 1,
  inTree: null,
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

const insertion = (line: number, text: string): Edited => ({
  start: { line, character: 0 },
  end: { line, character: 0 },
  text,
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

  it('keep what the reviewer wrote when the document or the window is closed', () => {
    const [a] = first.list;
    const written = add(edit(first, a!.id, 'better words'), uri, 3, 'mine');
    assert.deepEqual(texts(closed(written, uri)), ['7 better words', '3 mine']);
    const later: Drafts = { ...noDrafts, ...kept(add(written, 'untitled:x', 1, 'nowhere')) };
    assert.deepEqual(texts(later), ['7 better words', '3 mine']);
    const again = reviewed(add(later, uri, 4, 'more'), series(finding('a', { line: 9 })));
    assert.deepEqual(texts(again).sort(), ['3 mine', '4 more', '9 better words']);
    assert.equal(new Set(again.list.map(({ id }) => id)).size, 3);
  });

  it('stay with their lines when the document is edited', () => {
    const at = (...edits: Edited[]): number => moved(add(noDrafts, uri, 5, 'x'), uri, edits).list[0]!.line; // prettier-ignore
    const change = (from: [number, number], to: [number, number], text: string): Edited => ({
      start: { line: from[0], character: from[1] },
      end: { line: to[0], character: to[1] },
      text,
    });
    assert.equal(at(insertion(5, 'a\r\nb\n')), 7);
    assert.equal(at(change([5, 4], [5, 4], 'a\nb')), 5);
    assert.equal(at(change([5, 0], [5, 3], 'ab')), 5);
    assert.equal(at(insertion(6, 'a\n')), 5);
    assert.equal(at(change([2, 0], [4, 0], '')), 3);
    assert.equal(at(change([3, 2], [5, 0], '')), 3);
    assert.equal(at(change([4, 0], [7, 0], '')), 4);
    assert.equal(at(insertion(0, '\n'), insertion(6, '\n')), 7);
  });

  it('of other documents are left alone', () => {
    const both = add(first, 'file:///other.patch', 1, 'there');
    assert.deepEqual(texts(closed(both, uri)), ['1 there']);
    assert.deepEqual(texts(moved(both, uri, [insertion(0, 'x\n')])), [
      ...['8 words on a', '8 words on b', '1 there'],
    ]);
    assert.ok(texts(reviewed(both, series())).includes('1 there'));
  });
});
