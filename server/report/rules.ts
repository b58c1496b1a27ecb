import type { Meta } from '../checkers/checker.ts';
import { printJson } from './json.ts';

/** What `iovet rules` prints: one line per rule, then its invariant. */
export function rulesText(rules: readonly Meta[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const lines = rules.map(
    ({ id, severity, confidence, maturity, summary }) =>
      `${id.padEnd(width)}  ${severity.padEnd(7)}  ${confidence.padEnd(6)}  ${maturity.padEnd(7)}  ${summary}`,
  );
  const preview = rules.filter(({ maturity }) => maturity === 'preview').length;
  const off = preview === 0 ? '' : `, ${preview} of them preview (off unless --preview or --rules)`;
  return `${lines.join('\n')}\n${rules.length} rules${off}; a rule's page: iovet explain RULE\n`;
}

const ruleFields = (meta: Meta): Readonly<Record<string, unknown>> => ({
  id: meta.id,
  summary: meta.summary,
  severity: meta.severity,
  confidence: meta.confidence,
  maturity: meta.maturity,
  since: meta.since,
  messages: meta.messages,
  sources: meta.sources,
  falsePositives: meta.falsePositives,
  limits: meta.limits,
});

/** `iovet rules --format json`. */
export function rulesJson(rules: readonly Meta[]): string {
  return printJson({ rules: rules.map(ruleFields) });
}

/** `iovet explain RULE --format json`. */
export function ruleJson(rule: Meta): string {
  return printJson({ rule: { ...ruleFields(rule), page: rule.page } });
}
