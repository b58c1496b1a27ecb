import type { Model } from '../machine/executor.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family } from '../kernel/model.ts';
import { hex } from '../machine/values.ts';
import { ledgerOf } from './ledger.ts';

const REASON = 'the interface is what a driver sees; what it does underneath is another situation';
const ENOMEM = -12;
const EINVAL = -22;

const allocateDomain: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const about = { kind: 'domain' as const, api: name, what: 'an IOMMU domain' };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, key: 0n, state: 'failed' });
    // Up to 6.9 the only allocator returns NULL; those that came later return error pointers.
    return name === 'iommu_domain_alloc' ? 0 : ENOMEM;
  }
  const unit = machine.mainUnit;
  const type = unit.aggregate('iommu_domain');
  const domain =
    type === undefined || machine.inputs === undefined
      ? machine.allocate({ kind: 'input', name: 'domain', size: 512, align: 64, contents: 'zero' })
      : machine.inputs.object(type, 'domain', unit);
  ledger.take({ ...about, key: BigInt(domain), device: args.number(0) });
  return domain;
};

const freeDomain: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const key = BigInt(args.pointer(0));
  const held = ledger.held('domain', key);
  if (held !== undefined) ledger.give(held, name);
  else {
    const earlier = ledger.find('domain', key, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', name, 'frees a domain again', earlier);
  }
  return undefined;
};

const attach: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const key = BigInt(args.pointer(1));
  const about = { kind: 'attachment' as const, api: name, what: 'an attachment', key };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' }).tested = true;
    return EINVAL;
  }
  ledger.take(about);
  return 0;
};

const detach: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const held = ledger.held('attachment', BigInt(args.pointer(1)));
  if (held !== undefined) ledger.give(held, name);
  return undefined;
};

const map: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const size = args.bits(3);
  const about = {
    ...{ kind: 'iova-range' as const, api: name, what: `${size} bytes at ${hex(args.bits(1))}` },
    ...{ key: args.bits(1), device: args.number(0), size },
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' });
    return ENOMEM;
  }
  ledger.take(about);
  return 0;
};

/** What a list with invented entries comes to. Unit: bytes. */
const LIST_BYTES = 8192n;

const mapSg: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const about = {
    ...{ kind: 'iova-range' as const, api: name, what: `a list at ${hex(args.bits(1))}` },
    ...{ key: args.bits(1), device: args.number(0), size: LIST_BYTES },
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' });
    return ENOMEM;
  }
  ledger.take(about);
  return LIST_BYTES;
};

const unmap: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const size = args.bits(2);
  const held = ledger.held('iova-range', args.bits(1));
  if (held === undefined) {
    const failed = ledger.find('iova-range', args.bits(1), 'failed');
    return failed === undefined ? size : 0n;
  }
  if (held.size !== size && held.api !== 'iommu_map_sg') {
    const message = `unmaps ${size} bytes of ${held.size} at ${hex(held.key)}`;
    ledger.breach('C-UNMAP-SIZE', name, message, held);
  }
  ledger.give(held, name);
  return size;
};

/** Domains and their mappings as a driver sees the IOMMU API: each call may fail. */
export const IOMMU_CONTRACT: readonly Model[] = [
  ...family(
    { reads: 'nothing', writes: 'a new domain', shadows: REASON },
    {
      ...alike(
        'iommu_domain_alloc iommu_paging_domain_alloc iommu_paging_domain_alloc_flags',
        allocateDomain,
      ),
      iommu_domain_free: freeDomain,
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing; what is mapped is noted', shadows: REASON },
    {
      ...alike('iommu_attach_device iommu_attach_group', (machine, args, call) =>
        attach(machine, args, call),
      ),
      ...alike('iommu_detach_device iommu_detach_group', detach),
      ...alike('iommu_map iommu_map_atomic', map),
      iommu_map_sg: mapSg,
      ...alike('iommu_unmap iommu_unmap_fast', unmap),
    },
  ),
];
