import { formatAddr, ZERO } from '../bits/pfn.ts';
import { formatWord } from '../bits/pte64.ts';
import { iommuMap, iommuUnmap } from '../core/iommuCore.ts';
import { domainOfTable, type IommuDomain } from '../core/iommuDomain.ts';
import { BUILDS, type BuildMode } from '../fmt/builds.ts';
import { kindOf, TABLE, tablePfn, type HwInfo } from '../fmt/ptFormat.ts';
import { logPage, logSync } from '../mem/events.ts';
import { allocatedBytes, createIommuPages, putPagesList } from '../mem/iommuPages.ts';
import { createPhysMem } from '../mem/physMem.ts';
import { readAndClearDirty, setDirty } from '../pt/dirty.ts';
import { deinitTable, getInfo, initTable, type VaRange } from '../pt/iommuPt.ts';
import type { IommuTable, Profile, PtDriver } from '../pt/iommuTable.ts';
import { createGather } from '../pt/iotlbGather.ts';
import { mapRange } from '../pt/mapRange.ts';
import { unmapRange } from '../pt/unmapRange.ts';
import { commonStep } from './commonSteps.ts';
import {
  int,
  optionalU64,
  ptGather,
  stepLog,
  toWord,
  u64,
  type Observed,
  type VectorMachine,
} from './machine.ts';
import { formatPfn } from './tableDump.ts';
import type { VectorOp } from './vectorTypes.ts';

/** A table and what the driver holds for it. */
interface Live {
  readonly table: IommuTable;
  readonly domain: IommuDomain;
}

/** A fresh machine from an init step, together with what init gave. */
export interface Started {
  readonly machine: VectorMachine;
  readonly observed: Observed;
}

/** Starts a machine with one generic_pt table. The format's build must exist. */
export function startGenericPt(op: VectorOp, mode: BuildMode, profile: Profile): Started {
  const log = stepLog();
  const mem = createPhysMem({ log });
  const physical = optionalU64(op, 'phys');
  const pages = createIommuPages(mem, physical === undefined ? {} : { basePfn: physical.pfn });
  if (op.args['fail_alloc'] !== undefined) pages.failAt = int(op, 'fail_alloc');
  const driver: PtDriver = {
    changeTop(pfn, level) {
      logPage(log, 'change_top', pfn, level);
    },
    iotlbSync({ start, last, leafLevels, tableLevels, freelist }) {
      logSync(log, start, last, leafLevels, tableLevels, freelist);
      putPagesList(pages, freelist);
    },
  };
  const build = BUILDS[op.args['fmt'] as string]!;
  const made = initTable({
    build,
    mode,
    profile,
    pages,
    driver,
    config: {
      features: toWord(optionalU64(op, 'feat') ?? ZERO).lo >>> 0,
      vaszLg2: int(op, 'vasz'),
      oaszLg2: int(op, 'oasz'),
      topLevel: int(op, 'top'),
    },
    sme: toWord(optionalU64(op, 'sme') ?? ZERO),
    device: int(op, 'nodev') === 0 ? 'present' : 'absent',
  });
  let live: Live | undefined;
  if (made.table !== undefined) live = { table: made.table, domain: domainOfTable(made.table) };
  const gather = createGather();

  const run = (step: VectorOp): Observed | string => {
    const here = live;
    if (here === undefined) return `${step.op} without a table`;
    const { table, domain } = here;
    const common = commonStep(
      {
        ...{ pages, log, gather, syncer: domain, info: () => infoOf(table) },
        setPgsizes: (mask) => {
          table.pgsizes = mask;
        },
      },
      step,
    );
    if (common !== undefined) return common;
    switch (step.op) {
      case 'map': {
        const { ret, mapped } = mapRange(
          table,
          u64(step, 'iova'),
          u64(step, 'pa'),
          u64(step, 'len'),
          int(step, 'prot'),
        );
        return { ret, mapped: formatAddr(mapped) };
      }
      case 'iommu_map':
        return {
          ret: iommuMap(
            domain,
            u64(step, 'iova'),
            u64(step, 'pa'),
            u64(step, 'len'),
            int(step, 'prot'),
          ),
        };
      case 'unmap': {
        const unmapped = unmapRange(table, u64(step, 'iova'), u64(step, 'len'), gather);
        return { unmapped: formatAddr(unmapped), gather: ptGather(gather) };
      }
      case 'iommu_unmap':
        return { unmapped: formatAddr(iommuUnmap(domain, u64(step, 'iova'), u64(step, 'len'))) };
      case 'iova_to_phys':
        return { phys: formatAddr(domain.iovaToPhys(u64(step, 'iova'))) };
      case 'set_dirty':
        return { ret: setDirty(table, u64(step, 'iova')) };
      case 'read_dirty':
        return readDirty(table, step);
      case 'deinit':
        deinitTable(table);
        live = undefined;
        return { ret: 0 };
      default:
        return `${step.op} is no operation of ${table.format.name}`;
    }
  };

  const machine: VectorMachine = {
    pages,
    log,
    dialect: 'generic_pt',
    run,
    tree() {
      if (live === undefined) return undefined;
      const { table } = live;
      return {
        mem,
        topPfn: table.topPfn,
        topLevel: table.topLevel,
        bytesOf: (pfn) => allocatedBytes(pages, pfn),
        childOf: ({ lo, hi }, level) =>
          kindOf(table.format, lo, hi, level) === TABLE
            ? tablePfn(table.format, lo, hi, table)
            : -1,
      };
    },
  };
  const observed = live === undefined ? { ret: made.ret } : { ret: 0, info: infoOf(live.table) };
  return { machine, observed };
}

function readDirty(table: IommuTable, op: VectorOp): Observed {
  const gather = createGather();
  const record = int(op, 'bitmap', 1) === 1 ? (): void => undefined : null;
  const ret = readAndClearDirty(table, u64(op, 'iova'), u64(op, 'len'), int(op, 'flags'), {
    record,
    gather,
  });
  return { ret, gather: { start: formatAddr(gather.start), end: formatAddr(gather.last) } };
}

function infoOf(table: IommuTable): Observed {
  const info = getInfo(table);
  const range = ({ start, last }: VaRange): Observed => ({
    va: formatAddr(start),
    last_va: formatAddr(last),
  });
  return {
    pgsize_bitmap: formatWord(info.pgsizes),
    domain_pgsize_bitmap: formatWord(table.pgsizes),
    aperture_start: formatAddr(info.aperture.start),
    aperture_end: formatAddr(info.aperture.last),
    force_aperture: true,
    max_vasz_lg2: table.maxVaszLg2,
    max_oasz_lg2: table.maxOaszLg2,
    features: `0x${table.configured.toString(16)}`,
    top_level: table.topLevel,
    top_pa: formatPfn(table.topPfn),
    top_range: { ...range(info.topRange), max_vasz_lg2: info.topRange.vaszLg2 },
    upper_range: range(info.upperRange),
    all_range: range(info.allRange),
    set_dirty_supported: table.format.dirtyLo !== 0,
    ...(info.hwInfo === undefined ? {} : { hw_info: hwInfo(info.hwInfo) }),
  };
}

/** Registers in the vectors' form: addresses as text, small fields as numbers. */
export function hwInfo(info: HwInfo): Observed {
  return Object.fromEntries(
    Object.entries(info).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : formatAddr(value),
    ]),
  );
}
