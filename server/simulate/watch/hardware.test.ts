import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { driverListeners } from '../kernel/domainDriver.ts';
import { allocatePages, freePages, prepareMemoryMap } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import { HardwareWatch } from './hardware.ts';

/** VT-d second stage: read and write. */
const READ_WRITE = 3n;
const DOMAIN = 4096;
const IOVA_OF_SECOND = 0x1000n;

interface Tables {
  readonly machine: Machine;
  readonly leaves: number;
  readonly environment: Environment;
}

/** Two levels of tables with one page mapped at IOVA 0 and one behind it. */
function tables(): Tables {
  const machine = machineFor('int nothing(void) { return 0; }');
  prepareMemoryMap(machine);
  const top = allocatePages(machine, 0, true)!;
  const leaves = allocatePages(machine, 0, true)!;
  store(machine, top, 0, BigInt(leaves) | READ_WRITE);
  store(machine, leaves, 0, 0x80000000n | READ_WRITE);
  store(machine, leaves, 1, 0x80001000n | READ_WRITE);
  const probe: Probe = {
    ...{ name: 'domain 1', format: 'vtdss', domain: DOMAIN, encryptionMask: 0n },
    top: () => ({ physical: top, level: 1 }),
  };
  const environment = { ...NO_SITUATION.build(machine), probes: [probe] };
  return { machine, leaves, environment };
}

function store(machine: Machine, table: number, index: number, bits: bigint): void {
  machine.memory.store64(machine.directMap + table + index * 8, bits);
}

describe('HardwareWatch', () => {
  it('reads tables as the hardware does, and tries an access at each leaf', () => {
    const { machine, environment } = tables();
    const {
      tables: seen,
      accesses,
      violations,
    } = new HardwareWatch(machine, environment).finish('itself');
    assert.deepEqual(violations, []);
    assert.deepEqual(
      seen.map(({ level, entries }) => [level, entries.map(({ kind }) => kind)]),
      [
        [1, ['table']],
        [0, ['leaf', 'leaf']],
      ],
    );
    assert.deepEqual(accesses[0]!.outcomes, ['reaches memory 0x80000000']);
  });

  it('finds a leaf that went without a flush, unless somebody else flushes', () => {
    for (const [syncs, count] of [
      ['itself', 1],
      ['caller', 0],
    ] as const) {
      const { machine, leaves, environment } = tables();
      const watch = new HardwareWatch(machine, environment);
      store(machine, leaves, 1, 0n);
      const { violations, accesses } = watch.finish(syncs);
      assert.deepEqual(
        violations.map(({ id, iova }) => [id, iova?.first]),
        count === 1 ? [['I-REACH-1', IOVA_OF_SECOND]] : [],
      );
      const second = accesses.find(({ iova }) => iova === IOVA_OF_SECOND)!;
      assert.deepEqual(second.outcomes, [
        'fault: not mapped',
        'stale entry: reaches memory 0x80001000',
      ]);
    }
  });

  it('is content with a flush that covers what went, and not with one beside it', () => {
    for (const [start, last, count] of [
      [0n, 0x1fffn, 0],
      [0n, 0xfffn, 1],
    ] as const) {
      const { machine, leaves, environment } = tables();
      const watch = new HardwareWatch(machine, environment);
      store(machine, leaves, 1, 0n);
      for (const listener of driverListeners(machine).listeners) {
        listener({ kind: 'iotlb_sync', domain: DOMAIN, start, last });
      }
      assert.equal(watch.finish('itself').violations.length, count);
    }
  });

  it('finds a pointer to a table that was freed', () => {
    const { machine, leaves, environment } = tables();
    const watch = new HardwareWatch(machine, environment);
    freePages(machine, leaves);
    const [first] = watch.finish('caller').violations;
    assert.equal(first!.id, 'I-LIFE-1');
    assert.match(first!.message, /which was freed/);
  });

  it('finds stores to RAM that is no table', () => {
    const { machine, environment } = tables();
    const ramWrites: { physical: number; size: number; by: string }[] = [];
    const watch = new HardwareWatch(machine, { ...environment, ramWrites });
    ramWrites.push({ physical: 0x80000000, size: 8, by: 'clear' });
    const [first] = watch.finish('itself').violations;
    assert.equal(first!.id, 'I-LIFE-3');
    assert.match(first!.message, /^clear\(\) stores 8 bytes to 0x80000000/);
  });
});
