import { pgSizes } from '../bits/pgSizes.ts';
import { word, type Word64 } from '../bits/pte64.ts';
import { domainOfArm, domainOfTable } from '../core/iommuDomain.ts';
import { ARM_FORMATS } from '../fmt/armLpae.ts';
import { BUILDS, type BuildMode } from '../fmt/builds.ts';
import { EMPTY, kindOf } from '../fmt/ptFormat.ts';
import { capabilities } from '../hw/riscv/registers.ts';
import { logPage } from '../mem/events.ts';
import { createArmTable } from '../pt/armTable.ts';
import { initTable } from '../pt/iommuPt.ts';
import type { Profile } from '../pt/iommuTable.ts';
import { addPage, createGather } from '../pt/iotlbGather.ts';
import { rewriteTops } from './contexts.ts';
import { flushGather, invalidate } from './flushes.ts';
import { shapeOf } from './shapes.ts';
import { CORRECT_DRIVER, type Arch, type DriverFaults, type ModelSpace } from './space.ts';
import { watchSpace } from './watch.ts';
import type { ModelWorld } from './world.ts';

/** What a space is made from. */
export interface SpaceInit {
  readonly name: string;
  readonly arch: Arch;
  readonly format: string;
  readonly stage: 'first' | 'second';
  readonly id: number;
  /** Feature bits of generic_pt beside those the build forces. */
  readonly features: number;
  /** Width of IOVAs. Unit: bits. */
  readonly vaszLg2: number;
  readonly topLevel: number;
  readonly walks: 'coherent' | 'incoherent';
  readonly cachesNegative: boolean;
  readonly mode?: BuildMode;
  readonly profile?: Profile;
  readonly faults?: Partial<DriverFaults>;
}

/** A space, or why there is none. */
export type SpaceResult = { readonly space: ModelSpace } | { readonly problem: string };

const OUTPUT_BITS = 48;
const TAG: Readonly<Record<Arch, string>> = {
  amd: 'DomainID',
  vtd: 'DID',
  smmuv3: 'VMID/ASID',
  riscv: 'PSCID/GSCID',
};
/** log2 of the granule of the Arm tables in scenarios. */
const GRANULE_LG2 = 12;
const RISCV_CAPS = capabilities(word(0xe0e10, 56));

/** Makes a table and the space around it, and starts to watch it. */
export function makeSpace(world: ModelWorld, init: SpaceInit): SpaceResult {
  const shape = shapeOf(init.format, {
    encryptionPfn: world.cc.encryptionPfn,
    granuleLg2: GRANULE_LG2,
    caps: RISCV_CAPS,
  });
  if (shape === undefined) return { problem: `no modelled hardware walks ${init.format}` };
  const base = {
    name: init.name,
    arch: init.arch,
    format: init.format,
    stage: init.stage,
    id: init.id,
    tag: `${TAG[init.arch]} ${init.id}`,
    shape,
    positions: new Map(),
    cachesNegative: init.cachesNegative,
    coherent: init.walks === 'coherent',
    faults: { ...CORRECT_DRIVER, ...init.faults },
    gather: createGather(),
  };
  const made = init.format.startsWith('arm')
    ? makeArm(world, init, base)
    : makeGenericPt(world, init, base);
  if ('space' in made) {
    world.spaces.set(init.name, made.space);
    watchSpace(world, made.space);
  }
  return made;
}

type SpaceBase = Omit<ModelSpace, 'domain' | 'top' | 'table'>;

function makeGenericPt(world: ModelWorld, init: SpaceInit, base: SpaceBase): SpaceResult {
  const build = BUILDS[init.format]!;
  const made = initTable({
    build,
    pages: world.pages,
    mode: init.mode ?? 'release',
    profile: init.profile ?? '7.3',
    sme: encryptionWord(world.cc.encryptionPfn),
    driver: {
      changeTop: (pfn, level) => {
        if (!space.faults.lateTop) rewriteTops(world, space, pfn, level);
        logPage(world.log, 'change_top', pfn, level);
      },
      iotlbSync: (gather) => {
        flushGather(world, space, gather);
      },
    },
    config: {
      features: (build.forced | init.features) >>> 0,
      vaszLg2: init.vaszLg2,
      oaszLg2: OUTPUT_BITS,
      topLevel: init.topLevel,
    },
  });
  if (made.table === undefined) return { problem: `pt_iommu_init gives ${made.ret}` };
  const { table } = made;
  const space: ModelSpace = {
    ...base,
    domain: domainOfTable(table),
    top: () => ({ pfn: table.topPfn, level: table.topLevel }),
    isPresent: ({ lo, hi }, level) => kindOf(table.format, lo, hi, level) !== EMPTY,
    table,
  };
  return { space };
}

function makeArm(world: ModelWorld, init: SpaceInit, base: SpaceBase): SpaceResult {
  const syncer = {
    iotlbSync: (gather: Parameters<typeof flushGather>[2]): void => {
      flushGather(world, space, gather);
    },
  };
  const table = createArmTable(
    ARM_FORMATS[init.format]!,
    {
      quirks: 0,
      pgsizes: pgSizes(12, 21, 30),
      ias: init.vaszLg2,
      oas: OUTPUT_BITS,
      walks: init.walks,
    },
    world.pages,
    {
      flushAll: () => undefined,
      flushWalk: (iova, byteCount) => {
        if (space.faults.leafOnly) return;
        invalidate(
          world,
          space,
          { first: iova.pfn, last: iova.pfn + byteCount / 4096 - 1 },
          'with tables',
        );
      },
      addPage: (gather, iova, byteCount) => {
        addPage(syncer, gather, iova, byteCount);
      },
    },
  );
  if (table === undefined) return { problem: 'io-pgtable refuses the configuration' };
  const level = 3 - table.geometry.startLevel;
  const space: ModelSpace = {
    ...base,
    domain: domainOfArm(table, syncer),
    top: () => ({ pfn: table.pgdPfn, level }),
    table: undefined,
  };
  return { space };
}

function encryptionWord(pfn: number): Word64 {
  return pfn === 0 ? word(0) : word(0, pfn / 2 ** 20);
}
