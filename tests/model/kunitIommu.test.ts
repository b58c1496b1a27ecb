// The kernel's 7 IOMMU cases (generic_pt/kunit_iommu_pt.h), restated for the model.
import assert from 'node:assert/strict';
import { ERRNO } from '../../server/model/bits/errno.ts';
import { sizesOf } from '../../server/model/bits/pgSizes.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { deinitTable, getInfo } from '../../server/model/pt/iommuPt.ts';
import {
  at,
  big,
  checkIova,
  CONFIGURATIONS,
  countLeaves,
  createSubject,
  doMap,
  doUnmap,
  itWhere,
  leavesBySize,
  smallestLg2,
  type Subject,
} from './tables.ts';

const TEST_OA = 0x74a71445deadbeefn;

function oaFor({ table }: Subject, sizeLg2: number): bigint {
  const limited = BigInt.asUintN(table.maxOaszLg2, TEST_OA);
  return (limited >> BigInt(sizeLg2)) << BigInt(sizeLg2);
}

function alignUp(value: bigint, size: bigint): bigint {
  return ((value + size - 1n) / size) * size;
}

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): (below: bigint) => bigint {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const high = state;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((BigInt(high) << 32n) | BigInt(state)) % below;
  };
}

for (const configuration of CONFIGURATIONS) {
  describe(`IOMMU operations, ${configuration.label}`, () => {
    let subject: Subject;
    let small: bigint;
    const probe = createSubject(configuration).table;
    const { topRange } = getInfo(probe);
    const growing = probe.dynamicTop && topRange.vaszLg2 < probe.maxVaszLg2;
    const reaches4G = smallestLg2(probe) === 12 && topRange.vaszLg2 >= 32;
    const between = sizesOf(probe.pgsizes).filter((lg2) => lg2 >= 21 && lg2 <= 30);
    const mixes = between.join() === '21,30' && topRange.vaszLg2 > 35;
    beforeEach(() => {
      subject = createSubject(configuration);
      small = 1n << BigInt(smallestLg2(subject.table));
    });
    afterEach(() => {
      deinitTable(subject.table);
      assert.equal(subject.pages.live, 0, 'page-table memory leaked');
    });

    itWhere(growing, 'a dynamic top grows level by level (test_increase_level)', () => {
      const { table } = subject;
      const reach = (): number => getInfo(table).topRange.vaszLg2;
      while (reach() < table.maxVaszLg2) {
        const { topLevel } = table;
        doMap(subject, 1n << BigInt(reach()), 0n, small);
        assert.equal(table.topLevel, topLevel + 1);
      }
    });

    it('maps and unmaps every size (test_map_simple)', () => {
      const { table } = subject;
      const sizes = sizesOf(table.pgsizes).filter((lg2) => lg2 < table.maxVaszLg2 - 2);
      const places = new Map<number, bigint>();
      let va = small * 256n;
      for (const lg2 of sizes) {
        const length = 1n << BigInt(lg2);
        va = alignUp(va, length);
        places.set(lg2, va);
        doMap(subject, va, oaFor(subject, lg2), length);
        checkIova(subject, va, oaFor(subject, lg2), length);
        va += length;
      }
      assert.deepEqual(leavesBySize(subject), new Map(sizes.map((lg2) => [lg2, 1])));
      for (const [lg2, place] of places) doUnmap(subject, place, 1n << BigInt(lg2));
      assert.equal(countLeaves(subject), 0);
    });

    it('large leaves replace empty tables (test_map_table_to_oa)', () => {
      const { table } = subject;
      const sizes = sizesOf(table.pgsizes).filter((lg2) => lg2 <= 30);
      const max = sizes.at(-1)!;
      const whole = 1n << BigInt(Math.min(max, 24));
      const va = alignUp(small * 256n, 1n << BigInt(max));
      for (const lg2 of sizes.filter((n) => n <= 24)) {
        const length = 1n << BigInt(lg2);
        const oa = oaFor(subject, max);
        for (let offset = 0n; offset < whole; offset += length) {
          // Pages that do not follow each other in memory stay leaves of their own.
          doMap(subject, va + offset, oa + offset, length);
        }
        checkIova(subject, va, oa, whole);
        assert.equal(leavesBySize(subject).get(lg2), Number(whole / length));
        if (length < whole) {
          doUnmap(subject, va, whole / 2n);
          for (let offset = whole / 2n; offset < whole; offset += length) {
            doUnmap(subject, va + offset, length);
          }
        } else {
          doUnmap(subject, va, whole);
        }
        assert.equal(countLeaves(subject), 0);
      }
      // Page by page nothing freed the tables: the large leaf takes their place.
      const before = subject.pages.live;
      for (let n = 0n; n < 4n; n++) doMap(subject, va + n * small, n * small, small);
      for (let n = 0n; n < 4n; n++) doUnmap(subject, va + n * small, small);
      doMap(subject, va, oaFor(subject, max), 1n << BigInt(max));
      checkIova(subject, va, oaFor(subject, max), 1n << BigInt(max));
      assert.ok(subject.pages.live <= before + 2);
    });

    it('a part at the start takes the whole leaf and no more (test_unmap_split)', () => {
      const { table, domain } = subject;
      const sizes = sizesOf(table.pgsizes).filter((lg2) => lg2 < table.maxVaszLg2 - 2);
      for (const [n, base] of sizes.entries()) {
        for (const next of sizes.slice(n + 1)) {
          const part = at(1n << BigInt(base));
          const length = 1n << BigInt(next);
          doMap(subject, 0n, 0n, length);
          assert.equal(big(iommuUnmap(domain, at(0n), part)), length);
          doMap(subject, 0n, 0n, length);
          doMap(subject, length, 0n, length);
          assert.equal(big(iommuUnmap(domain, at(0n), part)), length);
          assert.equal(big(iommuUnmap(domain, at(length), at(length))), length);
        }
      }
    });

    it('overlaps are refused and change nothing (test_random_map)', () => {
      const { table, domain } = subject;
      const random = sequence(42);
      const mapped = new Map<bigint, bigint>();
      const upper = big(getInfo(table).upperRange.start);
      const width = 1n << 24n;
      const fresh = (): void => {
        for (let turn = 0; turn < 60; turn++) {
          const base = table.signExtend && random(2n) === 1n ? upper : 0n;
          const start = base + (random(width) / small) * small;
          const length = (random(width / 8n) / small + 1n) * small;
          const pa = BigInt.asUintN(table.maxOaszLg2, start);
          const ret = iommuMap(domain, at(start), at(pa), at(length), 3);
          const hit = [...mapped].filter(([s, l]) => s < start + length && start < s + l);
          assert.equal(ret, hit.length === 0 ? 0 : -ERRNO.EADDRINUSE);
          for (const [s, l] of hit) {
            checkIova(subject, s, BigInt.asUintN(table.maxOaszLg2, s), l);
            doUnmap(subject, s, l);
            mapped.delete(s);
          }
          if (ret !== 0) doMap(subject, start, pa, length);
          mapped.set(start, length);
          checkIova(subject, start, pa, length);
        }
      };
      fresh();
      for (const [start, length] of mapped) doUnmap(subject, start, length);
      assert.equal(countLeaves(subject), 0);
    });

    itWhere(reaches4G, 'a range that ends below 4 GiB maps (test_pgsize_boundary)', () => {
      doMap(subject, 0xfef80000n, 0x208b95d000n, 0x20000n);
      checkIova(subject, 0xfef80000n, 0x208b95d000n, 0x20000n);
    });

    itWhere(mixes, 'sizes go up and down within one range (test_mixed)', () => {
      const start = 0x3fe400n << 12n;
      const length = (0x4c0600n << 12n) - start;
      doMap(subject, start, start, length);
      // 14 of 2 MiB, 3 of 1 GiB, 3 of 2 MiB.
      assert.deepEqual(
        leavesBySize(subject),
        new Map([
          [21, 17],
          [30, 3],
        ]),
      );
      checkIova(subject, start, start, length);
    });
  });
}
