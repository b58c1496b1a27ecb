// Nested translation: tables of both stages built at random by the page-table model, walked by the hardware model.
// The first stage lives in guest memory: its tables, and what leads to them, are found through the second stage only.
import assert from 'node:assert/strict';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { pgSizes } from '../../server/model/bits/pgSizes.ts';
import { mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { iommuMap, iommuUnmap } from '../../server/model/core/iommuCore.ts';
import {
  domainOfArm,
  domainOfTable,
  type IommuDomain,
} from '../../server/model/core/iommuDomain.ts';
import { ARM_FORMATS } from '../../server/model/fmt/armLpae.ts';
import { BUILDS } from '../../server/model/fmt/builds.ts';
import { features, PT_FEAT } from '../../server/model/fmt/features.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../../server/model/fmt/prot.ts';
import { translate as amd } from '../../server/model/hw/amd/walker.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { capabilities, ddtp, featureControl } from '../../server/model/hw/riscv/registers.ts';
import { riscvIommu, translate as riscv } from '../../server/model/hw/riscv/walker.ts';
import { translate as smmu } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtd } from '../../server/model/hw/vtd/walker.ts';
import { createIommuPages, type IommuPages } from '../../server/model/mem/iommuPages.ts';
import { createPhysMem, load, store, type PhysMem } from '../../server/model/mem/physMem.ts';
import { createArmTable } from '../../server/model/pt/armTable.ts';
import { initTable } from '../../server/model/pt/iommuPt.ts';
import { Random } from '../../server/simulate/conformance/random/random.ts';
import { DEVICE, pointer, put } from './handTables.ts';

const ADDRESSES = 100_000;
/** Contexts that the host owns. Unit, here and below: page frame number. */
const CONTEXT = 0x500;
/** Guest-physical pages of data, and where the guest's tables and contexts begin. */
const GUEST_PAGES = 0x20_0000;
const GUEST_TABLES = 0x40_0000;
const GUEST_TABLE_PAGES = 0x1_0000;
/** What leads to the guest's tables: a GCR3 table, a context descriptor. */
const GUEST_CONTEXT = GUEST_TABLES + GUEST_TABLE_PAGES - 1;
/** Where the host put the guest's tables: this much further up. */
const MOVED = 0x200_0000;

interface Table {
  readonly domain: IommuDomain;
  readonly topPfn: number;
}

type Make = (pages: IommuPages) => Table;

/** Where an access lands, in text; `fault` where it does not. */
type Access = (iova: Addr, access: 'read' | 'write', bus: Bus) => string;

interface Wiring {
  readonly first: Make;
  readonly second: Make;
  /** Writes the contexts; those of the guest at guest-physical addresses. */
  readonly wire: (tables: { first: number; second: number }, host: PhysMem, guest: Put) => Access;
}

type Put = (pfn: number, index: number, value: Word64) => void;

function genericPt(build: string, more: number, vaszLg2: number): Make {
  return (pages) => {
    const { table } = initTable({
      ...{ build: BUILDS[build]!, pages },
      driver: { changeTop: () => undefined, iotlbSync: () => undefined },
      config: { features: BUILDS[build]!.forced | more, vaszLg2, oaszLg2: 48, topLevel: 3 },
    });
    assert.ok(table !== undefined);
    return { domain: domainOfTable(table), topPfn: table.topPfn };
  };
}

function arm(format: string): Make {
  return (pages) => {
    const none = (): void => undefined;
    const sizes = pgSizes(12, 21, 30);
    const config = { quirks: 0, pgsizes: sizes, ias: 48, oas: 48, walks: 'coherent' as const };
    const table = createArmTable(ARM_FORMATS[format]!, config, pages, { flushAll: none, flushWalk: none, addPage: none }); // prettier-ignore
    assert.ok(table !== undefined);
    return { domain: domainOfArm(table, { iotlbSync: none }), topPfn: table.pgdPfn };
  };
}

const landed = (found: { kind: string; spa?: Addr; pa?: Addr }): string => {
  const at = found.spa ?? found.pa;
  return at === undefined ? 'fault' : formatAddr(at);
};

const SIGN_EXTEND = features(PT_FEAT.SIGN_EXTEND);

/** Contexts from the manuals' and the kernel's field definitions. */
const WIRINGS: Readonly<Record<string, Wiring>> = {
  'AMD: guest table under a host table': {
    first: genericPt('x86_64', 0, 47),
    second: genericPt('amdv1', 0, 48),
    wire: ({ first, second }, host, guest) => {
      guest(GUEST_CONTEXT, 0, pointer(first, word(1)));
      // V, TV, Mode 4, GV, GIOV, IR, IW; the GCR3 root is guest-physical, its bits 14:12, 30:15 and 51:31 apart.
      const rights = or(mask(62, 61), mask(55, 54), word(0, (GUEST_CONTEXT & 7) << 26));
      put(host, CONTEXT, DEVICE * 4, or(pointer(second, word(3 | (4 << 9))), rights));
      const middle = (GUEST_CONTEXT >>> 3) & 0xffff;
      const high = GUEST_CONTEXT >>> 19;
      put(host, CONTEXT, DEVICE * 4 + 1, word(middle << 16, high << 11));
      return (iova, access, bus) => {
        const deviceTable = { ppn: CONTEXT, pages: 1 };
        const request = { requester: DEVICE, iova, access, privileged: false };
        return landed(amd({ bus, deviceTable, encryptionPfn: 0 }, request));
      };
    },
  },
  'VT-d: first stage under the second stage': {
    first: genericPt('x86_64', 0, 47),
    second: genericPt('vtdss', 0, 48),
    wire: ({ first, second }, host) => {
      for (let n = 0; n < 3; n++) {
        put(host, CONTEXT + n, n === 1 ? DEVICE * 4 : 0, pointer(CONTEXT + n + 1, word(1)));
      }
      // P, AW for four levels, PGTT nested; the first stage's root.
      put(host, CONTEXT + 3, 0, pointer(second, word(1 | (2 << 2) | (3 << 6))));
      put(host, CONTEXT + 3, 2, pointer(first));
      return (iova, access, bus) => {
        const rootTable = { ppn: CONTEXT, mode: 'scalable' as const };
        const request = { requester: DEVICE, iova, access, privileged: false };
        return landed(vtd({ bus, rootTable, hawLg2: 52 }, request));
      };
    },
  },
  'SMMUv3: stage 1 under stage 2': {
    first: arm('arm_64_lpae_s1'),
    second: arm('arm_64_lpae_s2'),
    wire: ({ first, second }, host, guest) => {
      guest(GUEST_CONTEXT, 0, word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)));
      guest(GUEST_CONTEXT, 1, pointer(first));
      put(host, CONTEXT, DEVICE * 8, pointer(GUEST_CONTEXT, word(1 | (7 << 1))));
      put(host, CONTEXT, DEVICE * 8 + 2, word(7, 16 | (2 << 6) | (5 << 16) | (1 << 19)));
      put(host, CONTEXT, DEVICE * 8 + 3, pointer(second));
      return (iova, access, bus) => {
        const streamTable = { base: addr(CONTEXT), sizeLg2: 6, splitLg2: undefined };
        const request = { requester: DEVICE, iova, access, privileged: false };
        return landed(smmu({ bus, streamTable, oasLg2: 48 }, request));
      };
    },
  },
  'RISC-V: first stage under a second stage of the same entries': {
    first: genericPt('riscv_64', SIGN_EXTEND, 48),
    second: genericPt('riscv_64', SIGN_EXTEND, 48),
    wire: ({ first, second }, host) => {
      // tc.V; iohgatp Sv48x4 and fsc Sv48. The root of the second stage has four pages, of which addresses below 2^48 use one.
      put(host, CONTEXT, DEVICE * 4, word(1));
      put(host, CONTEXT, DEVICE * 4 + 1, word(second, 0x90000000 | 0));
      put(host, CONTEXT, DEVICE * 4 + 3, word(first, 0x90000000 | 0));
      return (iova, access, bus) => {
        const iommu = riscvIommu({
          ...{ caps: capabilities(word(0xe0e10, 56)), fctl: featureControl(word(0)) },
          ...{ ddtp: ddtp(word(2 | (CONTEXT << 10))), bus, bareLg2: 30 },
        });
        const request = { deviceId: DEVICE, privileged: false, execute: false, noWrite: false };
        return landed(riscv(iommu, { ...request, at: 'untranslated', access, iova }));
      };
    },
  },
};

interface Rig {
  readonly first: IommuDomain;
  readonly second: IommuDomain;
  readonly host: PhysMem;
  readonly access: Access;
  /** IOVA pages that were mapped, whether they still are or not. */
  readonly known: readonly number[];
  /** Puts the guest's tables as they are now to where the host keeps them. */
  readonly publish: () => void;
}

const RW = IOMMU_READ | IOMMU_WRITE;

/** Maps and unmaps at random; leaves of all sizes, holes of either stage, and read-only pages come about. */
function populate(domain: IommuDomain, random: Random, targets: number): readonly number[] {
  const known: number[] = [];
  const sizes = [1, 1, 2, 16, 512, 512, 1024, 4096];
  for (let n = 0; n < 500; n++) {
    const pages = random.pick(sizes);
    const start = random.below(GUEST_PAGES / pages) * pages;
    const target = random.below(targets / pages) * pages;
    const prot = random.below(5) === 0 ? IOMMU_READ : RW;
    if (iommuMap(domain, addr(start), addr(target), addr(pages), prot) === 0) known.push(start, start + random.below(pages), start + pages - 1); // prettier-ignore
    if (random.below(8) === 0) iommuUnmap(domain, addr(start), addr(pages));
  }
  return known;
}

function rig({ first: makeFirst, second: makeSecond, wire }: Wiring, seed: number): Rig {
  const random = new Random(seed);
  const host = createPhysMem({});
  const second = makeSecond(createIommuPages(host));
  // Most of the guest's memory is there, in pieces of 2 MiB and of single pages, some of it read-only.
  for (let page = 0; page < GUEST_PAGES; page += 512) {
    if (random.below(10) === 0) continue;
    const prot = random.below(6) === 0 ? IOMMU_READ : RW;
    const odd = random.below(8) === 0 ? 1 : 0;
    iommuMap(second.domain, addr(page), addr(random.below(2 ** 14) * 512 + 2 ** 26 + odd), addr(512), prot); // prettier-ignore
  }
  const tables = addr(GUEST_TABLE_PAGES);
  assert.equal(iommuMap(second.domain, addr(GUEST_TABLES), addr(GUEST_TABLES + MOVED), tables, RW), 0); // prettier-ignore

  const guestMemory = createPhysMem({});
  const pages = createIommuPages(guestMemory, { basePfn: GUEST_TABLES });
  const first = makeFirst(pages);
  const known = populate(first.domain, random, GUEST_PAGES);
  const publish = (): void => {
    for (let page = 0; page < pages.used; page++) {
      for (let index = 0; index < 512; index++) {
        const { lo, hi } = load(guestMemory, GUEST_TABLES + page, index);
        store(host, GUEST_TABLES + MOVED + page, index, lo, hi);
      }
    }
  };
  publish();
  const roots = { first: first.topPfn, second: second.topPfn };
  const access = wire(roots, host, (pfn, index, value) => {
    put(host, pfn + MOVED, index, value);
  });
  return { first: first.domain, second: second.domain, host, access, known, publish };
}

/** What both stages of the page-table model say, one after the other. */
function software({ first, second }: Rig, iova: Addr): string {
  const ipa = first.iovaToPhys(iova);
  if (ipa.pfn === 0) return 'fault';
  const spa = second.iovaToPhys(ipa);
  return spa.pfn === 0 ? 'fault' : formatAddr(spa);
}

/** The first address on which both readings differ. */
function disagreement(parts: Rig, bus: Bus, count: number): string | undefined {
  const random = new Random(7);
  let reached = 0;
  for (let n = 0; n < count; n++) {
    const near = parts.known[random.below(parts.known.length)]! + random.below(3) - 1;
    const page = random.below(4) === 0 ? random.below(GUEST_PAGES) : Math.max(1, near);
    const iova = addr(page, random.below(4096));
    const want = software(parts, iova);
    const got = parts.access(iova, 'read', bus);
    if (got !== 'fault') reached++;
    if (got !== want) return `${formatAddr(iova)}: software ${want}, hardware ${got}`;
  }
  assert.ok(reached > count / 4 && reached < count, `${reached} of ${count} addresses are mapped`);
  return undefined;
}

describe('Hardware walkers read nested tables that the page-table code wrote', () => {
  for (const [name, wiring] of Object.entries(WIRINGS)) {
    it(`${name}: ${ADDRESSES} addresses`, function () {
      this.timeout(60_000);
      const parts = rig(wiring, 11);
      assert.equal(disagreement(parts, memBus(parts.host), ADDRESSES), undefined);
    });

    it(`${name}: bits 20 and 21 swapped in the guest's entries are caught`, () => {
      const parts = rig(wiring, 11);
      const honest = memBus(parts.host);
      const lying: Bus = {
        ...honest,
        read: (at, words, into) => {
          const status = honest.read(at, words, into);
          if (at.pfn >= GUEST_TABLES + MOVED && at.pfn < GUEST_CONTEXT + MOVED) {
            const low = into[0]!;
            into[0] = (low & ~(3 << 20)) | ((low & (1 << 20)) << 1) | ((low & (1 << 21)) >>> 1);
          }
          return status;
        },
      };
      assert.notEqual(disagreement(parts, lying, 5_000), undefined);
    });

    it(`${name}: a write needs permission of both stages`, () => {
      const parts = rig(wiring, 12);
      const { first, second } = parts;
      const bus = memBus(parts.host);
      const free = GUEST_PAGES + 0x100;
      const cases = [RW, IOMMU_READ].flatMap((upper) => [RW, IOMMU_READ].map((lower) => ({ upper, lower }))); // prettier-ignore
      for (const [n, { upper, lower }] of cases.entries()) {
        const page = addr(free + n);
        assert.equal(iommuMap(second, page, addr(2 ** 25 + n), addr(1), lower), 0);
        const guest = addr(2 ** 21 + 0x1000 + n);
        assert.equal(iommuMap(first, guest, page, addr(1), upper), 0);
      }
      parts.publish();
      for (const [n, { upper, lower }] of cases.entries()) {
        const iova = addr(2 ** 21 + 0x1000 + n);
        assert.notEqual(parts.access(iova, 'read', bus), 'fault', `${upper} ${lower}`);
        const may = upper === RW && lower === RW;
        assert.equal(parts.access(iova, 'write', bus) !== 'fault', may, `${upper} ${lower}`);
      }
    });
  }
});
