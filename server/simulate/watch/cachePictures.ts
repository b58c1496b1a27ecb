import { cachedAccess } from '../../model/world/cachedAccess.ts';
import type { CachedAccess } from '../../model/world/cachedAccess.ts';
import type { IotlbLine } from '../../model/world/cacheView.ts';
import { cacheView } from '../../model/world/cacheView.ts';
import type { ReplayWorld } from './replayWorld.ts';
import type { TriedPage } from './triedAccesses.ts';

/** An entry of the IOTLB. Pages are IOVA page numbers, ends inclusive. */
export interface SeenCached {
  readonly domain: string;
  readonly first: number;
  readonly last: number;
  /** First page that it leads to. */
  readonly target: number;
  readonly access: IotlbLine['access'];
  /** Index of the operation after which an access filled it; -1: it was there when the run began. */
  readonly since: number;
  /** Index of the operation since which the tables say otherwise. */
  readonly staleSince: number | undefined;
}

/** The operation before the first one. */
const BEGINNING = -1;

/**
 * What one IOTLB holds whose devices ask for the same pages after every step. It shows what a flush drops and what it
 * leaves; what *any* cache may hold is the stale set's business, and only that judges.
 */
export class CachePictures {
  private readonly pages: readonly TriedPage[];
  private readonly paths = new Map<string, CachedAccess>();
  private readonly filled = new Map<string, number>();
  private readonly stale = new Map<string, number>();

  constructor({ world }: ReplayWorld, pages: readonly TriedPage[]) {
    this.pages = pages;
    for (const { space } of pages) {
      const device = world.devices.get(`device of ${space.name}`)!;
      if (!this.paths.has(space.name)) this.paths.set(space.name, cachedAccess(world, device));
    }
  }

  /** Lets the devices ask after an operation. Gives what the IOTLB holds then. */
  after({ world }: ReplayWorld, operation: number = BEGINNING): readonly SeenCached[] {
    for (const { space, page } of this.pages) {
      const path = this.paths.get(space.name)!;
      if (path.access(page, 'write') < 0) path.access(page, 'read');
    }
    const held = cacheView(world).iotlb.map((line) => this.seen(line, operation));
    const keys = new Set(held.map(keyOf));
    for (const key of this.filled.keys()) {
      if (keys.has(key)) continue;
      this.filled.delete(key);
      this.stale.delete(key);
    }
    return held;
  }

  private seen(line: IotlbLine, operation: number): SeenCached {
    const { tags, first, last, target, access, state } = line;
    const entry = { domain: tags.join(' '), first, last, target, access };
    const key = keyOf(entry);
    const since = this.filled.get(key) ?? operation;
    this.filled.set(key, since);
    if (state === 'live') this.stale.delete(key);
    const staleSince = state === 'live' ? undefined : (this.stale.get(key) ?? operation);
    if (staleSince !== undefined) this.stale.set(key, staleSince);
    return { ...entry, since, staleSince };
  }
}

function keyOf({
  domain,
  first,
  last,
  target,
}: Pick<SeenCached, 'domain' | 'first' | 'last' | 'target'>): string {
  return `${domain} ${first} ${last} ${target}`;
}
