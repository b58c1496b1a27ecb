/** Numbers from a seed: the same seed gives the same program on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    // xorshift32.
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % limit;
  }

  /** One element. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}
