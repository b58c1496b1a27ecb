import type { Role } from '../../program/kernelApi/contract.ts';
import { dmaApiFields } from '../fields/dmaApi.ts';
import { iommuApiFields } from '../fields/iommuApi.ts';
import { placeOfFile } from '../entries/context.ts';
import { formatName, protFlags, shortEffectLines, type ProtFlag } from '../prot/effects.ts';

/** A constant that fits an argument. */
export interface FlagChoice {
  readonly name: string;
  /** What it means, one clause. */
  readonly text: string;
  /** Where it does nothing, or is wrong; undefined where it always counts. */
  readonly warning: string | undefined;
  /** Lines of a table, for the details. */
  readonly lines: readonly string[];
}

/** The constants of an argument's role, for completion; empty for roles without any. `path` is the file: it tells the formats. */
export function choicesFor(role: Role | undefined, path: string): readonly FlagChoice[] {
  switch (role) {
    case 'prot':
      return protFlags.map((flag) => ({
        name: flag.name,
        text: textOf(flag.name),
        warning: noEffectText(flag, path),
        lines: shortEffectLines(flag),
      }));
    case 'dir':
      return DIRECTIONS;
    case 'attrs':
      return dmaApiFields.entries
        .filter(({ name }) => name.startsWith('DMA_ATTR_'))
        .map(({ name, text }) => ({
          name,
          text: text ?? '',
          warning: ATTR_WARNINGS[name],
          lines: [],
        }));
    default:
      return [];
  }
}

/** What an assignment in front of the cursor says about the value: `prot |=`, `dir =`. */
export function roleOfAssignment(before: string): Role | undefined {
  const target = /(\w+)\s*\|?=[^;=]*$/.exec(before)?.[1];
  if (target === undefined) return undefined;
  if (/prot$/i.test(target)) return 'prot';
  if (/^(?:dma_)?dir(?:ection)?$|_dir$/.test(target)) return 'dir';
  return /attrs?$/.test(target) ? 'attrs' : undefined;
}

function textOf(name: string): string {
  return iommuApiFields.entries.find((entry) => entry.name === name)?.text ?? '';
}

/** Where the flag does nothing: among the formats of the driver at hand, else among all. */
function noEffectText({ effects }: ProtFlag, path: string): string | undefined {
  const place = placeOfFile(path);
  const here = effects.filter(
    ({ format, hardware }) =>
      place === undefined ||
      (place.formats.includes(format) &&
        (hardware === undefined || (place.hardware ?? hardware) === hardware)),
  );
  const idle = here.filter((effect) => effect.with === undefined);
  if (idle.length === 0) return undefined;
  if (idle.length === here.length && place?.hardware !== undefined) {
    return `no effect on ${place.hardware}`;
  }
  const names = place === undefined ? idle.map(formatName) : idle.map(({ format }) => format);
  return `no effect: ${names.join(', ')}`;
}

const DIRECTIONS: readonly FlagChoice[] = [
  {
    name: 'DMA_TO_DEVICE',
    text: 'the CPU wrote it, the device reads',
    warning: undefined,
    lines: [],
  },
  {
    name: 'DMA_FROM_DEVICE',
    text: 'the device writes it, the CPU reads',
    warning: undefined,
    lines: [],
  },
  {
    name: 'DMA_BIDIRECTIONAL',
    text: 'both write',
    warning: 'costs cache maintenance both ways',
    lines: [],
  },
  {
    name: 'DMA_NONE',
    text: 'no DMA: for debugging',
    warning: 'every map call refuses it',
    lines: [],
  },
];

const ATTR_WARNINGS: Readonly<Record<string, string>> = {
  DMA_ATTR_SKIP_CPU_SYNC: 'the caller syncs, at map and at unmap',
  DMA_ATTR_MMIO: 'only for dma_map_phys() and dma_map_resource()',
  DMA_ATTR_FORCE_CONTIGUOUS: 'for allocations only',
  DMA_ATTR_NO_KERNEL_MAPPING: 'for allocations only',
  DMA_ATTR_ALLOC_SINGLE_PAGES: 'for allocations only',
};
