import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaOutcome, DmaRequest, Reached, Refused, Unknown } from '../common/dma.ts';
import { entryFrom } from '../common/tables.ts';
import { decodeCd, type Cd } from './cd.ts';
import { levelLg2 } from './descriptor.ts';
import { Event, refuse } from './events.ts';
import { addressField, decodeSte, STE_WORDS, type Ste } from './ste.ts';
import { walkTables, type Leaf, type TableWalk } from './tables.ts';

/*
 * Source of every bit in this file: Arm ARM (DDI 0487), attribute fields of VMSAv8-64 descriptors; Arm SMMUv3 (IHI
 * 0070), CD.T0SZ and "Stream table lookup".
 */

/** One SMMUv3: its registers and its memory. */
export interface Smmu {
  readonly bus: Bus;
  /** SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG. */
  readonly streamTable: {
    readonly base: Addr;
    /** log2 of the number of stream ids. */
    readonly sizeLg2: number;
    /** Stream ids that share a first-level descriptor, as log2; undefined for a linear table. */
    readonly splitLg2: number | undefined;
  };
  /** SMMU_IDR5.OAS. Unit: bits. */
  readonly oasLg2: number;
}

const STE_BYTES = 64;
const NO_SIZE_LG2 = 64;

function readWords(bus: Bus, at: Addr, count: number): readonly Word64[] | undefined {
  const raw = new Int32Array(2 * count);
  if (bus.read(at, count, raw) !== 'ok') return undefined;
  return Array.from({ length: count }, (_, n) => word(raw[2 * n]!, raw[2 * n + 1]));
}

/** Finds the stream table entry. Source: Arm SMMUv3 (IHI 0070), "Stream table lookup". */
export function locateSte(smmu: Smmu, streamId: number): Ste | Refused {
  const { base, sizeLg2, splitLg2 } = smmu.streamTable;
  if (streamId >= 2 ** sizeLg2)
    return refuse('context', Event.badStreamId, 'the stream id is beyond the stream table');
  let at = entryFrom(base, streamId, STE_BYTES);
  if (splitLg2 !== undefined) {
    const first = readWords(smmu.bus, entryFrom(base, Math.floor(streamId / 2 ** splitLg2)), 1);
    if (first === undefined)
      return refuse('context', Event.steFetch, 'the stream table is not readable');
    const span = getField(first[0]!, 4, 0);
    const index = streamId % 2 ** splitLg2;
    if (span === 0 || index >= 2 ** (span - 1)) {
      return refuse(
        'context',
        Event.badStreamId,
        'the first-level descriptor does not cover the stream id',
      );
    }
    at = entryFrom(addressField(first[0]!, 51, 6), index, STE_BYTES);
  }
  const words = readWords(smmu.bus, at, STE_WORDS);
  if (words === undefined)
    return refuse('context', Event.steFetch, 'the stream table entry is not readable');
  const ste = decodeSte(words);
  return ste.v ? ste : refuse('context', Event.badSte, 'STE.V is 0');
}

/** Translates one request. */
export function translate(smmu: Smmu, request: DmaRequest): DmaOutcome {
  const ste = locateSte(smmu, request.requester);
  return 'kind' in ste ? ste : translateWith(smmu, request, ste);
}

/** Translates with a stream table entry that was read, or cached, before. */
export function translateWith(smmu: Smmu, request: DmaRequest, ste: Ste): DmaOutcome {
  switch (ste.config) {
    case 'reserved':
      return refuse('context', Event.badSte, 'STE.Config is reserved');
    case 'abort':
      return {
        ...refuse('context', Event.badSte, 'STE.Config aborts'),
        name: 'abort',
        reported: false,
      };
    case 'bypass':
      return passThrough(request.iova);
    case 'stage2': {
      if (request.pasid !== undefined) {
        return refuse('context', Event.badSubstreamId, 'a substream id without stage 1');
      }
      const second = secondStage(smmu, ste);
      return 'kind' in second
        ? second
        : finish(smmu, ste, second, request, undefined, request.iova);
    }
    case 'stage1':
    case 'nested':
      return firstStage(smmu, ste, request);
  }
}

function firstStage(smmu: Smmu, ste: Ste, request: DmaRequest): DmaOutcome {
  const second = ste.config === 'nested' ? secondStage(smmu, ste) : undefined;
  if (second !== undefined && 'kind' in second) return second;
  if (ste.cdLeaf === 'reserved') return refuse('context', Event.badSte, 'STE.S1Fmt is reserved');
  const hasSubstreams = ste.cdMaxLg2 > 0;
  if (request.pasid !== undefined && request.pasid >= 2 ** ste.cdMaxLg2) {
    return refuse(
      'context',
      Event.badSubstreamId,
      'the substream id is beyond the descriptor table',
    );
  }
  if (request.pasid === undefined && hasSubstreams) {
    if (ste.s1dss === 'terminate' || ste.s1dss === 'reserved') {
      return refuse('context', Event.streamDisabled, 'no substream id, and STE.S1DSS terminates');
    }
    if (ste.s1dss === 'bypass') return finish(smmu, ste, second, request, undefined, request.iova);
  }
  if (request.pasid === 0 && ste.s1dss === 'ssid0') {
    return refuse(
      'context',
      Event.streamDisabled,
      'substream 0 is taken by transactions without one',
    );
  }
  const cd = locateCd(smmu, ste, second, request.pasid ?? 0);
  if ('kind' in cd) return cd;
  return translateThrough(smmu, ste, cd, second, request);
}

function translateThrough(
  smmu: Smmu,
  ste: Ste,
  cd: Cd,
  second: TableWalk | undefined,
  request: DmaRequest,
): DmaOutcome {
  const problem = badCd(cd);
  if (problem !== undefined) return refuse('context', Event.badCd, problem);
  const walk = firstWalk(smmu, cd, second);
  const upper = hasBit(word(0, Math.floor(request.iova.pfn / 2 ** 20) | 0), 63);
  if (upper && !cd.tbi0) {
    return cd.epd1
      ? stallable(
          refuse('first', Event.translation, 'the address belongs to TTB1, which is disabled'),
          cd.stall,
        )
      : { kind: 'unknown', why: 'translations through TTB1 are not modelled' };
  }
  if (cd.epd0)
    return stallable(
      refuse('first', Event.translation, 'walks through TTB0 are disabled'),
      cd.stall,
    );
  const leaf = walkTables(smmu.bus, walk, request.iova, request.access);
  if (leaf.kind === 'fault')
    return stallable(leaf, leaf.stage === 'first' ? cd.stall : ste.stage2.stall);
  const denied = firstDenies(leaf, request);
  if (denied !== undefined) return stallable(refuse('first', Event.permission, denied), cd.stall);
  return finish(smmu, ste, second, request, leaf, leaf.oa);
}

/** The part after the first stage: second stage where there is one, and the answer. */
function finish(
  smmu: Smmu,
  ste: Ste,
  second: TableWalk | undefined,
  request: DmaRequest,
  first: Leaf | undefined,
  ipa: Addr,
): DmaOutcome {
  if (second === undefined)
    return first === undefined ? passThrough(ipa) : reached(first, undefined);
  const leaf = walkTables(smmu.bus, second, ipa, request.access);
  if (leaf.kind === 'fault') return stallable({ ...leaf, ipa }, ste.stage2.stall);
  const allowed =
    request.access === 'write'
      ? hasBit(leaf.descriptor, 7)
      : hasBit(leaf.descriptor, 6) && (request.access === 'read' || !hasBit(leaf.descriptor, 54));
  if (!allowed) {
    const denied = refuse('second', Event.permission, `no ${request.access} permission`);
    return stallable({ ...denied, ipa }, ste.stage2.stall);
  }
  return reached(first, leaf);
}

function reached(first: Leaf | undefined, second: Leaf | undefined): Reached {
  const last = (second ?? first)!;
  const attributes: Record<string, number> = {};
  if (first !== undefined) attributes['AttrIndx'] = getField(first.descriptor, 4, 2);
  if (second !== undefined) attributes['MemAttr'] = getField(second.descriptor, 5, 2);
  const firstWrite = first === undefined || !(hasBit(first.descriptor, 7) || first.above.readOnly);
  const secondWrite = second === undefined || hasBit(second.descriptor, 7);
  const executes = (leaf: Leaf | undefined): boolean =>
    leaf === undefined || !(hasBit(leaf.descriptor, 54) || leaf.above.noExecute);
  return {
    kind: 'reached',
    spa: last.oa,
    pageLg2: Math.min(first?.pageLg2 ?? NO_SIZE_LG2, last.pageLg2),
    lastStageLg2: last.pageLg2,
    read: second === undefined || hasBit(second.descriptor, 6),
    write: firstWrite && secondWrite,
    execute: executes(first) && executes(second),
    attributes,
  };
}

/** Finds the context descriptor of a substream; with two stages its table is at guest-physical addresses. */
function locateCd(smmu: Smmu, ste: Ste, second: TableWalk | undefined, ssid: number): Cd | Refused {
  const fetch = (ipa: Addr, count: number): readonly Word64[] | Refused => {
    const at = second === undefined ? ipa : throughSecond(smmu, second, ipa, 'context');
    if ('kind' in at) return at;
    return (
      readWords(smmu.bus, at, count) ??
      refuse('context', Event.cdFetch, 'the descriptor table is not readable')
    );
  };
  let at = entryFrom(ste.cdTable, ssid, STE_BYTES);
  if (typeof ste.cdLeaf === 'number') {
    const first = fetch(entryFrom(ste.cdTable, Math.floor(ssid / ste.cdLeaf)), 1);
    if ('kind' in first) return first;
    if (!hasBit(first[0]!, 0)) {
      return refuse('context', Event.badSubstreamId, 'the first-level descriptor is not valid');
    }
    at = entryFrom(addressField(first[0]!, 51, 12), ssid % ste.cdLeaf, STE_BYTES);
  }
  const words = fetch(at, STE_WORDS);
  if ('kind' in words) return words;
  const cd = decodeCd(words);
  return cd.v ? cd : refuse('context', Event.badCd, 'CD.V is 0');
}

/** Where something of the first stage is that the SMMU reads for itself. */
function throughSecond(
  smmu: Smmu,
  second: TableWalk,
  ipa: Addr,
  fetching: 'context' | 'table',
): Addr | Refused {
  const leaf = walkTables(smmu.bus, second, ipa, 'read');
  if (leaf.kind === 'fault') return { ...leaf, ipa, fetching };
  if (hasBit(leaf.descriptor, 6)) return leaf.oa;
  const denied = refuse('second', Event.permission, `a ${fetching} of stage 1 is not readable`);
  return { ...denied, ipa, fetching };
}

function badCd(cd: Cd): string | undefined {
  if (!cd.aa64) return 'CD.AA64 is 0, and VMSAv7 tables are not modelled';
  if (cd.endi) return 'CD.ENDI: big-endian tables are not modelled';
  if (cd.granuleLg2 === undefined) return 'CD.TG0 is reserved';
  if (cd.outputLg2 === undefined) return 'CD.IPS is reserved';
  return cd.tsz < 12 || cd.tsz > 39 ? `CD.T0SZ ${cd.tsz} is out of range` : undefined;
}

function firstWalk(smmu: Smmu, cd: Cd, second: TableWalk | undefined): TableWalk {
  const granule = cd.granuleLg2!;
  const inputLg2 = 64 - cd.tsz;
  const levels = Math.ceil((inputLg2 - granule) / (granule - 3));
  return {
    stage: 'first',
    granuleLg2: granule,
    inputLg2,
    outputLg2: Math.min(cd.outputLg2!, smmu.oasLg2),
    startLevel: 4 - levels,
    root: cd.root,
    ha: cd.ha,
    hd: cd.hd,
    locate:
      second === undefined
        ? (table): Addr => table
        : (table): Addr | Refused => throughSecond(smmu, second, table, 'table'),
  };
}

/** Source: Arm SMMUv3 (IHI 0070), STE.S2SL0 and STE.S2T0SZ. */
function secondStage(smmu: Smmu, ste: Ste): TableWalk | Refused | Unknown {
  const { stage2 } = ste;
  if (!stage2.aa64)
    return { kind: 'unknown', why: 'VMSAv7 tables of stage 2 (STE.S2AA64 is 0) are not modelled' };
  if (stage2.endi)
    return { kind: 'unknown', why: 'big-endian tables (STE.S2ENDI) are not modelled' };
  if (stage2.granuleLg2 === undefined || stage2.outputLg2 === undefined) {
    return refuse('context', Event.badSte, 'STE.S2TG or STE.S2PS is reserved');
  }
  const granule = stage2.granuleLg2;
  const inputLg2 = 64 - stage2.tsz;
  const startLevel = (granule === 12 ? 2 : 3) - stage2.sl0;
  // Up to 16 tables may be concatenated at the start level.
  const rootIndexLg2 = inputLg2 - levelLg2(startLevel, granule);
  if (startLevel < 0 || rootIndexLg2 < 1 || rootIndexLg2 > granule - 3 + 4) {
    return refuse(
      'context',
      Event.badSte,
      `STE.S2T0SZ ${stage2.tsz} does not fit STE.S2SL0 ${stage2.sl0}`,
    );
  }
  return {
    stage: 'second',
    granuleLg2: granule,
    inputLg2,
    outputLg2: Math.min(stage2.outputLg2, smmu.oasLg2),
    startLevel,
    root: stage2.root,
    ha: false,
    hd: false,
    locate: (table) => table,
  };
}

/** Permissions of the first stage. Source: Arm ARM (DDI 0487), AP[2:1] and XN. */
function firstDenies(leaf: Leaf, request: DmaRequest): string | undefined {
  const { descriptor, above } = leaf;
  const unprivileged = hasBit(descriptor, 6) && !above.noUser;
  if (!request.privileged && !unprivileged) return 'the page is for privileged accesses';
  if (request.access === 'write' && (hasBit(descriptor, 7) || above.readOnly))
    return 'the page is read-only';
  const execute = !(hasBit(descriptor, 54) || above.noExecute);
  return request.access === 'execute' && !execute ? 'the page is not executable' : undefined;
}

function stallable(fault: Refused, stalls: boolean): Refused {
  return stalls ? { ...fault, stalled: true } : fault;
}

function passThrough(iova: Addr): Reached {
  return {
    kind: 'reached',
    spa: iova,
    pageLg2: NO_SIZE_LG2,
    lastStageLg2: undefined,
    read: true,
    write: true,
    execute: true,
    attributes: {},
  };
}
