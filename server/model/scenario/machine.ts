import { formatAddr, type Addr } from '../bits/pfn.ts';
import { word, type Word64 } from '../bits/pte64.ts';
import { createEventLog, eventsSince, type EventLog, type ModelEvent } from '../mem/events.ts';
import type { IommuPages } from '../mem/iommuPages.ts';
import type { IotlbGather } from '../pt/iotlbGather.ts';
import type { TreeReader } from './tableDump.ts';
import { formatPfn } from './tableDump.ts';
import type { VectorOp } from './vectorTypes.ts';

/** What a step gave, by the schema's result names; tables are read separately, only where they are asked for. */
export type Observed = Readonly<Record<string, unknown>>;

/** Whose driver callbacks the events are. */
export type Dialect = 'generic_pt' | 'io-pgtable';

/** A machine that vector steps run on. */
export interface VectorMachine {
  readonly pages: IommuPages;
  readonly log: EventLog;
  /** How a sync is written down: with levels and freed tables, or with a page size. */
  readonly dialect: Dialect;
  /** The tables, while there are some. */
  tree(): TreeReader | undefined;
  /** Runs one step after the first init; text means that the step makes no sense now. */
  run(op: VectorOp): Observed | string;
}

/** A log that keeps what one step can cause, however many tables it frees. */
export function stepLog(): EventLog {
  return createEventLog({ capacity: 2 ** 22 });
}

/** An argument that the reader has checked to be a 64-bit value. */
export function u64(op: VectorOp, name: string): Addr {
  return op.args[name] as Addr;
}

/** An argument that the reader has checked to be a small integer. */
export function int(op: VectorOp, name: string, fallback = 0): number {
  return (op.args[name] as number | undefined) ?? fallback;
}

/** A 64-bit argument that may be absent. */
export function optionalU64(op: VectorOp, name: string): Addr | undefined {
  return op.args[name] as Addr | undefined;
}

/** A 64-bit argument as a word. */
export function toWord({ pfn, offset }: Addr): Word64 {
  return word((pfn << 12) | offset | 0, Math.floor(pfn / 2 ** 20) | 0);
}

/** The events of a step in the vectors' form; stores and warnings have no counterpart there. */
export function vectorEvents(
  { log, dialect }: VectorMachine,
  since: number,
): readonly (readonly unknown[])[] {
  const found: (readonly unknown[])[] = [];
  for (const event of eventsSince(log, since)) {
    const line = vectorEvent(event, dialect);
    if (line !== undefined) found.push(line);
  }
  return found;
}

function vectorEvent(event: ModelEvent, dialect: Dialect): readonly unknown[] | undefined {
  const { kind } = event;
  switch (kind) {
    case 'alloc':
      return [kind, formatPfn(event.pfn), event.bytes];
    case 'alloc_fail':
      return [kind, event.bytes];
    case 'free':
      return [kind, formatPfn(event.pfn)];
    case 'flush':
    case 'dma_map':
    case 'dma_unmap':
      return [kind, formatAddr(event.at), event.bytes];
    case 'change_top':
      return [kind, formatPfn(event.pfn), event.level];
    case 'sync':
      return [
        kind,
        formatAddr(event.start),
        formatAddr(event.last),
        ...(dialect === 'io-pgtable'
          ? [`0x${event.leafLevels.toString(16)}`]
          : [event.leafLevels, event.tableLevels, event.freelist.map(formatPfn)]),
      ];
    case 'tlb_flush_walk':
      return [
        kind,
        formatAddr(event.start),
        formatAddr(event.length),
        `0x${event.granule.toString(16)}`,
      ];
    case 'dirty':
      return [kind, formatAddr(event.start), formatAddr(event.length)];
    case 'flush_all':
    case 'tlb_flush_all':
      return [kind];
    case 'store':
    case 'sync_map':
    case 'warn':
      return undefined;
  }
}

/** A gather in the vectors' form for generic_pt. */
export function ptGather(gather: IotlbGather): Observed {
  return {
    start: formatAddr(gather.start),
    end: formatAddr(gather.last),
    leaf_levels: gather.leafLevels,
    table_levels: gather.tableLevels,
    queued: gather.queued,
    freelist: gather.freelist.map(formatPfn),
  };
}
