import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { DOMAIN_DRIVER } from '../kernel/domainDriver.ts';
import { pagePool } from '../kernel/pages.ts';
import { slabFailure } from '../kernel/slab.ts';
import { putUserMemory, userMemory } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import { deviceFiles, makeDevices, putBehindDomain, useBounceBuffers } from './device.ts';
import { makeDomain, tableFile } from './domain.ts';
import { makeDriverDomain } from './driverDomain.ts';
import { setEncryption } from './encryption.ts';
import { expectedPages, noteMappings } from './mappedRanges.ts';
import { ObjectPool } from './objects.ts';
import { makePhysical } from './physical.ts';
import type { Probe } from './probe.ts';
import { makeScatterlist } from './scatterlist.ts';
import type { Environment, Situation, Target } from './situation.ts';
import type { CallSpec, Failures, SituationSpec, TableSpec } from './spec.ts';
import { argumentsOf, setStated, statedNumber } from './stated.ts';
import { makeTask } from './task.ts';
import { IOVA_START, makeContainer } from './vfio.ts';

/** The situation that a specification describes. */
export function situationFrom(spec: SituationSpec): Situation {
  return {
    ...{ name: spec.name, summary: spec.summary, models: DOMAIN_DRIVER },
    units: unitsOf(spec),
    build: (machine) => build(machine, spec),
  };
}

function unitsOf({ table, device }: SituationSpec): readonly string[] {
  const ofTable = table === undefined || table.format === 'driver' ? [] : [tableFile(table.format)];
  return [...ofTable, ...(device === undefined ? [] : deviceFiles(device))];
}

function build(machine: Machine, spec: SituationSpec): Environment {
  const pool = new ObjectPool(machine);
  setEncryption(pool, spec);
  const ramWrites = makePhysical(machine, spec.physical ?? []);
  const probes = makeParts(pool, spec);
  setStated(pool, spec.set ?? {});
  const ranges = noteMappings(machine);
  const expected = spec.vfio === undefined ? [] : expectedPages(machine, IOVA_START);
  return {
    supply: (type) => pool.supply(type),
    argumentsFor: (symbol) => argumentsOf(pool, symbol, spec.arguments ?? {}),
    prepare: (target) => {
      for (const call of spec.before ?? []) makeCall(pool, target, call);
    },
    arm: () => {
      arm(machine, spec.fail ?? {});
    },
    ...{ probes, expected, mapped: () => ranges, ramWrites, problems: pool.problems },
  };
}

function makeParts(pool: ObjectPool, spec: SituationSpec): Probe[] {
  const task = pool.knows('task_struct') ? makeTask(pool, spec) : undefined;
  const devices = spec.device === undefined ? [] : makeDevices(pool, spec.device);
  const listed = spec.vfio?.domains ?? 1;
  const probes: Probe[] = [];
  if (spec.table !== undefined) {
    const count = listed + (spec.vfio?.another === true ? 1 : 0);
    probes.push(...makeDomains(pool, spec.table, count));
  }
  const domain = pool.standingFor('iommu_domain');
  if (spec.device?.dma === 'swiotlb') useBounceBuffers(pool, devices);
  if (spec.device?.dma === 'iommu') {
    if (domain !== undefined) putBehindDomain(pool, devices, domain);
    else pool.problem('device', 'a device behind an IOMMU needs a table', undefined);
  }
  if (spec.scatterlist !== undefined) makeScatterlist(pool, spec.scatterlist);
  if (spec.vfio !== undefined && task !== undefined) makeContainer(pool, task, probes, listed);
  return probes;
}

function makeDomains(pool: ObjectPool, table: TableSpec, count: number): Probe[] {
  const probes: Probe[] = [];
  for (let i = 1; i <= count; i++) {
    const { format } = table;
    if (format === 'driver') makeDriverDomain(pool);
    else {
      const probe = makeDomain(pool, { ...table, format }, `domain ${i}`);
      if (probe !== undefined) probes.push(probe);
    }
    const domain = pool.standingFor('iommu_domain');
    if (table.pageSizes === undefined || domain === undefined) continue;
    const sizes = statedNumber(pool, 'pageSizes', table.pageSizes);
    if (sizes !== undefined) pool.view('iommu_domain', domain)?.set('pgsize_bitmap', sizes);
  }
  return probes;
}

/** Runs one of the calls that come before the entry. What stops it stops the run. */
function makeCall(pool: ObjectPool, { unit }: Target, spec: CallSpec): void {
  const { machine } = pool;
  const { call } = spec;
  const found = unit.definedFunctions().filter((symbol) => isMeant(symbol, call));
  const shown =
    typeof call === 'string' ? call : `a function of (struct ${call.join(', struct ')})`;
  const [symbol, more] = found;
  if (symbol === undefined || more !== undefined) {
    pool.problem(
      shown,
      symbol === undefined ? `${shown} is not here` : `${shown} is not the only one`,
      undefined,
    );
    return;
  }
  const args = argumentsOf(pool, symbol, spec.arguments ?? {});
  const open = args.findIndex((arg) => arg === undefined);
  if (open >= 0) {
    const name = symbol.type.parameters[open]?.name ?? String(open);
    pool.problem(shown, `argument ${name} of ${symbol.name}() is not stated`, undefined);
    return;
  }
  const result = machine.outermost(() =>
    machine.invoke(machine.callableFor(unit, symbol), args, undefined),
  );
  if (symbol.type.result.kind === 'integer' && result !== undefined && result < 0) {
    throw new Stop('bug', `${symbol.name}() returns ${result} before the entry`);
  }
}

function isMeant(symbol: FunctionSymbol, call: string | readonly string[]): boolean {
  if (typeof call === 'string') return symbol.name === call;
  const { parameters } = symbol.type;
  if (parameters.length !== call.length) return false;
  return parameters.every(
    ({ type }, i) =>
      type.kind === 'pointer' && type.to.kind === 'aggregate' && type.to.tag === call[i],
  );
}

function arm(machine: Machine, fail: Failures): void {
  if (fail.pages !== undefined) pagePool(machine).failAfter = fail.pages;
  if (fail.slab !== undefined) slabFailure(machine).remaining = fail.slab;
  if (fail.pin !== undefined) {
    putUserMemory(machine, { ...userMemory(machine), failAfter: fail.pin });
  }
}
