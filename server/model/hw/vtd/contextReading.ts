import {
  decodeLegacyContext,
  decodeRootHalf,
  LEGACY_CONTEXT_BYTES,
  ROOT_BYTES,
} from './entries.ts';
import type { Word64 } from '../../bits/pte64.ts';
import type { ContextReading } from '../common/contextReading.ts';
import { entryAt } from '../common/tables.ts';
import { Legacy } from './faults.ts';
import { findPasidEntry, LEVELS_OF_AW, readWords, type VtdIommu } from './walker.ts';

/*
 * Source: Intel VT-d, "Translation Structure Formats".
 * Kernel: drivers/iommu/intel/iommu.c:domain_context_mapping_one(), pasid.c:intel_pasid_setup_first_level() and others.
 */

const DEVICE_TLB = 1;
const PASS_THROUGH = 2;
/** Levels of a first stage without FSPM. */
const FIRST_LEVELS = 4;

/** What the context of a device says that sends requests without PASID. */
export function readVtdContext(iommu: VtdIommu, requester: number): ContextReading {
  return iommu.rootTable.mode === 'legacy' ? legacy(iommu, requester) : scalable(iommu, requester);
}

function legacy({ bus, rootTable }: VtdIommu, requester: number): ContextReading {
  const root = readWords(bus, entryAt(rootTable.ppn, Math.floor(requester / 256), ROOT_BYTES), 2);
  const half = root === undefined ? undefined : decodeRootHalf(root[0]!);
  if (half?.present !== true) return { kind: 'blocked', why: Legacy.rootNotPresent[1] };
  const at = entryAt(half.contextTable, requester % 256, LEGACY_CONTEXT_BYTES);
  const words = readWords(bus, at, 2);
  const context = words === undefined ? undefined : decodeLegacyContext(words as [Word64, Word64]);
  if (context?.present !== true) return { kind: 'blocked', why: Legacy.contextNotPresent[1] };
  const { tt, aw, secondStageRoot, domainId: id } = context;
  if (tt === PASS_THROUGH) return { kind: 'passes' };
  const levels = LEVELS_OF_AW[aw];
  if (tt > PASS_THROUGH) return { kind: 'invalid', why: `translation type ${tt} is reserved` };
  if (levels === undefined) return { kind: 'invalid', why: `address width ${aw} is reserved` };
  const top = { pfn: secondStageRoot, level: levels - 1 };
  const ats = tt === DEVICE_TLB;
  return { kind: 'translates', stage: 'second', top, id, ats, snoops: undefined };
}

function scalable(iommu: VtdIommu, requester: number): ContextReading {
  const found = findPasidEntry(iommu, { requester });
  if ('kind' in found) return { kind: 'blocked', why: found.why };
  const { pgtt, aw, flpm, domainId: id, secondStageRoot, firstStageRoot, pwsnp, ats } = found;
  if (pgtt === 'pass-through') return { kind: 'passes' };
  if (pgtt === 'reserved') return { kind: 'invalid', why: 'the translation type is reserved' };
  const about = { kind: 'translates', id, ats, snoops: pwsnp } as const;
  if (pgtt === 'first') {
    const top = { pfn: firstStageRoot, level: FIRST_LEVELS + flpm - 1 };
    return { ...about, stage: 'first', top };
  }
  const levels = LEVELS_OF_AW[aw];
  if (levels === undefined) return { kind: 'invalid', why: `address width ${aw} is reserved` };
  return { ...about, stage: 'second', top: { pfn: secondStageRoot, level: levels - 1 } };
}
