import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ERRNO } from '../../server/model/bits/errno.ts';
import { sizesOf } from '../../server/model/bits/pgSizes.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { load } from '../../server/model/mem/physMem.ts';
import { findLeaf } from '../../server/model/pt/findLeaf.ts';
import {
  at,
  big,
  CONFIGURATIONS,
  createSubject,
  leafImage,
  smallestLg2,
  type Configuration,
  type Subject,
} from './tables.ts';

const RELEASE = CONFIGURATIONS.filter(({ mode }) => mode === 'release');

/** A mapping within the first 256 MiB, in pages of the smallest size. */
interface Mapping {
  readonly va: bigint;
  readonly pa: bigint;
  readonly length: bigint;
}

function mappings({ table }: Subject): fc.Arbitrary<Mapping> {
  const page = 1n << BigInt(smallestLg2(table));
  // Aligned starts are as likely as odd ones: large leaves must occur.
  const place = fc
    .tuple(fc.bigInt({ min: 0n, max: 0xffffn }), fc.constantFrom(0n, 3n, 9n, 12n))
    .map(([n, lg2]) => ((n >> lg2) << lg2) * page);
  const pages = fc.oneof(
    fc.bigInt({ min: 1n, max: 20n }),
    fc.constantFrom(512n, 1024n, 1536n, 16n, 64n),
  );
  return fc.record({ va: place, pa: place, length: pages.map((n) => n * page) });
}

function forEachConfiguration(body: (configuration: Configuration) => void): void {
  for (const configuration of RELEASE) {
    it(configuration.label, () => {
      body(configuration);
    });
  }
}

describe('a map translates its range, and nothing else changes', () => {
  forEachConfiguration((configuration) => {
    fc.assert(
      fc.property(mappings(createSubject(configuration)), ({ va, pa, length }) => {
        const subject = createSubject(configuration);
        const { domain } = subject;
        const page = 1n << BigInt(smallestLg2(subject.table));
        assert.equal(iommuMap(domain, at(va), at(pa), at(length), 3), 0);
        for (const offset of [0n, 1n, length / 2n, length - 1n]) {
          assert.equal(big(domain.iovaToPhys(at(va + offset))), pa + offset);
        }
        assert.equal(big(domain.iovaToPhys(at(va + length))), 0n);
        if (va >= page) assert.equal(big(domain.iovaToPhys(at(va - 1n))), 0n);
      }),
      { numRuns: 40 },
    );
  });
});

describe('map, then unmap, restores every leaf', () => {
  forEachConfiguration((configuration) => {
    const subject = createSubject(configuration);
    const { domain } = subject;
    fc.assert(
      fc.property(mappings(subject), mappings(subject), (first, second) => {
        const overlaps =
          first.va < second.va + second.length && second.va < first.va + first.length;
        iommuMap(domain, at(first.va), at(first.pa), at(first.length), 3);
        const before = leafImage(subject);
        const ret = iommuMap(domain, at(second.va), at(second.pa), at(second.length), 3);
        assert.equal(ret, overlaps ? -ERRNO.EADDRINUSE : 0);
        if (ret === 0) {
          const removed = iommuUnmap(domain, at(second.va), at(second.length));
          assert.equal(big(removed), second.length);
        }
        assert.deepEqual(leafImage(subject), before);
        iommuUnmap(domain, at(first.va), at(first.length));
        assert.deepEqual(leafImage(subject), []);
      }),
      { numRuns: 30 },
    );
  });
});

describe('unmapping a range that fills its tables restores the memory, tables included', () => {
  forEachConfiguration((configuration) => {
    const subject = createSubject(configuration);
    const { table, domain, pages } = subject;
    const slot = 1n << BigInt(table.format.granuleLg2 + 18);
    const small = 1n << BigInt(table.format.granuleLg2);
    // Other tables of the way down stay: they are there before the measured run.
    iommuMap(domain, at(0n), at(0n), at(small), 3);
    const before = leafImage(subject);
    const { live } = pages;
    // Off by one page, so that every leaf is a small one.
    iommuMap(domain, at(slot), at(slot + small), at(slot / 8n), 3);
    assert.ok(pages.live > live);
    assert.equal(big(iommuUnmap(domain, at(slot), at(slot / 8n))), slot / 8n);
    assert.ok(pages.live <= live + 1, 'leaf tables were freed');
    assert.deepEqual(leafImage(subject), before);
  });
});

describe('contiguous leaves give one output address from every item', () => {
  forEachConfiguration((configuration) => {
    const subject = createSubject(configuration);
    const { table } = subject;
    for (const sizeLg2 of sizesOf(table.pgsizes).filter((lg2) => lg2 <= 32)) {
      const length = 1n << BigInt(sizeLg2);
      if (length * 2n > 1n << BigInt(table.maxVaszLg2 - 1)) continue;
      assert.equal(iommuMap(subject.domain, at(length), at(length), at(length), 3), 0);
      const leaf = findLeaf(table, Number(length >> BigInt(table.format.granuleLg2)))!;
      assert.equal(leaf.sizeLg2, sizeLg2);
      const words = new Set<string>();
      for (let n = 0; n < leaf.items; n++) {
        const word = load(table.mem, leaf.pfn, leaf.index + n);
        words.add(`${word.lo} ${word.hi}`);
        const inside = (length / BigInt(leaf.items)) * BigInt(n);
        assert.equal(big(subject.domain.iovaToPhys(at(length + inside))), length + inside);
      }
      assert.equal(words.size, 1);
      iommuUnmap(subject.domain, at(length), at(length));
    }
  });
});

describe('an unmap removes whole leaves from its start, and nothing outside them', () => {
  forEachConfiguration((configuration) => {
    fc.assert(
      fc.property(
        mappings(createSubject(configuration)),
        fc.bigInt({ min: 0n, max: 100n }),
        fc.bigInt({ min: 1n, max: 0x300000n }),
        ({ va, pa, length }, skip, asked) => {
          const subject = createSubject(configuration);
          const { table, domain } = subject;
          const page = 1n << BigInt(table.format.granuleLg2);
          iommuMap(domain, at(va), at(pa), at(length), 3);
          const start = va + (skip * page < length ? skip * page : 0n);
          const leaf = findLeaf(table, Number(start / page))!;
          const aligned = BigInt(leaf.va) * page === start;
          const removed = big(iommuUnmap(domain, at(start), at(asked)));
          if (!aligned) {
            assert.equal(removed, 0n);
            assert.equal(big(domain.iovaToPhys(at(start))), pa + (start - va));
            return;
          }
          const wanted = asked < va + length - start ? asked : va + length - start;
          assert.ok(removed >= wanted);
          if (start > va) {
            const before = start - 1n;
            assert.equal(big(domain.iovaToPhys(at(before))), pa + (before - va));
          }
          assert.equal(big(domain.iovaToPhys(at(start + removed - 1n))), 0n);
          if (start + removed < va + length) {
            const after = start + removed;
            assert.equal(big(domain.iovaToPhys(at(after))), pa + (after - va));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('no operation stores outside the range it was asked for', () => {
  forEachConfiguration((configuration) => {
    const subject = createSubject(configuration);
    const { table, domain, log } = subject;
    const neighbours = [0x1000_0000n, 0x1800_0000n, 0x2000_0000n];
    const page = 1n << BigInt(table.format.granuleLg2);
    for (const va of neighbours) iommuMap(domain, at(va - page), at(va), at(page), 3);
    fc.assert(
      fc.property(mappings(subject), ({ va, pa, length }) => {
        const base = 0x1000_0000n + (va % 0x400_0000n);
        const since = log.next;
        if (iommuMap(domain, at(base), at(pa), at(length), 3) === 0) {
          iommuUnmap(domain, at(base), at(length));
        }
        assert.ok(log.next > since);
        for (const place of neighbours) {
          assert.equal(big(domain.iovaToPhys(at(place - page))), place);
        }
      }),
      { numRuns: 60 },
    );
  });
});
