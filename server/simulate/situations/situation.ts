import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Callable, Model } from '../machine/executor.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import type { DeviceSpec, IommuDeviceSpec, IovaRange, LeadingRange } from './spec.ts';
import type { ExpectedPage, MappedRange } from './mappedRanges.ts';
import type { RamWrite } from './physical.ts';
import type { Probe } from './probe.ts';

/** The function that is to be run. */
export interface Target extends Callers {
  readonly symbol: FunctionSymbol;
}

/** Where functions that are called by name are looked for first. */
export interface Callers {
  readonly unit: Unit;
}

/** A call that a situation states, ready to be made. */
export interface StatedCall {
  readonly callable: Callable;
  readonly args: Value[];
}

/**
 * An environment that can be put into any machine: which files must be linked, what stands in for the
 * kernel outside of them, and how the objects are made.
 */
export interface Situation {
  readonly name: string;
  /** One line: what is where. */
  readonly summary: string;
  /** Files of the tree that belong to the program beside the one under review, where the tree has them. */
  readonly units: readonly string[];
  /** Models that replace or add to those of the floor. */
  readonly models: readonly Model[];
  /**
   * What variables of a file without initialiser hold: zero, or, of pointers and structs, what functions
   * that ran before have `set` them to. Absent: zero.
   */
  readonly globals?: 'set';
  /** Name of what is called instead of the function that changed, where the situation states it. */
  readonly entry?: string;
  /** Fills a fresh machine. May throw Stop where the tree's own code does not get through. */
  readonly build: (machine: Machine) => Environment;
}

/** What a situation put into a machine. */
export interface Environment {
  /** The object that a pointer which C reads first leads to; undefined: the situation leaves it open. */
  readonly supply: (type: Type) => number | undefined;
  /** Arguments of an entry function; undefined where the situation leaves one open. */
  readonly argumentsFor: (symbol: FunctionSymbol) => readonly Value[];
  /** Calls to make before the entry. Each may end in a Stop. */
  readonly prepare: (target: Target) => void;
  /** What is called instead of the function that changed; absent, or undefined with a problem: that function. */
  readonly entry?: (target: Target) => StatedCall | undefined;
  /** Makes what the situation lets fail start to count. Call it right before the entry. */
  readonly arm: () => void;
  /** The device whose contexts the C writes, where the situation has one. */
  readonly behind?: IommuDeviceSpec;
  /** What can be looked at while and after the C runs. */
  readonly probes: readonly Probe[];
  /** The user mapping, at the IOVAs that the situation asks for. */
  readonly expected: readonly ExpectedPage[];
  /** IOVAs whose translation the entry must not touch. */
  readonly keeps: readonly IovaRange[];
  /** Where IOVAs have to lead after the entry, in every table. */
  readonly leads: readonly LeadingRange[];
  /** How the devices reach memory, where the situation makes some. */
  readonly dma: DeviceSpec['dma'] | undefined;
  /** IOVAs that have to be gone after the entry. */
  readonly removes: readonly IovaRange[];
  /** Entries that decided about IOVAs when the entry was called, by probe. */
  readonly entriesBefore: () => ReadonlyMap<Probe, ReadonlyMap<bigint, bigint>>;
  /** What was mapped so far, in order. */
  readonly mapped: () => readonly MappedRange[];
  /** Of pages that a buffer shares with other memory, devices get a copy. */
  readonly untrusted?: boolean;
  /** What was mapped before the entry has to be gone after it. */
  readonly takesBack?: boolean;
  /** What a device wrote before the entry, through what was mapped by then. */
  readonly written: () => readonly DeviceWrite[];
  /** Stores into the RAM that the situation put in place, in order. */
  readonly ramWrites: readonly RamWrite[];
  /** Named members and files that this tree lacks. A run with problems says nothing. */
  readonly problems: readonly SituationProblem[];
}

/** Memory that a device wrote through a mapping of it, as far as one stretch goes. */
export interface DeviceWrite {
  /** Physical address of the memory that was to be mapped, wherever the device wrote instead. */
  readonly memory: bigint;
  /** Unit: bytes. */
  readonly bytes: number;
  /** How many bytes the device wrote before this one. */
  readonly first: number;
}

/** States nothing: every input is chosen when it is first read. */
export const NO_SITUATION: Situation = {
  ...{ name: 'open', summary: 'every input is chosen as it is needed', units: [], models: [] },
  build: () => ({
    supply: () => undefined,
    argumentsFor: () => [],
    prepare: () => undefined,
    arm: () => undefined,
    ...{
      probes: [],
      expected: [],
      mapped: () => [],
      written: () => [],
      ramWrites: [],
      problems: [],
    },
    ...{ keeps: [], removes: [], leads: [], dma: undefined, entriesBefore: () => new Map() },
  }),
};

/** Something that a situation names and this tree does not have. */
export interface SituationProblem {
  /** `struct.member`, a file or a function: what was named. */
  readonly subject: string;
  /** One clause, without final full stop. */
  readonly reason: string;
  readonly nearest: string | undefined;
}

/** A problem in one clause, with the nearest name where there is one. */
export function problemText({ reason, nearest }: SituationProblem): string {
  return nearest === undefined ? reason : `${reason}; nearest: "${nearest}"`;
}
