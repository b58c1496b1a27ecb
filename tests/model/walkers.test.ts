// The hardware walkers and the page-table code read entries independently of each other.
// Here tables built by the page-table model are walked by the hardware model, and both have to say the same.
import assert from 'node:assert/strict';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { domainOfTable } from '../../server/model/core/iommuDomain.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import { BUILDS } from '../../server/model/fmt/builds.ts';
import { features, PT_FEAT } from '../../server/model/fmt/features.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../../server/model/fmt/prot.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../../server/model/hw/common/dma.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { translate as amdTranslate } from '../../server/model/hw/amd/walker.ts';
import { capabilities, ddtp, featureControl } from '../../server/model/hw/riscv/registers.ts';
import { riscvIommu, translate as riscvTranslate } from '../../server/model/hw/riscv/walker.ts';
import { translate as vtdTranslate } from '../../server/model/hw/vtd/walker.ts';
import { createIommuPages, putPagesList } from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, store, type PhysMem } from '../../server/model/mem/physMem.ts';
import { initTable, iovaToPhys } from '../../server/model/pt/iommuPt.ts';
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

interface Wired {
  readonly table: IommuTable;
  readonly mem: PhysMem;
  readonly access: (iova: Addr, access: DmaRequest['access'], bus: Bus) => DmaOutcome;
}

interface Wiring {
  readonly build: string;
  readonly features: number;
  readonly vaszLg2: number;
  readonly topLevel: number;
  readonly wire: (table: IommuTable, mem: PhysMem) => Wired['access'];
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
const WIRINGS: Readonly<Record<string, Wiring>> = {
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

function wired({ build, features: on, vaszLg2, topLevel, wire }: Wiring): Wired {
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
  return { table: made.table, mem, access: wire(made.table, mem) };
}

/** Maps and unmaps at random within a few regions, so that leaves of all sizes, holes and neighbours come about. */
function populate({ table }: Wired, next: (below: number) => number): readonly number[] {
  const domain = domainOfTable(table);
  const sizes = [1, 1, 2, 16, 512, 512, 1024, 512 * 512];
  const mapped: number[] = [];
  for (let n = 0; n < 600; n++) {
    const pages = sizes[next(sizes.length)]!;
    const start = next(2 ** 14) * pages;
    if (start + pages > 2 ** 34) continue;
    const prot = next(4) === 0 ? IOMMU_READ : IOMMU_READ | IOMMU_WRITE;
    const { ret } = {
      ret: iommuMap(
        domain,
        addr(start),
        addr(next(2 ** 12) * Math.max(pages, 512)),
        addr(pages),
        prot,
      ),
    };
    if (ret === 0) mapped.push(start, start + pages - 1, start + next(pages));
    if (next(6) === 0) iommuUnmap(domain, addr(start), addr(pages));
  }
  return mapped;
}

/** Compares both readings of one table. Gives the first disagreement. */
function disagreement(parts: Wired, bus: Bus, count: number, seed: number): string | undefined {
  const next = random(seed);
  const known = populate(parts, next);
  for (let n = 0; n < count; n++) {
    const pfn = next(3) === 0 ? next(2 ** 24) : known[next(known.length)]! + next(3) - 1;
    const iova = addr(Math.max(0, pfn), next(4096));
    const software = iovaToPhys(parts.table, iova);
    const hardware = parts.access(iova, 'read', bus);
    const seen = hardware.kind === 'reached' ? formatAddr(hardware.spa) : '0x0';
    if (seen !== formatAddr(software)) {
      const why = hardware.kind === 'reached' ? '' : ` (${hardware.why})`;
      return `${formatAddr(iova)}: software ${formatAddr(software)}, hardware ${seen}${why}`;
    }
  }
  return undefined;
}

describe('Hardware walkers read what the page-table code wrote', () => {
  for (const [name, wiring] of Object.entries(WIRINGS)) {
    it(`${name}: ${ADDRESSES} addresses`, () => {
      const parts = wired(wiring);
      assert.equal(disagreement(parts, memBus(parts.mem), ADDRESSES, 1), undefined);
    });

    it(`${name}: a walker that reads two address bits swapped is caught`, () => {
      const parts = wired(wiring);
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
      const parts = wired(wiring);
      const domain = domainOfTable(parts.table);
      assert.equal(iommuMap(domain, addr(0x100), addr(0x9000), addr(1), IOMMU_READ), 0);
      assert.equal(
        iommuMap(domain, addr(0x101), addr(0x9001), addr(1), IOMMU_READ | IOMMU_WRITE),
        0,
      );
      const bus = memBus(parts.mem);
      assert.equal(parts.access(addr(0x100), 'read', bus).kind, 'reached');
      assert.equal(parts.access(addr(0x100), 'write', bus).kind, 'fault');
      assert.equal(parts.access(addr(0x101), 'write', bus).kind, 'reached');
      assert.equal(parts.access(addr(0x102), 'read', bus).kind, 'fault');
    });
  }
});
