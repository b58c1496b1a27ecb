import { checkers } from '../checkers/all.generated.ts';
import { renderPage } from '../checkers/page.ts';
import type { RuleText } from './review.ts';

/** What an editor shows about a rule; undefined for an id that no rule has. */
export function ruleText(id: string): RuleText | undefined {
  const meta = checkers.find((checker) => checker.meta.id === id)?.meta;
  return (
    meta && {
      id,
      summary: meta.summary,
      why: meta.page.why,
      sources: meta.sources.map(({ where, what }) => `${where}, ${what}`),
      page: renderPage(meta),
    }
  );
}
