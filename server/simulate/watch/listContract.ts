import type { Executor, Model } from '../machine/executor.ts';
import { counted, directionName, otherDevice, otherDirection } from './contractWords.ts';
import { StructView } from '../machine/fields.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family } from '../kernel/model.ts';
import type { Unit } from '../../cfront/unit.ts';
import { ledgerOf } from './ledger.ts';

const REASON = 'the interface is what a driver sees; what it does underneath is another situation';

/** Entries a model writes at most: a count beyond is no list that a driver has. */
const MOST_ENTRIES = 4096;

/** The entry after another: of a chained list the first of its next array. */
function nextEntry(machine: Executor, unit: Unit, entry: number): number {
  const view = new StructView(
    machine.memory,
    unit,
    'scatterlist',
    entry + StructView.sizeOf(unit, 'scatterlist'),
  );
  const link = BigInt(view.get('page_link') ?? 0);
  return (link & 1n) === 0n ? view.address : Number(BigInt.asIntN(64, link & ~3n));
}

/** Writes the DMA addresses and lengths of the first `count` entries, as one merged run where fewer are wanted. */
function writeEntries(
  machine: Executor,
  unit: Unit,
  list: number,
  { count, segments, start }: { count: number; segments: number; start: bigint },
): void {
  let at = list;
  let address = start;
  for (let i = 0; i < segments; i++) {
    const view = new StructView(machine.memory, unit, 'scatterlist', at);
    // The last segment takes what the entries behind it would have held.
    const merged = i === segments - 1 ? count - i : 1;
    const length = BigInt(view.get('length') ?? 0) * BigInt(merged);
    view.set('dma_address', address);
    if (view.has('dma_length')) view.set('dma_length', length);
    address += length;
    if (i + 1 < segments) at = nextEntry(machine, unit, at);
  }
}

interface ListRequest {
  readonly list: number;
  readonly entries: number;
  readonly device: number;
  readonly direction: number;
}

/** Maps a list: how many segments it became, 0 when that failed. */
function mapList(
  machine: Executor,
  unit: Unit,
  name: string,
  { list, entries, device, direction }: ListRequest,
): number {
  const ledger = ledgerOf(machine);
  const about = {
    ...{
      kind: 'list' as const,
      api: name,
      what: `a list of ${counted(entries, 'entry', 'entries')}`,
    },
    ...{ key: BigInt(list), device, size: BigInt(entries), direction },
  };
  if (entries <= 0 || entries > MOST_ENTRIES) {
    ledger.take({ ...about, state: 'failed', question: undefined });
    return 0;
  }
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' });
    return 0;
  }
  // What an IOMMU merges is outside of the driver's hands, as is what it cannot map at all.
  const merges =
    entries > 1 && machine.choose(`${name}() merges two entries`, [0, 1], 'failure') === 1;
  const segments = merges ? entries - 1 : entries;
  writeEntries(machine, unit, list, {
    ...{ count: entries, segments, start: ledger.newHandle(BigInt(entries) * 4096n) },
  });
  ledger.take({ ...about, what: `${about.what}, ${counted(segments, 'segment')}` });
  return segments;
}

const mapSg: ModelBody = (machine, args, { name, unit }) =>
  mapList(machine, unit, name, {
    ...{ list: args.number(1), entries: args.number(2) },
    ...{ device: args.number(0), direction: args.number(3) },
  });

const mapTable: ModelBody = (machine, args, { name, unit }) => {
  const table = new StructView(machine.memory, unit, 'sg_table', args.pointer(1));
  const segments = mapList(machine, unit, name, {
    ...{ list: Number(table.get('sgl')), entries: Number(table.get('orig_nents')) },
    ...{ device: args.number(0), direction: args.number(2) },
  });
  const ledger = ledgerOf(machine);
  if (segments === 0) return -5;
  table.set('nents', segments);
  ledger.holdings.at(-1)!.tested = true;
  return 0;
};

const unmapSg: ModelBody = (machine, args, { name, unit }) => {
  const ledger = ledgerOf(machine);
  const key = BigInt(args.pointer(1));
  const held = ledger.held('list', key);
  if (held === undefined) {
    const entries = counted(args.number(2), 'entry', 'entries');
    ledger.call(name, `a list of ${entries}, ${directionName(args.number(3))}`);
    const earlier = ledger.holdings.findLast((h) => h.kind === 'list' && h.key === key);
    if (earlier?.state === 'failed') {
      ledger.breach('C-ERROR-USED', name, 'unmaps a list whose mapping failed', earlier);
    } else if (earlier?.state === 'returned') {
      ledger.breach('C-TWICE', name, 'unmaps a list again', earlier);
    } else judgeTableCount(machine, unit, args.number(1), args.number(2), name);
    return undefined;
  }
  judgeCount(machine, held, args.number(2), name);
  const wrong = [
    ...(held.direction === args.number(3) ? [] : [otherDirection(args.number(3), held.direction)]),
    ...(held.device === args.number(0)
      ? []
      : [`by ${otherDevice(machine, args.number(0), held.device)}`]),
  ];
  if (wrong.length > 0)
    ledger.breach('C-UNMAP-ARGUMENTS', name, `unmaps ${wrong.join(', ')}`, held);
  ledger.give(held, name);
  return undefined;
};

const synchroniseSg: ModelBody = (machine, args, { name, unit }) => {
  const ledger = ledgerOf(machine);
  const held = ledger.held('list', BigInt(args.pointer(1)));
  const what = held?.what ?? `a list of ${counted(args.number(2), 'entry', 'entries')}`;
  ledger.call(name, `${what}, ${directionName(args.number(3))}`);
  if (held !== undefined) judgeCount(machine, held, args.number(2), name);
  else judgeTableCount(machine, unit, args.number(1), args.number(2), name);
  return undefined;
};

/** A list that came in mapped: where a table holds it, its count is the table's orig_nents. */
function judgeTableCount(
  machine: Executor,
  unit: Unit,
  list: number,
  count: number,
  api: string,
): void {
  for (const address of machine.inputs?.ofStruct('sg_table') ?? []) {
    const table = new StructView(machine.memory, unit, 'sg_table', address);
    if (Number(table.get('sgl')) !== list) continue;
    const entries = Number(table.get('orig_nents'));
    if (entries === count) continue;
    const message = `passes nents ${count} for a table with orig_nents ${entries}`;
    ledgerOf(machine).breach('C-NENTS', api, message);
  }
}

function judgeCount(
  machine: Executor,
  held: { readonly size: bigint } & Parameters<ReturnType<typeof ledgerOf>['give']>[0],
  count: number,
  api: string,
): void {
  if (BigInt(count) === held.size) return;
  const message = `passes nents ${count} for a list that was mapped with ${held.size}`;
  ledgerOf(machine).breach('C-NENTS', api, message, held);
}

/** Scatterlists as a driver sees the DMA API: a mapping may fail, and may merge entries. */
export const LIST_CONTRACT: readonly Model[] = family(
  { reads: 'the list', writes: 'DMA addresses and lengths of its entries', shadows: REASON },
  {
    dma_map_sg_attrs: mapSg,
    dma_map_sgtable: mapTable,
    dma_unmap_sg_attrs: unmapSg,
    ...alike(
      'dma_sync_sg_for_cpu __dma_sync_sg_for_cpu dma_sync_sg_for_device __dma_sync_sg_for_device',
      synchroniseSg,
    ),
  },
);
