import { Stop } from '../machine/stop.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { hex } from '../machine/values.ts';
import type { Arguments, ModelBody } from './model.ts';
import { StructView } from '../machine/fields.ts';
import { alike, family, stateOf } from './model.ts';

/** gfp bit that asks for zeroed memory, found through the unit because it moved between versions. */
function wantsZero(machine: Executor, gfp: number): boolean {
  const bit = stateOf(
    machine,
    'gfp-zero',
    () => machine.constant('(unsigned int)__GFP_ZERO') ?? 0x100n,
  );
  return (BigInt(gfp) & bit) !== 0n;
}

/** Failure injection: which allocation fails, counted from now. */
export interface AllocationFailure {
  /** Allocations that still succeed; undefined: none fails. */
  remaining: number | undefined;
  /** Every allocation is a question: it may fail. */
  asks: boolean;
}

/** The failure injection of a machine's slab allocator. */
export function slabFailure(machine: Executor): AllocationFailure {
  return stateOf(machine, 'slab-failure', () => ({ remaining: undefined, asks: false }));
}

function failsNow(failure: AllocationFailure): boolean {
  if (failure.remaining === undefined) return false;
  if (failure.remaining-- > 0) return false;
  failure.remaining = undefined;
  return true;
}

function allocate(machine: Executor, size: number, zero: boolean): number {
  const failure = slabFailure(machine);
  const fails = failure.asks && machine.choose('kmalloc() fails', [0, 1], 'failure') === 1;
  if (fails || failsNow(failure)) {
    machine.record({ kind: 'model', name: 'kmalloc', text: `${size} bytes: fails` });
    return 0;
  }
  const by = machine.frame?.callable.name ?? 'outside';
  const contents = zero ? 'zero' : 'unwritten';
  // A power of two that holds the size is aligned to itself, as kmalloc promises.
  const power = 2 ** Math.min(12, Math.ceil(Math.log2(Math.max(size, 8))));
  return machine.allocate({
    ...{ kind: 'slab', name: `object of ${size} bytes made in ${by}()`, size },
    ...{ align: power, contents },
  });
}

function free(machine: Executor, pointer: number | bigint): void {
  // NULL and ZERO_SIZE_PTR may be freed.
  if (pointer === 0 || pointer === 16) return;
  const around = machine.memory.regions.containing(Number(pointer));
  // An object that was handed in may have been allocated by whoever made it.
  const isInput = around?.kind === 'input' && around.origin === pointer;
  const region = isInput ? around : machine.memory.regions.startingAt(Number(pointer));
  if (region === undefined || (!isInput && region.kind !== 'slab')) {
    throw new Stop('bad-pointer', `frees ${hex(pointer)}, which is no live allocation`);
  }
  machine.memory.free(region);
}

const sized =
  (size: number, gfp: number): ModelBody =>
  (machine, args) =>
    allocate(machine, args.number(size), wantsZero(machine, args.number(gfp)));

/** Size of the objects of a kmem_cache: from the cache where it is readable, else what a page holds. */
function cacheObjectSize(machine: Executor, cache: number | bigint): number {
  const size = machine.modelState.get(`cache-size ${String(cache)}`);
  return typeof size === 'number' ? size : 4096;
}

const fromCache: ModelBody = (machine, args) => {
  const cache = args.pointer(0);
  const gfp = args.number(args.count - 1);
  const isZero = machine.modelState.has(`cache-zero ${String(cache)}`) || wantsZero(machine, gfp);
  const object = allocate(machine, cacheObjectSize(machine, cache), isZero);
  const constructor = machine.modelState.get(`cache-constructor ${String(cache)}`);
  if (typeof constructor === 'number' && constructor !== 0 && object !== 0) {
    machine.invokePointer(constructor, [object], undefined);
  }
  return object;
};

const createCache: ModelBody = (machine, args, call) => {
  const cache = allocate(machine, 512, true);
  // (name, size, …) in every version; the constructor is the last argument or in a struct.
  machine.modelState.set(`cache-size ${cache}`, args.number(1));
  machine.modelState.set(`cache-constructor ${cache}`, constructorOf(machine, args, call.name));
  return cache;
};

/** A cache that exists since boot, whose constructor leaves zeroes. Unit: bytes per object. */
export function bootCache(machine: Executor, size: number): number {
  const cache = allocate(machine, 512, true);
  machine.modelState.set(`cache-size ${cache}`, size);
  machine.modelState.set(`cache-zero ${cache}`, true);
  return cache;
}

/** The constructor: an argument of its own up to 6.11, a member of struct kmem_cache_args since. */
function constructorOf(machine: Executor, args: Arguments, name: string): number {
  if (name !== '__kmem_cache_create_args') return Number(args.pointer(4));
  const given = args.pointer(2);
  if (given === 0 || machine.mainUnit.aggregate('kmem_cache_args') === undefined) return 0;
  const view = new StructView(machine.memory, machine.mainUnit, 'kmem_cache_args', given);
  return Number(view.get('ctor'));
}

const facts = {
  reads: 'nothing',
  writes: 'the new object: zero with __GFP_ZERO, otherwise unwritten',
};

/** kmalloc(), kmem_cache_alloc(), vmalloc() and their relatives. */
export const SLAB: readonly Model[] = [
  ...family(facts, {
    ...alike('__kmalloc_noprof __kmalloc', sized(0, 1)),
    ...alike('__kmalloc_large_noprof kmalloc_large kmalloc_large_noprof', sized(0, 1)),
    ...alike('__kmalloc_node_noprof __kmalloc_node', sized(0, 1)),
    ...alike('__kmalloc_large_node_noprof kmalloc_large_node', sized(0, 1)),
    ...alike('__kmalloc_cache_noprof kmalloc_trace', sized(2, 1)),
    ...alike('__kmalloc_cache_node_noprof kmalloc_node_trace', sized(3, 1)),
    ...alike('__kvmalloc_node_noprof kvmalloc_node kvmalloc_node_noprof', sized(0, 1)),
    ...alike('__kmalloc_node_track_caller_noprof __kmalloc_node_track_caller', sized(0, 1)),
    ...alike('vmalloc vmalloc_noprof', (machine, args) => allocate(machine, args.number(0), false)),
    ...alike('vzalloc vzalloc_noprof', (machine, args) => allocate(machine, args.number(0), true)),
    ...alike('kmem_cache_alloc kmem_cache_alloc_noprof kmem_cache_alloc_lru', fromCache),
    ...alike('kmem_cache_alloc_lru_noprof kmem_cache_alloc_node_noprof', fromCache),
    ...alike('kmem_cache_create __kmem_cache_create_args kmem_cache_create_usercopy', createCache),
    ...alike('devm_kmalloc devm_kmalloc_noprof', sized(1, 2)),
    ...alike('__alloc_percpu __alloc_percpu_gfp pcpu_alloc_noprof', (machine, args) =>
      allocate(machine, args.number(0), true),
    ),
    kmemdup_noprof: (machine, args) => {
      const copy = allocate(machine, args.number(1), false);
      if (copy !== 0) machine.memory.copy(copy, args.pointer(0), args.number(1));
      return copy;
    },
  }),
  ...family(
    { reads: 'nothing', writes: 'nothing; the object is gone' },
    {
      ...alike(
        'kfree kvfree vfree kfree_sensitive kfree_const free_percpu kvfree_sensitive',
        (machine, args) => {
          free(machine, args.pointer(0));
          return undefined;
        },
      ),
      kmem_cache_free: (machine, args) => {
        free(machine, args.pointer(1));
        return undefined;
      },
      devm_kfree: (machine, args) => {
        free(machine, args.pointer(1));
        return undefined;
      },
      kvfree_call_rcu: (machine, args) => {
        free(machine, args.pointer(1));
        return undefined;
      },
      ...alike(
        'kmem_cache_destroy kmemleak_alloc kmemleak_free kmemleak_update_trace',
        () => undefined,
      ),
    },
  ),
];
