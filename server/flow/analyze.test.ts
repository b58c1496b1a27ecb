import assert from 'node:assert/strict';
import { createProgram, type Program } from '../program/program.ts';
import { builtSyntax } from '../syntax/builtSyntax.test.ts';
import type { Syntax } from '../syntax/syntax.ts';
import { analyzeUnit } from './analyze.ts';
import { createFlowCache, type FlowCache } from './cache.ts';
import type { Facts, UnitFacts } from './facts.ts';

describe('flow', () => {
  let syntax: Syntax;
  let program: Program;

  before(async () => {
    syntax = await builtSyntax();
    program = createProgram({ parsing: syntax });
  });

  const analyze = (text: string, cache?: FlowCache): UnitFacts => {
    const unit = program.unit('test.c', syntax.parse('test.c', text).value);
    return analyzeUnit(unit, cache === undefined ? { text } : { text, cache });
  };

  /** The facts of a text, one line each, in the order of the lists. */
  const lines = (text: string): string[] => describeFacts(analyze(text).facts);

  const map = 'dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);';
  const check = 'if (dma_mapping_error(dev, dma)) return -ENOMEM;';
  const unmap = 'dma_unmap_single(dev, dma, len, DMA_TO_DEVICE);';

  /** A function around some statements that work on `dev`, `buf` and `len`. */
  const withMap = (body: string): string =>
    `static int f(struct device *dev, void *buf, size_t len, struct obj *o)\n{\n\tdma_addr_t dma;\n\tint ret;\n${body}\n}\n`;

  describe('results that nobody tests', () => {
    it('are told with the first use of the handle', () => {
      assert.deepEqual(lines(withMap(`${map}\nwritel(dma, o->regs);\n${unmap}\nreturn 0;`)), [
        'unchecked dma_map_single: passed at 6',
      ]);
    });

    it('are fine when a caller gets them raw', () => {
      const text = `static dma_addr_t f(struct device *dev, void *buf)\n{\n\treturn dma_map_single(dev, buf, 16, DMA_TO_DEVICE);\n}\n`;
      const { resources } = analyze(text).facts;
      assert.deepEqual(
        resources.map(({ returnedRaw }) => returnedRaw),
        [true],
      );
    });

    it('are told beside a test of something else', () => {
      const body = `${map}\nif (dma_mapping_error(dev, o->other)) return -ENOMEM;\n${unmap}\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), [
        'unchecked dma_map_single: released at 7 after dma_mapping_error(dev, o->other)',
      ]);
    });

    it('count a comparison with DMA_MAPPING_ERROR as a test', () => {
      const body = `${map}\nif (dma == DMA_MAPPING_ERROR) return -ENOMEM;\n${unmap}\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), []);
    });

    it('count a test of the handle as one, also where it is the first thing of a loop', () => {
      const body = `${map}\nfor (;;) {\nif (dma_mapping_error(dev, dma)) return -ENOMEM;\n${unmap}\nif (o->last) break;\n${map}\n}\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), []);
    });

    it('do not count the test of a loop as a test of a count', () => {
      const text = `static int f(struct device *dev, struct scatterlist *sg, int nents)\n{\n\tint i, n;\n\tn = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);\n\tfor (i = 0; i < n; i++)\n\t\tuse(i);\n\tdma_unmap_sg(dev, sg, nents, DMA_TO_DEVICE);\n\treturn 0;\n}\n`;
      assert.deepEqual(lines(text), ['unchecked dma_map_sg: released at 7']);
    });
  });

  describe('tests that cannot tell', () => {
    const sg = (test: string): string =>
      `static int f(struct device *dev, struct scatterlist *sg, int nents)\n{\n\tint n;\n\tn = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);\n\tif (${test})\n\t\treturn -ENOMEM;\n\tdma_unmap_sg(dev, sg, nents, DMA_TO_DEVICE);\n\treturn 0;\n}\n`;

    it('are negative tests of counts', () => {
      assert.deepEqual(
        analyze(sg('n < 0')).facts.checks.map(({ kind, tells }) => `${kind} ${tells}`),
        ['negative nothing'],
      );
    });

    it('are not tests for zero, however they are written', () => {
      for (const test of ['!n', 'n == 0', 'n <= 0', 'n < 1', '0 == n']) {
        const { checks, unchecked } = analyze(sg(test)).facts;
        assert.deepEqual([...new Set(checks.map(({ tells }) => tells))], ['failure'], test);
        assert.deepEqual(unchecked, [], test);
      }
    });

    it('are not what the driver asks about its own mark later', () => {
      const body = `${map}\n${check}\nif (!dma) return -EIO;\n${unmap}\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), []);
    });
  });

  describe('leaks', () => {
    it('of a local handle are told at the exit', () => {
      assert.deepEqual(
        lines(withMap(`${map}\n${check}\nif (o->full) return -ENOSPC;\n${unmap}\nreturn 0;`)),
        ['leak dma_map_single: local, error at 7'],
      );
    });

    it('need a path without contradiction', () => {
      const body = `ret = 0;\nif (o->dma) {\n${map}\n${check}\n}\nif (!o->dma) return -EINVAL;\n${unmap}\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), []);
    });

    it('are none once a call took the handle and succeeded', () => {
      const taken = (rest: string): string =>
        withMap(`${map}\n${check}\nret = queue_it(o, dma);\n${rest}\nreturn 0;`);
      assert.deepEqual(lines(taken('')), []);
      assert.deepEqual(lines(taken('if (ret) return ret;')), [
        'leak dma_map_single: taker-failed, error at 8',
      ]);
    });

    it('are none on success when the handle is kept in an object of the caller', () => {
      assert.deepEqual(lines(withMap(`${map}\n${check}\no->dma = dma;\nreturn 0;`)), []);
    });

    it('of a kept handle rest on a release by the same function', () => {
      const body = (other: string): string =>
        withMap(
          `${map}\n${check}\no->dma = dma;\nif (o->a) {\n${other}\nreturn -EIO;\n}\nif (o->b) return -EBADF;\nreturn 0;`,
        );
      assert.deepEqual(lines(body('dma_unmap_single(dev, o->dma, len, DMA_TO_DEVICE);')), [
        'leak dma_map_single: field-released-elsewhere, error at 12',
      ]);
      assert.deepEqual(lines(body('')), []);
    });

    it('are none where a caller undoes what a failing callee left', () => {
      const callee = withMap(
        `${map}\n${check}\no->dma = dma;\nif (o->a) {\n${unmap}\nreturn -EIO;\n}\nif (o->b) return -EBADF;\nreturn 0;`,
      );
      const caller = (undo: string): string =>
        `${callee}static int g(struct device *dev, struct obj *o)\n{\n\tint ret = f(dev, o->buf, o->len, o);\n\tif (ret) {\n\t\t${undo}\n\t\treturn ret;\n\t}\n\treturn 0;\n}\n`;
      const undo = 'dma_unmap_single(dev, o->dma, o->len, DMA_TO_DEVICE);';
      assert.deepEqual(lines(caller(undo)), []);
      assert.equal(lines(caller('')).length, 1);
    });

    it('of an object made here end with whoever can reach the object', () => {
      const body = (rest: string): string =>
        withMap(
          `struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);\nif (!job) return -ENOMEM;\njob->dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);\nif (dma_mapping_error(dev, job->dma)) {\nkfree(job);\nreturn -ENOMEM;\n}\n${rest}\nreturn 0;`,
        );
      assert.deepEqual(lines(body('list_add_tail(&job->node, &o->jobs);')), []);
      assert.deepEqual(lines(body('kfree(job);')), ['leak dma_map_single: local, success at 13']);
    });

    it('follow turns of a loop exactly', () => {
      const loop = (unwind: string): string =>
        `static int f(struct device *dev, void **bufs, size_t len)\n{\n\tdma_addr_t dma[8];\n\tint i;\n\tfor (i = 0; i < 8; i++) {\n\t\tdma[i] = dma_map_single(dev, bufs[i], len, DMA_TO_DEVICE);\n\t\tif (dma_mapping_error(dev, dma[i]))\n\t\t\tgoto err;\n\t}\n\tkeep(dma);\n\treturn 0;\nerr:\n\t${unwind}\n\treturn -ENOMEM;\n}\n`;
      const release = 'dma_unmap_single(dev, dma[i], len, DMA_TO_DEVICE);';
      assert.deepEqual(lines(loop(`while (i--) ${release}`)), []);
      assert.deepEqual(lines(loop(`while (--i >= 0) ${release}`)), []);
      assert.deepEqual(lines(loop('')), ['leak dma_map_single: local, error at 14']);
    });

    it('are none for managed memory', () => {
      const text = `static int f(struct device *dev)\n{\n\tdma_addr_t dma;\n\tvoid *p = dmam_alloc_coherent(dev, 64, &dma, GFP_KERNEL);\n\tif (!p)\n\t\treturn -ENOMEM;\n\treturn start(dev) ? -EIO : 0;\n}\n`;
      assert.deepEqual(lines(text), []);
    });

    it('are none where the driver relies on DMA addresses being physical ones', () => {
      assert.deepEqual(
        lines(
          withMap(
            `${map}\n${check}\nif (dma != virt_to_phys(buf)) { ${unmap} return -EIO; }\nreturn 0;`,
          ),
        ),
        [],
      );
    });
  });

  describe('definitions in the branches of an #if', () => {
    const stop = 'if (stop(dev)) return -EIO;';
    const other = (body: string): string => withMap(body).replace('f(', 'caller(');

    it('are all analysed, each at its place', () => {
      const good = withMap(`${map}\n${check}\n${unmap}\nreturn 0;`);
      const bad = withMap(`${map}\n${check}\n${stop}\n${unmap}\nreturn 0;`);
      assert.deepEqual(lines(`#ifdef A\n${good}#else\n${bad}#endif\n`), [
        'leak dma_map_single: local, error at 18',
      ]);
      assert.deepEqual(lines(`#ifdef A\n${bad}#else\n${good}#endif\n`), [
        'leak dma_map_single: local, error at 8',
      ]);
      assert.deepEqual(lines(`#ifdef A\n${bad}#else\n${bad}#endif\n`), [
        'leak dma_map_single: local, error at 8',
        'leak dma_map_single: local, error at 19',
      ]);
    });

    it('leave a call to mean the function and not its stub, and stubs out of the count', () => {
      const real = `static void undo(struct device *dev, dma_addr_t dma, size_t len)\n{\n\t${unmap}\n}\n`;
      const stub = `static void undo(struct device *dev, dma_addr_t dma, size_t len)\n{\n}\n`;
      const caller = other(`${map}\n${check}\nundo(dev, dma, len);\nreturn 0;`);
      for (const [first, second] of [
        [real, stub],
        [stub, real],
      ]) {
        const text = `#ifdef A\n${first}#else\n${second}#endif\n${caller}`;
        assert.deepEqual(lines(text), []);
        const { counts, problems } = analyze(text);
        assert.deepEqual([counts.analysed, problems], [2, []]);
      }
    });

    it('are reused from the cache one by one', () => {
      const cache = createFlowCache();
      const bad = withMap(`${map}\n${check}\n${stop}\n${unmap}\nreturn 0;`);
      const text = `#ifdef A\n${bad}#else\n${bad.replace('buf, len,', 'buf, 2 * len,')}#endif\n`;
      analyze(text, cache);
      const again = analyze(text.replace('2 * len', '3 * len'), cache);
      assert.equal(again.counts.reused, 1);
      assert.deepEqual(describeFacts(again.facts), lines(text.replace('2 * len', '3 * len')));
    });
  });

  describe('pairs', () => {
    it('compare sizes as values', () => {
      const body = (size: string): string =>
        withMap(`${map}\n${check}\ndma_unmap_single(dev, dma, ${size}, DMA_TO_DEVICE);\nreturn 0;`);
      for (const size of ['len', '(len)', 'len + 0', '1 * len', '(size_t)len', 'len + 8 - 8']) {
        assert.deepEqual(lines(body(size)), [], size);
      }
      assert.deepEqual(lines(body('len + 64')), ['pair dma_unmap_single: size len + 64 for len']);
    });

    it('compare directions that are written as constants', () => {
      const body = `${map}\n${check}\ndma_unmap_single(dev, dma, len, DMA_BIDIRECTIONAL);\nreturn 0;`;
      assert.deepEqual(lines(withMap(body)), [
        'pair dma_unmap_single: dir DMA_BIDIRECTIONAL for DMA_TO_DEVICE',
      ]);
    });

    it('know the count that dma_map_sg() returned', () => {
      const text = `static int f(struct device *dev, struct scatterlist *sg, int nents)\n{\n\tint n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);\n\tif (!n)\n\t\treturn -ENOMEM;\n\tdma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);\n\treturn 0;\n}\n`;
      const [pairing] = analyze(text).facts.pairings;
      const nents = pairing?.pairs.find(({ role }) => role === 'nents');
      assert.equal(nents?.released.origin?.kind, 'result');
    });

    it('find the release in a helper of the file, under its condition', () => {
      const helper = (caller: string): string =>
        `static void undo(struct device *dev, dma_addr_t dma, size_t len, int both)\n{\n\tif (both)\n\t\tdma_unmap_single(dev, dma, len, DMA_BIDIRECTIONAL);\n\telse\n\t\tdma_unmap_single(dev, dma, len, DMA_TO_DEVICE);\n}\n${caller}`;
      const body = (both: string): string =>
        helper(withMap(`${map}\n${check}\nundo(dev, dma, len, ${both});\nreturn 0;`));
      assert.deepEqual(lines(body('0')), []);
      assert.equal(analyze(body('0')).facts.resources[0]?.releasedSomewhere, true);
    });
  });

  describe('structs', () => {
    it('that a callee filled in again hold other values', () => {
      const text = `static int f(struct obj *o)\n{\n\tstruct resource r;\n\tint ret;\n\tlookup(o, 0, &r);\n\tret = iommu_map(o->domain, r.start, r.start, 4096, IOMMU_READ, GFP_KERNEL);\n\tif (ret)\n\t\treturn ret;\n\tlookup(o, 1, &r);\n\treturn iommu_map(o->domain, r.start, r.start, 4096, IOMMU_READ, GFP_KERNEL);\n}\n`;
      assert.deepEqual(analyze(text).facts.overlaps, []);
      assert.equal(analyze(text.replace('\tlookup(o, 1, &r);', '\t')).facts.overlaps.length, 1);
    });
  });

  describe('context', () => {
    const call = 'iommu_map(o->domain, o->iova, o->phys, 4096, IOMMU_READ, GFP_KERNEL)';
    const contexts = (body: string): string[] =>
      analyze(`static int f(struct obj *o)\n{\n\tint ret;\n${body}\n\treturn ret;\n}\n`)
        .facts.calls.filter(({ function: name }) => name === 'iommu_map')
        .map(({ context }) => context.kind);

    it('is atomic between a spinlock and its unlock', () => {
      assert.deepEqual(contexts(`spin_lock(&o->lock);\nret = ${call};\nspin_unlock(&o->lock);`), [
        'atomic',
      ]);
      assert.deepEqual(contexts(`spin_lock(&o->lock);\nspin_unlock(&o->lock);\nret = ${call};`), [
        'unknown',
      ]);
      assert.deepEqual(contexts(`mutex_lock(&o->lock);\nret = ${call};`), ['unknown']);
    });
  });

  describe('provenance', () => {
    it('is known for pages, BARs and nothing else', () => {
      const of = (address: string): string | undefined =>
        analyze(
          `static int f(struct obj *o, struct pci_dev *pdev, struct page *page)\n{\n\treturn iommu_map(o->domain, o->iova, ${address}, 4096, IOMMU_READ, GFP_KERNEL);\n}\n`,
        ).facts.calls[0]?.args[2]?.provenance;
      assert.equal(of('page_to_phys(page)'), 'ram');
      assert.equal(of('page_to_phys(page) + 64'), 'ram');
      assert.equal(of('pci_resource_start(pdev, 2)'), 'mmio');
      assert.equal(of('o->phys'), 'unknown');
    });
  });

  describe('bounds', () => {
    it('are reported by name when they are hit', () => {
      const arms = Array.from({ length: 14 }, (_, i) => `if (o->f${i}) { p[${i}] = dma_alloc_coherent(dev, ${i + 1}, &d[${i}], GFP_KERNEL); }`); // prettier-ignore
      const text = `static int f(struct device *dev, struct obj *o)\n{\n\tvoid *p[14];\n\tdma_addr_t d[14];\n${arms.join('\n')}\n\treturn 0;\n}\n`;
      const { problems, counts } = analyze(text);
      assert.deepEqual(
        problems.map(({ function: name, reason }) => `${name ?? ''}: ${reason}`),
        ['f: too many states'],
      );
      assert.equal(counts.capped, 1);
    });
  });

  describe('the cache', () => {
    const helper = (size: string): string =>
      `static void undo(struct device *dev, dma_addr_t dma)\n{\n\tdma_unmap_single(dev, dma, ${size}, DMA_TO_DEVICE);\n}\n`;
    const user = withMap(`${map}\n${check}\nundo(dev, dma);\nreturn 0;`);
    const other = `static void idle(struct obj *o)\n{\n\to->a = 1;\n\tdma_pool_destroy(o->pool);\n}\n`;

    it('gives what a fresh analysis gives', () => {
      const cache = createFlowCache();
      for (const size of ['len', '16', '32', '16']) {
        const text = `${helper(size)}${user}${other}`;
        assert.deepEqual(analyze(text, cache).facts, analyze(text).facts, size);
      }
    });

    it('analyses again only what an edit can change', () => {
      const cache = createFlowCache();
      analyze(`${helper('16')}${user}${other}`, cache);
      const moved = analyze(`\n\n${helper('16')}${user}${other}`, cache);
      assert.equal(moved.counts.reused, 3);
      assert.equal(moved.facts.resources[0]?.acquire.place.line, 11);
      const edited = analyze(`${helper('32')}${user}${other}`, cache);
      assert.equal(edited.counts.reused, 1);
    });
  });
});

/** One line per fact that rules turn into findings. */
function describeFacts(facts: Facts): string[] {
  const list: string[] = [];
  for (const { resource, why, at, wrongCheck } of facts.unchecked) {
    if (resource.checkedSomewhere || resource.returnedRaw) continue;
    const wrong = wrongCheck === undefined ? '' : ` after ${wrongCheck.text}`;
    list.push(`unchecked ${resource.acquire.function}: ${why} at ${at.line}${wrong}`);
  }
  for (const { resource, ownership, outcome, at } of facts.leaks) {
    list.push(`leak ${resource.acquire.function}: ${ownership}, ${outcome} at ${at.line}`);
  }
  for (const { call, pairs } of facts.pairings) {
    for (const { role, acquired, released, relation } of pairs) {
      if (relation !== 'different') continue;
      list.push(`pair ${call.function}: ${role} ${released.canonical} for ${acquired.canonical}`);
    }
  }
  return list;
}
