import { TEXT_COLUMNS } from '../bits/width.ts';
import { wrap } from '../text/explanation.ts';

/** What a flag of iommu_map() does to the leaf of one format. */
export interface FlagEffect {
  /** Table format. */
  readonly format: string;
  /** The IOMMU that reads the table, where one format serves several with other effects. */
  readonly hardware?: string;
  /** What the flag needs to have the effect: a property of the table or the hardware. */
  readonly needs?: string;
  /** What the leaf gets with the flag; undefined where the flag changes nothing. */
  readonly with: string | undefined;
  /** What it gets without. */
  readonly without: string;
}

/** A flag of the prot argument, format by format. */
export interface ProtFlag {
  readonly name: string;
  readonly effects: readonly FlagEffect[];
  /** What callers must know beside the table. */
  readonly advice: string;
  readonly rules: readonly string[];
}

/**
 * The flags of the prot argument.
 * Source: the functions *_iommu_set_prot of drivers/iommu/generic_pt/fmt/ and arm_lpae_prot_to_pte() of io-pgtable-arm.c, 7.3-rc7.
 */
export const protFlags: readonly ProtFlag[] = [
  {
    name: 'IOMMU_READ',
    effects: [
      { format: 'amdv1', with: 'IR', without: 'no IR' },
      { format: 'x86_64', with: undefined, without: 'always readable' },
      { format: 'vtdss', with: 'R', without: 'no R' },
      { format: 'riscv_64', with: 'R', without: 'no R, unless write' },
      { format: 'arm_64_lpae_s1', with: undefined, without: 'always readable' },
      { format: 'arm_64_lpae_s2', with: 'S2AP[0]', without: 'no S2AP[0]' },
    ],
    advice: 'One of IOMMU_READ and IOMMU_WRITE is needed: the core refuses a mapping with neither.',
    rules: ['iommu-prot-empty'],
  },
  {
    name: 'IOMMU_WRITE',
    effects: [
      { format: 'amdv1', with: 'IW', without: 'no IW' },
      { format: 'x86_64', with: 'RW and D', without: 'no RW' },
      { format: 'vtdss', with: 'W', without: 'no W' },
      { format: 'riscv_64', with: 'W, R and D', without: 'no W' },
      { format: 'arm_64_lpae_s1', with: 'AP[2] clear', without: 'AP[2], read only' },
      { format: 'arm_64_lpae_s2', with: 'S2AP[1]', without: 'no S2AP[1]' },
    ],
    advice: 'A VT-d nest parent on hardware with erratum 772415 refuses mappings without it.',
    rules: ['iommu-prot-empty'],
  },
  {
    name: 'IOMMU_CACHE',
    effects: [
      { format: 'amdv1', with: undefined, without: 'FC by domain' },
      { format: 'x86_64', with: undefined, without: 'no bit for it' },
      { format: 'vtdss', with: undefined, without: 'SNP by domain' },
      { format: 'riscv_64', needs: 'Svpbmt', with: 'PBMT 0', without: 'PBMT 1, NC' },
      { format: 'arm_64_lpae_s1', with: 'AttrIndx 1, SH inner', without: 'AttrIndx 0, SH outer' },
      { format: 'arm_64_lpae_s2', with: 'MemAttr 0xf *', without: 'MemAttr 0x5' },
    ],
    advice: 'For RAM that CPU and device share; never with IOMMU_MMIO. * 0x6 with S2FWB',
    rules: ['iommu-mmio-on-ram'],
  },
  {
    name: 'IOMMU_NOEXEC',
    effects: [
      { format: 'amdv1', with: undefined, without: 'no bit for it' },
      { format: 'x86_64', with: undefined, without: 'XD stays clear' },
      { format: 'vtdss', with: undefined, without: 'no bit for it' },
      { format: 'riscv_64', with: 'no X', without: 'X' },
      { format: 'arm_64_lpae_s1', with: 'UXN and PXN', without: 'fetch allowed' },
      { format: 'arm_64_lpae_s2', with: 'XN', without: 'fetch allowed' },
    ],
    advice: 'Devices that fetch instructions are rare; the flag costs nothing.',
    rules: [],
  },
  {
    name: 'IOMMU_MMIO',
    effects: [
      { format: 'amdv1', needs: 'SME tables', with: 'no C-bit', without: 'C-bit' },
      {
        format: 'x86_64',
        hardware: 'AMD',
        needs: 'SME tables',
        with: 'no C-bit',
        without: 'C-bit',
      },
      { format: 'x86_64', hardware: 'VT-d', with: undefined, without: 'no bit for it' },
      { format: 'vtdss', with: undefined, without: 'no bit for it' },
      { format: 'riscv_64', needs: 'Svpbmt', with: 'PBMT 2, IO', without: '0 CACHE, 1 NC' },
      { format: 'arm_64_lpae_s1', with: 'AttrIndx 2, Device', without: '1 CACHE, 0 NC' },
      { format: 'arm_64_lpae_s2', with: 'MemAttr 0x1, Device', without: '0xf CACHE *, 0x5' },
    ],
    advice:
      'For BARs, doorbells, MSI pages; never with IOMMU_CACHE, never for RAM. * 0x6 with S2FWB',
    rules: ['iommu-mmio-missing', 'iommu-mmio-on-ram'],
  },
  {
    name: 'IOMMU_PRIV',
    effects: [
      { format: 'amdv1', with: undefined, without: 'no bit for it' },
      { format: 'x86_64', with: undefined, without: 'always U' },
      { format: 'vtdss', with: undefined, without: 'no bit for it' },
      { format: 'riscv_64', with: undefined, without: 'always U' },
      { format: 'arm_64_lpae_s1', with: 'AP[1] clear', without: 'AP[1], unprivileged' },
      { format: 'arm_64_lpae_s2', with: undefined, without: 'no bit for it' },
    ],
    advice: 'Only a device whose accesses are privileged reaches the page then.',
    rules: [],
  },
];

/** A flag of the prot argument by name. */
export function protFlag(name: string): ProtFlag | undefined {
  return protFlags.find((flag) => flag.name === name);
}

/** The format of an effect as a table names it: `x86_64 on VT-d`. */
export function formatName({ format, hardware }: FlagEffect): string {
  return hardware === undefined ? format : `${format} on ${hardware}`;
}

const FORMAT_COLUMNS = 28;
const WITH_COLUMNS = 22;

/** The table of a flag, in lines. */
export function effectLines({ effects, advice, rules }: ProtFlag): readonly string[] {
  const row = (format: string, withIt: string, without: string): string =>
    `${format.padEnd(FORMAT_COLUMNS)}${withIt.padEnd(WITH_COLUMNS)}${without}`.trimEnd();
  return [
    row('format', 'with the flag', 'without'),
    ...effects.map((effect) => {
      const needs = effect.needs === undefined ? '' : ` (${effect.needs})`;
      return row(formatName(effect) + needs, effect.with ?? 'no effect', effect.without);
    }),
    // A footnote gets a line of its own.
    ...advice.split(/ (?=\* )/).flatMap((part) => wrap(part, TEXT_COLUMNS)),
    ...(rules.length === 0 ? [] : [`Rules   ${rules.join(', ')}`]),
  ];
}

const SHORT_COLUMNS = 18;

/** The table of a flag for a narrow place: each format, and what its leaf gets. */
export function shortEffectLines({ effects }: ProtFlag): readonly string[] {
  return effects.map(
    (effect) => `${formatName(effect).padEnd(SHORT_COLUMNS)}${effect.with ?? 'no effect'}`,
  );
}
