import type { Meta } from '../checkers/checker.ts';
import type { Finding } from '../checkers/finding.ts';
import { lineIndex } from '../text/lineIndex.ts';
import { nearest } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';

/** A comment `iovet: allow(rule, …): reason`. */
export interface Suppression {
  readonly rules: readonly string[];
  /** Empty where none is given; such a comment allows nothing. */
  readonly reason: string;
  /** The text from `iovet:` to the end of the reason. */
  readonly span: Span;
  /** 1-based lines on which findings may start: those of the comment, and the one below it. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Comments, and the strings that could hide or fake their delimiters. */
const commentsAndStrings =
  /\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g;
const allowance = /iovet:\s*allow\(([^)]*)\)(?:\s*:\s*([^]*))?/;

/** The suppressions of a file, in order. */
export function readSuppressions(text: string): Suppression[] {
  if (!text.includes('iovet:')) return [];
  const index = lineIndex(text);
  const found: Suppression[] = [];
  for (const match of text.matchAll(commentsAndStrings)) {
    const comment = match[0];
    if (!comment.startsWith('/')) continue;
    const allowed = allowance.exec(comment);
    if (allowed === null) continue;
    const start = match.index + allowed.index;
    const written = allowed[0].replace(/\s*(\*\/)?\s*$/, '');
    const reason = (allowed[2] ?? '').replace(/\*\/\s*$/, '').replace(/\s*\n\s*\*?\s*/g, ' ');
    found.push({
      rules: allowed[1]!.split(',').map((rule) => rule.trim()),
      reason: reason.trim(),
      span: { start, end: start + written.length },
      firstLine: index.position(match.index).line,
      lastLine: index.position(match.index + comment.length).line + 1,
    });
  }
  return found;
}

/** What suppressions do to the findings of a file. */
export interface Suppressed {
  readonly kept: readonly Finding[];
  readonly allowed: readonly Finding[];
  /** Findings about the suppressions themselves. */
  readonly unused: readonly Finding[];
}

/** What is known about the run that made the findings. */
export interface SuppressionContext {
  readonly file: string;
  readonly lineOf: (offset: number) => number;
  /** Every rule id there is. */
  readonly known: ReadonlySet<string>;
  /** Rules that ran; a comment for another rule is not judged. */
  readonly ran: ReadonlySet<string>;
  /** Whether something around a line was not analysed: then silence proves nothing about a comment. */
  readonly incompleteAt: (offset: number) => boolean;
  readonly functionAt: (offset: number) => string;
}

/** Takes away what comments allow, and reports comments that allow nothing. */
export function applySuppressions(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  context: SuppressionContext,
): Suppressed {
  if (suppressions.length === 0) return { kept: findings, allowed: [], unused: [] };
  const used = new Set<string>();
  const allows = (finding: Finding): boolean => {
    if (finding.file !== context.file) return false;
    const line = context.lineOf(finding.span.start);
    let allowed = false;
    for (const [i, suppression] of suppressions.entries()) {
      if (suppression.reason === '' || !suppression.rules.includes(finding.rule)) continue;
      if (line < suppression.firstLine || line > suppression.lastLine) continue;
      used.add(`${i} ${finding.rule}`);
      allowed = true;
    }
    return allowed;
  };
  const kept: Finding[] = [];
  const allowed: Finding[] = [];
  for (const finding of findings) (allows(finding) ? allowed : kept).push(finding);
  const unused = suppressions.flatMap((suppression, i) =>
    suppression.rules.flatMap((rule) => {
      if (used.has(`${i} ${rule}`)) return [];
      const message = complaint(suppression, rule, context);
      return message === undefined ? [] : [unusedFinding(suppression, message, context)];
    }),
  );
  return { kept, allowed, unused };
}

function complaint(
  suppression: Suppression,
  rule: string,
  context: SuppressionContext,
): string | undefined {
  if (!context.known.has(rule)) {
    const guess = nearest(rule, context.known);
    return `allows ${rule}, which is no rule${guess === undefined ? '' : `; nearest: ${guess}`}`;
  }
  if (suppression.reason === '') {
    return `allows ${rule} without a reason: write allow(${rule}): and why, until then it allows nothing`;
  }
  if (!context.ran.has(rule) || context.incompleteAt(suppression.span.end)) return undefined;
  return `allows ${rule}, but the rule finds nothing here or on the next line`;
}

function unusedFinding(
  suppression: Suppression,
  message: string,
  context: SuppressionContext,
): Finding {
  return {
    rule: unusedSuppression.id,
    severity: unusedSuppression.severity,
    confidence: unusedSuppression.confidence,
    file: context.file,
    span: suppression.span,
    function: context.functionAt(suppression.span.start),
    message,
    steps: [],
    related: [],
    fixes: [],
  };
}

/** The one rule that is not about the kernel: a suppression comment has to suppress something. */
export const unusedSuppression: Meta = {
  id: 'unused-suppression',
  summary: 'A suppression comment names a rule and a reason, and the rule has a finding there.',
  severity: 'warning',
  confidence: 'high',
  maturity: 'stable',
  since: '0.1.0',
  needs: [],
  messages: {},
  sources: [],
  falsePositives: [],
  limits: ['A comment inside a function that was not analysed is not judged.'],
  page: {
    what: 'A comment `iovet: allow(rule): reason` that allows nothing: the rule has no finding on its line or the line below, does not exist, or no reason is given.',
    why: 'A comment that outlives its finding hides the next one.',
    example: '/* iovet: allow(dma-map-null-check): 0 is our own mark */\nfree_irq(irq, priv);',
    instead: 'free_irq(irq, priv);',
  },
};
