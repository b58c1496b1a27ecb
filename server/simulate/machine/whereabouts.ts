import type { Executor, Frame } from './executor.ts';

/** A place in a stopped or running path, innermost first. */
export interface StackEntry {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The C functions that are active, innermost first. */
export function stackOf(machine: Executor): StackEntry[] {
  const entries: StackEntry[] = [];
  for (let frame = machine.frame; frame !== undefined; frame = frame.caller) {
    entries.push(placeOf(frame));
  }
  return entries;
}

/** Where the path is in the file under review, or else in the innermost file that is no header. */
export function placeUnderReview(machine: Executor): StackEntry | undefined {
  const { path } = machine.mainUnit;
  let innermost: StackEntry | undefined;
  for (let frame = machine.frame; frame !== undefined; frame = frame.caller) {
    if (innermost !== undefined && frame.callable.unit.path !== path) continue;
    const place = placeOf(frame);
    if (place.file === path) return place;
    if (place.file.endsWith('.c')) innermost ??= place;
  }
  return innermost;
}

/** A place in C that calls something. */
export interface CallSite {
  readonly place: StackEntry;
  /** What it calls there as the source spells it, macros unexpanded; undefined where it calls nothing. */
  readonly callee: () => string | undefined;
}

/** The innermost place that is in no header of interfaces: what drivers write, and not what it stands for. */
export function callSiteOf(frame: Frame): CallSite {
  let found = frame;
  let place = placeOf(found);
  while (INTERFACES.test(place.file) && found.caller !== undefined) {
    found = found.caller;
    place = placeOf(found);
  }
  // Of what is run only the unit is kept: runs are remembered, and their machines must not be.
  const { unit } = found.callable;
  const { at } = found;
  return { place, callee: () => unit.calleeAt(at) };
}

/** Finds call sites; what goes on in one statement has the same, and is looked up once. */
export function callSites(): (frame: Frame) => CallSite {
  let last: { readonly frame: Frame; readonly at: number; readonly site: CallSite } | undefined;
  return (frame) => {
    // While a frame runs, those that called it stay where they are.
    if (last?.frame !== frame || last.at !== frame.at) {
      last = { frame, at: frame.at, site: callSiteOf(frame) };
    }
    return last.site;
  };
}

const INTERFACES = /(?:^|\/)include\//;

/** The statement a frame is at. */
export function placeOf({ callable, at }: Frame): StackEntry {
  return { function: callable.name, ...callable.unit.place(at) };
}
