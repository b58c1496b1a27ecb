import assert from 'node:assert/strict';
import { ERRNO } from '../../server/model/bits/errno.ts';
import { sizesOf } from '../../server/model/bits/pgSizes.ts';
import { hardwareLoad } from '../../server/model/mem/physMem.ts';
import { word } from '../../server/model/bits/pte64.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { IOMMU_READ } from '../../server/model/fmt/prot.ts';
import { cut, decreasePageSize, type SizeChangeMode } from '../../server/model/pt/cut.ts';
import { readAndClearDirty, setDirty } from '../../server/model/pt/dirty.ts';
import { increasePageSize } from '../../server/model/pt/increasePageSize.ts';
import { createGather } from '../../server/model/pt/iotlbGather.ts';
import { sizeChangeRule } from '../../server/model/pt/sizeChange.ts';
import {
  at,
  big,
  CONFIGURATIONS,
  createSubject,
  doMap,
  eventsOf,
  itWhere,
  leavesBySize,
  type Configuration,
  type Subject,
} from './tables.ts';

const MIB2 = 1n << 21n;
const configuration = (label: string): Configuration =>
  CONFIGURATIONS.find((c) => c.label === label)!;

/** Expects a range to translate as before, byte for byte at page steps. */
function checkSame({ domain }: Subject, va: bigint, pa: bigint, length: bigint): void {
  for (let offset = 0n; offset < length; offset += 4096n) {
    assert.equal(big(domain.iovaToPhys(at(va + offset))), pa + offset);
  }
}

for (const label of ['amdv1[0] release', 'x86_64[0] release', 'vtdss[1] release']) {
  describe(`changing page sizes, ${label}`, () => {
    let subject: Subject;
    beforeEach(() => {
      subject = createSubject(configuration(label), { sme: word(0, 1 << 19) });
      doMap(subject, 0x4000_0000n, 0x8000_0000n, MIB2);
    });
    const both = (body: (mode: SizeChangeMode) => void): void => {
      it('in place', () => {
        body('in place');
      });
      it('break before make', () => {
        body('break before make');
      });
    };

    describe('cut makes an address the start of a leaf', () => {
      both((mode) => {
        const gather = createGather();
        const since = subject.log.next;
        assert.equal(cut(subject.table, at(0x4000_3000n), mode, gather), 0);
        checkSame(subject, 0x4000_0000n, 0x8000_0000n, MIB2);
        const syncs = eventsOf(subject, since).filter(({ kind }) => kind === 'free');
        assert.equal(syncs.length, 0);
        if (mode === 'in place') {
          assert.equal(big(gather.start), 0x4000_0000n);
          assert.equal(big(gather.last), 0x4000_0000n + MIB2 - 1n);
        }
        // What the cut is for: the rest can go alone.
        const rest = at(MIB2 - 0x3000n);
        assert.equal(big(iommuUnmap(subject.domain, at(0x4000_3000n), rest)), MIB2 - 0x3000n);
        checkSame(subject, 0x4000_0000n, 0x8000_0000n, 0x3000n);
        assert.equal(big(subject.domain.iovaToPhys(at(0x4000_3000n))), 0n);
      });
    });

    describe('smaller and larger again', () => {
      both((mode) => {
        const { table } = subject;
        const gather = createGather();
        const range = [at(0x4000_0000n), at(MIB2)] as const;
        assert.equal(decreasePageSize(table, ...range, 12, mode, gather), 0);
        assert.deepEqual(leavesBySize(subject), new Map([[12, 512]]));
        checkSame(subject, 0x4000_0000n, 0x8000_0000n, MIB2);
        const merged = createGather();
        assert.equal(increasePageSize(table, ...range, 21, mode, merged), 0);
        assert.deepEqual(leavesBySize(subject), new Map([[21, 1]]));
        checkSame(subject, 0x4000_0000n, 0x8000_0000n, MIB2);
        assert.equal(merged.freelist.length, 1);
      });
    });

    const tracksDirty = createSubject(configuration(label)).table.format.dirtyLo !== 0;
    itWhere(tracksDirty, 'the dirty bit is kept by every piece and by the merged leaf', () => {
      const { table } = subject;
      const dirtyBytes = (): bigint => {
        let sum = 0n;
        const record = (_: unknown, length: { pfn: number; offset: number }): void => {
          sum += big(length);
        };
        const bitmap = { record, gather: createGather() };
        assert.equal(readAndClearDirty(table, at(0x4000_0000n), at(MIB2), 1, bitmap), 0);
        return sum;
      };
      assert.equal(setDirty(table, at(0x4000_0000n)), 0);
      assert.equal(dirtyBytes(), MIB2);
      const range = [at(0x4000_0000n), at(MIB2)] as const;
      assert.equal(decreasePageSize(table, ...range, 12, 'in place', createGather()), 0);
      assert.equal(dirtyBytes(), MIB2);
      assert.equal(increasePageSize(table, ...range, 21, 'in place', createGather()), 0);
      assert.equal(dirtyBytes(), MIB2);
    });

    it('a cut that cannot have its tables changes nothing', () => {
      const { table, pages } = subject;
      const { live } = pages;
      pages.failAt = 0;
      assert.equal(cut(table, at(0x4000_3000n), 'in place', createGather()), -ERRNO.ENOMEM);
      assert.equal(pages.live, live);
      assert.deepEqual(leavesBySize(subject), new Map([[21, 1]]));
      doMap(subject, 0x8000_0000n, 0xc000_0000n, 1n << 30n);
      const before = pages.live;
      pages.failAt = 1;
      assert.equal(cut(table, at(0x8000_3000n), 'in place', createGather()), -ERRNO.ENOMEM);
      assert.equal(pages.live, before);
      assert.equal(cut(table, at(0x8020_3000n), 'in place', createGather()), 0);
      checkSame(subject, 0x8020_0000n, 0xc020_0000n, MIB2);
    });

    it('blocks that differ are not merged', () => {
      const { table, domain } = subject;
      const base = 0x1_0000_0000n;
      doMap(subject, base, 0x2_0000_0000n, MIB2 - 4096n);
      const range = [at(base), at(MIB2)] as const;
      const merge = (): number => increasePageSize(table, ...range, 21, 'in place', createGather());
      assert.equal(merge(), 0);
      assert.equal(leavesBySize(subject).get(21), 1, 'a hole');
      const last = at(base + MIB2 - 4096n);
      iommuMap(domain, last, at(0x2_0000_0000n), at(4096n), 3);
      assert.equal(merge(), 0);
      assert.equal(leavesBySize(subject).get(21), 1, 'another address');
      iommuUnmap(domain, last, at(4096n));
      iommuMap(domain, last, at(0x2_0000_0000n + MIB2 - 4096n), at(4096n), IOMMU_READ);
      assert.equal(merge(), 0);
      assert.equal(leavesBySize(subject).get(21), 1, 'another protection');
    });

    it('nothing, what is that large already, and what is not aligned stay as they are', () => {
      const { table } = subject;
      doMap(subject, 0x4020_0000n, 0x9000_1000n, MIB2);
      const before = leavesBySize(subject);
      const range = [at(0x4000_0000n), at(3n * MIB2)] as const;
      assert.equal(increasePageSize(table, ...range, 21, 'in place', createGather()), 0);
      assert.deepEqual(leavesBySize(subject), before);
    });

    it('refuses what makes no sense', () => {
      const { table } = subject;
      const gather = createGather();
      assert.equal(cut(table, at(0x4000_0000n), 'in place', gather), 0);
      assert.equal(cut(table, at(0x4000_0001n), 'in place', gather), -ERRNO.EINVAL);
      assert.equal(cut(table, at(0n), 'in place', gather), -ERRNO.ENOENT);
      const outside = at(1n << 63n);
      assert.equal(cut(table, outside, 'in place', gather), -ERRNO.ERANGE);
      const range = [at(0x4000_0000n), at(MIB2)] as const;
      assert.equal(decreasePageSize(table, at(0n), at(0n), 12, 'in place', gather), -ERRNO.EINVAL);
      assert.equal(decreasePageSize(table, ...range, 11, 'in place', gather), -ERRNO.ENXIO);
      assert.equal(increasePageSize(table, ...range, 11, 'in place', gather), -ERRNO.ENXIO);
      assert.equal(increasePageSize(table, at(0n), at(0n), 21, 'in place', gather), -ERRNO.EINVAL);
      assert.equal(decreasePageSize(table, at(0n), at(8192n), 12, 'in place', gather), 0);
    });
  });
}

describe('cutting contiguous leaves', () => {
  it('amdv1: the pieces have the best sizes on both sides', () => {
    const subject = createSubject(configuration('amdv1[0] release'));
    doMap(subject, 0x80_0000n, 0x80_0000n, 1n << 23n);
    assert.deepEqual(leavesBySize(subject), new Map([[23, 1]]));
    assert.equal(cut(subject.table, at(0x80_0000n + MIB2), 'in place', createGather()), 0);
    assert.deepEqual(
      leavesBySize(subject),
      new Map([
        [21, 2],
        [22, 1],
      ]),
    );
    checkSame(subject, 0x80_0000n, 0x80_0000n, 1n << 23n);
    assert.equal(cut(subject.table, at(0x80_0000n + 0x1000n), 'in place', createGather()), 0);
    checkSame(subject, 0x80_0000n, 0x80_0000n, 1n << 23n);
    assert.equal(sizesOf(subject.table.pgsizes)[0], 12);
  });

  it('amdv1: 1 TiB has to become tables, because hardware lacks 512 GiB', () => {
    const subject = createSubject(configuration('amdv1[0] release'));
    const tib = 1n << 40n;
    doMap(subject, tib, tib, tib);
    assert.equal(cut(subject.table, at(tib + tib / 2n), 'in place', createGather()), 0);
    assert.deepEqual(leavesBySize(subject), new Map([[38, 4]]));
    assert.equal(big(subject.domain.iovaToPhys(at(tib + tib / 2n + 5n))), tib + tib / 2n + 5n);
  });

  it('riscv_64: a Svnapot leaf is not changed in place', () => {
    const subject = createSubject(configuration('riscv_64[0] release'));
    doMap(subject, 0x1_0000n, 0x1_0000n, 0x1_0000n);
    const ret = cut(subject.table, at(0x1_1000n), 'in place', createGather());
    assert.equal(ret, -ERRNO.EOPNOTSUPP);
    const merge = (mode: SizeChangeMode): number =>
      increasePageSize(subject.table, at(0x1_0000n), at(0x1_0000n), 16, mode, createGather());
    assert.equal(merge('in place'), -ERRNO.EOPNOTSUPP);
    assert.equal(cut(subject.table, at(0x1_1000n), 'break before make', createGather()), 0);
    assert.deepEqual(leavesBySize(subject), new Map([[12, 16]]));
    checkSame(subject, 0x1_0000n, 0x1_0000n, 0x1_0000n);
    assert.equal(merge('break before make'), 0);
    assert.deepEqual(leavesBySize(subject), new Map([[16, 1]]));
  });

  it('incoherent walkers: every table is clean before it is linked', () => {
    const subject = createSubject(configuration('vtdss[1] release'), { walker: 'incoherent' });
    doMap(subject, 0x4000_0000n, 0x8000_0000n, MIB2);
    assert.equal(cut(subject.table, at(0x4000_3000n), 'in place', createGather()), 0);
    const { mem } = subject.table;
    // What is not flushed is the software mark of links that were flushed before it was set.
    for (const key of mem.pending!.keys()) {
      for (let item = 0; item < 8; item++) {
        const { now, older } = hardwareLoad(mem, Math.floor(key / 64), (key % 64) * 8 + item);
        if (older !== undefined) assert.deepEqual([now.lo ^ older.lo, now.hi], [1 << 10, older.hi]);
      }
    }
    const flushed = eventsOf(subject, 0).filter(({ kind }) => kind === 'flush');
    assert.ok(flushed.length > 0);
  });
});

describe('the rule of an architecture for changing sizes in place', () => {
  it('is known, or named as unknown', () => {
    assert.equal(sizeChangeRule('vtdss', 1).inPlace, 'allowed');
    assert.equal(sizeChangeRule('riscv_64', 1).inPlace, 'allowed');
    assert.equal(sizeChangeRule('riscv_64', 16).inPlace, 'unknown');
    assert.equal(sizeChangeRule('arm_64_lpae_s2', 1).inPlace, 'unknown');
    assert.equal(sizeChangeRule('arm_64_lpae_s2', 1, { bbml: 1 }).inPlace, 'forbidden');
    assert.equal(sizeChangeRule('arm_64_lpae_s2', 1, { bbml: 2 }).inPlace, 'allowed');
    assert.equal(sizeChangeRule('sparc', 1).inPlace, 'unknown');
  });
});
