import type { Location } from '../../cfront/lex/sourceMap.ts';
import type { Unit } from '../../cfront/unit.ts';
import { Stage } from '../machine/executor.ts';
import type { Machine } from '../machine/machine.ts';

/** Lines by location, 0 for those of another file: every run of a function asks for the same ones. */
const LINES = new WeakMap<Unit, Map<string, Map<Location, number>>>();

function linesOf(unit: Unit, file: string): Map<Location, number> {
  const ofUnit = LINES.get(unit) ?? new Map<string, Map<Location, number>>();
  LINES.set(unit, ofUnit);
  const lines = ofUnit.get(file) ?? new Map<Location, number>();
  ofUnit.set(file, lines);
  return lines;
}

/** Lines of a file, as a unit reads it, at which statements begin that a machine executed: ever, or from the entry on. */
export function executedLines(
  machine: Machine,
  unit: Unit,
  file: string,
  when: 'ever' | 'from the entry on' = 'ever',
): ReadonlySet<number> {
  const stages = when === 'ever' ? Stage.before | Stage.entry : Stage.entry;
  const known = linesOf(unit, file);
  const lines = new Set<number>();
  const add = (at: Location): void => {
    let line = known.get(at);
    if (line === undefined) {
      const place = unit.place(at);
      line = place.file === file ? place.line : 0;
      known.set(at, line);
    }
    if (line > 0) lines.add(line);
  };
  for (const { code } of machine.executed(unit)) {
    code?.code.blocks.forEach(({ locations, exitAt }, i) => {
      if ((code.entered[i]! & stages) === 0) return;
      locations.forEach(add);
      if (exitAt !== 0) add(exitAt);
    });
  }
  return lines;
}
