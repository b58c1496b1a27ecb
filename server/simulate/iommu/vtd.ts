import type { Word64 } from '../../model/bits/pte64.ts';
import { getField, hasBit } from '../../model/bits/pte64.ts';
import { readCommand } from '../../model/world/queued/run.ts';
import type { ContextRoot, HardwarePort, MakeRegisters } from './port.ts';
import { RegisterBank } from './registerBank.ts';

/*
 * Source of offsets and bits: Intel VT-d, "Register Descriptions" and "Queued Invalidation Interface".
 * Kernel: drivers/iommu/intel/iommu.h, DMAR_*_REG, DMA_GCMD_*, DMA_GSTS_*, QI_IWD_*.
 */

const GCMD = 0x18;
const GSTS = 0x1c;
const RTADDR = 0x20;
const CCMD = 0x28;
const FSTS = 0x34;
const IQH = 0x80;
const IQT = 0x88;
const IQA = 0x90;

const NAMES: ReadonlyMap<number, string> = new Map([
  ...([
    [GCMD, 'GCMD'],
    [CCMD, 'CCMD'],
    [RTADDR, 'RTADDR'],
    [FSTS, 'FSTS'],
  ] as const),
  ...([
    [IQH, 'IQH'],
    [IQT, 'IQT'],
    [IQA, 'IQA'],
  ] as const),
]);

/** Commands that are done once and not kept: SRTP, SFL, WBF, SIRTP. Their status bits say that they are done. */
const ONE_SHOT = (1n << 30n) | (1n << 29n) | (1n << 27n) | (1n << 24n);
/** GCMD.SRTP: the address in RTADDR is taken. */
const SET_ROOT = 1n << 30n;
/** WBF has a status that says that it is not done yet. */
const WRITE_BUFFER = 1n << 27n;
/** GCMD.QIE and GSTS.QIES. */
const QUEUE_ENABLED = 1n << 26n;
/** FSTS.IQE: a descriptor that there is none of, or a tail behind the end of the queue. Kernel: DMA_FSTS_IQE. */
const QUEUE_ERROR = 1n << 4n;
const ALL_STATUS_CLEARED_BY_ONES = 0xffn;

const BYTES = 0x1000;
const WAIT = 5;
const PAGE = 4096;

/** The registers of a VT-d remapping unit, as far as its driver sets up and fills the invalidation queue. */
export const vtdRegisters: MakeRegisters = (port, reset) => {
  const bank = new RegisterBank(BYTES, reset);
  return {
    bytes: BYTES,
    nameOf: (offset) => NAMES.get(offset),
    read: (offset, bits) => bank.get(offset, bits),
    write: (offset, bits, value) => {
      switch (offset) {
        case GCMD: {
          const kept = bank.get(GSTS, 32) & ONE_SHOT;
          const status = (value | kept) & ~WRITE_BUFFER & 0xffffffffn;
          bank.set(GSTS, 32, status);
          bank.set(GCMD, 32, value & ~ONE_SHOT);
          if ((value & SET_ROOT) !== 0n) port.useContexts(rootOf(bank.get(RTADDR, 64)));
          return;
        }
        case FSTS:
          bank.set(FSTS, 32, bank.get(FSTS, 32) & ~(value & ALL_STATUS_CLEARED_BY_ONES));
          runQueue(port, bank, 'to a wait');
          return;
        case IQA:
          bank.set(IQA, bits, value);
          bank.set(IQH, 64, 0n);
          return;
        case IQT:
          bank.set(IQT, bits, value);
          runQueue(port, bank, 'to a wait');
          return;
        default:
          bank.set(offset, bits, value);
      }
    },
    goOn: () => {
      runQueue(port, bank, 'to the tail');
    },
  };
};

/** The page of the root table, and its mode: RTADDR.TTM. Kernel: DMA_RTADDR_SMT. */
function rootOf(address: bigint): ContextRoot {
  const mode = ((address >> 10n) & 3n) === 1n ? 'scalable' : 'legacy';
  return { page: Number(address >> 12n), mode };
}

/**
 * Takes what is between head and tail, up to a descriptor that there is none of. It comes to the end of a wait when
 * time goes by, so that who does not look whether it is done knows nothing.
 */
function runQueue(port: HardwarePort, bank: RegisterBank, how: 'to a wait' | 'to the tail'): void {
  const address = bank.get(IQA, 64);
  const base = Number(address & ~0xfffn);
  const bytes = PAGE * 2 ** Number(address & 7n);
  const width = (address & (1n << 11n)) === 0n ? 16 : 32;
  const tail = Number(bank.get(IQT, 64));
  let head = Number(bank.get(IQH, 64)) % bytes;
  while (head !== tail && mayFetch(bank)) {
    const words: Word64[] = [port.load(base + head), port.load(base + head + 8)];
    const isEnd = isWait(words);
    if (isEnd && how === 'to a wait') return;
    if (tail >= bytes || readCommand('vtd', words).effect.kind === 'illegal') {
      bank.set(FSTS, 32, bank.get(FSTS, 32) | QUEUE_ERROR);
      if (tail < bytes) port.take(words);
      return;
    }
    port.take(words);
    head = (head + width) % bytes;
    bank.set(IQH, 64, BigInt(head));
    if (isEnd) writeStatus(port, words);
  }
}

/** The queue is on, and no error waits to be looked at. */
function mayFetch(bank: RegisterBank): boolean {
  return (bank.get(GSTS, 32) & QUEUE_ENABLED) !== 0n && (bank.get(FSTS, 32) & QUEUE_ERROR) === 0n;
}

function isWait([low]: readonly Word64[]): boolean {
  return getField(low!, 3, 0) === WAIT && getField(low!, 11, 9) === 0;
}

/** A wait descriptor with SW stores its status when those before it are done. */
function writeStatus(port: HardwarePort, [low, high]: readonly Word64[]): void {
  if (!hasBit(low!, 5)) return;
  const address = getField(high!, 51, 2) * 4;
  port.store(address, 4, BigInt(getField(low!, 63, 32)));
}
