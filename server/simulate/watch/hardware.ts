import { word, type Word64 } from '../../model/bits/pte64.ts';
import { decodeEntry, entryText } from '../../model/fmt/decode.ts';
import type { EntryReading, TableShape } from '../../model/hw/common/entry.ts';
import { capabilities } from '../../model/hw/riscv/registers.ts';
import { shapeOf } from '../../model/world/shapes.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import { driverListeners } from '../kernel/domainDriver.ts';
import { pagePool } from '../kernel/pages.ts';
import { userMemory } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import type { Violation } from './violation.ts';

/** An entry of a table in the C's memory, as the hardware reads it. */
export interface SeenEntry {
  readonly index: number;
  readonly iova: bigint;
  readonly at: number;
  readonly bits: bigint;
  readonly kind: 'table' | 'leaf' | 'invalid';
  /** Physical address that it leads to. */
  readonly to: bigint;
  /** Unit: bytes. */
  readonly size: bigint;
  readonly write: boolean;
  readonly text: string;
}

/** A page of a table in the C's memory. */
export interface SeenTable {
  readonly domain: string;
  readonly format: string;
  readonly level: number;
  readonly physical: number;
  readonly entries: readonly SeenEntry[];
}

/** A device access, and what may come of it. */
export interface SeenAccess {
  readonly domain: string;
  readonly iova: bigint;
  readonly write: boolean;
  readonly outcomes: readonly string[];
}

/** What the hardware sees of a run when it is over. */
export interface HardwareView {
  readonly violations: readonly Violation[];
  readonly tables: readonly SeenTable[];
  readonly accesses: readonly SeenAccess[];
}

const NOTHING: HardwareView = { violations: [], tables: [], accesses: [] };
const PAGE = 4096;
const ENTRIES = 512;
const RISCV_CAPABILITIES = capabilities(word(0xe0e10, 56));
/** log2 of the granule of Arm tables. */
const GRANULE_LG2 = 12;
/** Accesses that are tried for one table. */
const MOST_ACCESSES = 16;

/**
 * Watches the page tables of a situation while an entry function runs. The hardware reads entries by itself,
 * from the machine's memory, and never asks the code that builds them.
 */
export class HardwareWatch {
  private readonly machine: Machine;
  private readonly environment: Environment;
  private readonly events: DriverEvent[] = [];
  private readonly leavesBefore = new Map<Probe, readonly SeenEntry[]>();
  private readonly ramWritesBefore: number;
  private readonly freedBefore: ReadonlySet<number>;

  /** Takes note of what is there. Make it right before the entry is called. */
  constructor(machine: Machine, environment: Environment) {
    this.machine = machine;
    this.environment = environment;
    this.ramWritesBefore = environment.ramWrites.length;
    this.freedBefore = new Set(pagePool(machine).freed.keys());
    driverListeners(machine).listeners.push((event) => this.events.push(event));
    for (const probe of environment.probes) {
      this.leavesBefore.set(probe, leavesOf(tablesOf(machine, probe)));
    }
  }

  /** What is wrong in what the run left. `syncs`: the entry has to flush by itself what it removes. */
  finish(syncs: 'itself' | 'caller'): HardwareView {
    const { probes, ramWrites } = this.environment;
    if (probes.length === 0 && ramWrites.length === 0) return NOTHING;
    const violations: Violation[] = [];
    for (const { physical, size, by } of ramWrites.slice(this.ramWritesBefore)) {
      violations.push({
        ...{ id: 'I-LIFE-3', subject: 'RAM', place: undefined, since: undefined, page: physical },
        message: `${by}() stores ${size} bytes to ${hex(physical)}, which is RAM and no table`,
      });
    }
    const tables: SeenTable[] = [];
    const accesses: SeenAccess[] = [];
    for (const probe of probes) {
      const seen = tablesOf(this.machine, probe);
      tables.push(...seen);
      violations.push(...this.judge(probe, seen, syncs));
      accesses.push(...this.tried(probe, leavesOf(seen)));
    }
    return { violations, tables, accesses };
  }

  private judge(
    probe: Probe,
    tables: readonly SeenTable[],
    syncs: 'itself' | 'caller',
  ): Violation[] {
    const found: Violation[] = [];
    const about = { subject: probe.name, place: undefined, since: undefined };
    for (const entry of tables.flatMap(({ entries }) => entries)) {
      const iova = { first: entry.iova, last: entry.iova + entry.size - 1n };
      const at = { ...about, iova, page: entry.at };
      if (entry.kind === 'invalid') {
        const message = `${probe.name} has an entry that hardware faults on: ${entry.text}`;
        found.push({ ...at, id: 'I-FMT-1', message });
      }
      if (entry.kind === 'table' && this.isFreed(Number(entry.to))) {
        const message = `${probe.name} leads to the table at ${hex(entry.to)}, which was freed`;
        found.push({ ...at, id: 'I-LIFE-1', message });
      }
    }
    if (syncs === 'itself') found.push(...this.unflushed(probe, leavesOf(tables)));
    return found;
  }

  private isFreed(physical: number): boolean {
    const { freed, sizes } = pagePool(this.machine);
    return freed.has(physical) && !sizes.has(physical) && !this.freedBefore.has(physical);
  }

  private pageAt(physical: bigint): 'ram' | 'mmio' | 'rsvdram' | undefined {
    const pfn = Number(physical / BigInt(PAGE));
    return userMemory(this.machine).pages.find((page) => page.pfn === pfn)?.kind;
  }

  /** Leaves that went without a flush over them: caches may hold them on. */
  private unflushed(probe: Probe, now: readonly SeenEntry[]): Violation[] {
    const live = new Map(now.map((leaf) => [leaf.iova, leaf.bits]));
    const gone = (this.leavesBefore.get(probe) ?? []).filter(
      ({ iova, bits }) => live.get(iova) !== bits,
    );
    const [first] = gone.filter(({ iova, size }) => !this.isFlushed(probe, iova, iova + size - 1n));
    if (first === undefined) return [];
    const { iova, size } = first;
    return [
      {
        ...{ id: 'I-REACH-1', subject: probe.name, place: undefined, since: undefined },
        message: `${probe.name}: the entry for ${hex(iova)} went, and no flush covers it`,
        iova: { first: iova, last: iova + size - 1n },
      },
    ];
  }

  private isFlushed({ domain }: Probe, first: bigint, last: bigint): boolean {
    return this.events.some((event) => {
      if (event.kind === 'flush_iotlb_all') return event.domain === domain;
      if (event.kind !== 'iotlb_sync' || event.domain !== domain) return false;
      return event.start <= first && event.last >= last;
    });
  }

  private tried(probe: Probe, leaves: readonly SeenEntry[]): SeenAccess[] {
    const before = this.leavesBefore.get(probe) ?? [];
    const iovas = [...new Set([...leaves, ...before].map(({ iova }) => iova))];
    return iovas.slice(0, MOST_ACCESSES).map((iova) => {
      const outcomes: string[] = [];
      const leaf = leaves.find((one) => one.iova === iova);
      outcomes.push(leaf === undefined ? 'fault: not mapped' : this.reached(probe, leaf));
      const old = before.find((one) => one.iova === iova);
      const isStale = old !== undefined && old.bits !== leaf?.bits;
      if (isStale && !this.isFlushed(probe, iova, iova + old.size - 1n)) {
        outcomes.push(`stale entry: ${this.reached(probe, old)}`);
      }
      return { domain: probe.name, iova, write: true, outcomes };
    });
  }

  private reached(probe: Probe, leaf: SeenEntry): string {
    if (!leaf.write) return 'fault: not writable';
    const page = this.pageAt(leaf.to);
    const isEncrypted = (leaf.bits & probe.encryptionMask) !== 0n;
    const what = page === undefined ? 'memory' : page === 'mmio' ? 'MMIO' : 'RAM';
    if (probe.encryptionMask === 0n || page === undefined) return `reaches ${what} ${hex(leaf.to)}`;
    if (page === 'mmio' && isEncrypted) return `misses MMIO ${hex(leaf.to)}: the C-bit is address`;
    if (page !== 'mmio' && !isEncrypted) return `writes ${hex(leaf.to)} past the encryption`;
    return `reaches ${what} ${hex(leaf.to)}`;
  }
}

function leavesOf(tables: readonly SeenTable[]): SeenEntry[] {
  return tables.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'leaf'));
}

/** Every table of a probe, from its top down, as the hardware finds them. */
function tablesOf(machine: Machine, probe: Probe): SeenTable[] {
  const shape = shapeOf(probe.format, {
    encryptionPfn: Number(probe.encryptionMask / BigInt(PAGE)),
    ...{ granuleLg2: GRANULE_LG2, caps: RISCV_CAPABILITIES },
  });
  if (shape === undefined) return [];
  const { physical, level } = probe.top();
  const found: SeenTable[] = [];
  const waiting = [{ physical, level, base: 0n }];
  const seen = new Set<number>();
  for (let table = waiting.pop(); table !== undefined; table = waiting.pop()) {
    if (seen.has(table.physical)) continue;
    seen.add(table.physical);
    const entries = entriesOf(machine, probe, shape, table);
    found.push({ ...table, domain: probe.name, format: probe.format, entries });
    for (const { kind, to, iova } of entries) {
      if (kind === 'table')
        waiting.push({ physical: Number(to), level: table.level - 1, base: iova });
    }
  }
  return found;
}

function entriesOf(
  machine: Machine,
  probe: Probe,
  shape: TableShape,
  table: { readonly physical: number; readonly level: number; readonly base: bigint },
): SeenEntry[] {
  const entries: SeenEntry[] = [];
  const start = machine.directMap + table.physical;
  // A table whose page is gone cannot be read; the entry that leads to it is what is wrong.
  if (machine.memory.regions.containing(start) === undefined) return entries;
  const step = 1n << BigInt(shape.itemLg2(table.level));
  for (let index = 0; index < ENTRIES; index++) {
    const bits = machine.memory.peekBits(start + index * 8, 8);
    if (bits === 0n) continue;
    const value = wordOf(bits);
    const reading = shape.read(value, table.level);
    if (reading.kind === 'empty') continue;
    const decoded = decodeEntry(probe.format, value, table.level);
    const iova = table.base + BigInt(index) * step;
    const to = targetOf(reading, iova);
    entries.push({
      ...{ index, iova, at: table.physical + index * 8, bits },
      ...{ kind: reading.kind, to, size: step },
      write: reading.kind === 'leaf' && reading.write,
      text:
        reading.kind === 'invalid'
          ? reading.why
          : decoded === undefined
            ? hex(bits)
            : entryText(decoded),
    });
  }
  return entries;
}

/** Where an entry leads: an item of a contiguous leaf to its own part of it. */
function targetOf(reading: EntryReading, iova: bigint): bigint {
  if (reading.kind !== 'leaf' && reading.kind !== 'table') return 0n;
  const start = BigInt(reading.pfn) * BigInt(PAGE);
  return reading.kind === 'leaf' ? start + (iova & ((1n << BigInt(reading.lg2)) - 1n)) : start;
}

function wordOf(bits: bigint): Word64 {
  return { lo: Number(BigInt.asIntN(32, bits)), hi: Number(BigInt.asIntN(32, bits >> 32n)) };
}
