import { load } from '../../model/mem/physMem.ts';
import { commandListeners } from '../iommu/commands.ts';
import type { ContextRoot } from '../iommu/port.ts';
import { userMemory } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import type { Environment } from '../situations/situation.ts';
import type { GivenStep } from './guestDma.ts';
import { GuestDma } from './guestDma.ts';
import { lookUp } from './lookUp.ts';
import type { Pictures } from './pictures.ts';
import { picturesOf } from './pictures.ts';
import { Recorder } from './recorder.ts';
import type { RunEnd } from './replay.ts';
import { Replay } from './replay.ts';
import type { ReplaySetting, ReplayWorld, WrittenContexts } from './replayWorld.ts';
import type { NotWatched } from './notWatched.ts';
import { notWatched } from './notWatched.ts';
import type { RunLog } from './runLog.ts';
import type { Violation } from './violation.ts';
import { violationsOf } from './wording.ts';

/** What the hardware sees of a run. */
export interface HardwareView {
  readonly violations: readonly Violation[];
  /** Every entry that the tables hold in the end: what two runs can be compared by. */
  readonly contents: readonly string[];
  /** How many commands the IOMMU took from the queue that the C fills. */
  readonly commands: number;
  readonly notWatched: readonly NotWatched[];
  /** What becomes of memory that devices of a guest are given, in order; nothing where memory is no guest's. */
  readonly given: readonly GivenStep[];
  /** Steps and tables, decoded. Made when it is asked for: most runs are never shown. */
  readonly pictures: () => Pictures;
}

/** How an entry ended, as far as hardware is concerned. */
export interface WatchedEnd {
  readonly succeeded: boolean;
  /** Whether the entry has to flush by itself what it removes. */
  readonly syncs: 'itself' | 'caller';
  /** Address of the gather that the entry was handed. */
  readonly gather: number | undefined;
}

const NO_PICTURES: Pictures = {
  ...{ before: [], accessesBefore: [], cachedBefore: undefined, steps: [], tables: [] },
  ...{ accesses: [], memory: [], encryptionMask: 0n },
};
const UNSEEN: HardwareView = {
  ...{
    violations: [],
    contents: [],
    commands: 0,
    notWatched: [],
    given: [],
    pictures: (): Pictures => NO_PICTURES,
  },
};

/**
 * Watches the page tables of a situation while an entry function runs: what it does to them is written down, and
 * done again on the model when the run is over. The hardware of the model reads entries by itself, and never asks
 * the code that builds them.
 */
export class HardwareWatch {
  private readonly machine: Machine;
  private readonly environment: Environment;
  private readonly recorder: Recorder;
  private readonly guestDma: GuestDma;
  /** Where the IOMMU read contexts when the run began. */
  private readonly root: ContextRoot | undefined;

  /**
   * Takes note of what is there. Make it right before the entry is called. `eventCount`: events of the trace so far,
   * by which steps find their place among them. `gather`: address of the one that the entry is handed.
   */
  constructor(
    machine: Machine,
    environment: Environment,
    eventCount: () => number = () => 0,
    gather?: number,
  ) {
    this.machine = machine;
    this.environment = environment;
    this.root = commandListeners(machine).contexts;
    this.recorder = new Recorder(machine, environment, eventCount);
    if (gather !== undefined) this.recorder.follow(gather);
    this.guestDma = new GuestDma(machine, eventCount);
    const observers = new Map([...this.recorder.observers(), ...this.guestDma.observers()]);
    if (observers.size > 0) machine.observeCalls(observers);
  }

  /** Where the IOMMU reads the contexts that the C writes. */
  private contexts(): WrittenContexts | undefined {
    const { behind } = this.environment;
    const root = this.root ?? commandListeners(this.machine).contexts;
    return behind === undefined || root === undefined ? undefined : { root, device: behind };
  }

  /** What is wrong in what the run did. Asks the C itself at the end, so that nothing may be read of the run after it. */
  finish({ succeeded, syncs, gather }: WatchedEnd): HardwareView {
    const { recorder, machine, environment } = this;
    recorder.catchUp();
    const { log } = recorder;
    const { probes } = environment;
    const { violations: ofGuest, isWatched, given } = this.guestDma;
    const skipped = notWatched(machine, environment, { isCut: log.isCut, isGuest: isWatched });
    const isSeen = (probes.length > 0 || log.operations.length > 0) && !log.isCut;
    if (!isSeen) return { ...UNSEEN, given, violations: ofGuest, notWatched: skipped };
    const contexts = this.contexts();
    const setting: ReplaySetting = {
      ...{ probes, userPages: userMemory(machine).pages },
      ...(contexts === undefined ? {} : { contexts }),
    };
    const gathered = gather === undefined ? undefined : recorder.gatherAt(gather);
    const replay = new Replay(log, setting, 'invariants');
    replay.run(undefined);
    const { changed } = replay;
    const end: RunEnd = {
      ...{ succeeded, syncs, gathered },
      lookedUp: lookUp(machine, probes, changed),
    };
    replay.end(end);
    const commands = commandsOf(log);
    const told = { log, probes, mapped: environment.mapped() };
    return {
      violations: [...ofGuest, ...violationsOf(replay.found, told)],
      contents: [...contentsOf(replay.replay), ...commands],
      commands: commands.length,
      notWatched: skipped,
      given,
      pictures: () => picturesOf(log, setting, changed),
    };
  }
}

/** What the IOMMU was told through its queue, in order. */
function commandsOf({ operations }: RunLog): string[] {
  return operations.flatMap((operation) =>
    operation.kind === 'command'
      ? [operation.command.words.map(({ lo, hi }) => `${lo} ${hi}`).join(' ')]
      : [],
  );
}

function contentsOf({ world, spaces }: ReplayWorld): string[] {
  const lines: string[] = [];
  for (const { name, positions, shape } of spaces) {
    for (const [pfn, { level, base }] of positions) {
      for (let index = 0; index < shape.items; index++) {
        const { lo, hi } = load(world.mem, pfn, index);
        if ((lo | hi) !== 0) lines.push(`${name} ${level} ${base} ${index} ${lo} ${hi}`);
      }
    }
  }
  return lines;
}
