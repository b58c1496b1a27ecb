import type { Scenario, StepText } from '../form/scenario.ts';

/*
 * Seed 003: IOMMU_MMIO in VFIO type1, seen from the table: which leaves carry the C-bit.
 * The table of variants is made by running the C of VFIO; here are the encodings and what they do.
 */

const SOURCE = 'seed 003 (vfio/type1: Set IOMMU_MMIO)';
const CBIT = 51;

function host(...steps: readonly StepText[]): readonly StepText[] {
  return [
    { do: 'memory', at: '0x1234000', length: '4K', use: 'ram' },
    { do: 'memory', at: '0xfe000000', length: '4K', use: 'mmio' },
    { do: 'table', name: 'dom', arch: 'amd', format: 'amdv1' },
    { do: 'device', name: 'nic', arch: 'amd', second: 'dom' },
    ...steps,
  ];
}

const map = (iova: string, pa: string, prot: string): StepText => ({
  do: 'map',
  table: 'dom',
  iova,
  pa,
  length: '4K',
  prot,
});
const write = (iova: string, expect: string): StepText => ({
  do: 'access',
  device: 'nic',
  iova,
  kind: 'write',
  expect,
});

/** Scenarios of seed 003. */
export const S003: readonly Scenario[] = [
  {
    id: 'S003-1',
    title: 'RAM without the flag, MMIO with it',
    source: SOURCE,
    machine: { cbit: CBIT },
    steps: host(
      map('0x10000', '0x1234000', 'read write'),
      map('0x11000', '0xfe000000', 'read write mmio'),
      write('0x10000', 'reached 0x1234000'),
      write('0x11000', 'reached 0xfe000000'),
    ),
  },
  {
    id: 'S003-2',
    title: 'MMIO without the flag: what 7.3 does',
    source: SOURCE,
    about: 'The C-bit becomes part of a device’s address, and peer-to-peer DMA goes elsewhere.',
    machine: { cbit: CBIT },
    steps: host(
      map('0x11000', '0xfe000000', 'read write'),
      write('0x11000', 'reached 0xfe000000, wrong-target'),
    ),
    violations: ['I-CC-2'],
  },
  {
    id: 'S003-3',
    title: 'RAM with the flag: what v4 of the patch does to RAM that is followed by MMIO',
    source: SOURCE,
    machine: { cbit: CBIT },
    steps: host(
      map('0x10000', '0x1234000', 'read write mmio'),
      write('0x10000', 'reached 0x1234000, ciphertext'),
    ),
    violations: ['I-CC-2'],
  },
];
