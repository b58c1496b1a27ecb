// The hardware walkers and the page-table code read entries independently of each other.
// Here tables built by the page-table model are walked by the hardware model, and both have to say the same.
import assert from 'node:assert/strict';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { pgSizes } from '../../server/model/bits/pgSizes.ts';
import { mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import {
  domainOfArm,
  domainOfTable,
  type IommuDomain,
} from '../../server/model/core/iommuDomain.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { ARM_FORMATS, type ArmRegisters } from '../../server/model/fmt/armLpae.ts';
import { armRegisters } from '../../server/model/fmt/armLpaeConfig.ts';
import { BUILDS } from '../../server/model/fmt/builds.ts';
import { features, PT_FEAT } from '../../server/model/fmt/features.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../../server/model/fmt/prot.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../../server/model/hw/common/dma.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { translate as amdTranslate } from '../../server/model/hw/amd/walker.ts';
import { capabilities, ddtp, featureControl } from '../../server/model/hw/riscv/registers.ts';
import { riscvIommu, translate as riscvTranslate } from '../../server/model/hw/riscv/walker.ts';
import { translate as smmuTranslate } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtdTranslate } from '../../server/model/hw/vtd/walker.ts';
import { createIommuPages, putPagesList } from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, store, type PhysMem } from '../../server/model/mem/physMem.ts';
import { createArmTable } from '../../server/model/pt/armTable.ts';
import { initTable } from '../../server/model/pt/iommuPt.ts';
import type { IommuTable } from '../../server/model/pt/iommuTable.ts';

const ADDRESSES = 100_000;
const DEVICE = 3;
/** Pages of the contexts: far from the tables, which start at the allocator's base. */
const CONTEXT = 0x500;

/** A small generator with a fixed seed: failures repeat. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Access = (iova: Addr, access: DmaRequest['access'], bus: Bus) => DmaOutcome;

/** A table, and an IOMMU whose contexts lead to it. */
interface Wired {
  readonly domain: IommuDomain;
  readonly mem: PhysMem;
  readonly access: Access;
}

interface Wiring {
  readonly build: string;
  readonly features: number;
  readonly vaszLg2: number;
  readonly topLevel: number;
  readonly wire: (table: IommuTable, mem: PhysMem) => Access;
}

function put(mem: PhysMem, pfn: number, index: number, value: Word64): void {
  store(mem, pfn, index, value.lo, value.hi);
}

/** A word with a page number at bit 12 and other bits. */
function pointer(pfn: number, ...bits: readonly Word64[]): Word64 {
  return or(word((pfn * 4096) | 0, Math.floor(pfn / 2 ** 20)), ...bits);
}

const request = (iova: Addr, access: DmaRequest['access']): DmaRequest => ({
  requester: DEVICE,
  iova,
  access,
  privileged: false,
});

/** Contexts are written here by hand, from the manuals' and the kernel's field definitions. */
const GENERIC_PT: Readonly<Record<string, Wiring>> = {
  'AMD host table (amdv1)': {
    build: 'amdv1',
    features: BUILDS['amdv1']!.forced,
    vaszLg2: 48,
    topLevel: 3,
    wire: (table, mem) => {
      const dte = CONTEXT;
      // V, TV, Mode = top level + 1, IR, IW; the root changes when the top grows.
      return (iova, access, bus) => {
        const mode = word((table.topLevel + 1) << 9);
        put(mem, dte, DEVICE * 4, pointer(table.topPfn, word(3), mode, mask(62, 61)));
        const iommu = { bus, deviceTable: { ppn: dte, pages: 1 }, encryptionPfn: 0 };
        return amdTranslate(iommu, request(iova, access));
      };
    },
  },
  'AMD guest table (x86_64)': {
    build: 'x86_64',
    features: 0,
    vaszLg2: 47,
    topLevel: 3,
    wire: (table, mem) => {
      const gcr3 = CONTEXT + 1;
      put(mem, gcr3, 0, pointer(table.topPfn, word(1)));
      // V, TV, Mode 0, GV, GIOV, one level of GCR3, IR, IW; the root's bits 14:12, 30:15 and 51:31 apart.
      const low = word((gcr3 & 7) << 26);
      put(mem, CONTEXT, DEVICE * 4, or(word(3), mask(55, 54), mask(62, 61), word(0, low.lo)));
      put(mem, CONTEXT, DEVICE * 4 + 1, word((gcr3 >> 3) << 16));
      return (iova, access, bus) =>
        amdTranslate(
          { bus, deviceTable: { ppn: CONTEXT, pages: 1 }, encryptionPfn: 0 },
          request(iova, access),
        );
    },
  },
  'VT-d second stage, legacy mode (vtdss)': {
    build: 'vtdss',
    features: 0,
    vaszLg2: 48,
    topLevel: 3,
    wire: (table, mem) => {
      put(mem, CONTEXT, 0, pointer(CONTEXT + 1, word(1)));
      put(mem, CONTEXT + 1, DEVICE * 2, pointer(table.topPfn, word(1)));
      put(mem, CONTEXT + 1, DEVICE * 2 + 1, word(2 | (7 << 8)));
      return (iova, access, bus) =>
        vtdTranslate(
          { bus, rootTable: { ppn: CONTEXT, mode: 'legacy' }, hawLg2: 52 },
          request(iova, access),
        );
    },
  },
  'VT-d second stage, scalable mode (vtdss)': {
    build: 'vtdss',
    features: 0,
    vaszLg2: 57,
    topLevel: 4,
    wire: (table, mem) => {
      scalable(mem);
      put(mem, CONTEXT + 3, 0, pointer(table.topPfn, word(1 | (3 << 2) | (2 << 6))));
      put(mem, CONTEXT + 3, 1, word(7));
      return (iova, access, bus) =>
        vtdTranslate(
          { bus, rootTable: { ppn: CONTEXT, mode: 'scalable' }, hawLg2: 52 },
          request(iova, access),
        );
    },
  },
  'VT-d first stage (x86_64)': {
    build: 'x86_64',
    features: 0,
    vaszLg2: 47,
    topLevel: 3,
    wire: (table, mem) => {
      scalable(mem);
      put(mem, CONTEXT + 3, 0, word(1 | (1 << 6)));
      put(mem, CONTEXT + 3, 1, word(7));
      put(mem, CONTEXT + 3, 2, pointer(table.topPfn));
      return (iova, access, bus) =>
        vtdTranslate(
          { bus, rootTable: { ppn: CONTEXT, mode: 'scalable' }, hawLg2: 52 },
          request(iova, access),
        );
    },
  },
  'RISC-V first stage (riscv_64)': {
    build: 'riscv_64',
    features: BUILDS['riscv_64']!.forced | features(PT_FEAT.SIGN_EXTEND),
    vaszLg2: 48,
    topLevel: 3,
    wire: (table, mem) => {
      // One directory level; tc.V, and fsc with mode Sv48.
      put(mem, CONTEXT, DEVICE * 4, word(1));
      put(mem, CONTEXT, DEVICE * 4 + 3, word(table.topPfn | 0, 0x90000000 | 0));
      // Version 1.0, Sv39 to Sv57, 56-bit addresses.
      const caps = capabilities(word(0xe10, 56));
      return (iova, access, bus) => {
        const iommu = riscvIommu({
          caps,
          fctl: featureControl(word(0)),
          ddtp: ddtp(word(2 | (CONTEXT << 10))),
          bus,
          bareLg2: 30,
        });
        const found = riscvTranslate(iommu, {
          deviceId: DEVICE,
          privileged: false,
          execute: access === 'execute',
          noWrite: false,
          at: 'untranslated',
          access: access === 'write' ? 'write' : 'read',
          iova,
        });
        return asDmaOutcome(found);
      };
    },
  },
};

function scalable(mem: PhysMem): void {
  put(mem, CONTEXT, 0, pointer(CONTEXT + 1, word(1)));
  put(mem, CONTEXT + 1, DEVICE * 4, pointer(CONTEXT + 2, word(1)));
  put(mem, CONTEXT + 2, 0, pointer(CONTEXT + 3, word(1)));
}

function asDmaOutcome(found: ReturnType<typeof riscvTranslate>): DmaOutcome {
  if (found.kind === 'unknown') return found;
  if (found.kind === 'fault') {
    const name = `cause ${found.cause}`;
    return {
      kind: 'fault',
      stage: 'first',
      code: found.cause,
      name,
      why: name,
      reported: found.logged,
    };
  }
  const { pa: spa, pageLg2 } = found;
  return {
    kind: 'reached',
    spa,
    pageLg2,
    lastStageLg2: pageLg2,
    read: true,
    write: true,
    execute: true,
    attributes: {},
  };
}

function wireGenericPt({ build, features: on, vaszLg2, topLevel, wire }: Wiring): Wired {
  const mem = createPhysMem({});
  const pages = createIommuPages(mem);
  const made = initTable({
    build: BUILDS[build]!,
    pages,
    driver: {
      changeTop: () => undefined,
      iotlbSync: ({ freelist }) => {
        putPagesList(pages, freelist);
      },
    },
    config: { features: on, vaszLg2, oaszLg2: 48, topLevel },
  });
  assert.ok(made.table !== undefined, `init gives ${made.ret}`);
  return { domain: domainOfTable(made.table), mem, access: wire(made.table, mem) };
}

const STREAM_TABLE = addr(CONTEXT);
const NO_TLB = {
  flushAll: (): void => undefined,
  flushWalk: (): void => undefined,
  addPage: (): void => undefined,
};

/** A linear stream table of 64-byte entries, filled by `ste`, over a table of io-pgtable-arm. */
function wireArm(
  format: string,
  config: { readonly ias: number; readonly granuleLg2: number },
  contexts: (registers: ArmRegisters, pgd: number, mem: PhysMem) => void,
): Wired {
  const mem = createPhysMem({});
  const pages = createIommuPages(mem, { cleaning: 'dma-api' });
  const leafSizes = { 12: pgSizes(12, 21, 30), 14: pgSizes(14, 25), 16: pgSizes(16, 29) };
  const table = createArmTable(
    ARM_FORMATS[format]!,
    {
      quirks: 0,
      pgsizes: leafSizes[config.granuleLg2 as 12 | 14 | 16],
      ias: config.ias,
      oas: 48,
      walks: 'coherent',
    },
    pages,
    NO_TLB,
  );
  assert.ok(table !== undefined);
  contexts(armRegisters(table.format, table.geometry, table.pgdPfn), table.pgdPfn, mem);
  const access: Access = (iova, kind, bus) =>
    smmuTranslate(
      { bus, streamTable: { base: STREAM_TABLE, sizeLg2: 6, splitLg2: undefined }, oasLg2: 48 },
      request(iova, kind),
    );
  return { domain: domainOfArm(table, { iotlbSync: () => undefined }), mem, access };
}

function bitsOf(registers: ArmRegisters, name: string): Readonly<Record<string, number>> {
  const register = registers[name]!;
  assert.ok('bits' in register);
  return register.bits;
}

/** Stage 1: STE.Config 5 with one context descriptor: T0SZ, TG0, IPS, EPD1, V, AA64. */
function stage1({ ias, granuleLg2 }: { ias: number; granuleLg2: number }): () => Wired {
  return () =>
    wireArm('arm_64_lpae_s1', { ias, granuleLg2 }, (registers, pgd, mem) => {
      const { tsz, tg, ips } = bitsOf(registers, 'tcr') as Record<'tsz' | 'tg' | 'ips', number>;
      put(mem, CONTEXT, DEVICE * 8, pointer(CONTEXT + 3, word(1 | (5 << 1))));
      const low = word(tsz | (tg << 6) | (1 << 30) | (1 << 31), ips | (1 << 9));
      put(mem, CONTEXT + 3, 0, low);
      put(mem, CONTEXT + 3, 1, pointer(pgd));
    });
}

/** Stage 2: STE.Config 6 with S2T0SZ, S2SL0, S2TG, S2PS and S2AA64. */
function stage2({ ias, granuleLg2 }: { ias: number; granuleLg2: number }): () => Wired {
  return () =>
    wireArm('arm_64_lpae_s2', { ias, granuleLg2 }, (registers, pgd, mem) => {
      const { tsz, sl, tg, ps } = bitsOf(registers, 'vtcr') as Record<
        'tsz' | 'sl' | 'tg' | 'ps',
        number
      >;
      put(mem, CONTEXT, DEVICE * 8, word(1 | (6 << 1)));
      put(
        mem,
        CONTEXT,
        DEVICE * 8 + 2,
        word(0, tsz | (sl << 6) | (tg << 14) | (ps << 16) | (1 << 19)),
      );
      put(mem, CONTEXT, DEVICE * 8 + 3, pointer(pgd));
    });
}

const WIRINGS: Readonly<Record<string, () => Wired>> = {
  ...Object.fromEntries(
    Object.entries(GENERIC_PT).map(([name, wiring]) => [name, () => wireGenericPt(wiring)]),
  ),
  'SMMUv3 stage 1, 4 KiB granule (arm_64_lpae_s1)': stage1({ ias: 48, granuleLg2: 12 }),
  'SMMUv3 stage 1, 16 KiB granule (arm_64_lpae_s1)': stage1({ ias: 47, granuleLg2: 14 }),
  'SMMUv3 stage 1, 64 KiB granule (arm_64_lpae_s1)': stage1({ ias: 48, granuleLg2: 16 }),
  'SMMUv3 stage 2, 4 KiB granule, concatenated (arm_64_lpae_s2)': stage2({
    ias: 40,
    granuleLg2: 12,
  }),
  'SMMUv3 stage 2, 64 KiB granule (arm_64_lpae_s2)': stage2({ ias: 48, granuleLg2: 16 }),
};

/** Maps and unmaps at random within a few regions, so that leaves of all sizes, holes and neighbours come about. */
function populate({ domain }: Wired, next: (below: number) => number): readonly number[] {
  const sizes = [1, 1, 2, 16, 16, 32, 512, 512, 1024, 8192, 512 * 512];
  const mapped: number[] = [];
  for (let n = 0; n < 600; n++) {
    const pages = sizes[next(sizes.length)]!;
    const start = next(2 ** 14) * pages;
    if (start + pages > 2 ** 34) continue;
    const prot = next(4) === 0 ? IOMMU_READ : IOMMU_READ | IOMMU_WRITE;
    const target = addr(next(2 ** 10) * Math.max(pages, 8192));
    if (iommuMap(domain, addr(start), target, addr(pages), prot) === 0)
      mapped.push(start, start + pages - 1, start + next(pages));
    if (next(6) === 0) iommuUnmap(domain, addr(start), addr(pages));
  }
  return mapped;
}

/** Compares both readings of one table. Gives the first disagreement. */
function disagreement(parts: Wired, bus: Bus, count: number, seed: number): string | undefined {
  const next = random(seed);
  const known = populate(parts, next);
  let reached = 0;
  for (let n = 0; n < count; n++) {
    const pfn = next(3) === 0 ? next(2 ** 24) : known[next(known.length)]! + next(3) - 1;
    const iova = addr(Math.max(0, pfn), next(4096));
    const software = parts.domain.iovaToPhys(iova);
    const hardware = parts.access(iova, 'read', bus);
    if (hardware.kind === 'reached') reached++;
    const seen = hardware.kind === 'reached' ? formatAddr(hardware.spa) : '0x0';
    if (seen !== formatAddr(software)) {
      const why = hardware.kind === 'reached' ? '' : ` (${hardware.why})`;
      return `${formatAddr(iova)}: software ${formatAddr(software)}, hardware ${seen}${why}`;
    }
  }
  assert.ok(reached > count / 5, `only ${reached} of ${count} addresses are mapped`);
  return undefined;
}

describe('Hardware walkers read what the page-table code wrote', () => {
  for (const [name, wired] of Object.entries(WIRINGS)) {
    it(`${name}: ${ADDRESSES} addresses`, () => {
      const parts = wired();
      assert.equal(disagreement(parts, memBus(parts.mem), ADDRESSES, 1), undefined);
    });

    it(`${name}: a walker that reads two address bits swapped is caught`, () => {
      const parts = wired();
      const honest = memBus(parts.mem);
      const lying: Bus = {
        ...honest,
        read: (at, words, into) => {
          const status = honest.read(at, words, into);
          // Contexts are read right; in entries, bits 20 and 21 change places.
          if (at.pfn >= CONTEXT + 4) {
            const low = into[0]!;
            into[0] = (low & ~(3 << 20)) | ((low & (1 << 20)) << 1) | ((low & (1 << 21)) >>> 1);
          }
          return status;
        },
      };
      assert.notEqual(disagreement(parts, lying, 5_000, 1), undefined);
    });

    it(`${name}: writes need write permission`, () => {
      const parts = wired();
      const { domain } = parts;
      assert.equal(iommuMap(domain, addr(0x100), addr(0x9000), addr(16), IOMMU_READ), 0);
      assert.equal(
        iommuMap(domain, addr(0x110), addr(0x9010), addr(16), IOMMU_READ | IOMMU_WRITE),
        0,
      );
      const bus = memBus(parts.mem);
      assert.equal(parts.access(addr(0x100), 'read', bus).kind, 'reached');
      assert.equal(parts.access(addr(0x100), 'write', bus).kind, 'fault');
      assert.equal(parts.access(addr(0x110), 'write', bus).kind, 'reached');
      assert.equal(parts.access(addr(0x120), 'read', bus).kind, 'fault');
    });
  }
});
