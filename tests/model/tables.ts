import assert from 'node:assert/strict';
import type { Addr } from '../../server/model/bits/pfn.ts';
import { sizesOf } from '../../server/model/bits/pgSizes.ts';
import type { Word64 } from '../../server/model/bits/pte64.ts';
import { domainOfTable, type IommuDomain } from '../../server/model/core/iommuDomain.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { BUILDS, supportedFeatures, type BuildMode } from '../../server/model/fmt/builds.ts';
import type { PtConfig, PtFormat } from '../../server/model/fmt/ptFormat.ts';
import { itemLg2, kindOf, LEAF, TABLE, tablePfn } from '../../server/model/fmt/ptFormat.ts';
import {
  createEventLog,
  eventsSince,
  type EventLog,
  type ModelEvent,
} from '../../server/model/mem/events.ts';
import {
  createIommuPages,
  putPagesList,
  type IommuPages,
} from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, load } from '../../server/model/mem/physMem.ts';
import { initTable } from '../../server/model/pt/iommuPt.ts';
import type { IommuTable, Profile } from '../../server/model/pt/iommuTable.ts';

/** A table under test with everything around it. */
export interface Subject {
  readonly name: string;
  readonly table: IommuTable;
  readonly domain: IommuDomain;
  readonly pages: IommuPages;
  readonly log: EventLog;
}

/** One configuration of one build of a format. */
export interface Configuration {
  readonly label: string;
  readonly name: string;
  readonly mode: BuildMode;
  readonly config: PtConfig;
}

/**
 * Every test configuration of every build, for a release and a debug kernel.
 * As in the kernel's cases, all features are on that the configuration does not decide.
 */
export const CONFIGURATIONS: readonly Configuration[] = Object.entries(BUILDS).flatMap(
  ([name, build]) =>
    (['release', 'debug'] as const).flatMap((mode) =>
      build.testConfigs.map((config, n) => ({
        label: `${name}[${n}] ${mode}`,
        name,
        mode,
        config: {
          ...config,
          features:
            (config.features | (supportedFeatures(build, mode) & ~build.testFeatures)) >>> 0,
        },
      })),
    ),
);

/** Makes a table for a configuration. */
export function createSubject(
  { name, mode, config }: Configuration,
  options: { sme?: Word64; profile?: Profile; walker?: 'coherent' | 'incoherent' } = {},
): Subject {
  const log = createEventLog({ images: 'kept' });
  const mem = createPhysMem({ log, walker: options.walker ?? 'coherent' });
  const pages = createIommuPages(mem);
  const made = initTable({
    build: BUILDS[name]!,
    mode,
    config,
    pages,
    profile: options.profile ?? '7.3',
    driver: {
      changeTop: () => undefined,
      iotlbSync(gather) {
        putPagesList(pages, gather.freelist);
      },
    },
    ...(options.sme === undefined ? {} : { sme: options.sme }),
  });
  assert.ok(made.table !== undefined, `init: ${made.ret}`);
  return { name, table: made.table, domain: domainOfTable(made.table), pages, log };
}

/** A byte address. */
export function at(value: bigint): Addr {
  return { pfn: Number(value >> 12n), offset: Number(value & 0xfffn) };
}

/** The byte address as a number without loss. */
export function big({ pfn, offset }: Addr): bigint {
  return (BigInt(pfn) << 12n) | BigInt(offset);
}

/** Maps and expects success. */
export function doMap({ domain }: Subject, va: bigint, pa: bigint, length: bigint, prot = 3): void {
  assert.equal(iommuMap(domain, at(va), at(pa), at(length), prot), 0);
}

/** Unmaps and expects exactly the asked length. */
export function doUnmap({ domain }: Subject, va: bigint, length: bigint): void {
  assert.equal(big(iommuUnmap(domain, at(va), at(length))), length);
}

/** Expects a range to translate page by page; long ranges are sampled. */
export function checkIova(subject: Subject, va: bigint, pa: bigint, length: bigint): void {
  const page = 1n << BigInt(smallestLg2(subject.table));
  const pages = length / page;
  const step = pages > 256n ? pages / 256n : 1n;
  for (let n = 0n; n < pages; n += step) {
    assert.equal(big(subject.domain.iovaToPhys(at(va + n * page))), pa + n * page);
  }
  const last = length - 1n;
  assert.equal(big(subject.domain.iovaToPhys(at(va + last))), pa + last);
}

/** The smallest page size of a table. Unit: lg2 bytes. */
export function smallestLg2(table: IommuTable): number {
  return sizesOf(table.pgsizes)[0]!;
}

/** The leaves of a table by size; a contiguous one counts once. */
export function leavesBySize({ table }: Subject): ReadonlyMap<number, number> {
  const { format, mem } = table;
  const found = new Map<number, number>();
  const visit = (pfn: number, level: number): void => {
    for (let index = 0; index < 512;) {
      const { lo, hi } = load(mem, pfn, index);
      const kind = kindOf(format, lo, hi, level);
      let items = 1;
      if (kind === TABLE) visit(tablePfn(format, lo, hi, table), level - 1);
      if (kind === LEAF) {
        const contigLg2 = format.numContigLg2(lo, hi, level);
        items = 1 << contigLg2;
        const sizeLg2 = itemLg2(format, level) + contigLg2;
        found.set(sizeLg2, (found.get(sizeLg2) ?? 0) + 1);
      }
      index += items;
    }
  };
  visit(table.topPfn, table.topLevel);
  return found;
}

/** Number of leaves of a table. */
export function countLeaves(subject: Subject): number {
  return [...leavesBySize(subject).values()].reduce((sum, n) => sum + n, 0);
}

/** Every leaf item with the IOVA it translates, as text to compare; empty tables leave no trace here. */
export function leafImage({ table }: Subject): readonly string[] {
  const { format, mem } = table;
  const lines: string[] = [];
  const visit = (pfn: number, level: number, va: number): void => {
    for (let index = 0; index < 512; index++) {
      const { lo, hi } = load(mem, pfn, index);
      const kind = kindOf(format, lo, hi, level);
      const itemVa = va + index * 512 ** level;
      if (kind === TABLE) visit(tablePfn(format, lo, hi, table), level - 1, itemVa);
      if (kind === LEAF) lines.push(`${level} ${itemVa} ${lo} ${hi}`);
    }
  };
  visit(table.topPfn, table.topLevel, 0);
  return lines;
}

/** Events of a subject since a sequence number. */
export function eventsOf({ log }: Subject, since: number): readonly ModelEvent[] {
  return eventsSince(log, since);
}

/** Levels of a format at which an operation on tables makes sense. */
export function levelsOf(format: PtFormat): readonly number[] {
  return Array.from({ length: format.maxTopLevel + 1 }, (_, level) => level);
}

/** Defines a test where it applies. A format without the property has no such test, as in the kernel. */
export function itWhere(applies: boolean, title: string, body: () => void): void {
  if (applies) it(title, body);
}
