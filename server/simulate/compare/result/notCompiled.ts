import { ParseError } from '../../../cfront/parse/parseError.ts';
import { OPTION_PREFIX } from '../../../cfront/profile/profile.ts';
import type { Unit } from '../../../cfront/unit.ts';
import { replacementOf } from '../../link/withdrawn.ts';
import { extentOf } from '../change/side.ts';
import type { Runnable } from '../change/sideLoader.ts';
import type { SimulatedFunction, Simulation } from './simulation.ts';

/** Why statements of a function were not understood, by 1-based line; empty where all of it was. */
function statementsNotUnderstood(
  unit: Unit,
  name: string,
): readonly { readonly file: string; readonly line: number; readonly reason: string }[] {
  const symbol = unit.function(name);
  const body = symbol?.body === undefined ? undefined : unit.bodyOf(symbol);
  if (body === undefined || body instanceof ParseError) return [];
  return body.problems.map(({ at, message }) => {
    const { file, line } = unit.place(at);
    return { file, line, reason: message };
  });
}

/** The statements of simulated functions that no run got past. */
export function notUnderstood(
  unit: Unit,
  results: readonly SimulatedFunction[],
): Simulation['notSimulated'] {
  const names = new Set(
    results.flatMap(({ function: name, verdict }) => (verdict === 'not-simulated' ? [] : [name])),
  );
  return [...names].flatMap((name) =>
    statementsNotUnderstood(unit, name).map(({ file, line, reason }) => ({
      ...{ file, line },
      reason: `${name}(): no run gets past this statement: ${reason}`,
    })),
  );
}

/** A result that does not say more than C can that does not compile here, and names what made it compile. */
export function asItCompiles(result: SimulatedFunction, runnable: Runnable): SimulatedFunction {
  return withOptions(asUnderstood(result, runnable), runnable);
}

function asUnderstood(result: SimulatedFunction, runnable: Runnable): SimulatedFunction {
  const named = withInvented(withWithdrawn(result, runnable), runnable.after.unit);
  if (named.verdict === 'unchanged' && named.assumptions.length > result.assumptions.length) {
    return { ...named, verdict: 'unknown', reason: `${named.reason}, under what is assumed` };
  }
  const isRead = statementsNotUnderstood(runnable.after.unit, result.function).length === 0;
  if (isRead || result.verdict !== 'unchanged') return named;
  const reason = `no difference in what was understood of ${result.function}()`;
  return { ...named, verdict: 'unknown', reason };
}

/** A result that names the options of the kernel whose numbers nobody gives. */
function withInvented(result: SimulatedFunction, unit: Unit): SimulatedFunction {
  const assumed = unit.inventedOptions.map(({ name, value, why }) => ({
    about: `${OPTION_PREFIX}${name} (${why})`,
    ...{ kind: 'input' as const, value },
  }));
  return { ...result, assumptions: [...result.assumptions, ...assumed] };
}

/** A result that names the interfaces which its function uses and this tree has no more. */
function withWithdrawn(
  result: SimulatedFunction,
  { after, file, withdrawn }: Runnable,
): SimulatedFunction {
  const symbol = after.unit.function(result.function);
  const extent = symbol === undefined ? undefined : extentOf(after.unit, symbol);
  if (extent === undefined || withdrawn.length === 0) return result;
  const lines = file.after.text.split('\n').slice(extent.first - 1, extent.last);
  const used = withdrawn.filter((name) =>
    lines.some((line) => new RegExp(`\\b${name}\\b`).test(line)),
  );
  const assumed = used.map((name) => ({
    about: `${name}, which this tree has no more`,
    ...{ kind: 'input' as const, value: replacementOf(name) },
  }));
  return { ...result, assumptions: [...result.assumptions, ...assumed] };
}

/** A result that names the options which had to be set for its lines to be compiled. */
function withOptions(result: SimulatedFunction, { options }: Runnable): SimulatedFunction {
  const set = [...options].map(([name, value]) => ({
    ...{ about: `CONFIG_${name}`, kind: 'input' as const },
    value: value === 'n' ? 'n' : 'y',
  }));
  return { ...result, assumptions: [...result.assumptions, ...set] };
}
