import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readPositionedJson } from './positionedJson.ts';

describe('readPositionedJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, undefined, 2);
        const read = readPositionedJson(text);
        assert.ok(read.ok);
        assert.deepEqual(read.json.value, JSON.parse(text));
      }),
    );
  });

  it('says where members and items stand', () => {
    const text = '{ "a": [1, {"b.c": true}] }';
    const read = readPositionedJson(text);
    assert.ok(read.ok);
    const at = (path: string): string => text.slice(read.json.offsets.get(path));
    assert.match(at('/a'), /^"a"/);
    assert.match(at('/a/1'), /^\{"b\.c"/);
    assert.match(at('/a/1/b.c'), /^"b\.c"/);
  });

  it('names the first thing that is wrong', () => {
    const wrong = (text: string): unknown => {
      const read = readPositionedJson(text);
      return read.ok ? undefined : [read.offset, read.reason];
    };
    assert.deepEqual(wrong('{"a": 1 "b": 2}'), [8, '"," is missing']);
    assert.deepEqual(wrong('{"a": 1, "a": 2}'), [9, '"a" stands here twice']);
    assert.deepEqual(wrong('[1,'), [3, 'the text ends early']);
    assert.deepEqual(wrong('{a: 1}'), [1, 'a text in double quotes has to stand here']);
    assert.deepEqual(wrong('{} x'), [3, 'something follows the JSON value']);
    assert.deepEqual(wrong('['.repeat(100)), [64, 'nested too deep']);
  });
});
