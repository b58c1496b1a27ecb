import type { TraceEvent } from './machine/executor.ts';
import type { FunctionRun, PathResult, TraceLine } from './runFunction.ts';
import { hex } from './machine/values.ts';

/** A run as people read it. */
export function runText(run: FunctionRun): string {
  const lines = [`${run.file}:${run.line}: ${run.function}()  profile ${run.profile}`];
  run.paths.forEach((path, i) => lines.push('', ...pathLines(path, i + 1)));
  const count = `${run.paths.length} ${run.paths.length === 1 ? 'path' : 'paths'}`;
  lines.push(
    '',
    run.complete ? `${count}: all that the choices allow` : `${count}; more were not run`,
  );
  return `${lines.join('\n')}\n`;
}

function pathLines(path: PathResult, number: number): string[] {
  const lines = [`path ${number}${path.choices === '' ? '' : ` (choices ${path.choices})`}`];
  for (const line of path.trace) {
    if (line.event.kind !== 'assume') lines.push(`  ${placeOf(line)}${eventText(line.event)}`);
  }
  for (const assumption of path.assumptions) lines.push(`  assumed: ${assumption}`);
  const { outcome } = path;
  switch (outcome.kind) {
    case 'returned':
      lines.push(`  returns ${outcome.value}`);
      break;
    case 'assumed':
      lines.push(`  unknown: returns ${outcome.value} if the assumptions hold`);
      break;
    case 'stopped':
      lines.push(`  stopped (${outcome.stop}): ${outcome.message}`);
      for (const { function: name, file, line, column } of path.stack) {
        lines.push(`    in ${name}() ${file}:${line}:${column}`);
      }
  }
  lines.push(`  ${path.steps} steps`);
  return lines;
}

function placeOf({ place }: TraceLine): string {
  return place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
}

function eventText(event: TraceEvent): string {
  switch (event.kind) {
    case 'call': {
      const args = event.args.map((arg) => (arg === undefined ? '?' : shortValue(arg)));
      return `calls ${event.name}(${args.join(', ')})`;
    }
    case 'return':
      return `${event.name}() returns ${event.value === undefined ? 'nothing' : shortValue(event.value)}`;
    case 'model':
      return `${event.name}: ${event.text}`;
    case 'print':
      return `prints "${event.text}"`;
    case 'changed':
    case 'warn':
    case 'note':
    case 'assume':
      return event.text;
  }
}

function shortValue(value: number | bigint): string {
  const magnitude = value < 0 ? -value : value;
  return magnitude > 0xffff ? hex(value) : String(value);
}
