import type { Holding } from './ledger.ts';

/** A stretch of IOVAs of one domain that is mapped, end exclusive. */
interface MappedStretch {
  readonly start: bigint;
  readonly end: bigint;
  readonly holding: Holding;
}

/** What an unmap took of one mapping. */
export interface TakenRange {
  readonly holding: Holding;
  /** Nothing of it is mapped any more. */
  readonly isWhole: boolean;
}

/** What an unmap took. */
export interface Unmapped {
  /** In the order of their IOVAs. */
  readonly taken: readonly TakenRange[];
  /** Bytes that were mapped before. */
  readonly bytes: bigint;
}

/** What is mapped in each domain: the same IOVA in two domains is two mappings. */
export class IovaRanges {
  private readonly domains = new Map<number, MappedStretch[]>();

  add(domain: number, start: bigint, holding: Holding): void {
    const stretches = this.domains.get(domain) ?? [];
    stretches.push({ start, end: start + holding.size, holding });
    this.domains.set(domain, stretches);
  }

  /** The mappings that a stretch touches, in the order of their IOVAs. */
  touched(domain: number, start: bigint, size: bigint): Holding[] {
    const end = start + size;
    const hit = (this.domains.get(domain) ?? []).filter(
      (one) => one.start < end && one.end > start,
    );
    hit.sort((a, b) => (a.start < b.start ? -1 : 1));
    return [...new Set(hit.map(({ holding }) => holding))];
  }

  /** The domains in which something of a stretch is mapped. */
  domainsWith(start: bigint, size: bigint): number[] {
    return [...this.domains.keys()].filter(
      (domain) => this.touched(domain, start, size).length > 0,
    );
  }

  /** Takes a stretch out: mappings that it covers in part keep the rest. */
  take(domain: number, start: bigint, size: bigint): Unmapped {
    const end = start + size;
    const touched = this.touched(domain, start, size);
    let bytes = 0n;
    const left = (this.domains.get(domain) ?? []).flatMap((one) => {
      if (one.start >= end || one.end <= start) return [one];
      const from = one.start > start ? one.start : start;
      const to = one.end < end ? one.end : end;
      bytes += to - from;
      const rest = [
        { ...one, end: from },
        { ...one, start: to },
      ];
      return rest.filter((part) => part.start < part.end);
    });
    this.domains.set(domain, left);
    const taken = touched.map((holding) => ({
      holding,
      isWhole: !left.some((one) => one.holding === holding),
    }));
    return { taken, bytes };
  }

  /** Takes everything that is mapped in a domain. */
  takeAll(domain: number): Holding[] {
    const stretches = this.domains.get(domain) ?? [];
    this.domains.delete(domain);
    return [...new Set(stretches.map(({ holding }) => holding))];
  }
}
