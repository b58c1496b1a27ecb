import type { Word64 } from '../../bits/pte64.ts';
import { word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import { decodeRecord, type QueueRecord } from '../common/record.ts';
import { entryAt } from '../common/tables.ts';
import { AMD_COMMANDS } from './commands.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "Commands": 16 bytes, four 32-bit words.
 */

/** Bytes of a command. */
const COMMAND_BYTES = 16;

/**
 * The ring that software queues commands in.
 * Source: AMD IOMMU Specification 48882, "Command Buffer Base Address Register" and "Command Buffer Head Pointer Register".
 */
export interface CommandBuffer {
  /** First page. */
  readonly ppn: number;
  /** Commands that fit. Range: 256 to 32768, a power of two. */
  readonly entries: number;
  /** Offset of the command that the IOMMU reads next, and of the one that software writes next. Unit: bytes. */
  readonly head: number;
  readonly tail: number;
}

/** What the IOMMU read, and where its head stands then. */
export interface CommandRun {
  readonly commands: readonly QueueRecord[];
  /** Unit: bytes. */
  readonly head: number;
  /** Why it stopped before the tail: an ILLEGAL_COMMAND_ERROR or COMMAND_HARDWARE_ERROR event; absent where it did not. */
  readonly stopped?: 'ILLEGAL_COMMAND_ERROR' | 'COMMAND_HARDWARE_ERROR';
}

/** Reads the commands between head and tail; behind the last entry of the ring comes the first one. */
export function runCommandBuffer(bus: Bus, buffer: CommandBuffer): CommandRun {
  const commands: QueueRecord[] = [];
  const raw = new Int32Array(4);
  const end = buffer.entries * COMMAND_BYTES;
  let { head } = buffer;
  while (head !== buffer.tail) {
    const at = entryAt(buffer.ppn, head / COMMAND_BYTES, COMMAND_BYTES);
    if (bus.read(at, 2, raw) !== 'ok') return { commands, head, stopped: 'COMMAND_HARDWARE_ERROR' };
    const words: readonly Word64[] = [word(raw[0]!, raw[1]), word(raw[2]!, raw[3])];
    const command = decodeRecord(AMD_COMMANDS, words);
    if (command === undefined) return { commands, head, stopped: 'ILLEGAL_COMMAND_ERROR' };
    commands.push(command);
    head = (head + COMMAND_BYTES) % end;
  }
  return { commands, head };
}
