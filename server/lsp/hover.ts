import type { ReviewedFinding } from '../review/review.ts';
import type { RuleText } from './review.ts';

/** What the finding itself does not know. */
export interface HoverExtras {
  /** URI of the page of the rule. */
  readonly link?: string | undefined;
  /** What a simulation showed about the same place. */
  readonly proof?: string | undefined;
}

/**
 * The hover of a finding: what it says, why it matters, how to mend it, where the contract stands.
 * VS Code shows the diagnostic itself above it, so the message is not repeated there.
 */
export function hoverOf(
  finding: ReviewedFinding,
  rule: RuleText | undefined,
  { link, proof }: HoverExtras,
): string {
  const fix = finding.fixes[0];
  const parts = [
    rule === undefined ? '' : `**Contract** ${rule.summary}`,
    rule === undefined ? '' : `**Why** ${rule.why}`,
    fix === undefined ? '' : `**Fix** ${fix.code === undefined ? fix.title : `\`${fix.code}\``}`,
    proof === undefined ? '' : `**Shown** by simulation: ${proof}`,
    rule === undefined || rule.sources.length === 0 ? '' : `**Source** ${rule.sources.join(' · ')}`,
    link === undefined ? `\`${finding.rule}\`` : `[${finding.rule}](${link})`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
