// `npm run demo:seed000 -- TREE`: encrypted memory and DMA. What a guest's DMA API does runs as C; page sizes of the
// RMP, granules and trusted devices are hardware and firmware without C in a tree: scenarios.
import { isTree, load } from '../treeChecks/support.mjs';
import { runCRows, runScenarios } from './cRows.mjs';
import { hex, kernelVersion, listedTree } from './support.mjs';

const [tree] = process.argv.slice(2);
if (tree === undefined || !isTree(tree)) {
  console.error('usage: npm run demo:seed000 -- TREE; TREE is a kernel tree');
  process.exit(2);
}

const MAPPING = 'kernel/dma/mapping.c';
const C_BIT = 1n << 51n;
const PAGE = 4096n;
const FAILED = (1n << 64n) - 1n;
const { confidentiality } = await load('simulate/kernel/confidential.js');

const list = [{ length: 4096 }];
const mapArguments = { offset: 0, size: 256, dir: 1, attrs: 0 };
const guest = (dma) => ({ encryption: 'guest', device: { dma }, scatterlist: list });

/** The address a device is given, without the C-bit, and whether the guest shares the page behind it. */
function behind({ machine, result }) {
  const address = BigInt.asUintN(64, BigInt(result));
  const frame = Number((address & ~C_BIT) / PAGE);
  return { address, shared: confidentiality(machine).shared.has(frame) };
}

const bounced = (ran) => {
  const { address, shared } = behind(ran);
  const text = `${hex(address)}, a page that is ${shared ? '' : 'not '}shared`;
  return shared && (address & C_BIT) === 0n ? `bounces: ${text}` : `WRONG: ${text}`;
};

const sharedAllocation = (ran) => {
  const { machine, result } = ran;
  const frame = (Number(result) - machine.directMap) / Number(PAGE);
  const shared = confidentiality(machine).shared.has(frame);
  return shared ? 'the buffer’s pages are decrypted first' : 'WRONG: the buffer stays private';
};

const inPlace = (ran) => {
  const { address } = behind(ran);
  const ok = address !== FAILED && (address & C_BIT) === 0n;
  return ok ? `mapped in place at ${hex(address)}, no C-bit` : `WRONG: ${hex(address)}`;
};

const refused = (ran) => {
  const { address } = behind(ran);
  return address === FAILED ? 'DMA_MAPPING_ERROR' : `WRONG: ${hex(address)}`;
};

const encryptedAddress = (ran) => {
  const { address } = behind(ran);
  return (address & C_BIT) !== 0n ? `${hex(address)}, with the C-bit` : `WRONG: ${hex(address)}`;
};

/**
 * Up to 7.2 x86 forces guests through bounce buffers, and only then takes what is marked as shared; since 7.3 a pool
 * knows whether it is shared, and nothing is forced (kernel/dma/swiotlb.c).
 */
const poolsKnow = /\bcc_shared\b/.test(listedTree(tree).read('kernel/dma/swiotlb.c') ?? '');

const physical = { phys: '0x12345000', size: 256, dir: 1, attrs: 'DMA_ATTR_CC_SHARED' };
const ROWS = [
  {
    ...{ id: 'S000-10', entry: 'dma_map_page_attrs', file: MAPPING, judge: bounced },
    about: 'a guest maps private memory for a device',
    spec: { ...guest('swiotlb'), arguments: mapArguments },
  },
  {
    ...{ id: 'S000-10', entry: 'dma_alloc_attrs', file: MAPPING, judge: sharedAllocation },
    about: 'a guest allocates coherent memory',
    spec: { ...guest('swiotlb'), arguments: { size: 4096, flag: 0xcc0, attrs: 0 } },
  },
  {
    ...{ id: 'S000-10b', entry: 'dma_map_phys', file: MAPPING, judge: inPlace },
    about: 'a guest maps what it decrypted itself, marked as shared, dma-direct',
    spec: { ...guest(poolsKnow ? 'direct' : 'swiotlb'), arguments: physical },
  },
  {
    ...{ id: 'S000-10b', entry: 'dma_map_phys', file: MAPPING, judge: refused },
    about: 'the same behind an IOMMU of the guest, dma-iommu',
    spec: { ...guest('iommu'), table: { format: 'vtdss' }, arguments: physical },
  },
  {
    ...{ id: 'SME host', entry: 'dma_map_page_attrs', file: MAPPING, judge: encryptedAddress },
    about: 'a host with SME maps its memory, dma-direct',
    spec: {
      ...{ encryption: 'host', device: { dma: 'direct' }, scatterlist: list },
      arguments: mapArguments,
    },
  },
];

console.log(`seed 000 on ${kernelVersion(tree)}`);
const wrong = (await runCRows(tree, ROWS)) + (await runScenarios('S000'));
console.log(wrong === 0 ? 'all as expected' : `${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
