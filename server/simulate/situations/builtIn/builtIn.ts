import type { Segment, SituationSpec, TableSpec } from '../spec.ts';

/** A built-in situation with what C must touch for it to say anything. */
export interface BuiltIn {
  readonly spec: SituationSpec;
  /** Structs of which the entry takes a pointer, all of them. */
  readonly takes: readonly string[];
  /** Structs that the situation makes: an entry that takes nothing else needs no invented input. */
  readonly makes: readonly string[];
  /** Operation of an interface that the entry has to be, where it is one; its arguments are stated. */
  readonly operation?: string;
  /** Structs of which the file of the entry has to know one whole. */
  readonly knows?: readonly string[];
  /** Struct that it must not know whole. */
  readonly lacks?: string;
  /** Parameter lists that the entry may have, where types alone would fit others too. */
  readonly signatures?: readonly string[];
  /** Struct that the files of a driver know whole, and no others: the situation is one of the driver, with an entry of its own. */
  readonly driver?: string;
  /** Another struct that they have to know whole: releases without it have nothing that could be looked at. */
  readonly release?: string;
  /** What the entry has to find mapped for devices: nothing, an address that it is handed, or a list. */
  readonly mapped?: Mapped;
}

/** What is mapped for devices before an entry runs. */
export type Mapped = 'nothing' | 'address' | 'list';

/** AMD, format 1, on a host that encrypts its memory. */
export const SME: TableSpec = { format: 'amdv1', memoryEncryption: true };

/** RAM of a process. */
export const USER_RAM: Segment = { kind: 'ram', pages: 4, pfn: 0x1000 };

/** Sizes of pages. Unit: bytes. */
export const K4 = 0x1000;
export const M2 = 0x200000;
