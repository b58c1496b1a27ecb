import assert from 'node:assert/strict';
import { word } from '../../bits/pte64.ts';
import { encodeRecord } from '../../hw/common/record.ts';
import { addStale } from '../../hw/common/staleSet.ts';
import { SMMU_COMMANDS } from '../../hw/smmuv3/queues.ts';
import { atcTag, contextTag, type Device } from '../device.ts';
import type { Space } from '../space.ts';
import { createWorld, type World } from '../world.ts';
import { readCommand, runQueuedCommand, toldCommand } from './run.ts';

const STREAM = 5;
const ID = 7;
const DEVICE: Device = {
  ...{ name: 'nic', arch: 'smmuv3', requester: STREAM, pasid: undefined, ats: true },
  ...{ first: 'dom', second: undefined, trustedBy: undefined, contextRoot: 0 },
};

/** A leaf of 4K and one of 2M, the table of the first, a leaf in the device, and the context. */
function worldOf(stage: 'first' | 'second'): World {
  const world = createWorld<Space>({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 });
  // Commands need of a space who it is, nothing else.
  const space = { name: 'dom', tag: 'dom', arch: 'smmuv3', stage, id: ID } as Space;
  world.spaces.set('dom', space);
  world.devices.set('nic', DEVICE);
  const entry = { target: 0x8000, read: true, write: true, seq: 0 };
  const page = { ...entry, level: 0, first: 0x401, last: 0x401 };
  const large = { ...entry, level: 1, first: 0x600, last: 0x7ff };
  const table = { ...entry, level: 1, first: 0x400, last: 0x5ff };
  const context = { ...entry, level: 0, first: 0, last: 1e9 };
  addStale(world.stale, { ...page, tag: 'dom', kind: 'leaf', where: ['iotlb'] });
  addStale(world.stale, { ...large, tag: 'dom', kind: 'leaf', where: ['iotlb'] });
  addStale(world.stale, { ...table, tag: 'dom', kind: 'table', where: ['walk'] });
  addStale(world.stale, { ...page, tag: atcTag(DEVICE), kind: 'leaf', where: ['atc'] });
  addStale(world.stale, { ...context, tag: contextTag(DEVICE), kind: 'context', where: ['context'] }); // prettier-ignore
  return world;
}

const SYNC = encodeRecord(SMMU_COMMANDS, 'CMD_SYNC', {});
const ALL = '4K 2M table atc context';
const NAMES: Readonly<Record<number, string>> = { 0: '4K', 1: '2M', 2: 'table', 3: 'atc', 4: 'context' }; // prettier-ignore

/** What is left in caches after a command and a CMD_SYNC. */
function left(
  name: string,
  values: Readonly<Record<string, number>>,
  stage: 'first' | 'second' = 'first',
): string {
  const world = worldOf(stage);
  runQueuedCommand(world, 'smmuv3', encodeRecord(SMMU_COMMANDS, name, values));
  assert.equal(world.stale.entries.size, 5, 'nothing goes before the wait');
  runQueuedCommand(world, 'smmuv3', SYNC);
  return [...world.stale.entries.keys()].map((id) => NAMES[id]).join(' ');
}

const [PAGE_4K, PAGE_2M] = [0x401, 0x600];
/** 1024 pages from the table on, by pages of 4K. */
const RANGE = { page: 0x400, scale: 10, tg: 1 };

describe('commands of the command queue of SMMUv3', () => {
  it('TLBI of everything, of an ASID, of a VMID', () => {
    assert.equal(left('CMD_TLBI_NSNH_ALL', {}), 'atc context');
    assert.equal(left('CMD_TLBI_NH_ALL', {}), 'atc context');
    assert.equal(left('CMD_TLBI_NH_ALL', { vmid: 1 }), ALL);
    assert.equal(left('CMD_TLBI_NH_ASID', { asid: ID }), 'atc context');
    assert.equal(left('CMD_TLBI_NH_ASID', { asid: ID + 1 }), ALL);
    assert.equal(left('CMD_TLBI_NH_ASID', { asid: ID }, 'second'), ALL);
    assert.equal(left('CMD_TLBI_S12_VMALL', { vmid: ID }, 'second'), 'atc context');
    assert.equal(left('CMD_TLBI_S12_VMALL', { vmid: ID + 1 }, 'second'), ALL);
    assert.equal(left('CMD_TLBI_S12_VMALL', { vmid: ID }), ALL);
  });

  it('TLBI by an address: an entry goes by any address in it', () => {
    const va = (page: number, more: Readonly<Record<string, number>> = {}): string =>
      left('CMD_TLBI_NH_VA', { asid: ID, page, ...more });
    assert.equal(va(PAGE_4K), '2M atc context');
    assert.equal(va(PAGE_4K, { leaf: 1 }), '2M table atc context');
    assert.equal(va(PAGE_2M + 5, { leaf: 1 }), '4K table atc context');
    assert.equal(va(PAGE_4K - 1), '4K 2M atc context');
    assert.equal(va(PAGE_4K, { asid: ID + 1 }), ALL);
    assert.equal(va(PAGE_4K, { vmid: 1 }), ALL);
    assert.equal(left('CMD_TLBI_NH_VAA', { page: PAGE_4K }), '2M atc context');
    assert.equal(left('CMD_TLBI_S2_IPA', { vmid: ID, page: PAGE_4K }, 'second'), '2M atc context');
    assert.equal(left('CMD_TLBI_S2_IPA', { vmid: ID + 1, page: PAGE_4K }, 'second'), ALL);
    assert.equal(left('CMD_TLBI_S2_IPA', { vmid: ID, page: PAGE_4K }), ALL);
  });

  it('TLBI by a range, of leaves of one level or of all', () => {
    const range = (more: Readonly<Record<string, number>>): string =>
      left('CMD_TLBI_NH_VA', { asid: ID, ...RANGE, ...more });
    assert.equal(range({}), 'atc context');
    assert.equal(range({ leaf: 1 }), 'table atc context');
    assert.equal(range({ scale: 9 }), '2M atc context');
    assert.equal(range({ scale: 8, num: 1 }), '2M atc context');
    assert.equal(range({ leaf: 1, ttl: 3 }), '2M table atc context');
    assert.equal(range({ leaf: 1, ttl: 2 }), '4K table atc context');
    assert.equal(range({ leaf: 1, ttl: 1, page: 0 }), ALL);
    assert.equal(range({ ttl: 3 }), '2M atc context');
    assert.equal(range({ ttl: 2 }), '4K table atc context');
    // Whether an address that is not aligned to the level means anything, nobody can tell.
    assert.equal(range({ leaf: 1, ttl: 2, page: 0x401 }), ALL);
    // Tables with pages of 64K are meant.
    assert.equal(range({ tg: 3 }), ALL);
  });

  it('is illegal where it is reserved', () => {
    const words = encodeRecord(SMMU_COMMANDS, 'CMD_TLBI_NH_VA', { asid: ID, page: PAGE_4K, tg: 1 });
    assert.deepEqual(readCommand('smmuv3', words).effect, {
      ...{ kind: 'illegal', why: 'TG without a range and without a level is reserved' },
    });
    assert.equal(readCommand('smmuv3', [word(0x2b), word(0)]).effect.kind, 'illegal');
  });

  it('of EL2 leave the streams of EL1 alone', () => {
    assert.equal(left('CMD_TLBI_EL2_ALL', {}), ALL);
    assert.equal(left('CMD_TLBI_EL2_ASID', { asid: ID }), ALL);
    assert.equal(left('CMD_TLBI_EL2_VA', { asid: ID, page: PAGE_4K }), ALL);
    assert.equal(left('CMD_TLBI_EL2_VAA', { page: PAGE_4K }), ALL);
  });

  it('ATC_INV drops what the device holds of a range, once the IOTLB cannot fill it again', () => {
    const world = worldOf('first');
    const run = (name: string, values: Readonly<Record<string, number>>): void => {
      runQueuedCommand(world, 'smmuv3', encodeRecord(SMMU_COMMANDS, name, values));
      runQueuedCommand(world, 'smmuv3', SYNC);
    };
    run('CMD_TLBI_NH_ASID', { asid: ID });
    run('CMD_ATC_INV', { sid: STREAM + 1, size: 52 });
    run('CMD_ATC_INV', { sid: STREAM, page: 0x402, size: 0 });
    assert.ok(world.stale.entries.has(3));
    run('CMD_ATC_INV', { sid: STREAM, page: 0x400, size: 1 });
    assert.ok(!world.stale.entries.has(3));
  });

  it('CFGI drops contexts, of a stream or of all', () => {
    const kept = ALL.replace(' context', '');
    assert.equal(left('CMD_CFGI_STE', { sid: STREAM, leaf: 1 }), kept);
    assert.equal(left('CMD_CFGI_STE', { sid: STREAM + 1 }), ALL);
    assert.equal(left('CMD_CFGI_CD', { sid: STREAM }), kept);
    assert.equal(left('CMD_CFGI_ALL', { range: 31 }), kept);
    assert.equal(left('CMD_PREFETCH_CONFIG', { sid: STREAM }), ALL);
  });

  it('are told with what goes', () => {
    const words = encodeRecord(SMMU_COMMANDS, 'CMD_TLBI_NH_VA', { asid: ID, ...RANGE, leaf: 1 });
    assert.equal(
      toldCommand(worldOf('first'), 'smmuv3', words),
      'CMD_TLBI_NH_VA asid=7 page=0x400000 scale=0xa leaf=1 tg=1 (leaves of 0x400000-0x7fffff in dom)',
    );
  });
});
