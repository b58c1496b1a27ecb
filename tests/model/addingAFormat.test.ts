// The worked example of docs/adding-a-format.md is compiled here, and used.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { domainOfTable } from '../../server/model/core/iommuDomain.ts';
import type { Build } from '../../server/model/fmt/builds.ts';
import { createIommuPages, putPagesList } from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, load } from '../../server/model/mem/physMem.ts';
import { getInfo, initTable } from '../../server/model/pt/iommuPt.ts';
import { example } from './example/example.ts';
import { at, big } from './tables.ts';

describe('docs/adding-a-format.md', () => {
  it('shows the file that is compiled here', () => {
    const page = fs.readFileSync('docs/adding-a-format.md', 'utf8');
    const shown = /```ts\n([^]*?)```/.exec(page)![1]!;
    const compiled = fs
      .readFileSync('tests/model/example/example.ts', 'utf8')
      .replaceAll("'../../../server/model/bits/", "'../bits/")
      .replaceAll("'../../../server/model/fmt/", "'./");
    const layout = (text: string): string => text.replaceAll(/[\s,]+/g, '');
    assert.equal(layout(shown), layout(compiled));
  });

  it('makes a format that maps and unmaps', () => {
    const build: Build = {
      format: example,
      path: 'drivers/iommu/generic_pt/fmt/iommu_example.c',
      supported: 0,
      forced: 0,
      testConfigs: [],
      testFeatures: 0,
    };
    const pages = createIommuPages(createPhysMem());
    const config = { features: 0, vaszLg2: 48, oaszLg2: 48, topLevel: 3 };
    const driver = {
      changeTop: (): void => undefined,
      iotlbSync: ({ freelist }: { freelist: readonly number[] }): void => {
        putPagesList(pages, freelist);
      },
    };
    const { table } = initTable({ build, config, pages, driver });
    assert.ok(table !== undefined);
    assert.equal(getInfo(table).hwInfo?.['levels'], 4);
    const domain = domainOfTable(table);
    const length = at(0x20_1000n);
    assert.equal(iommuMap(domain, at(0x4000_0000n), at(0x8000_0000n), length, 3), 0);
    assert.equal(big(domain.iovaToPhys(at(0x4020_0123n))), 0x8020_0123n);
    assert.deepEqual(load(table.mem, table.topPfn + 2, 0), { lo: 0x8000_000f | 0, hi: 0 });
    assert.equal(big(iommuUnmap(domain, at(0x4000_0000n), length)), 0x20_1000n);
    assert.equal(initTable({ build, pages, driver, config: { ...config, topLevel: 2 } }).ret, -95);
  });
});
