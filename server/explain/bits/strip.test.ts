import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bitStrip } from './strip.ts';
import { TEXT_COLUMNS } from './width.ts';

const flag = (name: string, bit: number) => ({ name, high: bit, low: bit });

describe('the diagram of a word', () => {
  it('marks a field among its neighbours', () => {
    const marked = { name: 'CFG', high: 3, low: 1 };
    assert.deepEqual(bitStrip([flag('V', 0), marked], { bits: 8, marked }), [
      '|7:4|3:1|0|',
      '| . |CFG|V|',
      '     ^^^',
    ]);
  });

  it('shows values, and zeros between the fields', () => {
    const fields = [
      { name: 'OA', high: 7, low: 4, value: '0xf' },
      { ...flag('R', 0), value: '1' },
    ];
    assert.deepEqual(bitStrip(fields, { bits: 8 }), ['|7:4|3:1|0|', '|OA | . |R|', '|0xf| 0 |1|']);
  });

  it('cuts a word that is too wide, and shows the piece of the marked field', () => {
    const fields = Array.from({ length: 16 }, (_, i) => flag(`LONG_NAME_${i}`, 63 - i));
    const marked = fields[8]!;
    const lines = bitStrip(fields, { bits: 64, marked });
    assert.match(lines[0]!, /^….*…$/);
    assert.equal(lines[1]!.indexOf('LONG_NAME_8'), lines.at(-1)!.indexOf('^'));
  });

  it('is never wider than 72 columns while its names are short, and covers every bit once', () => {
    const words = fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(words, (bits) => {
        const lines = bitStrip(
          bits.map((bit) => flag(`F${bit}`, bit)),
          { bits: 64 },
        );
        assert.ok(lines.every((line) => line.length <= TEXT_COLUMNS));
        const spans = lines.filter((_, i) => i % 2 === 0).flatMap((line) => line.match(/\d+(?::\d+)?/g) ?? []); // prettier-ignore
        const covered = spans.reduce((sum, span) => {
          const [high, low = high] = span.split(':').map(Number);
          return sum + high! - low! + 1;
        }, 0);
        assert.equal(covered, 64);
      }),
    );
  });
});
