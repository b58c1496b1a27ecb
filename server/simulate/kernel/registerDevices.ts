import type { Executor } from '../machine/executor.ts';
import type { Pointer } from '../machine/values.ts';
import { stateOf } from './model.ts';

/** Hardware behind registers that are mapped into memory. Offsets are from the first register. Unit: bytes. */
export interface RegisterDevice {
  /** Virtual address of the first register. */
  readonly start: number;
  readonly bytes: number;
  /** What the manual calls the register at an offset; undefined where there is none that matters. */
  readonly nameOf: (offset: number) => string | undefined;
  /** What reading so many bits gives. */
  readonly read: (offset: number, bits: number) => bigint;
  /** What writing them does. */
  readonly write: (offset: number, bits: number, value: bigint) => void;
  /** What it has finished once time went by: somebody polls, or waits. Absent: it is never behind. */
  readonly goOn?: () => void;
}

/** A register of a device. */
export interface DeviceRegister {
  readonly device: RegisterDevice;
  readonly offset: number;
}

function devicesOf(machine: Executor): RegisterDevice[] {
  return stateOf<RegisterDevice[]>(machine, 'register-devices', () => []);
}

/** Puts hardware behind a stretch of addresses. */
export function addRegisterDevice(machine: Executor, device: RegisterDevice): void {
  devicesOf(machine).push(device);
}

/** Time goes by: the hardware finishes what it was told to do. */
export function letTimePass(machine: Executor): void {
  for (const device of devicesOf(machine)) device.goOn?.();
}

/** The register at an address; undefined where no modelled hardware is behind it. */
export function registerOf(machine: Executor, pointer: Pointer): DeviceRegister | undefined {
  const devices = devicesOf(machine);
  if (devices.length === 0) return undefined;
  const address = Number(pointer);
  const device = devices.find(({ start, bytes }) => address >= start && address < start + bytes);
  return device === undefined ? undefined : { device, offset: address - device.start };
}
