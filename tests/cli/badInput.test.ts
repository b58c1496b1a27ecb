import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { iovet } from './iovet.ts';

/** A function that violates dma-map-null-check, in some clothing. */
const body = [
  '#include <linux/dma-mapping.h>',
  '',
  'static int start(struct device *dev, void *buf, size_t len)',
  '{',
  '\tdma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);',
  '',
  '\tif (!dma)',
  '\t\treturn -ENOMEM;',
  '\tdma_unmap_single(dev, dma, len, DMA_TO_DEVICE);',
  '\treturn 0;',
  '}',
  '',
].join('\n');

describe('iovet check, bad input', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-bad-'));
  const write = (name: string, content: string | Uint8Array): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return name;
  };
  /** Runs on one file; whatever it holds, there is no stack trace and the code is one of the contract. */
  const check = (name: string) => {
    const outcome = iovet(['check', '--rules', 'dma-map-null-check', name], folder);
    assert.ok([0, 1, 2].includes(outcome.code ?? -1), `ended with ${String(outcome.code)}`);
    assert.doesNotMatch(outcome.out + outcome.err, /^\s+at .*:\d+:\d+/m);
    return outcome;
  };
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('5 MB of noise without a NUL is no text', () => {
    let state = 1;
    const noise = Uint8Array.from({ length: 5 << 20 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return ((state >>> 16) % 255) + 1;
    });
    const { code, err } = check(write('noise.c', noise));
    assert.equal(code, 2);
    assert.match(err, /^iovet: noise\.c: not text \(\d+ % control codes\)\n {2}help: /);
  });

  it('an unterminated comment is no crash', () => {
    assert.equal(check(write('comment.c', `${body}/* dma_map_single never ends\n`)).err, '');
    check(write('string.c', `${body}char *s = "dma_map_single`));
    check(write('brace.c', `${body}int f(void) { dma_map_single(`));
    check(write('if.c', `#if X\n${body}`));
  });

  it('an empty file, and one that is a single line of 1 MB', () => {
    assert.equal(check(write('empty.c', '')).code, 0);
    check(write('long.c', `/* dma_map_single */ int x[] = { ${'1, '.repeat(350_000)} };`));
  });

  it('CRLF, Latin-1 and a byte order mark give the same places', () => {
    const plain = check(write('plain.c', body));
    for (const [name, content] of [
      ['crlf.c', body.replaceAll('\n', '\r\n')],
      ['latin1.c', Buffer.from(body.replace('\n\n', ' /* ä */\n\n'), 'latin1')],
      ['bom.c', `\ufeff${body}`],
    ] as const) {
      const { code, out } = check(write(name, content));
      assert.equal(code, plain.code, name);
      const places = (text: string) =>
        [...text.matchAll(/^\w+\.c:(\S+): /gm)].map((match) => match[1]);
      assert.deepEqual(places(out), places(plain.out), name);
    }
  });
});
