import path from 'node:path';
import { type Args, type Context, UsageError } from '../command.ts';

/** Fingerprints of the findings in the log that `--baseline` names; undefined where it is not given. */
export function baselineOf(args: Args, context: Context): ReadonlySet<string> | undefined {
  const name = args.value('baseline');
  if (name === undefined) return undefined;
  const read = context.host.readText(path.resolve(context.folder, name));
  if (!read.ok) {
    throw new UsageError(
      `--baseline ${name}: ${read.problem.reason}`,
      'a SARIF log that iovet wrote',
    );
  }
  let log: unknown;
  try {
    log = JSON.parse(read.text);
  } catch {
    throw new UsageError(`--baseline ${name}: not JSON`, 'a SARIF log that iovet wrote');
  }
  const runs = fieldOf(log, 'runs');
  if (!Array.isArray(runs)) {
    throw new UsageError(
      `--baseline ${name}: no SARIF log`,
      'write one: iovet check --format sarif',
    );
  }
  const results = runs.flatMap((run): unknown[] => {
    const list = fieldOf(run, 'results');
    return Array.isArray(list) ? list : [];
  });
  return new Set(
    results.flatMap((result) => {
      const print = fieldOf(fieldOf(result, 'partialFingerprints'), 'iovet/v1');
      // What was gone already is no excuse for its return.
      return typeof print === 'string' && fieldOf(result, 'baselineState') !== 'absent'
        ? [print]
        : [];
    }),
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
