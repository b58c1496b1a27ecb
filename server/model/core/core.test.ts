import assert from 'node:assert/strict';
import { ERRNO } from '../bits/errno.ts';
import { addr, ZERO, type Addr } from '../bits/pfn.ts';
import { NO_SIZES, pgSizes } from '../bits/pgSizes.ts';
import { BUILDS } from '../fmt/builds.ts';
import { createIommuPages, putPagesList } from '../mem/iommuPages.ts';
import { createPhysMem } from '../mem/physMem.ts';
import { initTable } from '../pt/iommuPt.ts';
import type { IommuTable } from '../pt/iommuTable.ts';
import { createGather } from '../pt/iotlbGather.ts';
import { iommuMap, iommuMapSg, iommuUnmap, iommuUnmapFast } from './iommuCore.ts';
import { domainOfTable, type IommuDomain } from './iommuDomain.ts';
import { iommuPgcount, iommuPgsize } from './pgtblLoop.ts';

interface Fixture {
  readonly domain: IommuDomain;
  readonly table: IommuTable;
  /** Calls of the driver's sync of new mappings. */
  readonly synced: (readonly [Addr, Addr])[];
}

function create(syncMapRet = 0): Fixture {
  const pages = createIommuPages(createPhysMem());
  const synced: (readonly [Addr, Addr])[] = [];
  const { table } = initTable({
    build: BUILDS['vtdss']!,
    config: { features: 0, vaszLg2: 48, oaszLg2: 52, topLevel: 3 },
    pages,
    driver: {
      changeTop: () => undefined,
      iotlbSync(gather) {
        putPagesList(pages, gather.freelist);
      },
    },
  });
  const domain = domainOfTable(table!, (iova, length) => {
    synced.push([iova, length]);
    return syncMapRet;
  });
  return { domain, table: table!, synced };
}

const KIB4 = addr(1);

describe('iommu_map', () => {
  it('syncs new mappings once, after success only', () => {
    const { domain, synced } = create();
    assert.equal(iommuMap(domain, addr(16), addr(32), addr(4), 3), 0);
    assert.deepEqual(synced, [[addr(16), addr(4)]]);
    assert.equal(iommuMap(domain, addr(18), addr(32), addr(4), 3), -ERRNO.EADDRINUSE);
    assert.equal(synced.length, 1);
  });

  it('unmaps again when that sync fails', () => {
    const { domain } = create(-ERRNO.EINVAL);
    assert.equal(iommuMap(domain, addr(16), addr(32), addr(4), 3), -ERRNO.EINVAL);
    assert.deepEqual(domain.iovaToPhys(addr(16)), ZERO);
  });

  it('leaves nothing behind when it fails half way', () => {
    const { domain, table } = create();
    iommuMap(domain, addr(512), addr(32), KIB4, 3);
    assert.equal(iommuMap(domain, addr(510), addr(64), addr(4), 3), -ERRNO.EADDRINUSE);
    assert.deepEqual(domain.iovaToPhys(addr(511)), ZERO);
    assert.deepEqual(domain.iovaToPhys(addr(512)), addr(32));
    assert.ok(table.pages.live > 1);
  });

  it('works on a domain with page sizes only', () => {
    const { domain, table } = create();
    table.pgsizes = NO_SIZES;
    assert.equal(iommuMap(domain, addr(16), addr(32), addr(4), 3), -ERRNO.EINVAL);
    assert.deepEqual(iommuUnmap(domain, addr(16), addr(4)), ZERO);
    assert.deepEqual(iommuUnmapFast(domain, addr(16), addr(4), createGather()), ZERO);
  });
});

describe('iommu_map_sg', () => {
  it('joins neighbours and skips bus addresses', () => {
    const { domain, synced } = create();
    const entries = [
      { pa: addr(100), length: KIB4 },
      { pa: addr(101), length: KIB4 },
      { pa: addr(500), length: KIB4, busAddress: true },
      { pa: addr(200), length: addr(2) },
    ];
    assert.deepEqual(iommuMapSg(domain, addr(16), entries, 3), { ret: 0, mapped: addr(4) });
    assert.deepEqual(
      [16, 17, 18, 19].map((pfn) => domain.iovaToPhys(addr(pfn)).pfn),
      [100, 101, 200, 201],
    );
    assert.equal(synced.length, 1);
  });

  it('undoes everything when a piece fails', () => {
    const { domain } = create();
    iommuMap(domain, addr(18), addr(300), KIB4, 3);
    const fails = (entries: readonly { pa: Addr; length: Addr }[]): void => {
      assert.deepEqual(iommuMapSg(domain, addr(16), entries, 3), {
        ret: -ERRNO.EADDRINUSE,
        mapped: ZERO,
      });
      assert.deepEqual(domain.iovaToPhys(addr(16)), ZERO);
      assert.deepEqual(domain.iovaToPhys(addr(18)), addr(300));
    };
    fails([
      { pa: addr(100), length: addr(2) },
      { pa: addr(200), length: addr(2) },
    ]);
    fails([
      { pa: addr(100), length: addr(1) },
      { pa: addr(200), length: addr(2) },
      { pa: addr(400), length: addr(2) },
    ]);
  });

  it('undoes everything when the sync fails', () => {
    const { domain } = create(-ERRNO.EINVAL);
    const entries = [{ pa: addr(100), length: KIB4 }];
    assert.equal(iommuMapSg(domain, addr(16), entries, 3).ret, -ERRNO.EINVAL);
    assert.deepEqual(domain.iovaToPhys(addr(16)), ZERO);
  });
});

describe('iommu_pgsize', () => {
  it('stops small pages at the boundary of a larger size when a whole one follows', () => {
    const sizes = pgSizes(12, 21);
    const run = (iovaPfn: number, paPfn: number, pages: number): readonly [number, number] => {
      const sizeLg2 = iommuPgsize(sizes, iovaPfn, paPfn, pages);
      return [sizeLg2, iommuPgcount(sizes, sizeLg2, iovaPfn, paPfn, pages)];
    };
    assert.deepEqual(run(0, 0, 512), [21, 1]);
    assert.deepEqual(run(1, 1, 1023), [12, 511]);
    assert.deepEqual(run(1, 1, 1022), [12, 1022]);
    assert.deepEqual(run(1, 2, 2000), [12, 2000]);
  });
});
