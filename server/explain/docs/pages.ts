import { spanText } from '../bits/strip.ts';
import { fieldFamilies } from '../fields/all.ts';
import type { FieldEntry, FieldFamily } from '../fields/define.ts';
import { numberText } from '../fields/explainField.ts';
import { effectLines, protFlags } from '../prot/effects.ts';
import { glossary } from './glossary.ts';

/** A page of the documentation that is made from the data of this layer. */
export interface DocumentationPage {
  /** Path below the repository. */
  readonly path: string;
  readonly markdown: string;
}

const NOTE = '<!-- Made by npm run generate. -->';

/** Every generated page: the glossary, a page per family of fields, and their list. */
export function documentationPages(): readonly DocumentationPage[] {
  return [
    { path: 'docs/glossary.md', markdown: glossaryPage() },
    { path: 'docs/fields/README.md', markdown: listPage() },
    ...fieldFamilies.map((family) => ({
      path: `docs/fields/${family.format}.md`,
      markdown: familyPage(family),
    })),
  ];
}

function glossaryPage(): string {
  return [
    '# Glossary',
    '',
    NOTE,
    '',
    "Names in iovet are the field's own.",
    "Where the kernel and a specification disagree, the kernel's word is used and the other one is given.",
    '',
    ...table(
      ['word', 'meaning', 'kernel', 'specifications'],
      glossary.map(({ word, meaning, kernel, specifications }) => [
        word,
        meaning,
        kernel,
        specifications,
      ]),
    ),
    '',
  ].join('\n');
}

function listPage(): string {
  return [
    '# Fields',
    '',
    NOTE,
    '',
    'What hover and `iovet explain` know about names of the kernel, by kind of entry.',
    'Bits and values are those of 7.3-rc7; in an editor the definition of the tree at hand goes before.',
    'A name without a meaning is one that nobody has written a text for yet.',
    '',
    ...table(
      ['kind', 'names', 'with a text', 'header'],
      fieldFamilies.map(({ format, title, entries, path }) => [
        `[${title}](${format}.md)`,
        String(entries.length),
        String(entries.filter(({ text }) => text !== undefined).length),
        `\`${path}\``,
      ]),
    ),
    '',
    '## Flags of iommu_map(), format by format',
    '',
    ...protFlags.flatMap((flag) => [
      `### ${flag.name}`,
      '',
      '```text',
      ...effectLines(flag),
      '```',
      '',
    ]),
  ].join('\n');
}

function familyPage(family: FieldFamily): string {
  const { title, path, setBy, readBy, model, source, entries } = family;
  const about: readonly (readonly [string, string | undefined])[] = [
    ['Header', `\`${path}\``],
    ['Set by', setBy],
    ['Read by', readBy],
    ['Model', model],
    ['Source', source],
  ];
  return [
    `# ${title[0]!.toUpperCase()}${title.slice(1)}`,
    '',
    NOTE,
    '',
    ...about.flatMap(([label, text]) => (text === undefined ? [] : [`- ${label}: ${text}`])),
    '',
    ...table(
      ['name', 'bits', 'value', 'meaning'],
      entries.map((entry) => [
        `\`${entry.name}\``,
        bitsText(entry, family),
        valueText(entry),
        entry.text ?? '',
      ]),
    ),
    '',
  ].join('\n');
}

function bitsText({ high, low, word }: FieldEntry, { wordBits }: FieldFamily): string {
  if (high === undefined || low === undefined) return '';
  const where = word === undefined ? '' : ` of ${wordBits === 32 ? 'dword' : 'word'} ${word}`;
  return `${spanText(high, low)}${where}`;
}

function valueText({ value, kind, of }: FieldEntry): string {
  if (value === undefined || kind === 'bit') return '';
  return of === undefined ? numberText(value) : `${numberText(value)} of \`${of}\``;
}

/** A table without padding: the pages are for reading rendered, and diffs stay small. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}
