// Spoils patches in the ways in which mails, editors and enemies do, by a seed.
import { diceOf, type Dice } from './dice.ts';
import { gitDiff } from './differ.ts';
import { driverAfter, driverBefore, driverPath } from './driver.ts';
import { base64, flowed, formatPatch, mail, quoted, quotedPrintable } from './letters.ts';

/** The tree that the mutated patches are for. */
export const tree: ReadonlyMap<string, string> = new Map([
  [driverPath, driverBefore],
  [
    'drivers/accel/qcap/qcap.h',
    '#define QCAP_RING_IOVA 0x40000000\n\nstruct qcap;\n\nint qcap_open(struct qcap *q);\n',
  ],
  ['drivers/accel/qcap/old.c', 'int old;\n'],
  ['drivers/accel/qcap/Kconfig', 'config QCAP\n\tbool "qcap"\n'],
]);

const header = tree.get('drivers/accel/qcap/qcap.h')!;
const driver = gitDiff(driverPath, driverBefore, driverAfter);
const several = [
  driver,
  gitDiff('drivers/accel/qcap/qcap.h', header, header + 'void qcap_close(struct qcap *q);\n'),
  gitDiff('drivers/accel/qcap/fresh.c', undefined, 'int fresh;\n\nint fresher;\n'),
  gitDiff('drivers/accel/qcap/old.c', tree.get('drivers/accel/qcap/old.c'), undefined),
  'diff --git a/drivers/accel/qcap/Kconfig b/drivers/accel/qcap/Kconfig\nold mode 100644\nnew mode 100755\n',
].join('');

/** Whole patches in several wrappings; what is spoiled is one of them. */
export const wholePatches: readonly string[] = [
  driver,
  several,
  formatPatch(several, '[PATCH v2 1/2] accel/qcap: several'),
  formatPatch(several, '[PATCH 1/2] one') +
    formatPatch(gitDiff(driverPath, driverAfter, driverBefore), '[PATCH 2/2] two'),
  mail(`On Thu, A wrote:\n${quoted(`Text.\n---\n${several}`)}`, 'Re: [PATCH] x'),
  mail(quotedPrintable(`Text.\n---\n${several}`), '[PATCH] x', [
    'Content-Transfer-Encoding: quoted-printable',
  ]),
  mail(base64(`Text.\n---\n${several}`), '[PATCH] x', ['Content-Transfer-Encoding: base64']),
  mail(flowed(`Text.\n---\n${several}`, true), '[PATCH] x', [
    'Content-Type: text/plain; format=flowed; delsp=yes',
  ]),
  mail(`--b\nContent-Type: text/plain\n\nText.\n---\n${several}\n--b--\n`, '[PATCH] x', [
    'Content-Type: multipart/mixed; boundary=b',
  ]),
];

/** Ways to spoil a text, by name. */
export const mutations: Readonly<
  Record<string, (text: string, dice: Dice, longLine: number) => string>
> = {
  'bytes flipped': (text, dice) => {
    let result = text;
    for (let left = 1 + dice.below(8); left > 0; left--) {
      const at = dice.below(result.length);
      result = result.slice(0, at) + String.fromCharCode(dice.below(256)) + result.slice(at + 1);
    }
    return result;
  },
  'lines cut out': (text, dice) =>
    byLine(text, (lines) => {
      lines.splice(dice.below(lines.length), 1 + dice.below(6));
    }),
  'end cut off': (text, dice) => text.slice(0, dice.below(text.length)),
  'counts wrong': (text, dice) =>
    text.replace(/@@ -(\d+)(?:,(\d+))?/g, (whole) =>
      dice.below(2) === 0 ? whole : `@@ -${number(dice)},${number(dice)}`,
    ),
  'hunk header damaged': (text, dice) =>
    byLine(text, (lines) => {
      const at = where(lines, dice, '@@ -');
      lines[at] = lines[at]!.slice(0, dice.below(20));
    }),
  'lines doubled': (text, dice) =>
    byLine(text, (lines) => {
      const at = dice.below(lines.length);
      lines.splice(at, 0, ...lines.slice(at, at + 1 + dice.below(4)));
    }),
  'headers doubled': (text, dice) =>
    byLine(text, (lines) => {
      const at = where(
        lines,
        dice,
        dice.of(['--- ', '+++ ', 'diff --git', '@@ -', 'From', 'Subject']),
      );
      lines.splice(at, 0, lines[at]!);
    }),
  'lines swapped': (text, dice) =>
    byLine(text, (lines) => {
      const [a, b] = [dice.below(lines.length), dice.below(lines.length)];
      [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    }),
  'paths out of the tree': (text, dice) => {
    const path = dice.of([
      '../../etc/passwd',
      '/etc/passwd',
      'x/../../y.c',
      'C:\\boot.ini',
      '..',
      '.git/config',
      'a\0b.c',
      '\\\\host\\x.c',
      '"a/..\\057..\\057x.c"',
      '',
    ]);
    return text.replaceAll(dice.of([driverPath, `b/${driverPath}`, `a/${driverPath}`]), path);
  },
  'symbolic links': (text) =>
    text
      .replaceAll('100644', '120000')
      .replaceAll(/^(diff --git .*)$/gm, '$1\nnew file mode 120000'),
  'bytes of zero': (text, dice) =>
    byLine(text, (lines) => {
      const at = dice.below(lines.length);
      lines[at] = lines[at]! + '\0'.repeat(1 + dice.below(4));
    }),
  'a very long line': (text, dice, longLine) =>
    byLine(text, (lines) => {
      const start = dice.of([
        '',
        ' ',
        '+',
        '-',
        '@@ -1,',
        '--- a/',
        'diff --git ',
        'Subject: ',
        '> ',
        '=?utf-8?q?',
        'From ',
        '=',
        'index ',
      ]);
      const filler = dice.of([
        'x',
        ' ',
        '>',
        '=',
        'a b ',
        '1,',
        '=?',
        '\t',
        '@@ -1 ',
        '"\\',
        'On ',
        ';x=',
      ]);
      lines.splice(dice.below(lines.length), 0, start + filler.repeat(longLine / filler.length));
    }),
  'marks lost': (text, dice) =>
    byLine(text, (lines) => {
      for (let i = 0; i < lines.length; i++)
        if (/^ /.test(lines[i]!) && dice.below(3) > 0) lines[i] = lines[i]!.trimStart();
    }),
  'lines wrapped': (text, dice) => {
    const column = 40 + dice.below(40);
    return byLine(text, (lines) => {
      for (let i = 0; i < lines.length; i++) {
        const space = lines[i]!.lastIndexOf(' ', column);
        if (lines[i]!.length > column && space > 20)
          lines.splice(i, 1, lines[i]!.slice(0, space), lines[i]!.slice(space + 1));
      }
    });
  },
};

function byLine(text: string, change: (lines: string[]) => void): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}

function where(lines: readonly string[], dice: Dice, start: string): number {
  const found = lines.flatMap((line, at) => (line.startsWith(start) ? [at] : []));
  return found.length === 0 ? dice.below(lines.length) : dice.of(found);
}

function number(dice: Dice): number {
  return dice.of([0, 1, 2, 3, dice.below(20), dice.below(1000), 999_999_999, 4_294_967_296]);
}

/** One spoiled patch: a whole one, changed once to three times. */
export interface Mutant {
  readonly ways: readonly string[];
  readonly text: string;
}

/** The mutant of a seed. `longLine` is the length of a very long line. */
export function mutant(seed: number, longLine: number): Mutant {
  const dice = diceOf(seed);
  let text = dice.of(wholePatches);
  const ways: string[] = [];
  for (let left = 1 + dice.below(3); left > 0 && text !== ''; left--) {
    const way = dice.of(
      Object.keys(mutations).filter((name) => name !== 'a very long line' || !ways.includes(name)),
    );
    ways.push(way);
    text = mutations[way]!(text, dice, longLine);
  }
  return { ways, text };
}
