import type { Word64 } from '../../model/bits/pte64.ts';
import { decodeRecord, type QueueRecord } from '../../model/hw/common/record.ts';
import { AMD_COMMANDS } from '../../model/hw/amd/commands.ts';
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
const WAIT = 'COMPLETION_WAIT';

/** The registers of an AMD IOMMU, as far as its driver sets up and fills the command buffer. */
export const amdRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
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
      // After an error it goes on once it was disabled and enabled again.
      if (isEnabled(bank) !== ran) setRuns(bank, !ran);
      fetch(port, bank, 'to a wait');
    },
    goOn: () => {
      fetch(port, bank, 'to the tail');
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

/**
 * Takes what is between head and tail, up to a command that there is none of. It comes to the end of a COMPLETION_WAIT
 * when time goes by, so that who does not look whether it is done knows nothing.
 */
function fetch(port: HardwarePort, bank: RegisterBank, how: 'to a wait' | 'to the tail'): void {
  const base = bank.get(COMMAND_BASE, 64);
  const bytes = COMMAND_BYTES * 2 ** Number((base >> 56n) & 15n);
  const start = Number(base & BASE_BITS);
  const tail = Number(bank.get(COMMAND_TAIL, 64) & POINTER_BITS) % bytes;
  let head = Number(bank.get(COMMAND_HEAD, 64) & POINTER_BITS) % bytes;
  while (head !== tail && (bank.get(STATUS, 64) & RUNS) !== 0n) {
    const words: Word64[] = [port.load(start + head), port.load(start + head + WORD_BYTES)];
    const command = decodeRecord(AMD_COMMANDS, words);
    if (command?.name === WAIT && how === 'to a wait') return;
    port.take(words);
    if (command === undefined) {
      setRuns(bank, false);
      return;
    }
    head = (head + COMMAND_BYTES) % bytes;
    bank.set(COMMAND_HEAD, 64, BigInt(head));
    storeCompletion(port, command);
  }
}

/** COMPLETION_WAIT with S stores 8 bytes when the commands before it are done. */
function storeCompletion(port: HardwarePort, { name, values }: QueueRecord): void {
  const { s, storePage = 0, storeWord = 0, dataLow = 0, dataHigh = 0 } = values;
  if (name !== WAIT || s !== 1) return;
  const data = (BigInt(dataHigh) << 32n) | BigInt(dataLow);
  port.store(storePage * PAGE + storeWord * WORD_BYTES, WORD_BYTES, data);
}
