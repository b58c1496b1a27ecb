import { ERRNO } from '../bits/errno.ts';
import { bytes, formatAddr, ZERO } from '../bits/pfn.ts';
import { formatWord } from '../bits/pte64.ts';
import { iommuMap, iommuMapNosync, iommuUnmap, iommuUnmapFast } from '../core/iommuCore.ts';
import { domainOfArm } from '../core/iommuDomain.ts';
import { ARM_FORMATS, ARM_LAST_LEVEL, isArmTable, type ArmRegisters } from '../fmt/armLpae.ts';
import { logIova, logPlain, logSync } from '../mem/events.ts';
import { allocatedBytes, createIommuPages } from '../mem/iommuPages.ts';
import { createPhysMem } from '../mem/physMem.ts';
import { armReadAndClearDirty, armWalk } from '../pt/armWalk.ts';
import { armRegisters } from '../fmt/armLpaeConfig.ts';
import { armTarget, createArmTable, pgdBytes, type ArmTable } from '../pt/armTable.ts';
import { addPage, createGather, type IotlbGather, type IotlbSyncer } from '../pt/iotlbGather.ts';
import { armMapPages, armUnmapPages, freeArmPgtable } from '../pt/ioPgtableArm.ts';
import { commonStep } from './commonSteps.ts';
import type { Started } from './genericPtMachine.ts';
import {
  int,
  optionalU64,
  stepLog,
  toWord,
  u64,
  type Observed,
  type VectorMachine,
} from './machine.ts';
import { formatPfn } from './tableDump.ts';
import type { VectorOp } from './vectorTypes.ts';

/** Starts a machine with one io-pgtable-arm table behind an SMMUv3-like driver. The format must exist. */
export function startArm(op: VectorOp): Started {
  const log = stepLog();
  const mem = createPhysMem({ log });
  const physical = optionalU64(op, 'phys');
  const pages = createIommuPages(mem, {
    cleaning: 'dma-api',
    ...(physical === undefined ? {} : { basePfn: physical.pfn }),
  });
  if (op.args['fail_alloc'] !== undefined) pages.failAt = int(op, 'fail_alloc');
  const syncer: IotlbSyncer = {
    // These drivers gather a page size where generic_pt gathers levels, and no pages to free.
    iotlbSync({ start, last, pgsize }) {
      logSync(log, start, last, pgsize, 0, []);
    },
  };
  let live = createArmTable(
    ARM_FORMATS[op.args['fmt'] as string]!,
    {
      quirks: toWord(optionalU64(op, 'quirks') ?? ZERO).lo,
      pgsizes: toWord(optionalU64(op, 'pgsizes') ?? ZERO),
      ias: int(op, 'ias'),
      oas: int(op, 'oas'),
      walks: int(op, 'coherent', 1) === 1 ? 'coherent' : 'incoherent',
    },
    pages,
    {
      flushAll() {
        logPlain(log, 'tlb_flush_all');
      },
      flushWalk(iova, byteCount, granule) {
        logIova(log, 'tlb_flush_walk', iova, bytes(byteCount), granule);
      },
      addPage(gather, iova, byteCount) {
        addPage(syncer, gather, iova, byteCount);
      },
    },
  );
  let pgsizes = live?.config.pgsizes;
  const gather = createGather();

  const run = (step: VectorOp): Observed | string => {
    const table = live;
    if (table === undefined) return `${step.op} without a table`;
    const domain = domainOfArm(table, syncer, pgsizes);
    const at = u64(step, 'iova');
    const common = commonStep(
      {
        ...{ pages, log, gather, syncer, info: () => infoOf(table) },
        setPgsizes: (mask) => {
          pgsizes = mask;
        },
      },
      step,
    );
    if (common !== undefined) return common;
    switch (step.op) {
      case 'map': {
        const length = u64(step, 'len');
        const ret = iommuMapNosync(domain, at, u64(step, 'pa'), length, int(step, 'prot'));
        return { ret, mapped: formatAddr(ret === 0 ? length : ZERO) };
      }
      case 'iommu_map':
        return {
          ret: iommuMap(domain, at, u64(step, 'pa'), u64(step, 'len'), int(step, 'prot')),
        };
      case 'unmap': {
        const unmapped = iommuUnmapFast(domain, at, u64(step, 'len'), gather);
        return { unmapped: formatAddr(unmapped), gather: armGather(gather) };
      }
      case 'iommu_unmap':
        return { unmapped: formatAddr(iommuUnmap(domain, at, u64(step, 'len'))) };
      case 'map_pages': {
        const { ret, mapped } = armMapPages(
          table,
          at,
          u64(step, 'pa'),
          u64(step, 'pgsize'),
          int(step, 'pgcount'),
          int(step, 'prot'),
        );
        return { ret, mapped: formatAddr(mapped) };
      }
      case 'unmap_pages': {
        const count = int(step, 'pgcount');
        const unmapped = armUnmapPages(table, at, u64(step, 'pgsize'), count, gather);
        return { unmapped: formatAddr(unmapped), gather: armGather(gather) };
      }
      case 'iova_to_phys':
        return { phys: formatAddr(domain.iovaToPhys(at)) };
      case 'walk': {
        const { ret, entries } = armWalk(table, at);
        return { ret, ptes: entries.map(formatWord) };
      }
      case 'read_dirty':
        return readDirty(table, step);
      case 'deinit':
        freeArmPgtable(table);
        live = undefined;
        return { ret: 0 };
      default:
        return `${step.op} is no operation of ${table.format.name}`;
    }
  };

  const machine: VectorMachine = {
    pages,
    log,
    dialect: 'io-pgtable',
    run,
    tree() {
      const table = live;
      if (table === undefined) return undefined;
      return {
        mem,
        topPfn: table.pgdPfn,
        topLevel: ARM_LAST_LEVEL - table.geometry.startLevel,
        bytesOf: (pfn) => allocatedBytes(pages, pfn),
        childOf: ({ lo, hi }, level) =>
          isArmTable(lo, ARM_LAST_LEVEL - level) ? armTarget(table, lo, hi) : -1,
      };
    },
  };
  const observed = live === undefined ? { ret: -ERRNO.ENOMEM } : { ret: 0, info: infoOf(live) };
  return { machine, observed };
}

/** A gather in the vectors' form for io-pgtable drivers. */
function armGather({ start, last, pgsize, queued }: IotlbGather): Observed {
  return {
    start: formatAddr(start),
    end: formatAddr(last),
    pgsize: `0x${pgsize.toString(16)}`,
    queued,
  };
}

function readDirty(table: ArmTable, op: VectorOp): Observed {
  const gather = createGather();
  const record = int(op, 'bitmap', 1) === 1 ? (): void => undefined : null;
  const ret = armReadAndClearDirty(table, u64(op, 'iova'), u64(op, 'len'), int(op, 'flags'), {
    record,
    gather,
  });
  return { ret, gather: armGather(gather) };
}

function infoOf(table: ArmTable): Observed {
  const { geometry, config, format, pgdPfn } = table;
  return {
    pgsize_bitmap: formatWord(config.pgsizes),
    ias: config.ias,
    oas: config.oas,
    start_level: geometry.startLevel,
    pgd_bits: geometry.pgdBits,
    bits_per_level: geometry.bitsPerLevel,
    pgd_bytes: pgdBytes(geometry),
    pgd_pa: formatPfn(pgdPfn),
    hw_info: registers(armRegisters(format, geometry, pgdPfn)),
  };
}

/** Registers in the vectors' form: 64-bit ones as text, fields of structures as numbers. */
function registers(values: ArmRegisters): Observed {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      'address' in value
        ? formatAddr(value.address)
        : 'word' in value
          ? formatWord(value.word)
          : value.bits,
    ]),
  );
}
