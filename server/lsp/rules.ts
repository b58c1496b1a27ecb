import { renderPage } from '../checkers/page.ts';
import { allRules } from '../review/ruleSet.ts';
import type { RuleText } from './review.ts';

/** What an editor shows about a rule; undefined for an id that no rule has. */
export function ruleText(id: string): RuleText | undefined {
  const meta = allRules.find((rule) => rule.id === id);
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
