import { hex } from '../machine/values.ts';
import type { LoggedGather } from './runLog.ts';

/** Whether a gather holds nothing that a flush would have to cover. */
export function isEmptyGather({ start, last, waiting }: LoggedGather): boolean {
  return start > last && waiting === 0;
}

/** What a gather holds, in words. */
export function gatherText(gather: LoggedGather): string {
  const { start, last, pageSize, levels, waiting, queued } = gather;
  if (isEmptyGather(gather)) return queued ? 'the gather is empty, queued' : 'the gather is empty';
  const parts = [
    start > last ? 'no range' : `${hex(start)}-${hex(last)}`,
    ...(pageSize === undefined || pageSize === 0n ? [] : [`page size ${hex(pageSize)}`]),
    ...(levels === undefined ? [] : levelsText('leaves', levels.leaves)),
    ...(levels === undefined ? [] : levelsText('tables', levels.tables)),
    ...(waiting === 0
      ? []
      : [`${waiting} ${waiting === 1 ? 'table waits' : 'tables wait'} to be freed`]),
    ...(queued ? ['queued: a flush of everything comes later'] : []),
  ];
  return `the gather holds ${parts.join(', ')}`;
}

/** Levels of an address space of 64 bits, at the most. */
const MOST_LEVELS = 8;

function levelsText(what: string, bits: number): readonly string[] {
  const levels = Array.from({ length: MOST_LEVELS }, (_, level) => level);
  const told = levels.filter((level) => (bits & (1 << level)) !== 0);
  return told.length === 0 ? [] : [`${what} of level ${told.join(' and ')}`];
}
