import assert from 'node:assert/strict';
import { dmaMap, mappingProblem, type DmaMapRequest } from './dmaMap.ts';
import { delegate, granuleCheck, undelegate, type Gpt, type Pas } from './gpt.ts';
import { donate, ownerOf, reclaim, unmetConditions, type PkvmPages } from './pkvm.ts';
import { DEFAULT_RMP_POLICY, psmash, rmpCheck, rmpupdate, type Rmp, type RmpEntry } from './rmp.ts';
import { contentOf } from './sme.ts';
import { isShared, makeDecrypted, makeEncrypted } from './tdx.ts';

describe('Reverse map table', () => {
  const entry = (size: '4K' | '2M', more: Partial<RmpEntry> = {}): RmpEntry => ({
    ...{ assigned: true, asid: 1, gpaPfn: 0, size, immutable: false, validated: true },
    ...more,
  });

  it('RMPUPDATE fails on overlaps, on alignment and on immutable pages', () => {
    const rmp: Rmp = { entries: new Map() };
    assert.equal(rmpupdate(rmp, 0x201, entry('2M')), 'fail-input');
    assert.equal(rmpupdate(rmp, 0x200, entry('2M')), 'ok');
    assert.equal(rmpupdate(rmp, 0x205, entry('4K')), 'fail-overlap');
    assert.equal(rmpupdate(rmp, 0x405, entry('4K', { immutable: true })), 'ok');
    assert.equal(rmpupdate(rmp, 0x400, entry('2M')), 'fail-overlap');
    assert.equal(rmpupdate(rmp, 0x405, entry('4K')), 'fail-inuse');
  });

  it('PSMASH makes 512 entries that keep owner and validation', () => {
    const rmp: Rmp = { entries: new Map([[0x200, entry('2M', { gpaPfn: 0x1000 })]]) };
    assert.equal(psmash(rmp, 0x201), 'fail-input');
    assert.equal(psmash(rmp, 0x200), 'ok');
    assert.equal(psmash(rmp, 0x200), 'fail-input');
    assert.deepEqual(rmp.entries.get(0x3ff), entry('4K', { gpaPfn: 0x11ff }));
  });

  it('open questions are unknown until a knob answers them', () => {
    const rmp: Rmp = { entries: new Map([[0x200, entry('2M')]]) };
    const access = { pfn: 0x200, leafLg2: 12, singleStageS1: true, access: 'write' as const, trustedBy: 1 }; // prettier-ignore
    const ask = (knobs: Partial<typeof DEFAULT_RMP_POLICY>, more: Partial<typeof access> = {}, read = false): string => // prettier-ignore
      rmpCheck(rmp, { ...access, ...more, ...(read ? { access: 'read' } : {}) }, { ...DEFAULT_RMP_POLICY, ...knobs }).kind; // prettier-ignore
    assert.equal(ask({ singleStageS1: 'unknown' }), 'unknown');
    assert.equal(ask({ singleStageS1: 'yes' }), 'fault');
    assert.equal(ask({ singleStageS1: 'no' }), 'pass');
    assert.equal(ask({ checkReads: 'unknown' }, {}, true), 'unknown');
    assert.equal(ask({ checkReads: 'no' }, {}, true), 'pass');
    assert.equal(ask({ checkReads: 'unknown' }, { pfn: 0x1000 }, true), 'pass');
    assert.equal(ask({ unassignedSizeCheck: 'unknown' }, { pfn: 0x1000, leafLg2: 21 }), 'unknown');
    assert.equal(ask({ unassignedSizeCheck: 'yes' }, { pfn: 0x1000, leafLg2: 21 }), 'fault');
    assert.equal(ask({ unassignedSizeCheck: 'no' }, { pfn: 0x1000, leafLg2: 21 }), 'pass');
    assert.equal(ask({}, { trustedBy: 2 }), 'fault');
  });
});

describe('Granule protection', () => {
  it('lets each world reach its own granules; realms reach those of the normal world too', () => {
    const pas: readonly Pas[] = ['ns', 'secure', 'realm', 'root', 'any', 'none'];
    const gpt: Gpt = { granules: new Map(pas.map((one, n) => [n, one])) };
    const passes = (from: 'ns' | 'realm'): readonly Pas[] => pas.filter((_, n) => granuleCheck(gpt, n, from) === 'pass'); // prettier-ignore
    assert.deepEqual(passes('ns'), ['ns', 'any']);
    assert.deepEqual(passes('realm'), ['ns', 'realm', 'any']);
  });

  it('delegates granules of the normal world and takes back those of the realms only', () => {
    const gpt: Gpt = { granules: new Map() };
    assert.deepEqual([undelegate(gpt, 1), delegate(gpt, 1), delegate(gpt, 1), undelegate(gpt, 1)], ['error', 'ok', 'error', 'ok']); // prettier-ignore
  });
});

describe('pKVM', () => {
  it('a page is given away once, until the host has it back', () => {
    const pages: PkvmPages = { owners: new Map() };
    assert.deepEqual([donate(pages, 1, 'hyp'), donate(pages, 1, { vm: 1 })], ['ok', 'eperm']);
    reclaim(pages, 1);
    assert.equal(ownerOf(pages, 1), 'host');
  });

  it('each condition for sharing stage 2 is named when it is not met', () => {
    const all = {
      ...{ sameFormat: true, sameGranule: true, sameEndianness: true, cpuBbmNoAbort: true },
      ...{ smmuBbml: 2, stall: true, pinned: false, coherent: true, broadcast: true },
    };
    assert.deepEqual(unmetConditions(all), []);
    for (const name of Object.keys(all) as (keyof typeof all)[]) {
      if (name === 'pinned') continue;
      const without = { ...all, [name]: name === 'smmuBbml' ? 1 : false };
      assert.equal(unmetConditions(without).length, 1, name);
    }
  });
});

describe('Encryption of addresses and content', () => {
  const BIT = 2 ** 35;

  it('the shared bit of TDX and the C-bit of SEV have opposite senses', () => {
    for (const vendor of ['intel', 'amd', 'amd-vtom'] as const) {
      for (const pfn of [5, 5 + BIT]) {
        assert.ok(isShared(makeDecrypted(pfn, BIT, vendor), BIT, vendor), vendor);
        assert.ok(!isShared(makeEncrypted(pfn, BIT, vendor), BIT, vendor), vendor);
      }
    }
    assert.equal(makeDecrypted(5, BIT, 'intel'), 5 + BIT);
    assert.equal(makeDecrypted(5, BIT, 'amd'), 5);
  });

  it('content is plain where both sides agree on the C-bit', () => {
    assert.equal(contentOf(true, { use: 'ram', cpuEncrypted: true }).kind, 'plain');
    assert.equal(contentOf(true, { use: 'ram', cpuEncrypted: false }).kind, 'ciphertext');
    assert.equal(contentOf(false, { use: 'ram', cpuEncrypted: true }).kind, 'ciphertext');
    assert.equal(contentOf(false, { use: 'mmio', cpuEncrypted: false }).kind, 'plain');
    assert.equal(contentOf(true, { use: 'mmio', cpuEncrypted: false }).kind, 'wrong-target');
  });

  it('a mapping for DMA is as the rules of its kernel say', () => {
    const request: DmaMapRequest = {
      ...{ ops: 'direct', call: 'map_phys', ccShared: false, forceUnencrypted: false },
      ...{ page: 'shared', pool: { ccShared: true } },
    };
    const host = dmaMap(request, '7.3');
    assert.deepEqual(host, { kind: 'in-place', address: 'encrypted' });
    assert.equal(mappingProblem(request, host), undefined);
    const guest: DmaMapRequest = { ...request, forceUnencrypted: true };
    assert.deepEqual(dmaMap(guest, '7.3'), { kind: 'bounced' });
    assert.match(mappingProblem(guest, host)!, /encrypted address/);
  });
});
