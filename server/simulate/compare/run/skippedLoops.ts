import type { Exit } from '../../../cfront/lower/lowered.ts';
import { lowerFunction } from '../../../cfront/lower/lower.ts';
import type { Callable } from '../../machine/executor.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StackEntry } from '../../machine/whereabouts.ts';

/**
 * Whether the only difference between two runs is that one goes through loops no time at all: a list of which nothing
 * was mapped has nothing to go through, and nobody has looked at that by it. `asked`: where the number of turns came
 * from; a loop that asks for it by itself looks at it.
 */
export function onlySkipsLoops(
  short: Machine,
  whole: Machine,
  asked: StackEntry | undefined,
): boolean {
  const ran = coverageOf(short);
  const all = coverageOf(whole);
  let isSkipping = false;
  for (const code of ran.keys()) if (!all.has(code)) return false;
  for (const [code, { callable, entered }] of all) {
    const shorter = ran.get(code);
    // A function that ran in the other run only was called by what that one skipped.
    if (shorter === undefined) continue;
    const left = [...entered].filter((block) => !shorter.entered.has(block));
    if ([...shorter.entered].some((block) => !entered.has(block))) return false;
    if (left.length === 0) continue;
    const skipped = loopsOf(callable).filter(
      ({ header, body }) =>
        shorter.entered.has(header) &&
        ![...body].some((block) => shorter.entered.has(block)) &&
        !isAskedIn(callable, header, asked),
    );
    if (!left.every((block) => skipped.some(({ body }) => body.has(block)))) return false;
    isSkipping = true;
  }
  // Where both ran the same statements, what differs is how often, and somebody may have asked.
  return isSkipping;
}

/** What of a function a run entered. */
interface Coverage {
  readonly callable: Callable;
  readonly entered: ReadonlySet<number>;
}

function coverageOf(machine: Machine): ReadonlyMap<unknown, Coverage> {
  const found = new Map<unknown, Coverage>();
  for (const unit of machine.program.all) {
    for (const callable of machine.executed(unit)) {
      const { code } = callable;
      if (code === undefined) continue;
      const entered = new Set<number>();
      code.entered.forEach((stages, block) => {
        if (stages !== 0) entered.add(block);
      });
      if (entered.size > 0) found.set(code.code, { callable, entered });
    }
  }
  return found;
}

/** A loop: where each turn begins, and the other blocks of it. */
interface Loop {
  readonly header: number;
  readonly body: ReadonlySet<number>;
}

/** The natural loops of a function: those that are entered at their header only. */
function loopsOf({ unit, symbol }: Callable): Loop[] {
  const body = symbol === undefined ? undefined : unit.bodyOf(symbol);
  if (body === undefined || !('body' in body)) return [];
  const exits = lowerFunction(body).blocks.map(({ exit }) => successorsOf(exit));
  const before = exits.map((): number[] => []);
  exits.forEach((to, from) => {
    for (const block of to) before[block]!.push(from);
  });
  const dominators = dominatorsOf(before);
  const bodies = new Map<number, Set<number>>();
  exits.forEach((to, from) => {
    for (const header of to) {
      if (!dominators[from]!.has(header)) continue;
      const known = bodies.get(header) ?? new Set<number>();
      bodies.set(header, known);
      const waiting = from === header ? [] : [from];
      for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
        if (known.has(block)) continue;
        known.add(block);
        waiting.push(...before[block]!.filter((one) => one !== header));
      }
    }
  });
  return [...bodies].map(([header, blocks]) => ({ header, body: blocks }));
}

function successorsOf(exit: Exit): readonly number[] {
  switch (exit.op) {
    case 'jump':
      return [exit.to];
    case 'branch':
      return [exit.then, exit.otherwise];
    case 'switch':
      return [...exit.cases.map(({ to }) => to), exit.otherwise];
    case 'return':
      return [];
  }
}

/** By block, those through which every way from the first block leads. */
function dominatorsOf(before: readonly (readonly number[])[]): readonly ReadonlySet<number>[] {
  const all = before.map((_, block) => block);
  const found = all.map((block) => new Set(block === 0 ? [0] : all));
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const block of all.slice(1)) {
      const known = found[block]!;
      for (const one of known) {
        const isOn = one === block || before[block]!.every((from) => found[from]!.has(one));
        if (isOn) continue;
        known.delete(one);
        isChanged = true;
      }
    }
  }
  return found;
}

/** Whether a statement at the head of a loop is on a line. */
function isAskedIn(
  { unit, code }: Callable,
  header: number,
  asked: StackEntry | undefined,
): boolean {
  const { locations, exitAt } = code!.code.blocks[header]!;
  return [...locations, exitAt].some((at) => {
    if (at === 0 || asked === undefined) return false;
    const { file, line } = unit.place(at);
    return file === asked.file && line === asked.line;
  });
}
