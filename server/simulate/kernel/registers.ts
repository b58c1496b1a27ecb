import type { Executor, Model } from '../machine/executor.ts';
import { hex } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';
import type { DeviceRegister } from './registerDevices.ts';
import { letTimePass, registerOf } from './registerDevices.ts';

/** A device register or a port, as far as the C has used it. */
interface Register {
  /** What was last written or read. */
  value: bigint | undefined;
  /** Width of the last write: it says nothing of the bits above. Unit: bits. */
  bits: number;
  /** Reads since it was last written. */
  reads: number;
}

/** Reads with one answer before the hardware is taken to have moved on: who polls, waits for the other. */
const PATIENCE = 4;

function registerAt(machine: Executor, key: string): Register {
  const all = stateOf(machine, 'mmio', () => new Map<string, Register>());
  let register = all.get(key);
  if (register === undefined) {
    register = { value: undefined, bits: 64, reads: 0 };
    all.set(key, register);
  }
  return register;
}

/** A register holds what was written; what it holds before, and when it is polled, is a choice. */
function read(machine: Executor, key: string, bits: number): bigint {
  const register = registerAt(machine, key);
  const turn = Math.floor(register.reads++ / PATIENCE);
  const ones = BigInt.asUintN(bits, -1n);
  if (register.value !== undefined && turn === 0) {
    const known = BigInt.asUintN(bits, register.value);
    if (register.bits >= bits) return known;
    const above = ones & ~BigInt.asUintN(register.bits, -1n);
    return BigInt(machine.choose(`register at ${key}`, [known, known | above]) ?? 0);
  }
  const isSet = register.value !== undefined && BigInt.asUintN(bits, register.value) !== 0n;
  const options = (turn % 2 === 1) === isSet ? [0n, ones] : [ones, 0n];
  const usual = turn === 0 ? [0n, ones] : options;
  return BigInt(machine.choose(`register at ${key}`, usual) ?? 0);
}

const readMmio =
  (bits: number): ModelBody =>
  (machine, args) => {
    const known = registerOf(machine, args.pointer(0));
    if (known === undefined) return read(machine, String(args.pointer(0)), bits);
    const value = known.device.read(known.offset, bits);
    letTimePass(machine);
    return value;
  };

const readPort =
  (bits: number): ModelBody =>
  (machine, args) =>
    read(machine, `port ${hex(args.number(0))}`, bits);

interface Write {
  readonly key: string;
  /** What people call it. */
  readonly what: string;
  readonly value: bigint;
  /** Unit: bits. */
  readonly bits: number;
}

function write(machine: Executor, { key, what, value, bits }: Write): void {
  const register = registerAt(machine, key);
  Object.assign(register, { value: BigInt.asUintN(bits, value), bits, reads: 0 });
  const text = `${what} = ${hex(value)}`;
  machine.record({ kind: 'model', actor: 'device', name: 'write', text });
}

/** A register of modelled hardware: it is told before the hardware does what the value says. */
function writeKnown(
  machine: Executor,
  { device, offset }: DeviceRegister,
  value: bigint,
  bits: number,
): void {
  const name = device.nameOf(offset) ?? `register ${hex(offset)}`;
  const text = `${name} = ${hex(value)}`;
  machine.record({ kind: 'model', actor: 'device', name: 'write', text });
  device.write(offset, bits, value);
}

const writeMmio =
  (bits: number): ModelBody =>
  (machine, args) => {
    const known = registerOf(machine, args.pointer(1));
    if (known !== undefined) {
      writeKnown(machine, known, BigInt.asUintN(bits, args.bits(0)), bits);
      return undefined;
    }
    const what = `register ${hex(args.pointer(1))}`;
    const value = BigInt.asUintN(64, args.bits(0));
    write(machine, { key: String(args.pointer(1)), what, value, bits });
    return undefined;
  };

const writePort =
  (bits: number): ModelBody =>
  (machine, args) => {
    const port = `port ${hex(args.number(1))}`;
    write(machine, { key: port, what: port, value: BigInt.asUintN(64, args.bits(0)), bits });
    return undefined;
  };

/** Bytes that one access moves. */
const WIDEST = 8;
/** More is a firmware or a buffer: it is told as one write. Unit: bytes. */
const MOST_REGISTERS = 64;

/** A copy to registers is as many writes as the registers are wide. */
const copyToMmio: ModelBody = (machine, args) => {
  const [to, from, bytes] = [args.pointer(0), args.number(1), args.number(2)];
  if (bytes > MOST_REGISTERS) {
    machine.record({ kind: 'model', actor: 'device', name: 'write', text: `register ${hex(to)}: ${bytes} bytes` }); // prettier-ignore
    return undefined;
  }
  for (let at = 0; at < bytes; at += WIDEST) {
    const size = Math.min(WIDEST, bytes - at);
    const value = machine.memory.peekBits(from + at, size);
    const pointer = Number(to) + at;
    const known = registerOf(machine, pointer);
    if (known !== undefined) writeKnown(machine, known, value, size * 8);
    else write(machine, { key: String(pointer), what: `register ${hex(pointer)}`, value, bits: size * 8 }); // prettier-ignore
  }
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
      ...alike('writel __writel __raw_writel writel_relaxed iowrite32 iowrite32be', writeMmio(32)),
      ...alike('writeq __writeq __raw_writeq writeq_relaxed iowrite64 iowrite64be', writeMmio(64)),
      ...alike('writew __writew __raw_writew writew_relaxed iowrite16 iowrite16be', writeMmio(16)),
      ...alike('writeb __writeb __raw_writeb writeb_relaxed iowrite8', writeMmio(8)),
      memcpy_toio: copyToMmio,
      ...alike('outl __outl', writePort(32)),
      ...alike('outw __outw', writePort(16)),
      ...alike('outb __outb', writePort(8)),
    },
  ),
];
