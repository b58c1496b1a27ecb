import { ERRNO } from '../../model/bits/errno.ts';
import { compareStep } from '../../model/scenario/compare.ts';
import type { CaseOutcome, FailedStep, Sha256 } from '../../model/scenario/replay.ts';
import type { Observed } from '../../model/scenario/machine.ts';
import type { TableDump } from '../../model/scenario/tableDump.ts';
import { digestText, formatPfn } from '../../model/scenario/tableDump.ts';
import type { VectorCase, VectorOp } from '../../model/scenario/vectorTypes.ts';
import type { LoadResult } from '../../cfront/frontEnd.ts';
import { FrontEnd } from '../../cfront/frontEnd.ts';
import type { LexCache, SourceProvider } from '../../cfront/preprocess/sources.ts';
import type { Architecture } from '../../cfront/profile/profile.ts';
import { profileOf } from '../../cfront/profile/profiles.ts';
import type { Unit } from '../../cfront/unit.ts';
import { kernelFloor } from '../kernel/floor.ts';
import type { Model } from '../machine/executor.ts';
import type { Budget } from '../machine/budget.ts';
import { WIDE_BUDGET } from '../machine/budget.ts';
import { Machine } from '../machine/machine.ts';
import { Program } from '../machine/program.ts';
import type { StopKind } from '../machine/stop.ts';
import { Stop } from '../machine/stop.ts';
import { GENERIC_PT_DRIVER, GENERIC_PT_FILES, GenericPtInC } from './genericPt.ts';
import { AMD_612_DRIVER, AMD_612_FILES, Amd612Driver } from './amd612Driver.ts';
import { ARM_FORMAT_CONSTANTS, ArmDriver } from './armDriver.ts';
import { IO_PGTABLE_DRIVER, IoPgtableInC } from './ioPgtable.ts';
import type { TableInC } from './tableInC.ts';

/** What a run of vectors on a tree needs from outside. */
export interface TreeReplayOptions {
  readonly source: SourceProvider;
  readonly sha256: Sha256;
  readonly now: () => number;
  readonly budget?: Budget;
  /** Lexed files, shared with other states of the tree. */
  readonly cache?: LexCache;
}

const DIGEST_DIGITS = 32;

/** A table that runs in C, or why there is none. */
type Started = TableInC | string;

/** Replays vector cases on the C of one tree. Machines are kept: a unit is read and compiled once. */
export class TreeReplay {
  private readonly options: TreeReplayOptions;
  private readonly frontEnd: FrontEnd;
  private readonly tables = new Map<string, Started>();
  private readonly started: Machine[] = [];
  private readonly programs = new Map<string, readonly Unit[]>();
  /** Formats share the core, and what of it was read. */
  private readonly units = new Map<string, LoadResult>();

  constructor(options: TreeReplayOptions) {
    this.options = options;
    this.frontEnd = new FrontEnd(options.source, options.cache);
  }

  /** Runs all steps of a case and compares every one. */
  replay(vector: VectorCase): CaseOutcome {
    const failed: FailedStep[] = [];
    let table: TableInC | undefined;
    let { format } = vector;
    for (const [index, op] of vector.ops.entries()) {
      if (op.op === 'init') {
        format = op.args['fmt'] as string;
        const started = this.tableFor(format, vector.build);
        if (typeof started === 'string') return { kind: 'skipped', reason: started };
        table = started;
      }
      if (table === undefined)
        return { kind: 'problem', reason: `op ${index}: ${op.op} before init` };
      const differences = this.step(table, op);
      if (typeof differences === 'string') {
        // After an init that went wrong the rest of the case has nothing to run on.
        if (failed.length > 0) break;
        return { kind: 'problem', reason: `op ${index}: ${differences}` };
      }
      if (differences.length > 0) failed.push({ index, op, differences, format });
    }
    const steps = vector.ops.length;
    return failed.length === 0 ? { kind: 'passed', steps } : { kind: 'failed', steps, failed };
  }

  /** Reads the C of a format; what it was made from, or nothing where there is none. */
  unitsOf(format: string): readonly Unit[] {
    if (typeof this.tableFor(format, 'release') === 'string') return [];
    return this.programs.get(`${format} release`) ?? [];
  }

  /** Runs the steps of a case and gives what each did; ends at one that made no sense or did not end. */
  *observe(vector: VectorCase): Iterable<ObservedStep | StoppedStep> {
    let table: TableInC | undefined;
    for (const op of vector.ops) {
      if (op.op === 'init') {
        const started = this.tableFor(op.args['fmt'] as string, vector.build);
        if (typeof started === 'string') {
          yield { stop: 'refused', message: started };
          return;
        }
        table = started;
      }
      if (table === undefined) {
        yield { stop: 'refused', message: `${op.op} before init` };
        return;
      }
      const step = this.observed(table, op);
      yield step;
      if ('stop' in step) return;
    }
  }

  /** The machines that have run something, for what of their C was executed. */
  get machines(): readonly Machine[] {
    return this.started;
  }

  private observed(table: TableInC, op: VectorOp): ObservedStep | StoppedStep {
    let result;
    try {
      result = table.run(op);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      return { stop: error.kind, message: `${error.message}${table.whereStopped()}` };
    }
    if (typeof result === 'string') return { stop: 'refused', message: result };
    try {
      return this.withTables(table, op, result);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      // What hardware would walk next is broken, too.
      return { stop: error.kind, message: `whoever walks the tables ${error.message}` };
    }
  }

  private step(table: TableInC, op: VectorOp): FailedStep['differences'] | string {
    let result;
    try {
      result = table.run(op);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      return this.stopped(table, op, error);
    }
    if (typeof result === 'string') return result;
    const { observed, tables } = this.withTables(table, op, result);
    return compareStep(op.expect, observed, tables);
  }

  private withTables(table: TableInC, op: VectorOp, result: Observed): ObservedStep {
    const wantsTables = 'digest' in op.expect || 'tables' in op.expect || 'top' in op.expect;
    const tables = (wantsTables ? table.tables() : undefined) ?? [];
    const observed = {
      ...result,
      ...errorName(result['ret']),
      live: table.live(),
      ...(tables.length === 0
        ? {}
        : {
            digest: this.options.sha256(digestText(tables)).slice(0, DIGEST_DIGITS),
            top: [formatPfn(tables[0]!.pfn), tables[0]!.level],
            tables_reachable: tables.length,
          }),
    };
    return { op, observed, tables };
  }

  /** A step whose C did not get to its end differs in that. */
  private stopped(table: TableInC, op: VectorOp, stop: Stop): FailedStep['differences'] {
    const at = table.whereStopped();
    return [
      { kind: 'value', field: op.op, expected: 'a result', got: `stopped: ${stop.message}${at}` },
    ];
  }

  private tableFor(format: string, build: VectorCase['build']): Started {
    const key = `${format} ${build}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = this.start(format, build);
      this.tables.set(key, table);
    }
    return table;
  }

  private start(format: string, build: VectorCase['build']): Started {
    const recipe = recipeFor(format);
    if (recipe === undefined) return `no C answers format ${format}`;
    const overrides = new Map(build === 'debug' ? [['DEBUG_GENERIC_PT', '1']] : []);
    const units: Unit[] = [];
    for (const path of recipe.files) {
      const key = `${path} ${build} ${recipe.architecture}`;
      const loaded =
        this.units.get(key) ??
        this.frontEnd.load(path, { overrides, profile: profileOf(recipe.architecture) });
      this.units.set(key, loaded);
      if (loaded.ok) units.push(loaded.unit);
      else if (!recipe.optional.includes(path)) return `${path}: ${loaded.problem.reason}`;
    }
    const missing = INTERFACES.find((name) => !units.some((unit) => defines(unit, name)));
    if (missing !== undefined) return `${missing}() is not defined in ${recipe.files.join(', ')}`;
    const machine = new Machine({
      program: new Program(units),
      floor: kernelFloor(recipe.models),
      budget: this.options.budget ?? WIDE_BUDGET,
      now: this.options.now,
    });
    this.started.push(machine);
    this.programs.set(`${format} ${build}`, units);
    return recipe.make(machine);
  }
}

/** What a step did, and the tables after it. */
export interface ObservedStep {
  readonly op: VectorOp;
  readonly observed: Observed;
  readonly tables: readonly TableDump[];
}

/** A step that did not get to its end, or that made no sense. */
export interface StoppedStep {
  readonly stop: StopKind | 'refused';
  readonly message: string;
}

/** The files that answer a format, its own first; undefined where no C does. */
export function filesOf(format: string): readonly string[] | undefined {
  return recipeFor(format)?.files;
}

/** How the C of a format is put together. */
interface Recipe {
  readonly architecture: Architecture;
  /** The first file's types are the ones the harness uses. */
  readonly files: readonly string[];
  /** Files that older trees do not have. */
  readonly optional: readonly string[];
  readonly models: readonly Model[];
  readonly make: (machine: Machine) => TableInC;
}

/** What tables are used through, whichever of the files of a recipe defines it. */
const INTERFACES: readonly string[] = ['iommu_map', 'iommu_unmap'];

function defines(unit: Unit, name: string): boolean {
  return unit.function(name)?.body !== undefined;
}

/** The file of every release that defines the interfaces. */
const CORE = 'drivers/iommu/iommu.c';
const PAGES = 'drivers/iommu/iommu-pages.c';

function recipeFor(format: string): Recipe | undefined {
  const generic = GENERIC_PT_FILES[format];
  if (generic !== undefined) {
    return {
      architecture: 'x86',
      files: [`drivers/iommu/generic_pt/fmt/${generic}`, CORE, PAGES],
      optional: [],
      models: GENERIC_PT_DRIVER,
      make: (machine) => new GenericPtInC(machine, format),
    };
  }
  if (ARM_FORMAT_CONSTANTS[format] !== undefined) {
    return {
      architecture: 'arm64',
      files: ['drivers/iommu/io-pgtable-arm.c', 'drivers/iommu/io-pgtable.c', CORE, PAGES],
      optional: [PAGES],
      models: IO_PGTABLE_DRIVER,
      make: (machine) => new IoPgtableInC(machine, format, new ArmDriver(machine, format)),
    };
  }
  const amd = AMD_612_FILES[format];
  if (amd === undefined) return undefined;
  return {
    architecture: 'x86',
    files: [amd, CORE, PAGES],
    optional: [PAGES],
    models: [...IO_PGTABLE_DRIVER, ...AMD_612_DRIVER],
    make: (machine) => new IoPgtableInC(machine, format, new Amd612Driver(machine, format)),
  };
}

/** The symbolic name that vectors give next to a negative result. */
function errorName(ret: unknown): { readonly err?: string } {
  if (typeof ret !== 'number' || ret >= 0) return {};
  const name = Object.entries(ERRNO).find(([, value]) => value === -ret);
  return name === undefined ? {} : { err: name[0] };
}
