import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { BuiltIn } from './builtIn/builtIn.ts';
import { AMD } from './builtIn/amd.ts';
import { DMA, mappedFor } from './builtIn/dma.ts';
import { DMA_IOVA } from './builtIn/dmaIova.ts';
import { IOMMU_CORE, TABLES_BELOW } from './builtIn/iommuCore.ts';
import { IOMMU_DRIVERS } from './builtIn/iommuDrivers.ts';
import { IOMMUFD } from './builtIn/iommufd.ts';
import { SMMUV3 } from './builtIn/smmuv3.ts';
import { VFIO } from './builtIn/vfio.ts';
import { RISCV } from './builtIn/riscv.ts';
import { VTD } from './builtIn/vtd.ts';
import { situationFrom } from './fromSpec.ts';
import { operationsOf } from './operations.ts';
import type { Situation } from './situation.ts';
import type { SituationSpec } from './spec.ts';
import { statedArgument, typeText } from './stated.ts';

const BUILT_IN: readonly BuiltIn[] = [
  ...VFIO,
  ...IOMMU_CORE,
  ...IOMMU_DRIVERS,
  ...IOMMUFD,
  ...DMA,
  ...DMA_IOVA,
];
const WHOLE_DRIVERS: readonly BuiltIn[] = [...VTD, ...AMD, ...SMMUV3, ...RISCV, ...TABLES_BELOW];

/** The built-in situations by name. */
export const SITUATIONS: ReadonlyMap<string, SituationSpec> = new Map(
  [...BUILT_IN, ...WHOLE_DRIVERS].map(({ spec }) => [spec.name, spec]),
);

/** The built-in situations that run the driver to which a file belongs as a whole, through an entry of their own. */
export function situationsOfDriver(unit: Unit): readonly Situation[] {
  const isKnown = (tag: string): boolean => unit.aggregate(tag)?.layout !== undefined;
  return WHOLE_DRIVERS.flatMap(({ driver = '', release = driver, spec }) =>
    isKnown(driver) && isKnown(release) ? [situationFrom(spec)] : [],
  );
}

/** The C files that build the page tables of the built-in situations: what their headers do, the core shows. */
export function tableFiles(): readonly string[] {
  return [...new Set(TABLES_BELOW.flatMap(({ spec }) => situationFrom(spec).units))];
}

/** The built-in situations that say something about an entry function, the most specific kind only. */
export function situationsFor(entry: FunctionSymbol): Situation[] {
  const taken = new Set(entry.type.parameters.flatMap(({ type }) => structOf(type) ?? []));
  const signature = signatureOf(entry);
  const fitting = BUILT_IN.filter(
    ({ takes, operation, knows, signatures, spec }) =>
      operation === undefined &&
      knows === undefined &&
      // What was done before is what these entries expect, and nobody else.
      (spec.before === undefined || signatures?.includes(signature) !== false) &&
      takes.every((tag) => taken.has(tag)),
  );
  return mostSpecific(fitting);
}

function mostSpecific(fitting: readonly BuiltIn[]): Situation[] {
  const most = Math.max(0, ...fitting.map(({ takes }) => takes.length));
  return fitting
    .filter(({ takes }) => takes.length === most)
    .map(({ spec }) => situationFrom(spec));
}

/** Entry functions through which a function is run in a situation that states every argument. */
export interface StatedEntry {
  readonly entry: FunctionSymbol;
  readonly situations: readonly Situation[];
}

/** How far up the callers of a function are looked at. */
const MOST_LEVELS = 6;

/**
 * The functions of a file through which `name` runs in built-in situations without an invented argument: itself or
 * the nearest callers. A static function is a part of those that others call, which are run in its place where they
 * fit, too. `callersOf` gives the functions of the file that call one.
 */
export function statedEntries(
  unit: Unit,
  name: string,
  callersOf: (name: string) => readonly string[],
): StatedEntry[] {
  const nearest = entriesAbove(unit, name, callersOf, () => true);
  if (nearest.every(({ entry }) => entry.external)) return nearest;
  const whole = entriesAbove(unit, name, callersOf, ({ external }) => external);
  return whole.length > 0 ? whole : nearest;
}

/** The nearest functions that fit a situation, of those that are asked for. */
function entriesAbove(
  unit: Unit,
  name: string,
  callersOf: (name: string) => readonly string[],
  isAsked: (entry: FunctionSymbol) => boolean,
): StatedEntry[] {
  const found: StatedEntry[] = [];
  const seen = new Set([name]);
  let level = [name];
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth++) {
    const above: string[] = [];
    for (const one of level) {
      const entry = unit.function(one);
      if (entry?.body === undefined) continue;
      const situations = isAsked(entry) ? statedFor(unit, entry) : [];
      if (situations.length > 0) found.push({ entry, situations });
      // What a stated entry calls is run through it; its own callers add nothing.
      else above.push(...callersOf(one).filter((caller) => !seen.has(caller)));
    }
    for (const caller of above) seen.add(caller);
    level = [...new Set(above)];
  }
  return found;
}

function statedFor(unit: Unit, entry: FunctionSymbol): Situation[] {
  const operation = operationsOf(unit).get(entry);
  const asked = BUILT_IN.filter(
    (one) => one.operation !== undefined && one.operation === operation,
  );
  if (asked.length > 0) return asked.map(({ spec }) => situationFrom(spec));
  const { parameters } = entry.type;
  const taken = parameters.map(({ type }) => structOf(type));
  const signature = signatureOf(entry);
  const fitting = BUILT_IN.filter(
    ({ takes, makes, operation: needed, knows, lacks, signatures, mapped, spec }) => {
      if (needed !== undefined) return false;
      if (mapped !== undefined && mapped !== mappedFor(entry)) return false;
      if (signatures !== undefined && !signatures.includes(signature)) return false;
      if (knows?.some((tag) => unit.aggregate(tag) !== undefined) === false) return false;
      if (lacks !== undefined && unit.aggregate(lacks) !== undefined) return false;
      if (!takes.every((tag) => taken.includes(tag))) return false;
      return parameters.every((_, i) => {
        const tag = taken[i];
        if (tag !== undefined) return makes.includes(tag);
        return statedArgument(spec.arguments ?? {}, parameters, i) !== undefined;
      });
    },
  );
  return mostSpecific(fitting);
}

/** The types of a function's parameters, as C lists them. */
function signatureOf({ type }: FunctionSymbol): string {
  return type.parameters.map((parameter) => typeText(parameter.type)).join(', ');
}

function structOf(type: Type): string | undefined {
  return type.kind === 'pointer' && type.to.kind === 'aggregate' ? type.to.tag : undefined;
}
