import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { analyzeUnit } from '../flow/analyze.ts';
import { createProgram } from '../program/program.ts';
import { builtSyntax } from '../syntax/builtSyntax.test.ts';
import type { Syntax } from '../syntax/syntax.ts';
import { runSlices } from '../text/slices.ts';
import type { Files } from './files.ts';
import { openSession, type ReviewSession, type SessionSettings } from './session.ts';
import { shownByCheck } from './settle.ts';

const defect = `#include <linux/dma-mapping.h>

static int start(struct device *dev, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	if (!dma)
		return -ENOMEM;
	dma_unmap_single(dev, dma, len, DMA_TO_DEVICE);
	return 0;
}
`;

/** A tree in memory; paths are below /linux. */
function files(texts: Readonly<Record<string, string>>): Files {
  const names = Object.keys(texts);
  return {
    readText: (path) => {
      const text = texts[path.replace(/^\/linux\//, '')];
      return text === undefined
        ? { ok: false, problem: { file: path, reason: 'no such file' } }
        : { ok: true, text };
    },
    list: (path) => {
      const folder = `${path.replace(/^\/linux\/?/, '')}/`;
      const below = names
        .filter((name) => name.startsWith(folder))
        .map((name) => name.slice(folder.length));
      const entries = new Map(
        below.map((name) => [name.split('/')[0]!, name.includes('/') ? 'folder' : 'file']),
      );
      return [...entries].map(([name, kind]) => ({ name, kind }));
    },
  };
}

describe('openSession', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await builtSyntax();
  });
  const open = (
    texts: Readonly<Record<string, string>> = {},
    settings: Partial<SessionSettings> = {},
  ): ReviewSession =>
    openSession(syntax, files(texts), {
      tree: '/linux',
      root: '/linux',
      kernel: undefined,
      selection: { rules: new Set(['dma-map-null-check', 'unused-suppression']) },
      shown: shownByCheck,
      ...settings,
    });

  it('takes the contracts of the tree, of the setting, or the newest, and says which', () => {
    const makefile = { Makefile: 'VERSION = 6\nPATCHLEVEL = 12\n' };
    assert.deepEqual(open(makefile).kernel, { version: '6.12', source: 'tree' });
    assert.deepEqual(open(makefile, { kernel: '6.1' }).kernel, {
      version: '6.1',
      source: 'setting',
    });
    assert.equal(open().kernel.source, 'newest');
  });

  it('places a finding, with its line, steps and fix, and gives it a fingerprint', () => {
    const [finding, ...more] = open().review('drivers/a.c', defect).findings;
    assert.deepEqual(more, []);
    assert.equal(finding!.rule, 'dma-map-null-check');
    assert.equal(finding!.function, 'start');
    assert.deepEqual(finding!.range, {
      start: { line: 7, column: 6 },
      end: { line: 7, column: 10 },
    });
    assert.equal(finding!.lineText, '\tif (!dma)');
    assert.match(finding!.fingerprint, /^[0-9a-f]{16}$/);
  });

  it('keeps the fingerprint when lines move and locals are renamed', () => {
    const print = (text: string): string | undefined =>
      open().review('drivers/a.c', text).findings[0]?.fingerprint;
    const known = print(defect);
    assert.notEqual(known, undefined);
    assert.equal(print(`\n\n${defect.replaceAll(/\bdma\b(?=[ ,;)])/g, 'handle')}`), known);
    assert.notEqual(print(defect.replaceAll('start', 'begin')), known);
  });

  it('counts what comments allow, and reports comments that allow nothing', () => {
    const allowed = defect.replace(
      '\tif (!dma)',
      '\t/* iovet: allow(dma-map-null-check): a test */\n\tif (!dma)',
    );
    const quiet = open().review('drivers/a.c', allowed);
    assert.deepEqual(quiet.findings, []);
    assert.equal(quiet.suppressed, 1);
    const mended = allowed.replace('(!dma)', '(dma_mapping_error(dev, dma))');
    const [unused] = open().review('drivers/a.c', mended).findings;
    assert.equal(unused?.rule, 'unused-suppression');
    assert.equal(unused.function, 'start');
  });

  it('answers for an open document as for a closed one, edit after edit', () => {
    const session = open();
    const typed = [
      defect,
      defect.replace('!dma', '!dmax'),
      defect.replace('!dma', 'dma_mapping_error(dev, dma)'),
      `\n${defect}`,
    ];
    for (const text of typed) {
      assert.deepEqual(
        runSlices(session.reviewOpen('drivers/a.c', text)),
        open().review('drivers/a.c', text),
      );
    }
  });

  it('keeps the functions of a review that was dropped, and forgets an answer that came too late', () => {
    const two = `${defect}${defect.replace('start', 'again').replace(/^#include.*/, '')}`;
    const session = open();
    const first = session.reviewOpen('drivers/a.c', two);
    assert.deepEqual(first.next(), { done: false, value: 0.5 });
    session.changed('include/linux/dma-mapping.h');
    assert.deepEqual(first.next(), { done: false, value: 1 });
    assert.equal(first.next().done, true);
    const slices = [...session.reviewOpen('drivers/a.c', two)];
    assert.deepEqual(slices, [0.5, 1], 'the late answer is not given again');
    assert.deepEqual([...session.reviewOpen('drivers/a.c', two)], []);
  });

  it('answers the same warm and cold, whatever lines come, go and double in the fixtures', () => {
    const folder = 'test-fixtures/checkers';
    const fixtures = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.c'));
    const everything = { selection: { preview: true } };
    fc.assert(
      fc.property(
        fc.constantFrom(...fixtures),
        fc.array(
          fc.record({
            line: fc.nat(),
            how: fc.constantFrom('drop', 'double', 'rename'),
            dropped: fc.nat({ max: 3 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (name, edits) => {
          const session = open({}, everything);
          const original = fs.readFileSync(`${folder}/${name}`, 'utf8');
          runSlices(session.reviewOpen('drivers/a.c', original));
          const lines = original.split('\n');
          for (const { line, how, dropped } of edits) {
            const at = line % lines.length;
            const old = lines[at]!;
            const now = { drop: [], double: [old, old], rename: [old.replace(/(\w+)/, '$1x')] }[
              how
            ];
            lines.splice(at, 1, ...now);
            const text = lines.join('\n');
            // A review that an edit interrupts: some slices of it ran, and nobody asks for the rest.
            const interrupted = session.reviewOpen('drivers/a.c', `${text}\nint typed;\n`);
            for (let slice = 0; slice < dropped; slice++) interrupted.next();
            assert.deepEqual(
              runSlices(session.reviewOpen('drivers/a.c', text)),
              open({}, everything).review('drivers/a.c', text),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('names a function that was not parsed, and the others are still reviewed', () => {
    const broken = `static int broken(void)\n{\n\tdma_map_single(;\n\treturn 0;\n}\n\n${defect}`;
    const review = open().review('drivers/a.c', broken);
    assert.equal(review.findings.length, 1);
    assert.equal(review.incomplete.length, 1);
    assert.equal(review.incomplete[0]!.line! <= 3, true);
  });

  it('reviews a file that is only included once per build, and merges the answers', () => {
    const tree = {
      'drivers/pt/core.h': defect,
      'drivers/pt/fmt/iommu_one.c': '#define PT_FMT one\n#include "../core.h"\n',
      'drivers/pt/fmt/iommu_two.c':
        '#define PT_FMT two\n#define PT_FMT_VARIANT mock\n#include "../core.h"\n',
      'drivers/pt/fmt/other.c': 'int x;\n',
    };
    const merged = open(tree).review('drivers/pt/core.h', defect);
    assert.deepEqual(
      merged.findings.map(({ builds }) => builds),
      [['one', 'two_mock']],
    );
    const separate = open(tree, { shown: { ...shownByCheck, builds: 'separate' } });
    assert.deepEqual(
      separate.review('drivers/pt/core.h', defect).findings.map(({ builds }) => builds),
      [['one'], ['two_mock']],
    );
  });

  it('loses one function to a defect of the engine, not the file', () => {
    const program = createProgram({ parsing: syntax });
    const text = `${defect}\n${defect.slice(defect.indexOf('static')).replace('start', 'other')}`;
    const unit = program.unit('a.c', syntax.parse('a.c', text).value);
    const functions = unit.functions.map((fn) =>
      fn.name === 'start'
        ? {
            ...fn,
            lower: () => {
              throw new Error('out of order');
            },
          }
        : fn,
    );
    const { facts, problems } = analyzeUnit({ ...unit, functions }, { text });
    assert.deepEqual(problems, [
      { file: 'a.c', line: 3, function: 'start', reason: 'internal error: out of order' },
    ]);
    assert.deepEqual([...new Set(facts.calls.map(({ place }) => place.function))], ['other']);
  });

  it('tells a defect of its own as a problem of the file', () => {
    const session = openSession(
      {
        ...syntax,
        parse: () => {
          throw new Error('out of order');
        },
      },
      files({}),
      { tree: undefined, root: '/linux', kernel: undefined, selection: {}, shown: shownByCheck },
    );
    assert.deepEqual(session.review('a.c', defect).incomplete, [
      { file: 'a.c', reason: 'internal error, the file was not analysed: out of order' },
    ]);
  });
});
