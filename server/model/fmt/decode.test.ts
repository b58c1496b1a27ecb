import assert from 'node:assert/strict';
import { parseWord, type Word64 } from '../bits/pte64.ts';
import {
  accessText,
  DECODABLE,
  decodeEntry,
  entryNoun,
  entryText,
  plausibleLevels,
  sizeText,
  topLevelOf,
  type DecodeOptions,
} from './decode.ts';

const word = (text: string): Word64 => parseWord(text)!;
const read = (
  format: string,
  text: string,
  level: number,
  options: DecodeOptions = {},
): { readonly text: string; readonly access: string } => {
  const decoded = decodeEntry(format, word(text), level, options)!;
  return { text: entryText(decoded), access: accessText(decoded) };
};
const levels = (format: string, text: string, options: DecodeOptions = {}): readonly number[] =>
  plausibleLevels(format, word(text), options);

describe('entries in words', () => {
  it('name kind, size, address and flags', () => {
    const cases: readonly (readonly [string, string, number, string, string])[] = [
      ['amdv1', '0x6000000001234001', 0, '4 KiB leaf to 0x1234000, IW, IR', 'read and write'],
      ['amdv1', '0x1234001', 0, '4 KiB leaf to 0x1234000', 'no access'],
      ['amdv1', '0x6000000100001401', 2, 'table of level 1 at 0x100001000, IW, IR', ''],
      [
        'amdv1',
        '0x70000cb95afffe01',
        1,
        '32 MiB leaf to 0xcb95a000000, IW, IR, FC',
        'read and write',
      ],
      ['amdv1', '0x2000000000001e41', 5, 'leaf where none can be, address 0x0, IR, D', 'read'],
      ['amdv1', '0x2000000000000e01', 0, '8 KiB leaf to 0x0, IR', 'read'],
      ['amdv1_mock', '0x6000000000003001', 0, '2 KiB leaf to 0x1800, IW, IR', 'read and write'],
      ['x86_64', '0x402000e7', 1, '2 MiB leaf to 0x40200000, D, A, U, RW', 'read and write'],
      ['x86_64', '0x100001027', 3, 'table of level 2 at 0x100001000, A, U, RW', ''],
      ['x86_64', '0x2', 0, 'not present, RW', ''],
      ['vtdss', '0x0', 0, 'empty', ''],
      ['vtdss', '0x40000b01', 0, '4 KiB leaf to 0x40000000, SNP, D, A, R', 'read'],
      ['vtdss', '0x40000403', 1, 'table of level 0 at 0x40000000, SW0, W, R', ''],
      [
        'riscv_64',
        '0x800000002000205b',
        0,
        '64 KiB leaf to 0x80000000, A, U, X, R',
        'read and fetch',
      ],
      [
        'riscv_64',
        '0x40000000200004cf',
        1,
        '2 MiB leaf to 0x80001000, D, A, X, W, R, PBMT=2',
        'read, write and fetch',
      ],
      [
        'arm_64_lpae_s1',
        '0x60000080000ee1',
        1,
        '2 MiB leaf to 0x80000000, nG, AF, RDONLY, UNPRIV, NS, XN=3, SH=2',
        'read',
      ],
      [
        'arm_64_lpae_s1',
        '0x8080000100001003',
        2,
        'table of level 1 at 0x100001000, NSTable, SW_SYNC',
        '',
      ],
      ['arm_64_lpae_s1', '0x1001', 0, 'not present', ''],
      ['arm_mali_lpae', '0x80000241', 0, '4 KiB leaf to 0x80000000, HAP.R, SH=2', 'read'],
    ];
    for (const [format, text, level, expected, access] of cases) {
      const got = read(format, text, level);
      assert.equal(got.text, expected, `${format} ${text}`);
      assert.equal(got.access, access, `${format} ${text}`);
    }
  });

  it('name the memory types of stage 2', () => {
    const meaning = (memAttr: number): string =>
      decodeEntry('arm_64_lpae_s2', { lo: 0x4c3 | (memAttr << 2), hi: 0 }, 0)!.fields.find(
        ({ name }) => name === 'MemAttr',
      )!.meaning;
    assert.deepEqual([1, 5, 0xf, 6, 3].map(meaning), [
      'device',
      'not cached',
      'write-back',
      'write-back forced (S2FWB)',
      '',
    ]);
  });

  it('every value of every field has words or none, and none throws', () => {
    for (const format of DECODABLE) {
      for (const lo of [0, -1, 1, 3, 0x83, 0x7ff, 0xe01, 0x401]) {
        for (const hi of [0, -1]) {
          for (let level = 0; level <= topLevelOf(format); level++) {
            const decoded = decodeEntry(format, { lo, hi }, level)!;
            assert.equal(typeof entryNoun(decoded), 'string');
            for (const { meaning } of decoded.fields) assert.equal(typeof meaning, 'string');
          }
        }
      }
    }
  });

  it('with an encryption bit inside the address', () => {
    const sme = word('0x8000000000000');
    assert.equal(
      read('amdv1', '0x7008000001234001', 0, { sme }).text,
      '4 KiB leaf to 0x1234000, IW, IR, FC',
    );
  });

  it('with large granules', () => {
    assert.equal(
      read('arm_64_lpae_s1', '0x20000ec1', 1, { granuleLg2: 16 }).text,
      '512 MiB leaf to 0x20000000, nG, AF, RDONLY, UNPRIV, SH=2',
    );
    const high = decodeEntry('arm_64_lpae_s1', word('0x1f403'), 0, { granuleLg2: 16 })!;
    assert.equal(high.address.pfn, 0xf * 2 ** 36 + 0x10);
  });

  it('of Arm with 64 KiB granules: the upper part of the address stands in low bits', () => {
    const decoded = decodeEntry('arm_64_lpae_s2', word('0x9abc0000a4c3'), 0, { granuleLg2: 16 })!;
    const shown = decoded.fields.map(({ name, first, last, value }) => `${name} ${last}:${first} ${value.toString(16)}`); // prettier-ignore
    assert.ok(shown.includes('OA 47:16 9abc0000') && shown.includes('OA[51:48] 15:12 a'), shown.join()); // prettier-ignore
    assert.equal(decoded.address.pfn, 0xa * 2 ** 36 + 0x9abc0000 * 16);
    assert.equal(decoded.unexplained.lo | decoded.unexplained.hi, 0);
    assert.match(entryText(decoded), /leaf to 0xa9abc00000000/);
  });

  it('name who may not fetch in stage 1', () => {
    const meaning = (xn: number): string =>
      decodeEntry('arm_64_lpae_s1', { lo: 0x403, hi: xn << 21 }, 0)!.fields.find(
        ({ name }) => name === 'XN',
      )!.meaning;
    assert.deepEqual([0, 1, 2, 3].map(meaning), ['fetch allowed', 'no privileged fetch', 'no unprivileged fetch', 'no fetch']); // prettier-ignore
  });

  it('sizes as people write them', () => {
    assert.deepEqual([9, 12, 21, 39, 51].map(sizeText), [
      '512 bytes',
      '4 KiB',
      '2 MiB',
      '512 GiB',
      '2 PiB',
    ]);
  });
});

describe('the levels at which an entry makes sense', () => {
  it('follow from its bits', () => {
    assert.deepEqual(levels('vtdss', '0x40000083'), [1, 2]);
    assert.deepEqual(levels('vtdss', '0x0'), []);
    assert.deepEqual(levels('vtdss', '0x40000403'), [1, 2, 3, 4]);
    assert.deepEqual(levels('amdv1', '0x6000000100001401'), [2]);
    assert.deepEqual(levels('amdv1', '0x70000cb95afffe01'), [1]);
    assert.deepEqual(levels('amdv1', '0x6000000001234001'), [0]);
    assert.deepEqual(levels('amdv1', '0x6000000001234e01'), [0]);
    assert.deepEqual(levels('riscv_64', '0x80000000200020df'), [0]);
    assert.deepEqual(levels('arm_64_lpae_s1', '0x80000e41'), [1, 2]);
    assert.deepEqual(levels('none', '0x1'), []);
  });

  it('unknown formats are no entries', () => {
    assert.equal(decodeEntry('none', word('1'), 0), undefined);
    assert.equal(topLevelOf('none'), 3);
  });
});
