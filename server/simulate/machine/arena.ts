/** Hands out addresses upwards; freed ones are never given out again, so a stale pointer stays recognisable. */
export class Arena {
  private next: number;

  constructor(start: number) {
    this.next = start;
  }

  /** `size` bytes at a multiple of `align`, with a gap so that neighbours are not adjacent. */
  take(size: number, align: number): number {
    const start = Math.ceil(this.next / align) * align;
    this.next = start + size + GAP;
    return start;
  }
}

/** An access just past an object must not land in the next one. Unit: bytes. */
const GAP = 16;
