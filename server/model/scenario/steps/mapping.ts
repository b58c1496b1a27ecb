import { addAddr, formatAddr, isBelow, type Addr } from '../../bits/pfn.ts';
import { iommuMap, iommuUnmap, iommuUnmapFast } from '../../core/iommuCore.ts';
import type { Claim } from '../../check/violation.ts';
import {
  IOMMU_CACHE,
  IOMMU_MMIO,
  IOMMU_NOEXEC,
  IOMMU_PRIV,
  IOMMU_READ,
  IOMMU_WRITE,
} from '../../fmt/prot.ts';
import { cut as cutLeaf } from '../../pt/cut.ts';
import {
  createGather,
  iommuIotlbSync,
  resetGather,
  type IotlbGather,
} from '../../pt/iotlbGather.ts';
import {
  complete,
  invalidate as queueIotlb,
  invalidateAtc,
  invalidateContexts,
} from '../../world/flushes.ts';
import type { ModelSpace } from '../../world/space.ts';
import { note } from '../../world/trace.ts';
import { exactPages, gives, pagesOf, spaceOf, type Execute } from './step.ts';

const PROT: Readonly<Record<string, number>> = {
  read: IOMMU_READ,
  write: IOMMU_WRITE,
  mmio: IOMMU_MMIO,
  cache: IOMMU_CACHE,
  noexec: IOMMU_NOEXEC,
  priv: IOMMU_PRIV,
};

function rangeOf(iova: Addr, length: Addr): string {
  return `${formatAddr(iova)}+${formatAddr(length)}`;
}

/** `map`. */
export const map: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const [iova, pa, length] = [args.at('iova'), args.at('pa'), args.at('length')];
  const words = args.words('prot');
  const prot = (words.length === 0 ? ['read', 'write'] : words).reduce(
    (bits, w) => bits | PROT[w]!,
    0,
  );
  const ret = iommuMap(space.domain, iova, pa, length, prot);
  note(
    world.trace,
    'cpu',
    `iommu_map(${space.name}, ${formatAddr(iova)} -> ${formatAddr(pa)}, ${formatAddr(length)}) = ${ret}`,
  );
  if (ret !== 0) return gives(String(ret));
  const claims: Claim[] = [
    { kind: 'mapped', space: space.name, first: iova.pfn, last: iova.pfn + pagesOf(length) - 1 },
  ];
  return { results: ['0'], claims };
};

/** `unmap`. */
export const unmap: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const [iova, length] = [args.at('iova'), args.at('length')];
  const removed = iommuUnmap(space.domain, iova, length);
  note(
    world.trace,
    'cpu',
    `iommu_unmap(${space.name}, ${rangeOf(iova, length)}) = ${formatAddr(removed)}`,
  );
  const unmapped: Claim = {
    kind: 'unmapped',
    space: space.name,
    first: iova.pfn,
    asked: exactPages(length),
    removed: exactPages(removed),
    gathered: undefined,
  };
  return {
    results: [formatAddr(removed)],
    claims: [unmapped, { kind: 'flushed', space: space.name }],
  };
};

/** `unmap-fast`. */
export const unmapFast: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const [iova, length] = [args.at('iova'), args.at('length')];
  const removed = iommuUnmapFast(space.domain, iova, length, space.gather);
  note(
    world.trace,
    'cpu',
    `iommu_unmap_fast(${space.name}, ${rangeOf(iova, length)}) = ${formatAddr(removed)}`,
  );
  if (args.flag('lose')) resetGather(space.gather);
  const claim: Claim = {
    kind: 'unmapped',
    space: space.name,
    first: iova.pfn,
    asked: exactPages(length),
    removed: exactPages(removed),
    gathered: gathered(space.gather),
  };
  return { results: [formatAddr(removed)], claims: [claim] };
};

function gathered(gather: IotlbGather): { readonly first: number; readonly last: number } {
  return { first: gather.start.pfn, last: gather.last.pfn };
}

/** `sync`. */
export const sync: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  note(world.trace, 'cpu', `iommu_iotlb_sync(${space.name})`);
  iommuIotlbSync(space.domain, space.gather);
  return { results: ['ok'], claims: [{ kind: 'flushed', space: space.name }] };
};

/** `cut`. */
export const cut: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  if (space.table === undefined)
    return { problem: `cut is modelled for generic_pt tables only, not for ${space.format}` };
  const iova = args.at('iova');
  const mode = args.text('mode') === 'break' ? 'break before make' : 'in place';
  const gather = createGather();
  const ret = cutLeaf(space.table, iova, mode, gather);
  note(world.trace, 'cpu', `cut(${space.name}, ${formatAddr(iova)}, ${mode}) = ${ret}`);
  if (isBelow(gather.start, gather.last)) flush(space, gather);
  const claims: Claim[] = args.text('within') === 'unmap' ? [onUnmapPath(space, iova)] : [];
  return { results: [String(ret)], claims };
};

function flush(space: ModelSpace, gather: IotlbGather): void {
  iommuIotlbSync(space.domain, gather);
}

/** The claim that makes allocations of this step count as made by an unmap. */
function onUnmapPath(space: ModelSpace, iova: Addr): Claim {
  return {
    kind: 'unmapped',
    space: space.name,
    first: iova.pfn,
    asked: 0,
    removed: 0,
    gathered: undefined,
  };
}

/** `invalidate`. */
export const invalidate: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  const iova = args.addr('iova');
  const length = args.addr('length');
  const whole = { first: 0, last: Number.MAX_SAFE_INTEGER };
  const range =
    iova === undefined || length === undefined
      ? undefined
      : { first: iova.pfn, last: addAddr(iova, length).pfn - 1 };
  const of = args.text('of');
  if (of === 'atc') invalidateAtc(world, space, range);
  else if (of === 'context') invalidateContexts(world, space);
  else
    queueIotlb(world, space, range ?? whole, args.flag('tables') ? 'with tables' : 'leaves only');
  return gives('ok');
};

/** `wait`. */
export const wait: Execute = (world, args) => {
  const space = spaceOf(world, args.name('table'));
  if ('problem' in space) return space;
  complete(world, space);
  return gives('ok');
};
