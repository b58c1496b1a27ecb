import type { Executor, Model } from '../machine/executor.ts';
import type { Arguments, ModelBody } from '../kernel/model.ts';
import { alike, family, stateOf } from '../kernel/model.ts';
import { Stop } from '../machine/stop.ts';
import { hex } from '../machine/values.ts';
import { counted } from './contractWords.ts';
import { IovaRanges } from './iovaRanges.ts';
import type { Holding, Ledger } from './ledger.ts';
import { ledgerOf } from './ledger.ts';

const REASON = 'the interface is what a driver sees; what it does underneath is another situation';
const ENOMEM = -12;
const EINVAL = -22;

function rangesOf(machine: Executor): IovaRanges {
  return stateOf(machine, 'iova ranges', () => new IovaRanges());
}

/** The domain of a call. What is no domain ends the path, as the interface would. */
function domainOf(machine: Executor, args: Arguments): number {
  machine.memory.peekBits(args.pointer(0), 1);
  return args.number(0);
}

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
    ledger.call(name, 'an IOMMU domain');
    const earlier = ledger.find('domain', key, 'returned');
    if (earlier !== undefined) ledger.breach('C-TWICE', name, 'frees a domain again', earlier);
  }
  // The page table goes with its domain, and every mapping with the page table.
  for (const range of rangesOf(machine).takeAll(Number(key))) ledger.give(range, name);
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
  else ledger.call(name, 'an attachment');
  return undefined;
};

const map: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const size = args.bits(3);
  const about = {
    ...{
      kind: 'iova-range' as const,
      api: name,
      what: `${counted(size, 'byte')} at ${hex(args.bits(1))}`,
    },
    ...{ key: args.bits(1), device: domainOf(machine, args), size },
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' });
    return ENOMEM;
  }
  rangesOf(machine).add(about.device, about.key, ledger.take(about));
  return 0;
};

/** What a list with invented entries comes to. Unit: bytes. */
const LIST_BYTES = 8192n;

const mapSg: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const about = {
    ...{ kind: 'iova-range' as const, api: name, what: `a list at ${hex(args.bits(1))}` },
    ...{ key: args.bits(1), device: domainOf(machine, args), size: LIST_BYTES },
  };
  if (machine.choose(`${name}() fails`, [0, 1], 'failure') === 1) {
    ledger.take({ ...about, state: 'failed' });
    return ENOMEM;
  }
  rangesOf(machine).add(about.device, about.key, ledger.take(about));
  return LIST_BYTES;
};

/** Takes what it covers, of one mapping or of many: what nothing mapped stays a question of the domain. */
const unmap: ModelBody = (machine, args, { name }) => {
  const ledger = ledgerOf(machine);
  const ranges = rangesOf(machine);
  const domain = domainOf(machine, args);
  const start = args.bits(1);
  const size = args.bits(2);
  const touched = ranges.touched(domain, start, size);
  if (touched.length === 0) {
    ledger.call(name, `${counted(size, 'byte')} at ${hex(start)}`);
    stopWhereDomainsMayBeOne(machine, domain, ranges.domainsWith(start, size));
    return failedIn(ledger, domain, start, size) ? 0n : size;
  }
  // The length of a list is the model's own: nobody can be held to it.
  const lists = touched.filter(({ api }) => api === 'iommu_map_sg');
  for (const list of lists) {
    ranges.take(domain, list.key, list.size);
    ledger.give(list, name, `${list.what}, as ${counted(size, 'byte')}`);
  }
  const { taken, bytes } = ranges.take(domain, start, size);
  for (const { holding, isWhole } of taken) {
    if (isWhole) ledger.give(holding, name);
    else ledger.givePart(holding, name, `${counted(size, 'byte')} at ${hex(start)}`);
  }
  if (lists.length > 0) return size;
  const isBeyond = bytes < size && !failedIn(ledger, domain, start, size);
  if (isBeyond) ledger.breach('C-UNMAP-SIZE', name, beyond(size, bytes, touched[0]!), touched[0]);
  return bytes;
};

/**
 * Two domains that are reached from different inputs may be one: nobody stated that they are two, and a caller that keeps
 * one domain in both places is what drivers have. Members of one input are two because the C names them so.
 */
function stopWhereDomainsMayBeOne(
  machine: Executor,
  domain: number,
  others: readonly number[],
): void {
  const root = inputOf(machine, domain);
  if (root === undefined) return;
  const other = others
    .map((one) => inputOf(machine, one))
    .find((from) => from !== undefined && from !== root);
  if (other === undefined) return;
  throw new Stop(
    'unknown-contents',
    `nothing says whether the domains of ${root} and ${other} are one`,
  );
}

/** The parameter or result that an object was reached from; undefined for what the run made itself. */
function inputOf(machine: Executor, address: number): string | undefined {
  const region = machine.memory.regions.containing(address);
  const isMade = ledgerOf(machine).find('domain', BigInt(address), 'held') !== undefined;
  if (region?.kind !== 'input' || isMade) return undefined;
  return region.name.replace(/^[*(]+/, '').split(/->|\.|\[/)[0];
}

function beyond(size: bigint, mapped: bigint, { key }: Holding): string {
  return `unmaps ${counted(size, 'byte')} of ${mapped} at ${hex(key)}`;
}

/** Whether a mapping failed in a stretch: who unmaps that too takes the whole of what was wanted. */
function failedIn({ holdings }: Ledger, domain: number, start: bigint, size: bigint): boolean {
  return holdings.some(
    (one) =>
      one.kind === 'iova-range' &&
      one.state === 'failed' &&
      one.device === domain &&
      one.key < start + size &&
      one.key + one.size > start,
  );
}

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
