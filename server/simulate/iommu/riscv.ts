import { getField, type Word64 } from '../../model/bits/pte64.ts';
import { decodeRecord } from '../../model/hw/common/record.ts';
import { RISCV_COMMANDS } from '../../model/hw/riscv/faultQueue.ts';
import type { Taken } from './commandRing.ts';
import { CommandRing } from './commandRing.ts';
import type { HardwarePort, MakeRegisters } from './port.ts';
import { RegisterBank } from './registerBank.ts';

/*
 * Source of offsets and bits: RISC-V IOMMU Architecture Specification 1.0, "Memory-mapped register interface".
 * Kernel: drivers/iommu/riscv/iommu-bits.h, RISCV_IOMMU_REG_*, RISCV_IOMMU_QUEUE_*, RISCV_IOMMU_CQCSR_*.
 */

const CAPABILITIES = 0x0;
const CQB = 0x18;
const CQH = 0x20;
const CQT = 0x24;
const CQCSR = 0x48;
const FQCSR = 0x4c;
const PQCSR = 0x50;
const IPSR = 0x54;

const NAMES: ReadonlyMap<number, string> = new Map([
  ...([
    [0x8, 'fctl'],
    [0x10, 'ddtp'],
    [CQB, 'cqb'],
    [CQH, 'cqh'],
  ] as const),
  ...([
    [CQT, 'cqt'],
    [CQCSR, 'cqcsr'],
    [FQCSR, 'fqcsr'],
    [PQCSR, 'pqcsr'],
  ] as const),
  ...([
    [0x28, 'fqb'],
    [IPSR, 'ipsr'],
    [0x2f8, 'icvec'],
  ] as const),
]);

/** Of the control and status register of every queue: enabled and interrupts are written, the queue is on. */
const ENABLED = 1n;
const WRITTEN = 0b11n;
const ON = 1n << 16n;
/** Bits that are cleared by writing ones: cqmf, cmd_to, cmd_ill, fence_w_ip. */
const EVENTS = 0b1111n << 8n;
/** cmd_ill: the queue stops at a command that there is none of. */
const ILLEGAL = 1n << 10n;

const BYTES = 0x1000;
const COMMAND_BYTES = 16;
const WORD_BYTES = 8;
const PAGE = 4096;
/** PPN of cqb, from bit 10 on. */
const PPN = 0xfffffffffffn;
const CONTROLS: readonly number[] = [CQCSR, FQCSR, PQCSR];

/** The registers of a RISC-V IOMMU, as far as its driver sets up and fills the command queue. */
export const riscvRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
  const ring = new CommandRing();
  const showHead = (): void => {
    bank.set(CQH, 32, BigInt(ring.head));
  };
  return {
    bytes: BYTES,
    nameOf: (offset) => NAMES.get(offset),
    read: (offset, bits) => bank.get(offset, bits),
    write: (offset, bits, value) => {
      if (offset === CAPABILITIES || offset === CQH) return;
      if (CONTROLS.includes(offset)) {
        if (offset === CQCSR && (bank.get(CQCSR, 32) & ON) === 0n) ring.restart(0);
        control(bank, offset, value);
      } else if (offset === IPSR) bank.set(IPSR, 32, bank.get(IPSR, 32) & ~value);
      else bank.set(offset, bits, value);
      if ((bank.get(CQCSR, 32) & (ON | EVENTS)) !== ON) return;
      const entries = entriesOf(bank);
      const tail = Number(bank.get(CQT, 32)) % entries;
      ring.take(tail, entries, (at) => take(port, bank, at));
      showHead();
    },
    goOn: () => {
      ring.goOn();
      showHead();
    },
  };
};

/** Software enables a queue and clears its events; whether it is on, the hardware says. */
function control(bank: RegisterBank, offset: number, value: bigint): void {
  const events = bank.get(offset, 32) & EVENTS & ~value;
  bank.set(offset, 32, events | (value & WRITTEN) | ((value & ENABLED) === 0n ? 0n : ON));
}

/** LOG2SZ-1 of cqb. */
function entriesOf(bank: RegisterBank): number {
  return 2 ** (Number(bank.get(CQB, 64) & 0x1fn) + 1);
}

function take(port: HardwarePort, bank: RegisterBank, at: number): Taken {
  const address = Number((bank.get(CQB, 64) >> 10n) & PPN) * PAGE + at * COMMAND_BYTES;
  const words: Word64[] = [port.load(address), port.load(address + WORD_BYTES)];
  const command = decodeRecord(RISCV_COMMANDS, words);
  if (command?.name === 'IOFENCE.C') {
    const end = (): void => {
      port.take(words);
      if (command.values['av'] === 1) storeData(port, words);
    };
    return { end };
  }
  port.take(words);
  if (command !== undefined) return 'done';
  bank.set(CQCSR, 32, bank.get(CQCSR, 32) | ILLEGAL);
  return 'stops';
}

/** IOFENCE.C with AV stores 4 bytes when the commands before it are done. */
function storeData(port: HardwarePort, [low, high]: readonly Word64[]): void {
  port.store(getField(high!, 51, 0) * 4, 4, BigInt(getField(low!, 63, 32)));
}
