import type { KnownConstant } from './kernelApi.ts';

function macro(value: number | string | undefined): KnownConstant {
  return { value, origin: 'macro' };
}

function enumerators(names: readonly string[], first = 0): [string, KnownConstant][] {
  return names.map((name, i) => [name, { value: first + i, origin: 'enumerator' }]);
}

function sizes(): [string, KnownConstant][] {
  const list: [string, KnownConstant][] = [];
  ['', 'K', 'M', 'G', 'T'].forEach((unit, i) => {
    for (let lg2 = 0; lg2 < 10; lg2++) {
      list.push([`SZ_${2 ** lg2}${unit}`, macro(2 ** (10 * i + lg2))]);
    }
  });
  return list;
}

/** Constants whose value depends on the configuration or architecture: they stay names, and are positive. */
const symbolic = `
  PAGE_SIZE PAGE_SHIFT PAGE_MASK HPAGE_SIZE HPAGE_SHIFT PMD_SIZE PMD_SHIFT PMD_MASK PUD_SIZE PUD_SHIFT L1_CACHE_BYTES SMP_CACHE_BYTES HZ NR_CPUS
  ARCH_DMA_MINALIGN ARCH_KMALLOC_MINALIGN MAX_ORDER MAX_PAGE_ORDER XEN_PAGE_SIZE VMALLOC_START VMALLOC_END PAGE_OFFSET MAX_SKB_FRAGS
  GFP_KERNEL GFP_ATOMIC GFP_NOWAIT GFP_NOIO GFP_NOFS GFP_DMA GFP_DMA32 GFP_USER GFP_HIGHUSER GFP_KERNEL_ACCOUNT
  __GFP_ZERO __GFP_NOWARN __GFP_COMP __GFP_DMA __GFP_DMA32 __GFP_HIGHMEM __GFP_NORETRY __GFP_RETRY_MAYFAIL __GFP_NOFAIL __GFP_ACCOUNT __GFP_DIRECT_RECLAIM __GFP_RECLAIM __GFP_THISNODE __GFP_NOMEMALLOC
`;

/**
 * Constants that mean the same in every tree, so that a single file without a tree can be judged.
 * Sources: include/linux/dma-direction.h, dma-mapping.h, iommu.h, sizes.h, include/uapi/asm-generic/errno-base.h and errno.h.
 */
const known: ReadonlyMap<string, KnownConstant> = new Map<string, KnownConstant>([
  ...symbolic
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name): [string, KnownConstant] => [name, macro(undefined)]),
  ...sizes(),
  ...enumerators(['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE']),
  ...['READ', 'WRITE', 'CACHE', 'NOEXEC', 'MMIO', 'PRIV'].map(
    (name, i): [string, KnownConstant] => [`IOMMU_${name}`, macro(1 << i)],
  ),
  ['DMA_MAPPING_ERROR', macro('18446744073709551615')],
  ['DMA_ATTR_WEAK_ORDERING', macro(2)],
  ['DMA_ATTR_WRITE_COMBINE', macro(4)],
  ['DMA_ATTR_NO_KERNEL_MAPPING', macro(16)],
  ['DMA_ATTR_SKIP_CPU_SYNC', macro(32)],
  ['DMA_ATTR_FORCE_CONTIGUOUS', macro(64)],
  ['DMA_ATTR_ALLOC_SINGLE_PAGES', macro(128)],
  ['DMA_ATTR_NO_WARN', macro(256)],
  ['DMA_ATTR_PRIVILEGED', macro(512)],
  ['DMA_ATTR_MMIO', macro(1024)],
  ...errno(),
]);

function errno(): [string, KnownConstant][] {
  const names: Readonly<Record<string, number>> = {
    EPERM: 1, ENOENT: 2, ESRCH: 3, EINTR: 4, EIO: 5, ENXIO: 6, E2BIG: 7, ENOEXEC: 8, EBADF: 9, ECHILD: 10, EAGAIN: 11,
    ENOMEM: 12, EACCES: 13, EFAULT: 14, EBUSY: 16, EEXIST: 17, EXDEV: 18, ENODEV: 19, ENOTDIR: 20, EISDIR: 21,
    EINVAL: 22, ENFILE: 23, EMFILE: 24, ENOTTY: 25, EFBIG: 27, ENOSPC: 28, ESPIPE: 29, EROFS: 30, EPIPE: 32, EDOM: 33,
    ERANGE: 34, EDEADLK: 35, ENAMETOOLONG: 36, ENOSYS: 38, ENOTEMPTY: 39, ENODATA: 61, ETIME: 62, EPROTO: 71,
    EBADMSG: 74, EOVERFLOW: 75, EILSEQ: 84, EMSGSIZE: 90, EOPNOTSUPP: 95, EADDRINUSE: 98, ENETDOWN: 100, ECONNRESET: 104,
    ENOBUFS: 105, ETIMEDOUT: 110, EALREADY: 114, EINPROGRESS: 115, ECANCELED: 125, ERESTARTSYS: 512, ENOIOCTLCMD: 515,
    EPROBE_DEFER: 517, ENOTSUPP: 524, EIOCBQUEUED: 529,
  }; // prettier-ignore
  return Object.entries(names).map(([name, value]) => [name, macro(value)]);
}

/** A constant of the kernel by name. */
export function knownConstant(name: string): KnownConstant | undefined {
  return known.get(name);
}
