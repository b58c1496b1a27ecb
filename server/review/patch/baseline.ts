import type { ChangeFinding, SeriesReview } from './seriesReview.ts';

/** Findings that are known already do not count as introduced: they are existing ones, though on changed code. */
export function withBaseline(review: SeriesReview, known: ReadonlySet<string>): SeriesReview {
  const isKnown = ({ fingerprint }: ChangeFinding): boolean => known.has(fingerprint);
  const settle = <T extends Pick<SeriesReview['whole'], 'introduced' | 'existing'>>(
    part: T,
  ): T => ({
    ...part,
    introduced: part.introduced.filter((finding) => !isKnown(finding)),
    existing: [
      ...part.existing,
      ...part.introduced
        .filter(isKnown)
        .map((finding): ChangeFinding => ({ ...finding, status: 'existing', inBaseline: true })),
    ],
  });
  return { ...review, patches: review.patches.map(settle), whole: settle(review.whole) };
}
