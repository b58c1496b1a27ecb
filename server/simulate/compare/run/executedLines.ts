import type { Location } from '../../../cfront/lex/sourceMap.ts';
import type { Unit } from '../../../cfront/unit.ts';
import { Stage } from '../../machine/executor.ts';
import type { Machine } from '../../machine/machine.ts';

/** Lines by location, 0 for those of another file: every run of a function asks for the same ones. */
const LINES = new WeakMap<Unit, Map<string, Map<Location, number>>>();

function linesOf(unit: Unit, file: string): Map<Location, number> {
  const ofUnit = LINES.get(unit) ?? new Map<string, Map<Location, number>>();
  LINES.set(unit, ofUnit);
  const lines = ofUnit.get(file) ?? new Map<Location, number>();
  ofUnit.set(file, lines);
  return lines;
}

/** Lines of a file at which statements begin that a machine executed. */
export interface ExecutedLines {
  readonly ever: ReadonlySet<number>;
  /** From the entry on; the others only brought about the state that it finds. */
  readonly watched: ReadonlySet<number>;
}

/** The lines of a file that a machine executed, as the units read it that are given. */
export function executedLines(
  machine: Machine,
  units: readonly Unit[],
  file: string,
): ExecutedLines {
  const watched = new Set<number>();
  const early = new Set<number>();
  for (const unit of units) {
    const known = linesOf(unit, file);
    const add = (at: Location, to: Set<number>): void => {
      let line = known.get(at);
      if (line === undefined) {
        const place = unit.place(at);
        line = place.file === file ? place.line : 0;
        known.set(at, line);
      }
      if (line > 0) to.add(line);
    };
    for (const { code } of machine.executed(unit)) {
      code?.code.blocks.forEach(({ locations, exitAt }, i) => {
        const stages = code.entered[i]!;
        if (stages === 0) return;
        const to = (stages & Stage.entry) === 0 ? early : watched;
        for (const at of locations) add(at, to);
        if (exitAt !== 0) add(exitAt, to);
      });
    }
  }
  // Hundreds of runs have nothing that ran before.
  return { ever: early.size === 0 ? watched : new Set([...early, ...watched]), watched };
}
