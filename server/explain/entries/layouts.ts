import { amdDteFields } from '../fields/amdDte.ts';
import { riscvDcFields } from '../fields/riscvDc.ts';
import { riscvPcFields } from '../fields/riscvPc.ts';
import { smmuv3CdFields } from '../fields/smmuv3Cd.ts';
import { smmuv3EvtFields } from '../fields/smmuv3Evt.ts';
import { smmuv3SteFields } from '../fields/smmuv3Ste.ts';
import { snpRmpFields } from '../fields/snpRmp.ts';
import { commandLayouts } from './commandLayouts.ts';
import { layoutOf, type EntryLayout } from './layout.ts';
import { contextLayout, pasidLayout, rootLayout, scalableContextLayout } from './vtdLayouts.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const ste = layoutOf(smmuv3SteFields, {
  name: 'ste',
  words: 8,
  without: ['STRTAB_STE_2_VTCR'],
  summary: (of) => {
    if (of('V') === 0n) return 'invalid: each transaction ends with C_BAD_STE';
    const tables = `CD table at ${hex(of('S1CTXPTR') << 6n)}`;
    const stage2 = `stage 2 table at ${hex(of('S2TTB') << 4n)}, VMID ${of('S2VMID')}`;
    switch (of('CFG')) {
      case 0n:
        return 'abort, without an event';
      case 4n:
        return 'bypass: addresses pass unchanged';
      case 5n:
        return `stage 1, ${tables}`;
      case 6n:
        return stage2;
      case 7n:
        return `nested: ${tables}, ${stage2}`;
      default:
        return 'reserved configuration';
    }
  },
});

const cd = layoutOf(smmuv3CdFields, {
  name: 'cd',
  words: 8,
  summary: (of) =>
    of('V') === 0n
      ? 'invalid: each transaction ends with C_BAD_CD'
      : `stage 1 table at ${hex(of('TTB0') << 4n)}, ${64n - of('T0SZ')} bits, ASID ${of('ASID')}`,
});

const dte = layoutOf(amdDteFields, {
  name: 'dte',
  words: 4,
  without: ['DTE_FLAG_MASK', 'DTE_DATA2_INTR_MASK'],
  summary: (of) => {
    if (of('V') === 0n) return 'not valid: DMA passes untranslated';
    if (of('TV') === 0n) return 'no translation information: all DMA is blocked';
    const domain = `domain ${of('DOMID')}`;
    const access = of('IR') === 0n || of('IW') === 0n ? ', not all DMA is allowed' : '';
    const guest = of('GV') === 1n ? 'guest tables' : '';
    const host =
      of('MODE') === 0n ? '' : `v1 table of ${of('MODE')} levels at ${hex(of('HOST_TRP') << 12n)}`;
    const what = [guest, host].filter((part) => part !== '').join(' over ');
    return `${what === '' ? 'addresses pass unchanged' : what}, ${domain}${access}`;
  },
});

const RISCV_MODES: Readonly<Record<string, string>> = { 8: 'Sv39', 9: 'Sv48', 10: 'Sv57' };

const dc = layoutOf(riscvDcFields, {
  name: 'dc',
  words: 8,
  summary: (of) => {
    if (of('V') === 0n) return 'invalid: requests fault';
    const second = of('IOHGATP_MODE') === 0n ? '' : `second stage at ${hex(of('IOHGATP_PPN') << 12n)}, GSCID ${of('IOHGATP_GSCID')}`; // prettier-ignore
    const first =
      of('FSC_MODE') === 0n
        ? ''
        : of('PDTV') === 1n
          ? `process directory at ${hex(of('FSC_PPN') << 12n)}`
          : `${RISCV_MODES[of('FSC_MODE').toString()] ?? 'first stage'} at ${hex(of('FSC_PPN') << 12n)}, PSCID ${of('PSCID')}`;
    return [first, second].filter((part) => part !== '').join('; ') || 'addresses pass unchanged';
  },
});

const pc = layoutOf(riscvPcFields, {
  name: 'pc',
  words: 2,
  summary: (of) =>
    of('V') === 0n
      ? 'invalid: requests of the process fault'
      : `first stage at ${hex(of('FSC_PPN') << 12n)}, PSCID ${of('PSCID')}`,
});

const rmp = layoutOf(
  { ...snpRmpFields, entries: snpRmpFields.entries.filter(({ name }) => name.startsWith('rmpentry_raw.')) }, // prettier-ignore
  {
    name: 'rmp',
    words: 2,
    summary: (of) => {
      const size = of('pagesize') === 1n ? '2 MiB' : '4 KiB';
      if (of('assigned') === 0n) return `shared, ${size}: the host may write`;
      const owner = of('asid') === 0n ? 'hypervisor or firmware' : `guest ASID ${of('asid')}`;
      return `${size} of ${owner}, guest address ${hex(of('gpa') << 12n)}`;
    },
  },
);

const event = layoutOf(smmuv3EvtFields, {
  name: 'evt',
  words: 4,
  summary: (of) => `event ${hex(of('ID'))} of stream ${hex(of('SID'))}`,
});

/** Entries of several words that can be decoded, by their name on the command line. */
export const entryLayouts: readonly EntryLayout[] = [
  ste,
  cd,
  event,
  dte,
  rootLayout,
  contextLayout,
  scalableContextLayout,
  pasidLayout,
  dc,
  pc,
  rmp,
  ...commandLayouts,
];

/** A layout by name. */
export function entryLayout(name: string): EntryLayout | undefined {
  return entryLayouts.find((layout) => layout.name === name);
}
