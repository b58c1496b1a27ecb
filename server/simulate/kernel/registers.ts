import type { Executor, Model } from '../machine/executor.ts';
import { hex } from '../machine/values.ts';
import type { Arguments, ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';

/** A device register or a port, as far as the C has used it. */
interface Register {
  /** What was last written or read. */
  value: bigint | undefined;
  /** Reads since it was last written. */
  reads: number;
}

/** Reads with one answer before the hardware is taken to have moved on: who polls, waits for the other. */
const PATIENCE = 4;

function registerAt(machine: Executor, key: string): Register {
  const all = stateOf(machine, 'mmio', () => new Map<string, Register>());
  let register = all.get(key);
  if (register === undefined) {
    register = { value: undefined, reads: 0 };
    all.set(key, register);
  }
  return register;
}

/** A register holds what was written; what it holds before, and when it is polled, is a choice. */
function read(machine: Executor, key: string, bits: number): bigint {
  const register = registerAt(machine, key);
  const turn = Math.floor(register.reads++ / PATIENCE);
  if (register.value !== undefined && turn === 0) return BigInt.asUintN(bits, register.value);
  const [zeroes, ones] = [0n, BigInt.asUintN(bits, -1n)];
  const isSet = register.value !== undefined && BigInt.asUintN(bits, register.value) !== 0n;
  const options = (turn % 2 === 1) === isSet ? [zeroes, ones] : [ones, zeroes];
  const usual = turn === 0 ? [zeroes, ones] : options;
  return BigInt(machine.choose(`register at ${key}`, usual) ?? 0);
}

const readMmio =
  (bits: number): ModelBody =>
  (machine, args) =>
    read(machine, String(args.pointer(0)), bits);

const readPort =
  (bits: number): ModelBody =>
  (machine, args) =>
    read(machine, `port ${hex(args.number(0))}`, bits);

function write(machine: Executor, key: string, what: string, args: Arguments): void {
  const register = registerAt(machine, key);
  register.value = args.bits(0);
  register.reads = 0;
  machine.record({ kind: 'model', name: 'write', text: `${what} = ${hex(args.pointer(0))}` });
}

const writeMmio: ModelBody = (machine, args) => {
  write(machine, String(args.pointer(1)), `register ${hex(args.pointer(1))}`, args);
  return undefined;
};

const writePort: ModelBody = (machine, args) => {
  const port = hex(args.number(1));
  write(machine, `port ${port}`, `port ${port}`, args);
  return undefined;
};

const ONE_INSTRUCTION = 'an access to a device is one instruction';

/** Registers of devices, by the functions that read and write them, and by ports. */
export const REGISTERS: readonly Model[] = [
  ...family(
    { reads: 'the register', writes: 'nothing', shadows: ONE_INSTRUCTION },
    {
      ...alike('readl __readl __raw_readl readl_relaxed ioread32 ioread32be', readMmio(32)),
      ...alike('readq __readq __raw_readq readq_relaxed ioread64 ioread64be', readMmio(64)),
      ...alike('readw __readw __raw_readw readw_relaxed ioread16 ioread16be', readMmio(16)),
      ...alike('readb __readb __raw_readb readb_relaxed ioread8', readMmio(8)),
      ...alike('inl __inl', readPort(32)),
      ...alike('inw __inw', readPort(16)),
      ...alike('inb __inb', readPort(8)),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'the register', shadows: ONE_INSTRUCTION },
    {
      ...alike(
        `writel __writel __raw_writel writel_relaxed iowrite32 iowrite32be writeq __writeq
        __raw_writeq writeq_relaxed iowrite64 iowrite64be writew __writew __raw_writew
        writew_relaxed iowrite16 iowrite16be writeb __writeb __raw_writeb writeb_relaxed iowrite8`,
        writeMmio,
      ),
      ...alike('outl outw outb __outl __outw __outb', writePort),
    },
  ),
];
