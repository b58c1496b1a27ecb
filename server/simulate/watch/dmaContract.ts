import type { Executor, Model } from '../machine/executor.ts';
import {
  counted,
  directionName,
  isMappingError,
  MAPPING_ERROR,
  otherDevice,
  otherDirection,
} from './contractWords.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family } from '../kernel/model.ts';
import type { Arguments } from '../kernel/model.ts';
import { hex } from '../machine/values.ts';
import type { Holding, Ledger } from './ledger.ts';
import { ledgerOf } from './ledger.ts';

const REASON = 'the interface is what a driver sees; what it does underneath is another situation';

/** Positions of the arguments of a mapping function. */
interface MapArguments {
  readonly size: number;
  readonly direction: number;
}

const map =
  ({ size, direction }: MapArguments): ModelBody =>
  (machine, args, { name }) => {
    const ledger = ledgerOf(machine);
    const bytes = args.bits(size);
    const about = {
      ...{ kind: 'mapping' as const, api: name, what: `a mapping of ${counted(bytes, 'byte')}` },
      ...{ device: args.number(0), size: bytes, direction: args.number(direction) },
    };
    if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
      ledger.take({ ...about, key: MAPPING_ERROR, state: 'failed' });
      return MAPPING_ERROR;
    }
    const handle = ledger.newHandle(bytes);
    ledger.take({ ...about, key: handle });
    return handle;
  };

const unmap: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const handle = args.bits(1);
  const held = ledger.held('mapping', handle);
  if (held === undefined) {
    const bytes = counted(args.bits(2), 'byte');
    ledger.call(name, `${bytes} at ${hex(handle)}, ${directionName(args.number(3))}`);
    judgeUnknownHandle(ledger, handle, name);
    return undefined;
  }
  const wrong = [
    ...(held.size === args.bits(2) ? [] : [`${counted(args.bits(2), 'byte')} of ${held.size}`]),
    ...(held.direction === args.number(3) ? [] : [otherDirection(args.number(3), held.direction)]),
    ...(held.device === args.number(0)
      ? []
      : [`by ${otherDevice(machine, args.number(0), held.device)}`]),
  ];
  if (wrong.length > 0) {
    ledger.breach('C-UNMAP-ARGUMENTS', name, `unmaps ${wrong.join(', ')}`, held);
  }
  ledger.give(held, name);
  return undefined;
};

function judgeUnknownHandle(ledger: Ledger, handle: bigint, api: string): void {
  if (isMappingError(handle)) {
    const failed = ledger.find('mapping', MAPPING_ERROR, 'failed');
    if (failed !== undefined)
      ledger.breach('C-ERROR-USED', api, 'unmaps what a failed mapping returned', failed);
    return;
  }
  const earlier = ledger.find('mapping', handle, 'returned');
  if (earlier !== undefined) {
    ledger.breach('C-TWICE', api, `unmaps ${hex(handle)} again`, earlier);
    return;
  }
  const around = ledger.holdings.find(
    ({ kind, state, key, size }) =>
      kind === 'mapping' && state === 'held' && handle > key && handle < key + size,
  );
  if (around !== undefined) {
    const inside = `unmaps ${hex(handle)}, which is inside the mapping at ${hex(around.key)}`;
    ledger.breach('C-UNMAP-ARGUMENTS', api, inside, around);
  }
}

const testError: ModelBody = (machine, args) => {
  if (!isMappingError(args.bits(1))) return 0;
  const failed = ledgerOf(machine).holdings.find(
    ({ kind, state, tested }) => kind === 'mapping' && state === 'failed' && !tested,
  );
  if (failed !== undefined) failed.tested = true;
  return -12;
};

/** What is synchronised, as a part of its mapping where the run made that: DMA addresses are invented. */
function synchronised(size: bigint, start: bigint, around: Holding | undefined): string {
  const bytes = counted(size, 'byte');
  if (around === undefined) return `${bytes} at ${hex(start)}`;
  const offset = start - around.key;
  if (offset === 0n && size === around.size) return around.what;
  return `${bytes}${offset === 0n ? '' : ` from byte ${offset} on`}, of ${around.what}`;
}

const synchronise: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const start = args.bits(1);
  if (isMappingError(start)) judgeUnknownHandle(ledger, start, name);
  const around = ledger.holdings.find(
    ({ kind, state, key, size }) =>
      kind === 'mapping' && state === 'held' && start >= key && start < key + size,
  );
  const what = synchronised(args.bits(2), start, around);
  ledger.call(name, `${what}, ${directionName(args.number(3))}`);
  if (around !== undefined && start + args.bits(2) > around.key + around.size) {
    const more = `synchronises ${counted(args.bits(2), 'byte')} from ${hex(start)}, beyond the mapping's end`;
    ledger.breach('C-UNMAP-ARGUMENTS', name, more, around);
  }
  return undefined;
};

/** Gives `*handle` a value, as an allocator does. */
function storeHandle(machine: Executor, args: Arguments, index: number, handle: bigint): void {
  machine.memory.store64(args.pointer(index), handle);
}

/** Allocations larger than this may lie across a 4 GiB boundary. Unit: bytes. */
const PAGE = 4096n;
const JUST_BELOW_4G = 0xffff_f000n;

const allocate =
  (managed: boolean): ModelBody =>
  (machine, args, { name }) => {
    const ledger = ledgerOf(machine);
    const size = args.bits(1);
    const about = {
      ...{
        kind: 'coherent' as const,
        api: name,
        what: `${counted(size, 'byte')} of coherent memory`,
      },
      ...{ device: args.number(0), size, managed },
    };
    if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
      ledger.take({ ...about, key: 0n, state: 'failed' });
      return 0;
    }
    // Beyond a page, the allocator promises nothing about 4 GiB boundaries.
    const crosses =
      size > PAGE && machine.choose(`${name}() crosses 4 GiB`, [0, 1], 'failure') === 1;
    const cpu = machine.allocate({
      ...{ kind: 'slab', name: `coherent memory from ${name}()`, size: Number(size) },
      ...{ align: 4096, contents: 'zero' },
    });
    const handle = crosses ? JUST_BELOW_4G : ledger.newHandle(size);
    storeHandle(machine, args, 2, handle);
    ledger.take({ ...about, key: BigInt(cpu), handle });
    return cpu;
  };

const free: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const cpu = BigInt(args.pointer(2));
  if (cpu === 0n) return undefined;
  const held = ledger.held('coherent', cpu);
  if (held === undefined) {
    ledger.call(name, `${counted(args.bits(1), 'byte')} of coherent memory`);
    const earlier = ledger.find('coherent', cpu, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', name, 'frees a buffer again', earlier);
    return undefined;
  }
  const wrong = [
    ...(held.size === args.bits(1) ? [] : [`${counted(args.bits(1), 'byte')} of ${held.size}`]),
    ...(held.handle === args.bits(3) ? [] : [`by address ${hex(args.bits(3))}`]),
    ...(held.device === args.number(0)
      ? []
      : [`by ${otherDevice(machine, args.number(0), held.device)}`]),
  ];
  if (wrong.length > 0) ledger.breach('C-FREE-ARGUMENTS', name, `frees ${wrong.join(', ')}`, held);
  ledger.give(held, name);
  const region = machine.memory.regions.startingAt(Number(cpu));
  if (region !== undefined) machine.memory.free(region);
  return undefined;
};

const createPool: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const about = {
    kind: 'pool' as const,
    api: name,
    what: 'a pool',
    managed: name.startsWith('dmam'),
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, key: 0n, state: 'failed' });
    return 0;
  }
  const size = 512;
  const pool = machine.allocate({
    kind: 'slab',
    name: 'dma_pool',
    size,
    align: 64,
    contents: 'zero',
  });
  machine.modelState.set(`pool-block ${pool}`, args.number(2));
  ledger.take({ ...about, key: BigInt(pool), device: args.number(1) });
  return pool;
};

const destroyPool: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const pool = BigInt(args.pointer(0));
  const held = ledger.held('pool', pool);
  if (held !== undefined) ledger.give(held, name);
  else {
    ledger.call(name, 'a pool');
    const earlier = ledger.find('pool', pool, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', name, 'destroys a pool again', earlier);
  }
  return undefined;
};

const allocateBlock: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const known = machine.modelState.get(`pool-block ${String(args.pointer(0))}`);
  const size = typeof known === 'number' ? Math.max(known, 1) : 4096;
  const about = {
    kind: 'block' as const,
    api: name,
    what: `a block of ${counted(size, 'byte')} from a pool`,
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, key: 0n, state: 'failed' });
    return 0;
  }
  const contents = 'zero' as const;
  const cpu = machine.allocate({ kind: 'slab', name: 'pool block', size, align: 64, contents });
  const handle = ledger.newHandle(BigInt(size));
  storeHandle(machine, args, 2, handle);
  ledger.take({ ...about, key: BigInt(cpu), handle, device: args.number(0) });
  return cpu;
};

const freeBlock: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const cpu = BigInt(args.pointer(1));
  const held = ledger.held('block', cpu);
  if (held === undefined) {
    ledger.call(name, 'a block of a pool');
    const earlier = ledger.find('block', cpu, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', name, 'frees a block again', earlier);
    return undefined;
  }
  const wrong = [
    ...(held.handle === args.bits(2) ? [] : [`by address ${hex(args.bits(2))}`]),
    ...(held.device === args.number(0) ? [] : ['into another pool']),
  ];
  if (wrong.length > 0) ledger.breach('C-FREE-ARGUMENTS', name, `frees ${wrong.join(', ')}`, held);
  ledger.give(held, name);
  return undefined;
};

const nothing = (): undefined => undefined;

/** Single mappings, coherent memory and pools as a driver sees them: each may fail, each wants its own back. */
export const DMA_CONTRACT: readonly Model[] = [
  ...family(
    { reads: 'nothing', writes: 'nothing; the mapping is noted', shadows: REASON },
    {
      ...alike(
        'dma_map_single_attrs dma_map_phys dma_map_resource',
        map({ size: 2, direction: 3 }),
      ),
      dma_map_page_attrs: map({ size: 3, direction: 4 }),
      ...alike(
        'dma_unmap_single_attrs dma_unmap_page_attrs dma_unmap_phys dma_unmap_resource',
        unmap,
      ),
      dma_mapping_error: testError,
      ...alike(
        `dma_sync_single_for_cpu __dma_sync_single_for_cpu dma_sync_single_for_device
        __dma_sync_single_for_device`,
        synchronise,
      ),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'the new buffer, its DMA address', shadows: REASON },
    {
      dma_alloc_attrs: allocate(false),
      dmam_alloc_attrs: allocate(true),
      ...alike('dma_free_attrs dmam_free_coherent', free),
      ...alike('dma_pool_create dma_pool_create_node dmam_pool_create', createPool),
      ...alike('dma_pool_destroy dmam_pool_destroy', destroyPool),
      dma_pool_alloc: allocateBlock,
      dma_pool_free: freeBlock,
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: REASON },
    {
      ...alike('dma_set_mask dma_set_coherent_mask', (machine, _, { name }) =>
        machine.choose(`${name}()`, [0, -5], 'failure'),
      ),
      ...alike('dma_max_mapping_size dma_opt_mapping_size', () => MAPPING_ERROR),
      ...alike('dma_get_merge_boundary dma_addressing_limited dma_need_sync', () => 0),
      ...alike('debug_dma_mapping_error debug_dma_map_single', nothing),
    },
  ),
];
