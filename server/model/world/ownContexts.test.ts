import assert from 'node:assert/strict';
import { addr } from '../bits/pfn.ts';
import { word } from '../bits/pte64.ts';
import { checkContexts } from '../check/contexts.ts';
import { iommuMap } from '../core/iommuCore.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import { store } from '../mem/physMem.ts';
import { possibleOutcomes } from './access.ts';
import type { Device } from './device.ts';
import { makeSpace } from './makeSpace.ts';
import { watchContext } from './ownContexts.ts';
import { runQueuedCommand } from './queued/run.ts';
import { watchStores } from './watch.ts';
import { createWorld, type ModelWorld } from './world.ts';

const RW = IOMMU_READ | IOMMU_WRITE;
/** A root table and a context table of legacy mode, and the context of 00:02.0 in it. */
const ROOT = 0x900;
const CONTEXTS = 0x901;
const REQUESTER = 0x10;
const NAME = 'device of dom';
const ID = 7;
/** AW of four levels, and the domain's number. */
const HIGH = word(2 | (ID << 8));

class Rig {
  readonly world: ModelWorld;
  readonly device: Device;
  readonly top: number;
  private readonly since: number;

  constructor({ ats = false, cachesNegative = false } = {}) {
    const world = createWorld({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 });
    watchStores(world);
    const made = makeSpace(world, {
      ...{ name: 'dom', arch: 'vtd', format: 'vtdss', stage: 'second', id: ID },
      ...{ features: 0, vaszLg2: 48, topLevel: 3, walks: 'coherent' },
      ...{ cachesNegative, faults: {} },
    });
    assert.ok('space' in made, JSON.stringify(made));
    const { space } = made;
    assert.equal(iommuMap(space.domain, addr(0x400), addr(0x8000), addr(16), RW), 0);
    this.world = world;
    this.top = space.top().pfn;
    this.device = {
      ...{ name: NAME, arch: 'vtd', requester: REQUESTER, pasid: undefined, ats },
      ...{ first: undefined, second: 'dom', trustedBy: undefined, contextRoot: ROOT },
      own: { mode: 'legacy' },
    };
    world.devices.set(NAME, this.device);
    store(world.mem, ROOT, 0, (CONTEXTS << 12) | 1, 0);
    watchContext(world, this.device);
    this.since = world.log.next;
  }

  /** Stores the two halves of the context, the second one first. `low`: bits beside the table's address. */
  put(low: number, high: number, root: number = this.top): void {
    store(this.world.mem, CONTEXTS, REQUESTER * 2 + 1, high, 0);
    this.low(low, root);
  }

  low(low: number, root: number = this.top): void {
    store(this.world.mem, CONTEXTS, REQUESTER * 2, (root << 12) | low, root >>> 20);
  }

  command(low: number, middle: number): void {
    runQueuedCommand(this.world, 'vtd', [word(low, middle), word(0)]);
    runQueuedCommand(this.world, 'vtd', [word(5), word(0)]);
  }

  /** What is wrong once the device is said to be attached or blocked. */
  wrong(is: 'attached' | 'blocked' = 'attached'): string {
    const claims = [{ kind: 'context', device: NAME, is }] as const;
    const step = { since: this.since, scope: 'changed', made: [], claims } as const;
    return checkContexts(this.world, step)
      .map(({ invariant, what }) => `${invariant}: ${what}`)
      .join('\n');
  }

  reaches(): readonly string[] {
    return possibleOutcomes(this.world, this.device, addr(0x400), 'write').map(
      ({ via, outcome }) => `${via}: ${outcome.kind}`,
    );
  }
}

function attached(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options);
  rig.put(1, HIGH.lo);
  return rig;
}

describe('Contexts that C writes', () => {
  it('lead a device to its tables', () => {
    const rig = attached();
    assert.equal(rig.wrong(), '');
    assert.deepEqual(rig.reaches(), ['walk: reached']);
  });

  it('are wrong where the table, the levels, the number or the type differ', () => {
    const wrong = (low: number, high: number, root?: number): string => {
      const rig = new Rig();
      rig.put(low, high, root);
      return rig.wrong();
    };
    assert.match(wrong(1, HIGH.lo, 0x555), /I-CTX-1: .*leads to page 0x555000/);
    assert.match(wrong(1, HIGH.lo + 1), /walks 5 levels, and dom has 4/);
    assert.match(wrong(1, HIGH.lo + 0x100), /has the number 8, and commands for dom name 7/);
    assert.match(wrong(1 | (2 << 2), HIGH.lo), /lets requests through untranslated/);
    assert.match(wrong(1 | (3 << 2), HIGH.lo), /translation type 3 is reserved/);
    assert.match(wrong(0, HIGH.lo), /is attached to dom, and its context blocks it/);
  });

  it('may not be read half written', () => {
    const rig = new Rig();
    rig.low(1);
    rig.put(1, HIGH.lo);
    assert.match(rig.wrong(), /I-CTX-1: the context of the device of dom is invalid/);
  });

  it('have to let a device ask that has ATS', () => {
    const rig = attached({ ats: true });
    assert.match(rig.wrong(), /lets it ask for no translations/);
    const right = new Rig({ ats: true });
    right.put(1 | (1 << 2), HIGH.lo);
    assert.equal(right.wrong(), '');
  });

  it('stay in the context cache until it is told, and the tables in the IOTLB', () => {
    const rig = attached();
    rig.low(0, 0);
    assert.deepEqual(rig.reaches(), ['walk: fault', 'stale context: reached']);
    assert.match(rig.wrong('blocked'), /context cache may still hold the old one/);
    rig.command(1 | (3 << 4) | (ID << 16), REQUESTER);
    assert.deepEqual(rig.reaches(), ['walk: fault']);
    assert.match(rig.wrong('blocked'), /I-REACH-1: the device of dom has left dom, and iotlb/);
    assert.doesNotMatch(rig.wrong('blocked'), /context cache/);
    rig.command(2 | (2 << 4) | ((ID + 1) << 16), 0);
    assert.match(rig.wrong('blocked'), /I-REACH-1/);
    rig.command(2 | (2 << 4) | (ID << 16), 0);
    assert.equal(rig.wrong('blocked'), '');
  });

  it('of another device are not dropped with it', () => {
    const rig = attached();
    rig.low(0, 0);
    rig.command(1 | (3 << 4) | (ID << 16), REQUESTER + 1);
    assert.match(rig.wrong('blocked'), /context cache may still hold the old one/);
  });

  it('that still lead somewhere block nothing', () => {
    assert.match(
      attached().wrong('blocked'),
      /is to be blocked, and its context still leads to dom/,
    );
  });

  it('that were not there may be remembered, where the IOMMU says so', () => {
    const rig = attached({ cachesNegative: true });
    assert.match(rig.wrong(), /may still hold that there is none/);
    assert.deepEqual(rig.reaches(), ['walk: reached', 'stale entry: fault']);
    rig.command(1 | (3 << 4), REQUESTER);
    assert.equal(rig.wrong(), '');
  });
});
