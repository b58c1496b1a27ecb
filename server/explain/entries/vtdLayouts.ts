import type { EntryLayout, LayoutField } from './layout.ts';

/*
 * The entries of VT-d: the kernel has setters for them, and no masks that a table could be made of.
 * Source: Intel Virtualization Technology for Directed I/O, chapter "Translation Structure Formats";
 * kernel: drivers/iommu/intel/iommu.h (context_set_*) and pasid.h (pasid_set_*).
 */

interface Extra {
  readonly codes?: readonly (readonly [number, string])[];
  readonly address?: true;
}

function vtd(
  name: string,
  word: number,
  bits: string,
  text?: string,
  extra: Extra = {},
): LayoutField {
  const [high, low = high] = bits.split(':').map(Number) as [number, number?];
  return {
    name,
    word,
    high,
    low,
    text,
    codes: new Map((extra.codes ?? []).map(([code, means]) => [BigInt(code), means])),
    addressShift: extra.address === true ? low : undefined,
  };
}

const WIDTHS = [
  [1, '3 levels'],
  [2, '4 levels'],
  [3, '5 levels'],
] as const;
const ADDRESS = { address: true } as const;

/** A root entry: one context table, or two in scalable mode. */
export const rootLayout: EntryLayout = {
  name: 'root',
  title: 'VT-d root entry',
  words: 2,
  fields: [
    vtd('CTP', 0, '63:12', 'address of the context table', ADDRESS),
    vtd('P', 0, '0', 'present'),
    vtd('UCTP', 1, '63:12', 'scalable mode: address of the upper context table', ADDRESS),
    vtd('UP', 1, '0', 'scalable mode: the upper table is present'),
  ],
  summary: (of) =>
    of('P') === 0n
      ? of('UP') === 0n
        ? 'no context table: every device of the bus is blocked'
        : 'upper context table only'
      : of('UP') === 0n
        ? 'one context table'
        : 'two context tables',
};

/** A context entry of legacy mode. */
export const contextLayout: EntryLayout = {
  name: 'context',
  title: 'VT-d context entry (legacy mode)',
  words: 2,
  fields: [
    vtd('SSPTPTR', 0, '63:12', 'address of the second-stage table', ADDRESS),
    vtd('TT', 0, '3:2', 'translation type', {
      codes: [
        [0, 'second stage, ATS refused'],
        [1, 'second stage, ATS allowed'],
        [2, 'pass through'],
      ],
    }),
    vtd('FPD', 0, '1', 'faults are not reported'),
    vtd('P', 0, '0', 'present'),
    vtd('DID', 1, '23:8', 'domain id'),
    vtd('AW', 1, '2:0', 'levels', { codes: WIDTHS }),
  ],
  summary: (of) => {
    if (of('P') === 0n) return 'not present: every request of the device is blocked';
    if (of('TT') === 2n) return `pass through, domain ${of('DID')}`;
    return `second stage, domain ${of('DID')}`;
  },
};

/** A context entry of scalable mode. */
export const scalableContextLayout: EntryLayout = {
  name: 'sm-context',
  title: 'VT-d context entry (scalable mode)',
  words: 4,
  fields: [
    vtd('PASIDDIRPTR', 0, '63:12', 'address of the PASID directory', ADDRESS),
    vtd('PDTS', 0, '11:9', 'lg2 of the directory entries, less 7'),
    vtd('PRE', 0, '4', 'page requests are allowed'),
    vtd('PASIDE', 0, '3', 'requests with PASID are allowed'),
    vtd('DTE', 0, '2', 'ATS is allowed'),
    vtd('FPD', 0, '1', 'faults are not reported'),
    vtd('P', 0, '0', 'present'),
    vtd('RID_PASID', 1, '19:0', 'PASID of requests without one'),
  ],
  summary: (of) =>
    of('P') === 0n
      ? 'not present: every request of the device is blocked'
      : `PASID directory of ${2 ** (Number(of('PDTS')) + 7)} entries`,
};

/** An entry of a PASID table. */
export const pasidLayout: EntryLayout = {
  name: 'pasid',
  title: 'VT-d PASID entry',
  words: 8,
  fields: [
    vtd('SSPTPTR', 0, '63:12', 'address of the second-stage table', ADDRESS),
    vtd('SSADE', 0, '9', 'hardware sets A and D in the second stage'),
    vtd('PGTT', 0, '8:6', 'what translates', {
      codes: [
        [1, 'first stage'],
        [2, 'second stage'],
        [3, 'first stage over second'],
        [4, 'pass through'],
      ],
    }),
    vtd('AW', 0, '4:2', 'levels of the second stage', { codes: WIDTHS }),
    vtd('FPD', 0, '1', 'faults are not reported'),
    vtd('P', 0, '0', 'present'),
    vtd('PGSNP', 1, '24', 'accesses are snooped'),
    vtd('PWSNP', 1, '23', 'page walks are snooped'),
    vtd('DID', 1, '15:0', 'domain id'),
    vtd('FSPTPTR', 2, '63:12', 'address of the first-stage table', ADDRESS),
    vtd('EAFE', 2, '7', 'hardware sets the extended accessed flag'),
    vtd('WPE', 2, '4', 'write protection holds for supervisor requests'),
    vtd('FSPM', 2, '3:2', 'levels of the first stage', {
      codes: [
        [0, '4 levels'],
        [1, '5 levels'],
      ],
    }),
    vtd('SRE', 2, '0', 'supervisor requests are allowed'),
  ],
  summary: (of) => {
    if (of('P') === 0n) return 'not present: requests of the PASID are blocked';
    const kind = ['reserved type', 'first stage', 'second stage', 'first stage over second', 'pass through']; // prettier-ignore
    return `${kind[Number(of('PGTT'))] ?? 'reserved type'}, domain ${of('DID')}`;
  },
};
