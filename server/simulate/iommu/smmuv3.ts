import type { Word64 } from '../../model/bits/pte64.ts';
import { getField } from '../../model/bits/pte64.ts';
import { readCommand } from '../../model/world/queued/run.ts';
import type { HardwarePort, MakeRegisters } from './port.ts';
import { RegisterBank } from './registerBank.ts';

/*
 * Source of offsets and bits: Arm SMMUv3 (IHI 0070), "SMMU registers", "Command queue errors" and "CMD_SYNC".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, ARM_SMMU_*, CR0_*, Q_BASE_*, CMDQ_CONS_ERR, CMDQ_SYNC_*.
 */

const CR0 = 0x20;
const CR0ACK = 0x24;
const GBPA = 0x44;
const IRQ_CTRL = 0x50;
const IRQ_CTRLACK = 0x54;
const GERROR = 0x60;
const GERRORN = 0x64;
const STRTAB_BASE = 0x80;
const CMDQ_BASE = 0x90;
const CMDQ_PROD = 0x98;
const CMDQ_CONS = 0x9c;

const NAMES: ReadonlyMap<number, string> = new Map([
  ...([
    [CR0, 'SMMU_CR0'],
    [0x28, 'SMMU_CR1'],
    [0x2c, 'SMMU_CR2'],
    [GBPA, 'SMMU_GBPA'],
  ] as const),
  ...([
    [IRQ_CTRL, 'SMMU_IRQ_CTRL'],
    [GERRORN, 'SMMU_GERRORN'],
    [STRTAB_BASE, 'SMMU_STRTAB_BASE'],
    [0x88, 'SMMU_STRTAB_BASE_CFG'],
  ] as const),
  ...([
    [CMDQ_BASE, 'SMMU_CMDQ_BASE'],
    [CMDQ_PROD, 'SMMU_CMDQ_PROD'],
    [CMDQ_CONS, 'SMMU_CMDQ_CONS'],
  ] as const),
  ...([
    [0xa0, 'SMMU_EVENTQ_BASE'],
    [0xa8, 'SMMU_EVENTQ_PROD'],
    [0xac, 'SMMU_EVENTQ_CONS'],
  ] as const),
]);

/** CR0.CMDQEN. */
const QUEUE_ENABLED = 1n << 3n;
/** GBPA.Update: it is clear again when the update is done. */
const UPDATE = 1n << 31n;
/** GERROR.CMDQ_ERR: an error is active while it differs from that of GERRORN. */
const QUEUE_ERROR = 1n;
/** CMDQ_CONS.ERR, bits 30:24. */
const ERROR_SHIFT = 24n;
const CERROR_ILLEGAL = 1n;

const BYTES = 0x1000;
const COMMAND_BYTES = 16;
/** CS of CMD_SYNC that asks for an interrupt: with an address it is a write to memory. */
const SIGNAL_INTERRUPT = 1;

/** The registers of an SMMUv3, as far as its driver sets up and fills the command queue. */
export const smmuRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
  return {
    bytes: BYTES,
    nameOf: (offset) => NAMES.get(offset),
    read: (offset, bits) => bank.get(offset, bits),
    write: (offset, bits, value) => {
      switch (offset) {
        case CR0:
          bank.set(CR0, 32, value);
          bank.set(CR0ACK, 32, value);
          runQueue(port, bank, 'to a wait');
          return;
        case IRQ_CTRL:
          bank.set(IRQ_CTRL, 32, value);
          bank.set(IRQ_CTRLACK, 32, value);
          return;
        case GBPA:
          bank.set(GBPA, 32, value & ~UPDATE);
          return;
        case CMDQ_PROD:
        case GERRORN:
          bank.set(offset, bits, value);
          runQueue(port, bank, 'to a wait');
          return;
        default:
          bank.set(offset, bits, value);
      }
    },
    goOn: () => {
      runQueue(port, bank, 'to the end');
    },
  };
};

/**
 * Takes what is between CONS and PROD, which count on by one bit more than the queue has entries: with equal indices
 * that bit says whether it is full. A command that is none stops the queue in front of it. A CMD_SYNC comes to its end
 * when time goes by, so that who does not look whether it is done knows nothing.
 */
function runQueue(port: HardwarePort, bank: RegisterBank, how: 'to a wait' | 'to the end'): void {
  const address = bank.get(CMDQ_BASE, 64);
  const entries = 2 ** Number(address & 0x1fn);
  const base = Number(address & 0xfffffffffffe0n);
  const turn = 2 * entries;
  const prod = Number(bank.get(CMDQ_PROD, 32)) % turn;
  while (isTaking(bank)) {
    const cons = Number(bank.get(CMDQ_CONS, 32)) % turn;
    if (cons === prod) return;
    const at = base + (cons % entries) * COMMAND_BYTES;
    const words: Word64[] = [port.load(at), port.load(at + 8)];
    const { kind } = readCommand('smmuv3', words).effect;
    if (kind === 'waits' && how === 'to a wait') return;
    port.take(words);
    if (kind === 'illegal') {
      bank.set(CMDQ_CONS, 32, BigInt(cons) | (CERROR_ILLEGAL << ERROR_SHIFT));
      bank.set(GERROR, 32, bank.get(GERROR, 32) ^ QUEUE_ERROR);
      return;
    }
    bank.set(CMDQ_CONS, 32, BigInt((cons + 1) % turn));
    if (kind === 'waits') signal(port, words);
  }
}

function isTaking(bank: RegisterBank): boolean {
  const isEnabled = (bank.get(CR0, 32) & QUEUE_ENABLED) !== 0n;
  const errors = bank.get(GERROR, 32) ^ bank.get(GERRORN, 32);
  return isEnabled && (errors & QUEUE_ERROR) === 0n;
}

/** A CMD_SYNC with an address writes there that it is done: MSIAddress is in bits 51:2 of its second word. */
function signal(port: HardwarePort, [low, high]: readonly Word64[]): void {
  if (getField(low!, 13, 12) !== SIGNAL_INTERRUPT) return;
  const address = getField(high!, 51, 2) * 4;
  if (address !== 0) port.store(address, 4, BigInt(getField(low!, 63, 32)));
}
