import { getField, type Word64 } from '../../model/bits/pte64.ts';
import { decodeRecord } from '../../model/hw/common/record.ts';
import { RISCV_COMMANDS } from '../../model/hw/riscv/faultQueue.ts';
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
const FENCE = 'IOFENCE.C';

/** The registers of a RISC-V IOMMU, as far as its driver sets up and fills the command queue. */
export const riscvRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
  return {
    bytes: BYTES,
    nameOf: (offset) => NAMES.get(offset),
    read: (offset, bits) => bank.get(offset, bits),
    write: (offset, bits, value) => {
      switch (offset) {
        case CAPABILITIES:
        case CQH:
          return;
        case CQCSR:
        case FQCSR:
        case PQCSR:
          control(bank, offset, value);
          break;
        case IPSR:
          bank.set(IPSR, 32, bank.get(IPSR, 32) & ~value);
          break;
        default:
          bank.set(offset, bits, value);
      }
      fetch(port, bank, 'to a fence');
    },
    goOn: () => {
      fetch(port, bank, 'to the tail');
    },
  };
};

/** A queue that is switched on begins at its first entry. */
function control(bank: RegisterBank, offset: number, value: bigint): void {
  const old = bank.get(offset, 32);
  const on = (value & ENABLED) === 0n ? 0n : ON;
  if (offset === CQCSR && on !== 0n && (old & ON) === 0n) bank.set(CQH, 32, 0n);
  bank.set(offset, 32, (old & EVENTS & ~value) | (value & WRITTEN) | on);
}

/**
 * Takes what is between head and tail. It comes to the end of an IOFENCE.C when time goes by, so that who does not look
 * whether it is done knows nothing.
 */
function fetch(port: HardwarePort, bank: RegisterBank, how: 'to a fence' | 'to the tail'): void {
  const base = bank.get(CQB, 64);
  const entries = 2 ** (Number(base & 0x1fn) + 1);
  const start = Number((base >> 10n) & 0xfffffffffffn) * PAGE;
  const tail = Number(bank.get(CQT, 32)) % entries;
  for (;;) {
    const head = Number(bank.get(CQH, 32)) % entries;
    const status = bank.get(CQCSR, 32);
    if (head === tail || (status & ON) === 0n || (status & EVENTS) !== 0n) return;
    const at = start + head * COMMAND_BYTES;
    const words: Word64[] = [port.load(at), port.load(at + WORD_BYTES)];
    const command = decodeRecord(RISCV_COMMANDS, words);
    if (command?.name === FENCE && how === 'to a fence') return;
    port.take(words);
    if (command === undefined) {
      bank.set(CQCSR, 32, status | ILLEGAL);
      return;
    }
    bank.set(CQH, 32, BigInt((head + 1) % entries));
    if (command.name === FENCE && command.values['av'] === 1) storeData(port, words);
  }
}

/** IOFENCE.C with AV stores 4 bytes when the commands before it are done. */
function storeData(port: HardwarePort, [low, high]: readonly Word64[]): void {
  port.store(getField(high!, 51, 0) * 4, 4, BigInt(getField(low!, 63, 32)));
}
