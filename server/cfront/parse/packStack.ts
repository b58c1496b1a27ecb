import type { Packing } from '../types/layout.ts';

/** `#pragma pack` as it stands at a place of the text: limits that are pushed and popped. */
export class PackStack {
  private readonly limits: Packing[];

  constructor(limit?: Packing) {
    this.limits = [limit];
  }

  /** The limit for members of structs that end here. */
  get limit(): Packing {
    return this.limits.at(-1);
  }

  /** Takes the string of a `_Pragma`, quotes included; pragmas other than `pack` change nothing. */
  take(literal: string): void {
    const pack = /^"pack\s*\(([^)]*)\)\s*"$/.exec(literal);
    if (pack === null) return;
    const words = pack[1]!.split(',').map((word) => word.trim());
    const limit = words.find((word) => /^\d+$/.test(word));
    if (words.includes('push')) this.limits.push(this.limit);
    if (words.includes('pop') && this.limits.length > 1) this.limits.pop();
    if (limit !== undefined) this.limits[this.limits.length - 1] = Number(limit);
    else if (words.join('') === '') this.limits[this.limits.length - 1] = undefined;
  }
}
