import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { hex } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { family, stateOf } from './model.ts';

/** What the core and the page-table code ask of the driver of a domain. Addresses are IOVAs, `last` inclusive. */
export type DriverEvent =
  | {
      readonly kind: 'iotlb_sync';
      readonly domain: number;
      readonly start: bigint;
      readonly last: bigint;
      /** Tables were removed: the invalidation has to have the non-leaf form. */
      readonly tables: boolean;
    }
  | {
      readonly kind: 'iotlb_sync_map';
      readonly domain: number;
      readonly start: bigint;
      readonly last: bigint;
    }
  | { readonly kind: 'flush_iotlb_all'; readonly domain: number }
  | {
      readonly kind: 'change_top';
      readonly domain: number;
      /** Physical address. */
      readonly top: bigint;
      readonly level: number;
    };

/** Who is told what the driver of a situation's domains is asked. */
export interface DriverListeners {
  readonly listeners: ((event: DriverEvent) => void)[];
}

/** The listeners of a machine. */
export function driverListeners(machine: Executor): DriverListeners {
  return stateOf<DriverListeners>(machine, 'domain-driver', () => ({ listeners: [] }));
}

/** Members of `struct iommu_domain_ops` that the recording driver fills. */
export const DOMAIN_DRIVER_OPS: readonly string[] = [
  ...['iotlb_sync', 'iotlb_sync_map', 'flush_iotlb_all'],
];

function tell(machine: Executor, event: DriverEvent, text: string): void {
  machine.record({ kind: 'model', actor: 'driver', name: event.kind, text });
  for (const listener of driverListeners(machine).listeners) listener(event);
}

/** A lock for the driver's get_top_lock(). */
export function newTopLock(machine: Executor): number {
  return stateOf(machine, 'domain-top-lock', () =>
    machine.allocate({ kind: 'input', name: 'top lock', size: 64, align: 64, contents: 'zero' }),
  );
}

const sync: ModelBody = (machine, args, { unit }) => {
  const domain = Number(args.pointer(0));
  const gather = new StructView(machine.memory, unit, 'iommu_iotlb_gather', args.pointer(1));
  const start = BigInt(gather.get('start')!);
  const last = BigInt(gather.get('end')!);
  const freelist = gather.at('freelist');
  const tables = machine.memory.loadPointer(freelist, 'strict') !== freelist;
  const event = { kind: 'iotlb_sync' as const, domain, start, last, tables };
  tell(machine, event, `${hex(start)}-${hex(last)}`);
  // Only now may the table pages that the gather collected go.
  machine.call('iommu_put_pages_list', [freelist]);
  return undefined;
};

const syncMap: ModelBody = (machine, args) => {
  const domain = Number(args.pointer(0));
  const start = args.bits(1);
  const last = start + args.bits(2) - 1n;
  tell(machine, { kind: 'iotlb_sync_map', domain, start, last }, `${hex(start)}-${hex(last)}`);
  return 0;
};

/** The driver of a situation's domains: it records what it is asked, and drops what a gather frees. */
export const DOMAIN_DRIVER: readonly Model[] = family(
  { reads: 'its arguments', writes: 'nothing; the watchers of the run are told' },
  {
    'domain driver: iotlb_sync': sync,
    'domain driver: iotlb_sync_map': syncMap,
    'domain driver: flush_iotlb_all': (machine, args) => {
      tell(machine, { kind: 'flush_iotlb_all', domain: Number(args.pointer(0)) }, 'all');
      return undefined;
    },
    'domain driver: change_top': (machine, args) => {
      // struct pt_iommu begins where the domain does: they are one union.
      const domain = Number(args.pointer(0));
      const top = args.bits(1);
      const level = args.number(2);
      tell(machine, { kind: 'change_top', domain, top, level }, `${hex(top)} level ${level}`);
      return undefined;
    },
    'domain driver: get_top_lock': (machine) => newTopLock(machine),
  },
);
