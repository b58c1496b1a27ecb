import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PgSizes } from '../../server/model/bits/pgSizes.ts';
import { pgSizes } from '../../server/model/bits/pgSizes.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { domainOfArm, type IommuDomain } from '../../server/model/core/iommuDomain.ts';
import { ARM_FORMATS } from '../../server/model/fmt/armLpae.ts';
import { createIommuPages, type IommuPages } from '../../server/model/mem/iommuPages.ts';
import { chunkOf, createPhysMem, load, pageBase, store } from '../../server/model/mem/physMem.ts';
import { createArmTable } from '../../server/model/pt/armTable.ts';
import { addPage } from '../../server/model/pt/iotlbGather.ts';
import type { SeenTable } from '../../server/model/pt/seenTable.ts';
import { at, big, CONFIGURATIONS, createSubject } from './tables.ts';

/** A table as this test sees it. */
interface Twin {
  readonly domain: IommuDomain;
  readonly pages: IommuPages;
  readonly top: () => SeenTable;
  /** Bits of an address that a table of each level consumes, and of a page. Unit: lg2 bytes. */
  readonly indexLg2: number;
  readonly pageLg2: number;
}

/** One operation; places and lengths are in pages, tables by the order of their allocation. */
type Step =
  | { readonly kind: 'map' | 'unmap' | 'lookup'; readonly place: Place; readonly size: number }
  | {
      readonly kind: 'poke';
      readonly table: number;
      readonly item: number;
      readonly how: 'clear' | 'copy' | 'flip';
      readonly detail: number;
    };

/** An address by its index at the levels above the pages, topmost first. */
type Place = readonly [number, number, number];

const STEPS: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('map' as const, 'map' as const, 'unmap' as const, 'lookup' as const),
        place: fc.tuple(
          fc.constantFrom(0, 0, 0, 1, 2, 64, 65),
          fc.constantFrom(0, 0, 1, 64),
          fc.nat({ max: 2 }),
        ),
        size: fc.constantFrom(0, 0, 0, 1, 2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('poke' as const),
        table: fc.nat({ max: 11 }),
        item: fc.constantFrom(0, 0, 1, 2),
        how: fc.constantFrom('clear' as const, 'copy' as const, 'flip' as const),
        detail: fc.nat({ max: 11 }),
      }),
    },
  ),
  { minLength: 2, maxLength: 30 },
);

/** Runs one step and says what came out. */
function run({ domain, pages, indexLg2, pageLg2 }: Twin, step: Step): string {
  if (step.kind === 'poke') {
    // Behind the table's back, as a scenario or a defect would.
    const pfn = pages.basePfn + (step.table % pages.used);
    const { mem } = pages;
    const old = load(mem, pfn, step.item);
    const other = load(mem, pages.basePfn + (step.detail % pages.used), step.item);
    if (step.how === 'clear') store(mem, pfn, step.item, 0, 0);
    else if (step.how === 'copy') store(mem, pfn, step.item, other.lo, other.hi);
    else store(mem, pfn, step.item, old.lo ^ (1 << step.detail), old.hi);
    return '';
  }
  const [upper, middle, lower] = step.place;
  const page = (((upper << indexLg2) + middle) * 2 ** indexLg2 + lower) * 2 ** pageLg2;
  const length = 2 ** (pageLg2 + indexLg2 * step.size);
  const va = at(BigInt(page - (step.kind === 'lookup' ? 0 : page % length)));
  const size = at(BigInt(length));
  switch (step.kind) {
    case 'map':
      return String(iommuMap(domain, va, va, size, 3));
    case 'unmap':
      return String(big(iommuUnmap(domain, va, size)));
    case 'lookup':
      return String(big(domain.iovaToPhys(va)));
  }
}

/** Every word of every table. */
function imageOf({ pages }: Twin): readonly Int32Array[] {
  return Array.from({ length: pages.used }, (_, n) => {
    const base = pageBase(pages.basePfn + n);
    return chunkOf(pages.mem, pages.basePfn + n).slice(base, base + 1024);
  });
}

function checkTwins(create: () => Twin): void {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const remembering = create();
      const forgetful = create();
      for (const [n, step] of steps.entries()) {
        forgetful.top().children.fill(undefined);
        const label = `step ${n}: ${JSON.stringify(step)}`;
        assert.equal(run(remembering, step), run(forgetful, step), label);
      }
      assert.deepEqual(imageOf(remembering), imageOf(forgetful));
    }),
    { numRuns: 120 },
  );
}

function createArmTwin(name: string, sizes: PgSizes, pageLg2: number, basePfn?: number): Twin {
  const pages = createIommuPages(createPhysMem(), basePfn === undefined ? {} : { basePfn });
  const syncer = { iotlbSync: () => undefined };
  const only40 = name === 'arm_32_lpae_s2' || name === 'arm_mali_lpae';
  const width = name === 'arm_32_lpae_s1' ? 32 : only40 ? 40 : 48;
  const config = {
    quirks: 0,
    pgsizes: sizes,
    ias: width,
    oas: Math.max(width, 40),
    walks: 'coherent' as const,
  };
  const table = createArmTable(ARM_FORMATS[name]!, config, pages, {
    flushAll: () => undefined,
    flushWalk: () => undefined,
    addPage: (gather, iova, byteCount) => {
      addPage(syncer, gather, iova, byteCount);
    },
  });
  assert.ok(table !== undefined);
  const domain = domainOfArm(table, syncer);
  return { domain, pages, top: () => table.top, indexLg2: pageLg2 - 3, pageLg2 };
}

describe('remembered walks give what walks from the top give, whoever writes to the tables', () => {
  for (const configuration of CONFIGURATIONS.filter(({ mode }) => mode === 'release')) {
    it(configuration.label, () => {
      checkTwins(() => {
        const { table, domain, pages } = createSubject(configuration);
        const { granuleLg2 } = table.format;
        return { domain, pages, top: () => table.top, indexLg2: 9, pageLg2: granuleLg2 };
      });
    });
  }

  for (const name of Object.keys(ARM_FORMATS)) {
    it(name, () => {
      checkTwins(() => createArmTwin(name, pgSizes(12, 21, 30), 12));
    });
  }

  for (const [sizes, pageLg2] of [
    [pgSizes(14, 25), 14],
    [pgSizes(16, 29), 16],
  ] as const) {
    it(`arm_64_lpae_s1 with pages of ${2 ** (pageLg2 - 10)} KiB`, () => {
      checkTwins(() => createArmTwin('arm_64_lpae_s1', sizes, pageLg2));
    });
  }

  it('a table of several pages that leaves its chunk of memory', () => {
    // The table below the top has four pages, of which the first is the last one of its chunk.
    const { domain } = createArmTwin('arm_64_lpae_s1', pgSizes(14, 25), 14, 0x1fb);
    const size = at(2n ** 14n);
    for (const item of [3n, 1500n]) {
      const va = at(item << 36n);
      const next = at((item << 36n) + 2n ** 14n);
      const pa = at(0x1234_4000n);
      assert.equal(iommuMap(domain, va, pa, size, 3), 0);
      assert.equal(iommuMap(domain, next, va, size, 3), 0);
      assert.equal(big(domain.iovaToPhys(at((item << 36n) + 0x123n))), 0x1234_4123n);
      assert.equal(big(domain.iovaToPhys(next)), item << 36n);
      assert.equal(big(iommuUnmap(domain, va, size)), 2n ** 14n);
      assert.equal(big(domain.iovaToPhys(va)), 0n);
      assert.equal(big(domain.iovaToPhys(next)), item << 36n);
    }
    assert.equal(big(domain.iovaToPhys(at(1501n << 36n))), 0n);
  });
});
