import type { Executor, Model, ModelCall } from '../machine/executor.ts';
import { Stop } from '../machine/stop.ts';
import { hex } from '../machine/values.ts';
import { alike, family } from './model.ts';
import { readString } from './strings.ts';

/** Position of the format: the first argument that points to a string literal. */
function formatIndex(call: ModelCall): number {
  const { regions } = call.machine.memory;
  return call.args.findIndex(
    (arg) => typeof arg === 'number' && regions.startingAt(arg)?.kind === 'string',
  );
}

/** Width of an argument by the letters before its directive; without them it is an int, else 64 bits. */
const BITS: Readonly<Record<string, number>> = { hh: 8, h: 16 };

/** A kernel message with its arguments put in; what cannot be shown stays as written. */
export function formatMessage(call: ModelCall): string {
  const at = formatIndex(call);
  if (at < 0) return '';
  const machine = call.machine;
  const rest = call.args.slice(at + 1);
  // A leading level marker (\001 and a digit) is no text.
  // eslint-disable-next-line no-control-regex
  const format = readString(machine, call.args[at]!).replace(/^\x01./, '');
  let next = 0;
  return format
    .replace(
      /%[-+ #0]*\d*(?:\.\d+)?(hh|h|ll|l|z)?(?:([diuxXsc%])|(p)\w*)/g,
      (directive, size: string | undefined, plain: string | undefined) => {
        const kind = plain ?? 'p';
        if (kind === '%') return '%';
        const value = rest[next++];
        if (value === undefined) return directive;
        if (kind === 's') return readable(machine, value);
        if (kind === 'c') return String.fromCharCode(Number(value));
        const bits = size === undefined ? 32 : (BITS[size] ?? 64);
        if (kind === 'x' || kind === 'X') return BigInt.asUintN(bits, BigInt(value)).toString(16);
        if (kind === 'u') return String(BigInt.asUintN(bits, BigInt(value)));
        return kind === 'p' ? hex(value) : String(value);
      },
    )
    .trimEnd();
}

function readable(machine: Executor, value: number | bigint): string {
  try {
    return readString(machine, value);
  } catch (error) {
    // A message may name something that was never set; that must not end the path.
    if (error instanceof Stop) return '?';
    throw error;
  }
}

/** Where printing macros end, in case C calls these directly. */
export const PRINTING: readonly Model[] = family(
  {
    reads: 'the format and the strings it names',
    writes: 'nothing',
    shadows: 'output goes to the trace',
  },
  {
    ...alike(
      '_printk printk _dev_err _dev_warn _dev_info _dev_printk dev_printk_emit',
      (machine, _, call) => {
        machine.record({ kind: 'print', text: formatMessage(call) });
        return 0;
      },
    ),
    ...alike('__warn_printk warn_slowpath_fmt ___ratelimit dump_stack', () => 0),
    ...alike('dev_err_probe', (machine, args, call) => {
      machine.record({ kind: 'print', text: formatMessage(call) });
      return args.number(1);
    }),
  },
);
