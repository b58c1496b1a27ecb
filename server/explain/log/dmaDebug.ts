import type { Recogniser } from './logMessage.ts';

interface Warning {
  readonly pattern: RegExp;
  readonly summary: (match: RegExpExecArray) => string;
  readonly rule: string;
}

const address = '\\[device address=(0x[0-9a-f]+)\\]';
const size = '\\[size=(\\d+) bytes\\]';

/** What CONFIG_DMA_API_DEBUG complains about. Kernel: kernel/dma/debug.c. */
const WARNINGS: readonly Warning[] = [
  {
    pattern: /device driver has pending DMA allocations while released from device \[count=(\d+)\]/,
    summary: ([, count]) => `${count!} mappings are left when the driver is unbound`,
    rule: 'dma-map-leak-error-path; or a remove() that does not end what probe() began',
  },
  {
    pattern: /tries to free an invalid DMA memory address/,
    summary: () => 'an unmap of DMA_MAPPING_ERROR',
    rule: 'dma-map-no-error-check: the map had failed',
  },
  {
    pattern: new RegExp(`tries to free DMA memory it has not allocated ${address} ${size}`),
    summary: ([, at, bytes]) => `an unmap of ${at!}, ${bytes!} bytes, and nothing is mapped there`,
    rule: 'unmapped twice, with another device, or with another address: dma-unmap-params-mismatch',
  },
  {
    pattern: new RegExp(`frees DMA memory with different size ${address} \\[map size=(\\d+) bytes\\] \\[unmap size=(\\d+) bytes\\]`), // prettier-ignore
    summary: ([, at, mapped, unmapped]) => `${at!} was mapped with ${mapped!} bytes and unmapped with ${unmapped!}`,
    rule: 'dma-unmap-params-mismatch, dma-coherent-free-mismatch',
  },
  {
    pattern: new RegExp(`frees DMA memory with wrong function ${address} ${size} \\[mapped as ([^\\]]+)\\] \\[unmapped as ([^\\]]+)\\]`), // prettier-ignore
    summary: ([, at, , mapped, unmapped]) => `${at!} was mapped as ${mapped!} and unmapped as ${unmapped!}`,
    rule: 'dma-unmap-params-mismatch: each map call has its own unmap call',
  },
  {
    pattern: /frees DMA memory with different CPU address/,
    summary: () => 'coherent memory is freed with another CPU address than it was allocated with',
    rule: 'dma-coherent-free-mismatch',
  },
  {
    pattern: /frees DMA sg list with different entry count \[map count=(\d+)\] \[unmap count=(\d+)\]/,
    summary: ([, mapped, unmapped]) => `dma_map_sg() was given ${mapped!} entries, dma_unmap_sg() ${unmapped!}: the count that dma_map_sg() returned after merging?`, // prettier-ignore
    rule: 'dma-unmap-sg-nents: the unmap gets what the map was given',
  },
  {
    pattern: new RegExp(`frees DMA memory with different direction ${address} ${size} \\[mapped with (\\w+)\\] \\[unmapped with (\\w+)\\]`), // prettier-ignore
    summary: ([, at, , mapped, unmapped]) => `${at!} was mapped ${mapped!} and unmapped ${unmapped!}`,
    rule: 'dma-unmap-params-mismatch',
  },
  {
    pattern: /frees DMA memory with different attributes/,
    summary: () => 'the unmap has other DMA_ATTR_* than the map',
    rule: 'dma-unmap-params-mismatch',
  },
  {
    pattern: new RegExp(`failed to check map error\\s*${address} ${size} \\[mapped as (\\w+)`),
    summary: ([, at, bytes]) => `nobody asked dma_mapping_error() about ${at!}, ${bytes!} bytes`,
    rule: 'dma-map-no-error-check, dma-map-null-check',
  },
  {
    pattern: /maps memory from stack/,
    summary: () => 'the mapped buffer is on the stack',
    rule: 'map memory of kmalloc(): the stack can be vmalloc memory, and shares cache lines',
  },
  {
    pattern: /maps memory from (kernel text or rodata|vmalloc area|invalid area)/,
    summary: ([, where]) => `the mapped buffer is in the ${where!}`,
    rule: 'dma_map_single() takes memory of the direct mapping only',
  },
  {
    pattern: new RegExp(`tries to sync DMA memory it has not allocated ${address} ${size}`),
    summary: ([, at]) => `a sync of ${at!}, and nothing is mapped there`,
    rule: 'synced after the unmap, or with another device or address',
  },
  {
    pattern: /syncs\s*DMA memory outside allocated range/,
    summary: () => 'a sync reaches beyond the mapping',
    rule: 'offset and size of the sync lie inside the mapped range',
  },
  {
    pattern: /syncs DMA memory with different direction/,
    summary: () => 'a sync in another direction than the map',
    rule: 'dma-unmap-params-mismatch',
  },
  {
    pattern: /syncs device read-only DMA memory for cpu/,
    summary: () => 'a sync for the CPU of memory that the device only reads',
    rule: 'dma_sync_*_for_cpu() belongs to DMA_FROM_DEVICE and DMA_BIDIRECTIONAL',
  },
  {
    pattern: /syncs device write-only DMA memory to device/,
    summary: () => 'a sync for the device of memory that the device only writes',
    rule: 'dma_sync_*_for_device() belongs to DMA_TO_DEVICE and DMA_BIDIRECTIONAL',
  },
  {
    pattern: /syncs DMA sg list with different entry count \[map count=(\d+)\] \[sync count=(\d+)\]/,
    summary: ([, mapped, synced]) => `dma_map_sg() was given ${mapped!} entries, the sync ${synced!}`,
    rule: 'dma-unmap-sg-nents: a sync gets what the map was given',
  },
  {
    pattern: /cacheline tracking EEXIST, overlapping mappings aren't supported/,
    summary: () => 'two live mappings share a cache line',
    rule: 'the buffer is mapped twice, or two buffers are not aligned to ARCH_DMA_MINALIGN',
  },
]; // prettier-ignore

/** Warnings of dma-debug. */
export const dmaDebug: Recogniser = (lines, at) => {
  const line = lines[at]!;
  const start = line.indexOf('DMA-API: ');
  if (start < 0) return undefined;
  // Long messages are printed with line breaks inside.
  const text = `${line} ${lines[at + 1] ?? ''}`.slice(start);
  const who = /^DMA-API: (\S+ \S+): /.exec(text)?.[1];
  for (const { pattern, summary, rule } of WARNINGS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const alone = pattern.exec(line) !== null;
    return {
      lineCount: alone ? 1 : 2,
      summary: `dma-debug: ${who === undefined ? '' : `${who}: `}${summary(match)}`,
      details: [
        ['rule', rule],
        ['next', 'the trace below the line names the call; iovet check on its file'],
      ],
    };
  }
  return undefined;
};
