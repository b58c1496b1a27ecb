// Inputs at the edge of what the kernel code promises, and configurations that it refuses.
import assert from 'node:assert/strict';
import { ERRNO } from '../../server/model/bits/errno.ts';
import { addr, ZERO } from '../../server/model/bits/pfn.ts';
import { pgSizes } from '../../server/model/bits/pgSizes.ts';
import { word } from '../../server/model/bits/pte64.ts';
import { iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { domainOfArm } from '../../server/model/core/iommuDomain.ts';
import { ARM_FORMATS, QUIRK } from '../../server/model/fmt/armLpae.ts';
import { armGeometry, armRegisters, type ArmConfig } from '../../server/model/fmt/armLpaeConfig.ts';
import { BUILDS, type Build } from '../../server/model/fmt/builds.ts';
import { features, PT_FEAT } from '../../server/model/fmt/features.ts';
import type { PtConfig } from '../../server/model/fmt/ptFormat.ts';
import { createEventLog, eventsSince, type Warning } from '../../server/model/mem/events.ts';
import { createIommuPages } from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, load, store } from '../../server/model/mem/physMem.ts';
import { createArmTable, type ArmTable } from '../../server/model/pt/armTable.ts';
import { armIovaToPhys, armWalk } from '../../server/model/pt/armWalk.ts';
import { cut, decreasePageSize } from '../../server/model/pt/cut.ts';
import { increasePageSize } from '../../server/model/pt/increasePageSize.ts';
import { getInfo, initTable } from '../../server/model/pt/iommuPt.ts';
import { armMapPages, armUnmapPages } from '../../server/model/pt/ioPgtableArm.ts';
import { createGather, isDisjoint } from '../../server/model/pt/iotlbGather.ts';
import { mapRange } from '../../server/model/pt/mapRange.ts';
import {
  at,
  big,
  CONFIGURATIONS,
  createSubject,
  doMap,
  leavesBySize,
  type Configuration,
  type Subject,
} from './tables.ts';

const configuration = (label: string): Configuration =>
  CONFIGURATIONS.find((c) => c.label === label)!;

function warningsOf({ log }: Pick<Subject, 'log'>): readonly Warning[] {
  return eventsSince(log, 0).flatMap((event) => (event.kind === 'warn' ? [event.what] : []));
}

describe('lengths that the kernel does not check', () => {
  it('the whole pages are mapped, then the model stops where 7.3 is undefined', () => {
    const subject = createSubject(configuration('vtdss[1] release'));
    const { ret, mapped } = mapRange(subject.table, at(0n), at(0n), at(0x1800n), 3);
    assert.deepEqual([ret, big(mapped)], [-ERRNO.ENXIO, 0x1000n]);
    assert.deepEqual(warningsOf(subject), ['length is no multiple of the smallest page size']);
  });

  it('so does a size that the domain has dropped', () => {
    const subject = createSubject(configuration('vtdss[1] release'));
    subject.table.pgsizes = pgSizes(21);
    const { ret, mapped } = mapRange(subject.table, at(0n), at(0n), at(0x20_1000n), 3);
    assert.deepEqual([ret, big(mapped)], [-ERRNO.ENXIO, 0x20_0000n]);
  });
});

describe('page sizes in the bitmap that the format does not have', () => {
  it('a release kernel writes one item of them, a debug kernel none', () => {
    for (const [mode, expected] of [
      ['release', 1],
      ['debug', undefined],
    ] as const) {
      const subject = createSubject(configuration(`vtdss[1] ${mode}`));
      subject.table.pgsizes = pgSizes(12, 16, 21);
      for (const length of [0x1_0000n, 0x2_0000n]) {
        const va = length * 16n;
        const { ret, mapped } = mapRange(subject.table, at(va), at(va), at(length), 3);
        assert.deepEqual([ret, big(mapped)], [0, length]);
        assert.equal(big(subject.domain.iovaToPhys(at(va + 0x1000n))), 0n);
      }
      assert.equal(leavesBySize(subject).get(12), expected === undefined ? undefined : 3);
    }
  });
});

describe('tables whose address an entry cannot hold', () => {
  it('a debug kernel notices, a release kernel does not', () => {
    for (const [mode, expected] of [
      ['debug', -ERRNO.EINVAL],
      ['release', 0],
    ] as const) {
      // The encryption bit lies on the address of the tables themselves: 4 GiB.
      const subject = createSubject(configuration(`x86_64[2] ${mode}`), { sme: word(0, 1) });
      const { live } = subject.pages;
      assert.equal(mapRange(subject.table, at(0n), at(0n), at(4096n), 3).ret, expected);
      if (mode === 'debug') assert.equal(subject.pages.live, live);
    }
  });

  it('a corrupt NextLevel at level 0 is refused by a debug kernel only', () => {
    for (const [mode, expected] of [
      ['debug', 0n],
      ['release', 0x5000n],
    ] as const) {
      const subject = createSubject(configuration(`amdv1[0] ${mode}`));
      doMap(subject, 0n, 0x5000n, 4096n);
      const { mem } = subject.table;
      const leafTable = subject.table.topPfn + 2;
      const { lo, hi } = load(mem, leafTable, 0);
      store(mem, leafTable, 0, lo | 0x600, hi);
      assert.equal(big(subject.domain.iovaToPhys(at(0n))), expected);
    }
  });

  it('a corrupt size code that points past its table clears no other memory', () => {
    const subject = createSubject(configuration('amdv1[0] release'));
    doMap(subject, 0n, 0x5000n, 4096n);
    const { mem } = subject.table;
    const leafTable = subject.table.topPfn + 2;
    const { hi } = load(mem, leafTable, 0);
    // NextLevel 7 and nine ones above it: 1024 items.
    store(mem, leafTable, 0, 0x1f_fe01, hi);
    store(mem, leafTable + 1, 0, 1, 2);
    assert.equal(big(iommuUnmap(subject.domain, at(0n), at(0x40_0000n))), 0x20_0000n);
    assert.deepEqual(load(mem, leafTable, 511), word(0));
    assert.deepEqual(load(mem, leafTable + 1, 0), word(1, 2));
  });
});

describe('configurations that are refused', () => {
  const init = (build: Build, config: PtConfig): number =>
    initTable({
      build,
      config,
      pages: createIommuPages(createPhysMem()),
      driver: { changeTop: () => undefined, iotlbSync: () => undefined },
    }).ret;
  const config: PtConfig = { features: 0, vaszLg2: 48, oaszLg2: 52, topLevel: 3 };

  it('sign extension excludes a full or a growing address space', () => {
    const everything: Build = { ...BUILDS['x86_64']!, supported: -1 >>> 0 };
    for (const other of [PT_FEAT.FULL_VA, PT_FEAT.DYNAMIC_TOP]) {
      const both = { ...config, features: features(PT_FEAT.SIGN_EXTEND, other) };
      assert.equal(init(everything, both), -ERRNO.EINVAL);
    }
    assert.equal(init(everything, config), 0);
  });

  it('a top far above its addresses asks for more memory than there is', () => {
    assert.equal(init(BUILDS['x86_64']!, { ...config, vaszLg2: 39, topLevel: 4 }), -ERRNO.ENOMEM);
    // The one configuration in which the shift that overflows gives what can be allocated: 4 MiB.
    const high = { ...config, features: BUILDS['amdv1']!.forced, vaszLg2: 12, topLevel: 5 };
    assert.equal(init(BUILDS['amdv1']!, high), 0);
  });

  it('less than a page of addresses can be described', () => {
    const { table } = initTable({
      build: BUILDS['amdv1_mock']!,
      config: { features: 0, vaszLg2: 5, oaszLg2: 20, topLevel: 1 },
      pages: createIommuPages(createPhysMem()),
      driver: { changeTop: () => undefined, iotlbSync: () => undefined },
      mode: 'debug',
    });
    assert.equal(table, undefined);
    const amd = createSubject({
      ...configuration('amdv1[0] release'),
      config: { ...configuration('amdv1[0] release').config, vaszLg2: 5, topLevel: 2 },
    });
    assert.equal(big(getInfo(amd.table).topRange.last), 31n);
  });
});

describe('a growing top with an incoherent walker', () => {
  it('is clean before the hardware is told', () => {
    const { config } = configuration('vtdss[1] debug');
    const subject = createSubject(
      { label: '', name: 'vtdss', mode: 'debug', config: { ...config, topLevel: 2 } },
      { walker: 'incoherent' },
    );
    doMap(subject, 0n, 0x1000n, 4096n);
    const since = subject.log.next;
    doMap(subject, 1n << 40n, 0x1000n, 4096n);
    const kinds = eventsSince(subject.log, since).map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(0, 3), ['alloc', 'store', 'flush']);
    assert.equal(subject.table.topLevel, 3);
  });
});

describe('size changes that cannot be finished', () => {
  it('stop with an error', () => {
    const subject = createSubject(configuration('vtdss[1] release'));
    const { table, pages } = subject;
    doMap(subject, 0x4000_0000n, 0x8000_0000n, 1n << 21n);
    const range = [at(0x4000_0000n), at(1n << 21n)] as const;
    pages.failAt = 0;
    const gather = createGather();
    assert.equal(decreasePageSize(table, ...range, 12, 'in place', gather), -ERRNO.ENOMEM);
    table.pgsizes = pgSizes(21);
    assert.equal(cut(table, at(0x4000_1000n), 'in place', gather), -ERRNO.EINVAL);
    assert.deepEqual(leavesBySize(subject), new Map([[21, 1]]));
  });

  it('merge whole blocks of a ragged range only', () => {
    const subject = createSubject(configuration('vtdss[1] release'));
    const size = 1n << 21n;
    for (let n = 0n; n < 512n; n++) doMap(subject, n * 4096n, size + n * 4096n, 4096n);
    const merge = (va: bigint, length: bigint): number =>
      increasePageSize(subject.table, at(va), at(length), 21, 'in place', createGather());
    assert.equal(merge(1n, size), 0);
    assert.equal(merge(0n, size - 1n), 0);
    assert.equal(leavesBySize(subject).get(21), undefined);
    assert.equal(merge(0n, size + 5n), 0);
    assert.deepEqual(leavesBySize(subject), new Map([[21, 1]]));
  });
});

describe('the gather', () => {
  it('ranges that end inside a page touch the next byte', () => {
    const gather = createGather();
    gather.start = addr(0, 0);
    gather.last = addr(0, 100);
    assert.equal(isDisjoint(gather, addr(0, 101), addr(0, 1)), false);
    assert.equal(isDisjoint(gather, addr(0, 102), addr(0, 1)), true);
    gather.last = addr(2 ** 52 - 1, 4095);
    assert.equal(isDisjoint(gather, addr(5), addr(1)), true, 'the byte after the last one wraps');
  });
});

describe('io-pgtable-arm at its edges', () => {
  const base: ArmConfig = {
    quirks: 0,
    pgsizes: pgSizes(12, 21, 30),
    ias: 48,
    oas: 48,
    walks: 'coherent',
  };
  const log = createEventLog();
  const create = (format: string, config: Partial<ArmConfig> = {}): ArmTable | undefined =>
    createArmTable(
      ARM_FORMATS[format]!,
      { ...base, ...config },
      createIommuPages(createPhysMem({ log })),
      { flushAll: () => undefined, flushWalk: () => undefined, addPage: () => undefined },
    );

  it('the upper half of the address space (TTBR1)', () => {
    const table = create('arm_64_lpae_s1', { quirks: QUIRK.ARM_TTBR1, ias: 39 })!;
    const high = at(0xffff_ff80_0000_0000n);
    assert.equal(armMapPages(table, high, at(0x5000n), at(4096n), 1, 3).ret, 0);
    assert.equal(big(armIovaToPhys(table, high)), 0x5000n);
    assert.equal(armMapPages(table, at(0n), at(0n), at(4096n), 1, 3).ret, -ERRNO.ERANGE);
    assert.deepEqual(armUnmapPages(table, at(0n), at(4096n), 1, createGather()), ZERO);
    assert.equal(big(armUnmapPages(table, high, at(4096n), 1, createGather())), 4096n);
    // A range that runs over the end of the address space goes on at 0, where this table ends.
    const domain = domainOfArm(table, { iotlbSync: () => undefined });
    const last = at(0xffff_ffff_ffff_f000n);
    const { ret, mapped } = domain.mapRange(last, at(0x5000n), at(0x2000n), 3);
    assert.deepEqual([ret, big(mapped)], [-ERRNO.ERANGE, 0x1000n]);
  });

  it('a sum of page sizes passes the check and fails at the last level', () => {
    const table = create('arm_64_lpae_s1')!;
    const both = at(0x20_1000n);
    assert.equal(armMapPages(table, at(0n), at(0n), both, 1, 3).ret, -ERRNO.EINVAL);
    armMapPages(table, at(0n), at(0x5000n), at(4096n), 1, 3);
    assert.deepEqual(armUnmapPages(table, at(0n), both, 1, createGather()), ZERO);
    // A block at the last level is neither page nor table.
    const leafTable = table.pgdPfn + 3;
    store(table.mem, leafTable, 0, 1, 0);
    assert.deepEqual(armUnmapPages(table, at(0n), both, 1, createGather()), ZERO);
  });

  it('input addresses of one page need no level', () => {
    const table = create('arm_64_lpae_s1', { ias: 12 })!;
    assert.equal(table.geometry.startLevel, 4);
    assert.equal(armWalk(table, at(0n)).ret, -ERRNO.EINVAL);
    assert.deepEqual(armIovaToPhys(table, at(0n)), ZERO);
    assert.equal(armMapPages(table, at(0n), at(0n), at(4096n), 1, 3).ret, -ERRNO.EINVAL);
  });

  it('32-bit formats: widths and granules', () => {
    const geometry = (format: string, config: Partial<ArmConfig>): unknown => {
      const found = armGeometry(ARM_FORMATS[format]!, { ...base, ...config });
      return found && [found.startLevel, found.pgdBits, found.granuleLg2];
    };
    assert.deepEqual(geometry('arm_32_lpae_s1', { ias: 32, oas: 40 }), [1, 2, 12]);
    assert.deepEqual(geometry('arm_32_lpae_s2', { ias: 40, oas: 40 }), [1, 10, 12]);
    assert.deepEqual(geometry('arm_32_lpae_s2', { ias: 32, oas: 32 }), [1, 2, 12]);
    assert.equal(geometry('arm_32_lpae_s1', { ias: 33, oas: 40 }), undefined);
    assert.equal(geometry('arm_32_lpae_s1', { ias: 32, oas: 44 }), undefined);
    assert.equal(geometry('arm_32_lpae_s2', { ias: 41, oas: 40 }), undefined);
    assert.equal(
      geometry('arm_32_lpae_s1', { ias: 32, oas: 40, pgsizes: pgSizes(14, 25) }),
      undefined,
    );
    assert.equal(geometry('arm_64_lpae_s1', { oas: 33 }), undefined);
    assert.equal(geometry('arm_64_lpae_s1', { quirks: QUIRK.ARM_OUTER_WBWA }), undefined);
    assert.equal(geometry('arm_64_lpae_s1', { quirks: QUIRK.ARM_S2FWB }), undefined);
    // 256 tables of 4 KiB would have to be concatenated.
    assert.equal(geometry('arm_64_lpae_s2', { ias: 48, oas: 42 }), undefined);
  });

  it('registers of incoherent walkers', () => {
    const registers = (format: string, config: Partial<ArmConfig>): unknown => {
      const kind = ARM_FORMATS[format]!;
      const full = { ...base, walks: 'incoherent', ...config } as const;
      return armRegisters(kind, armGeometry(kind, full)!, 0x1000);
    };
    assert.deepEqual(registers('arm_mali_lpae', { oas: 40 }), {
      transtab: { address: addr(0x1000, 7) },
      memattr: { word: word(0x888d88) },
    });
    const s1 = registers('arm_64_lpae_s1', { quirks: QUIRK.ARM_OUTER_WBWA }) as {
      tcr: { bits: Record<string, number> };
    };
    assert.deepEqual(s1.tcr.bits, { ips: 5, tg: 0, sh: 2, orgn: 1, irgn: 0, tsz: 16 });
  });
});
