import assert from 'node:assert/strict';
import { FrontEnd } from '../cfront/frontEnd.ts';
import { KeptUnits } from '../cfront/keptUnits.ts';
import { LexCache } from '../cfront/preprocess/sources.ts';
import type { Type } from '../cfront/types/type.ts';
import {
  INT,
  LONG,
  UNSIGNED_INT,
  UNSIGNED_LONG,
  VOID,
  VOID_POINTER,
} from '../cfront/types/type.ts';
import type { Value } from './machine/values.ts';
import { toldResult } from './toldResult.ts';

const FILES: Readonly<Record<string, string>> = {
  'drivers/a.c': '#include <linux/errno.h>\n#define ERANGE 34\nint f(void);',
  'include/linux/errno.h': '#include <uapi/asm-generic/errno-base.h>\n#define EPROBE_DEFER 517',
  'include/uapi/asm-generic/errno-base.h': [
    '#define ENOMEM 12',
    '#define EAGAIN 11',
    '#define EWOULDBLOCK EAGAIN',
    '#define E_MAX(a) 5',
  ].join('\n'),
};

describe('what a function returned, in words', () => {
  const source = { read: (path: string): string | undefined => FILES[path] };
  const loaded = new FrontEnd(source, new LexCache(), new KeptUnits()).load('drivers/a.c', {});
  assert.ok(loaded.ok);
  const { unit } = loaded;

  const rows: readonly (readonly [Type, Value, string])[] = [
    [INT, -12, '-ENOMEM (-12)'],
    [LONG, -517n, '-EPROBE_DEFER (-517)'],
    [INT, -11, '-EAGAIN (-11)'],
    // No name in a header of errors; a macro of the driver is none.
    [INT, -34, '-34'],
    [INT, -5, '-5'],
    [INT, 12, '12'],
    [INT, -4096, '-4096'],
    [UNSIGNED_INT, 4294967284, '4294967284'],
    [{ ...INT, enumTag: 'netdev_tx' }, -12, '-12'],
    [{ ...UNSIGNED_LONG, alias: 'dma_addr_t' }, 0xfffff000n, '0xfffff000'],
    [{ ...UNSIGNED_LONG, alias: 'dma_addr_t' }, 2n ** 64n - 1n, 'DMA_MAPPING_ERROR'],
    [UNSIGNED_LONG, 0xfffff000n, '4294963200'],
    [VOID_POINTER, -12, 'ERR_PTR(-ENOMEM)'],
    [VOID_POINTER, -34, 'ERR_PTR(-34)'],
    [VOID_POINTER, 0, 'NULL'],
    [VOID_POINTER, -0x7f0000000000, 'a pointer'],
    [VOID, undefined, 'nothing'],
  ];
  for (const [type, value, told] of rows) {
    it(`says ${told}`, () => {
      assert.equal(toldResult(unit, type, value), told);
    });
  }
});
