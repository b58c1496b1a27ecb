/** What came of a command: it is done, software is told of its end when time went by, or the IOMMU stops at it. */
export type Taken = 'done' | 'stops' | { readonly end: () => void };

/**
 * The commands between head and tail of a ring. They are taken as soon as they are there, and their waits end when time
 * goes by: who does not look whether they are done is promised nothing. Positions are numbers of entries.
 */
export class CommandRing {
  private next = 0;
  private readonly waits: { readonly at: number; readonly end: () => void }[] = [];

  /** What the IOMMU says that it has come to. */
  get head(): number {
    return this.waits[0]?.at ?? this.next;
  }

  /** Goes on elsewhere, and forgets what it waits for. */
  restart(at: number): void {
    this.next = at;
    this.waits.length = 0;
  }

  /** Takes what is there, one command after the other; `entries`: how many the ring has. */
  take(tail: number, entries: number, command: (at: number) => Taken): void {
    while (this.next !== tail) {
      const at = this.next;
      const taken = command(at);
      if (taken === 'stops') return;
      if (taken !== 'done') this.waits.push({ at, ...taken });
      this.next = (at + 1) % entries;
    }
  }

  /** Ends what waits, in order. */
  goOn(): void {
    for (const { end } of this.waits.splice(0)) end();
  }
}
