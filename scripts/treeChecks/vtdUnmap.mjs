// drivers/iommu/intel/iommu.c of 6.1: unmapping part of a large page. The memory behind the page is RAM that the
// C takes for a page table; every word it overwrites there is reported with the function that wrote it.
import { load, machineOver, makeStruct } from './support.mjs';

const FILE = 'drivers/iommu/intel/iommu.c';
const IOVA = 0x40000000;
const RAM = 0x80000000;
const READ_WRITE = 3;
const TWO_MEGABYTES = 0x200000;

const ROWS = [
  {
    name: 'S002-A unmap(+0, 4K) of a 2M page',
    offset: 0,
    expected: { returned: '0x200000', words: 0, gather: '0x40000000-0x401fffff' },
  },
  {
    name: 'S002-B unmap(+0x3000, 4K) of a 2M page',
    offset: 0x3000,
    expected: {
      ...{ returned: '0x200000', words: 509, range: '0x80000018-0x80000ff8' },
      ...{ writer: 'dma_clear_pte', gather: '0x40003000-0x40202fff' },
    },
  },
];

const hex = (value) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;

async function runRow(tree, { name, offset, expected }) {
  const machine = await machineOver(tree, [FILE]);
  const { allocatePages } = await load('simulate/kernel/pages.js');
  const domain = await makeStruct(machine, 'dmar_domain');
  domain.set('gaw', 48);
  domain.set('agaw', 2);
  domain.set('iommu_superpage', 2);
  domain.set('pgd', machine.directMap + allocatePages(machine, 0, true));
  const map = [domain.address, IOVA / 4096, RAM / 4096, TWO_MEGABYTES / 4096, READ_WRITE, 0xcc0];
  machine.call('__domain_mapping', map);
  const start = machine.directMap + RAM;
  const region = {
    kind: 'pages',
    name: 'RAM behind the mapping',
    start,
    size: 0x2000,
    physical: RAM,
  };
  machine.memory.back(region, 'zero');
  for (let i = 0; i < 1024; i++) {
    machine.memory.store64(start + i * 8, 0x1111111111111113n + BigInt(i) * 8n);
  }
  const writes = [];
  machine.memory.watch(start, 0x2000, (address) => {
    writes.push({ address: address - machine.directMap, by: machine.frame.callable.name });
  });
  const gather = await makeStruct(machine, 'iommu_iotlb_gather');
  machine.call('iommu_iotlb_gather_init', [gather.address]);
  const args = [domain.at('domain'), IOVA + offset, 4096, gather.address];
  const returned = hex(machine.call('intel_iommu_unmap', args));
  const got = {
    returned,
    words: writes.length,
    gather: `${hex(gather.get('start'))}-${hex(gather.get('end'))}`,
    ...(writes.length === 0
      ? {}
      : {
          range: `${hex(writes[0].address)}-${hex(writes.at(-1).address)}`,
          writer: [...new Set(writes.map(({ by }) => by))].join(', '),
        }),
  };
  const wrong = Object.entries(expected).filter(([key, value]) => got[key] !== value);
  const ram = writes.length === 0 ? '' : ` ${got.range} by ${got.writer}`;
  const summary = `returns ${returned}, ${got.words} RAM words overwritten${ram}, gather ${got.gather}`;
  return { name: `${name}: ${summary}`, wrong: wrong.length };
}

export async function checkVtdUnmap(tree) {
  const results = [];
  for (const row of ROWS) results.push(await runRow(tree, row));
  return results;
}
