import assert from 'node:assert/strict';
import { TEXT_COLUMNS } from '../bits/width.ts';
import { MOST_LINES } from '../text/explanation.ts';
import { fieldFamilies } from './all.ts';
import { explainField } from './explainField.ts';

const all = fieldFamilies.flatMap((family) => family.entries.map((entry) => ({ entry, family })));

describe('the tables of fields', () => {
  it('name each thing once in a family', () => {
    for (const { entries, format } of fieldFamilies) {
      const names = entries.map(({ name, path, word }) => `${name} ${path} ${word ?? ''}`);
      assert.deepEqual(
        names.filter((name, i) => names.indexOf(name) !== i),
        [],
        format,
      );
    }
  });

  it('give bits that a word has', () => {
    for (const { entry, family } of all) {
      if (entry.high === undefined) continue;
      assert.ok(entry.low! >= 0 && entry.low! <= entry.high && entry.high <= 63, entry.name);
      assert.ok(family.format !== '' && entry.path !== '');
    }
  });

  it('name fields that exist for their codes', () => {
    for (const { entry, family } of all) {
      if (entry.of === undefined) continue;
      assert.ok(
        family.entries.some(({ name }) => name === entry.of),
        `${entry.name} of ${entry.of}`,
      );
    }
  });

  it('say each meaning in one clause: no full stop, no tab, no capital where none belongs', () => {
    for (const { entry } of all) {
      const { text, name } = entry;
      if (text === undefined) continue;
      assert.ok(!text.endsWith('.') && !/[\t\n]| {2}/.test(text), name);
      assert.ok(text.length <= 100, `${name}: ${text.length}`);
      assert.doesNotMatch(text, /^(?:The|A|An|This|Used|Set up) /, name);
    }
  });

  it('look at names that the family has, where the model looks at some only', () => {
    for (const { modelled, entries, format } of fieldFamilies) {
      for (const name of modelled ?? []) {
        assert.ok(
          entries.some((entry) => entry.name === name),
          `${format}: ${name}`,
        );
      }
    }
  });
});

describe('explaining a field', () => {
  it('fits into 15 lines of 72 columns, for every name of every table', () => {
    for (const known of all) {
      const { title, lines } = explainField(known, undefined, { definitionOf: () => undefined });
      assert.ok(lines.length < MOST_LINES, known.entry.name);
      assert.ok(title.startsWith(known.entry.name), title);
      const wide = lines.filter((line) => line.startsWith('|') && line.length > TEXT_COLUMNS);
      assert.deepEqual(wide, [], known.entry.name);
    }
  });

  it('says nothing where nobody wrote a meaning', () => {
    const known = all.find(({ entry }) => entry.name === 'IDR0_ASID16')!;
    assert.equal(known.entry.text, undefined);
    const { title } = explainField(known, undefined, { definitionOf: () => undefined });
    assert.equal(title, 'IDR0_ASID16, bit 12');
  });
});
