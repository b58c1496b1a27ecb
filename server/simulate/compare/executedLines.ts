import type { Unit } from '../../cfront/unit.ts';
import type { Machine } from '../machine/machine.ts';

/** Lines of a file, as a unit reads it, at which statements begin that a machine executed. */
export function executedLines(machine: Machine, unit: Unit, file: string): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { code } of machine.executed(unit)) {
    for (const { entered, locations, exitAt } of code?.blocks ?? []) {
      if (!entered) continue;
      for (const at of exitAt === 0 ? locations : [...locations, exitAt]) {
        const place = unit.place(at);
        if (place.file === file) lines.add(place.line);
      }
    }
  }
  return lines;
}
