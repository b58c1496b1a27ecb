import type { Word64 } from '../../model/bits/pte64.ts';
import { decodeRecord, type QueueRecord } from '../../model/hw/common/record.ts';
import { AMD_COMMANDS } from '../../model/hw/amd/commands.ts';
import type { Taken } from './commandRing.ts';
import { CommandRing } from './commandRing.ts';
import type { HardwarePort, MakeRegisters } from './port.ts';
import { RegisterBank } from './registerBank.ts';

/*
 * Source of offsets and bits: AMD IOMMU Specification 48882, "MMIO Registers" and "Commands".
 * Kernel: drivers/iommu/amd/amd_iommu_types.h, MMIO_*_OFFSET, CONTROL_*_EN, MMIO_CMD_SIZE_*.
 */

const COMMAND_BASE = 0x8;
const CONTROL = 0x18;
const COMMAND_HEAD = 0x2000;
const COMMAND_TAIL = 0x2008;
const STATUS = 0x2020;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x0, 'Device Table Base'],
  [COMMAND_BASE, 'Command Buffer Base'],
  [0x10, 'Event Log Base'],
  [CONTROL, 'Control'],
  [COMMAND_HEAD, 'Command Buffer Head'],
  [COMMAND_TAIL, 'Command Buffer Tail'],
  [STATUS, 'Status'],
]);

/** Control: IommuEn and CmdBufEn. Commands are fetched while both are set. */
const FETCHES = 1n | (1n << 12n);
/** Status: CmdBufRun. */
const RUNS = 1n << 4n;
/** Bits 51:12 of a base, and 18:4 of a pointer into the buffer. */
const BASE_BITS = 0xffffffffff000n;
const POINTER_BITS = 0x7fff0n;

const BYTES = 0x4000;
const COMMAND_BYTES = 16;
const WORD_BYTES = 8;
const PAGE = 4096;

/** The registers of an AMD IOMMU, as far as its driver sets up and fills the command buffer. */
export const amdRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
  const ring = new CommandRing();
  const showHead = (): void => {
    bank.set(COMMAND_HEAD, 64, BigInt(ring.head * COMMAND_BYTES));
  };
  return {
    bytes: BYTES,
    nameOf: (offset) => NAMES.get(offset),
    read: (offset, bits) => bank.get(offset, bits),
    write: (offset, bits, value) => {
      const ran = isEnabled(bank);
      // What it is doing is for software to read only.
      if (offset !== STATUS) bank.set(offset, bits, value);
      if (offset === COMMAND_BASE) {
        bank.set(COMMAND_HEAD, 64, 0n);
        bank.set(COMMAND_TAIL, 64, 0n);
      }
      if (offset === COMMAND_BASE || offset === COMMAND_HEAD)
        ring.restart(entryIn(bank, COMMAND_HEAD));
      // After an error it goes on once it was disabled and enabled again.
      if (isEnabled(bank) !== ran) setRuns(bank, !ran);
      if ((bank.get(STATUS, 64) & RUNS) === 0n) return;
      ring.take(entryIn(bank, COMMAND_TAIL), entriesOf(bank), (at) => take(port, bank, at));
      showHead();
    },
    goOn: () => {
      ring.goOn();
      showHead();
    },
  };
};

function isEnabled(bank: RegisterBank): boolean {
  return (bank.get(CONTROL, 64) & FETCHES) === FETCHES;
}

function setRuns(bank: RegisterBank, runs: boolean): void {
  const status = bank.get(STATUS, 64);
  bank.set(STATUS, 64, runs ? status | RUNS : status & ~RUNS);
}

/** Bits 59:56 of the base are the length, as a power of two. */
function entriesOf(bank: RegisterBank): number {
  return 2 ** Number((bank.get(COMMAND_BASE, 64) >> 56n) & 15n);
}

function entryIn(bank: RegisterBank, pointer: number): number {
  return (Number(bank.get(pointer, 64) & POINTER_BITS) / COMMAND_BYTES) % entriesOf(bank);
}

function take(port: HardwarePort, bank: RegisterBank, at: number): Taken {
  const address = Number(bank.get(COMMAND_BASE, 64) & BASE_BITS) + at * COMMAND_BYTES;
  const words: Word64[] = [port.load(address), port.load(address + WORD_BYTES)];
  const command = decodeRecord(AMD_COMMANDS, words);
  if (command?.name === 'COMPLETION_WAIT') {
    const end = (): void => {
      port.take(words);
      storeCompletion(port, command);
    };
    return { end };
  }
  port.take(words);
  if (command !== undefined) return 'done';
  setRuns(bank, false);
  return 'stops';
}

/** COMPLETION_WAIT with S stores 8 bytes when the commands before it are done. */
function storeCompletion(port: HardwarePort, { values }: QueueRecord): void {
  const { s, storePage = 0, storeWord = 0, dataLow = 0, dataHigh = 0 } = values;
  if (s !== 1) return;
  const data = (BigInt(dataHigh) << 32n) | BigInt(dataLow);
  port.store(storePage * PAGE + storeWord * WORD_BYTES, WORD_BYTES, data);
}
