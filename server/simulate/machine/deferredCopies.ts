import { BACKED, CLOBBERED, DEFERRED, WRITTEN } from './page.ts';

/** What a copy carries along, per byte. */
export interface CopiedBytes {
  readonly shadow: Uint8Array;
  readonly origins: Uint16Array | undefined;
  readonly to: number;
  readonly from: number;
  /** Whether the source is an input, whose unwritten bytes are still to be chosen. */
  readonly isInput: boolean;
}

/** Copies of input bytes that nobody read yet: when a copy is read, the input is, under its own name. */
export class DeferredCopies {
  /** By number, how far the copy lies behind the input. Unit: bytes. */
  private readonly distances: number[] = [];

  /** How far the bytes of a copy are from the input they stand for. */
  distance(copy: number): number {
    return this.distances[copy]!;
  }

  /** Marks the unread input bytes of a copy in its shadow; gives the origins that go with it. */
  copied({ shadow, origins, to, from, isInput }: CopiedBytes): Uint16Array | undefined {
    let changed = origins;
    const renumbered = new Map<number, number>();
    shadow.forEach((flags, i) => {
      const isUnread = isInput && (flags & (WRITTEN | DEFERRED | CLOBBERED)) === 0;
      if (!isUnread && (flags & DEFERRED) === 0) return;
      changed ??= new Uint16Array(shadow.length);
      const earlier = isUnread ? -1 : changed[i]!;
      let number = renumbered.get(earlier);
      if (number === undefined) {
        number = this.distances.push(to - from + (this.distances[earlier] ?? 0)) - 1;
        renumbered.set(earlier, number);
      }
      shadow[i] = BACKED | DEFERRED;
      changed[i] = number;
    });
    return changed;
  }
}
