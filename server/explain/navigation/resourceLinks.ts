import type { CallFact, Family, FlowPlace, UnitFacts } from '../../flow/facts.ts';

/** One end of a resource's life: a call that makes it, or one that ends it. */
export interface LifeCall {
  readonly call: CallFact;
  readonly family: Family;
  /** The handle as the code spells it, where it is known. */
  readonly handle: string;
  readonly makes: boolean;
}

/** The ends of all resources that the engine followed in a file, in order of the text, each call once. */
export function lifeCalls({ facts, file }: UnitFacts): readonly LifeCall[] {
  const found = new Map<number, LifeCall>();
  for (const { acquire, family, handle } of facts.resources) {
    if (acquire.callee.file !== file) continue;
    found.set(acquire.callee.span.start, { call: acquire, family, handle: handleOf(acquire, family, handle), makes: true }); // prettier-ignore
  }
  for (const { kind, call, resource } of facts.pairings) {
    if (kind !== 'release' || call.callee.file !== file) continue;
    const { family } = resource;
    found.set(call.callee.span.start, { call, family, handle: handleOf(call, family, ''), makes: false }); // prettier-ignore
  }
  // Releases without a known acquisition: of the interface that some resource of the file belongs to.
  for (const call of facts.calls) {
    if (call.callee.file !== file || found.has(call.callee.span.start)) continue;
    const family = RELEASING.find(([pattern]) => pattern.test(call.function))?.[1];
    if (family === undefined) continue;
    found.set(call.callee.span.start, { call, family, handle: handleOf(call, family, ''), makes: false }); // prettier-ignore
  }
  return [...found.values()].sort((a, b) => a.call.callee.span.start - b.call.callee.span.start);
}

const RELEASING: readonly (readonly [RegExp, Family])[] = [
  [/^dma_unmap_(?:single|page|resource|phys)/, 'dma-map'],
  [/^dma_unmap_sgtable/, 'dma-sgtable'],
  [/^dma_unmap_sg/, 'dma-sg'],
  [/^dma_free_/, 'coherent'],
  [/^dma_pool_free/, 'pool-memory'],
  [/^iommu_unmap/, 'iommu-map'],
  [/^iommu_domain_free/, 'iommu-domain'],
  [/^iommu_detach_/, 'iommu-attach'],
  [/^unpin_user_page/, 'pin'],
];

/** What names the resource at a call: the IOVA of IOMMU mappings, the DMA address or pointer of the others. */
function handleOf({ args }: CallFact, family: Family, handle: string): string {
  const role = family === 'iommu-map' ? 'iova' : family.startsWith('dma-sg') ? 'sg' : 'dma_addr';
  const arg = args.find((one) => one.role === role) ?? args.find((one) => one.role === 'sgtable');
  return family === 'iommu-map' || handle === '' ? (arg?.text ?? handle) : handle;
}

/** The call of {@link lifeCalls} at an offset. */
export function lifeCallAt(calls: readonly LifeCall[], offset: number): LifeCall | undefined {
  return calls.find(
    ({ call: { callee } }) => callee.span.start <= offset && offset <= callee.span.end,
  );
}

/**
 * The other ends of a resource: for a map its unmaps, for an unmap its maps.
 * What the engine paired comes first; without a pairing, the calls of the file whose handle has the same last member.
 */
export function otherEnds(
  facts: UnitFacts,
  calls: readonly LifeCall[],
  from: LifeCall,
): readonly FlowPlace[] {
  const at = from.call.callee.span.start;
  const paired = facts.facts.pairings.filter(({ kind, call, resource }) => {
    const near = from.makes ? resource.acquire : call;
    return kind === 'release' && near.callee.file === facts.file && near.callee.span.start === at;
  });
  const exact = paired.map(({ call, resource }) => (from.makes ? call : resource.acquire).callee);
  const member = lastMember(from.handle);
  const alike = calls.filter(
    (other) =>
      other.makes !== from.makes &&
      other.family === from.family &&
      member !== '' &&
      lastMember(other.handle) === member &&
      // A local variable says nothing about one of the same name elsewhere.
      ((isMember(other.handle) && isMember(from.handle)) ||
        other.call.callee.function === from.call.callee.function),
  );
  const places = [...exact, ...alike.map(({ call }) => call.callee)];
  const byPlace = new Map(places.map((place) => [`${place.file} ${place.span.start}`, place]));
  return [...byPlace.values()];
}

const isMember = (handle: string): boolean => /->|\./.test(handle);

/** `q->ring[i].iova` → `iova`; for plain variables the name itself, for expressions nothing. */
export function lastMember(handle: string): string {
  const plain = handle.replace(/\[[^\]]*\]$/, '').replace(/\s*\+.*$/, '');
  return /(?:^|->|\.)\s*(\w+)$/.exec(plain.trim())?.[1] ?? '';
}
