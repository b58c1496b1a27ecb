import type { Meta } from '../../checkers/checker.ts';
import type { ChangeFinding, SeriesReview } from '../../review/patch/seriesReview.ts';
import { mailColumns, wrap } from './wrap.ts';

/** What a draft comment is made from besides the finding. */
export interface CommentContext {
  readonly review: SeriesReview;
  readonly rules: readonly Meta[];
  /** Rules whose contract the mail has told already, further up. */
  readonly told?: ReadonlySet<string>;
}

/**
 * What a reviewer would write below the line, in plain words: what is wrong, how it gets there, what the contract says
 * and where that is written. Wrapped for mail; nobody is greeted and nothing is signed.
 */
export function commentOf(finding: ChangeFinding, { review, rules, told }: CommentContext): string {
  const rule = rules.find(({ id }) => id === finding.rule);
  const paragraphs = [
    wrap(whatIsWrong(finding)).join('\n'),
    ...(finding.steps.length > 0 ? [path(finding)] : []),
    ...(told?.has(finding.rule) === true ? [] : [wrap(contract(rule, finding)).join('\n')]),
    ...fix(finding),
    ...later(finding, review),
  ];
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

/** A message is a predicate (`returns ret with …`) or says its own subject (`dma->prot gets …`). */
function whatIsWrong(finding: ChangeFinding): string {
  const { message, patch, range } = finding;
  const isPredicate = /^[a-z]+s\b(?!->)/.test(message) || /^never\b/.test(message);
  const subject = finding.function === '' ? 'This' : `${finding.function}()`;
  const where = patch === undefined ? ` (line ${range.start.line}, outside this patch)` : '';
  return isPredicate
    ? `${subject}${where} ${message}.`
    : `${capital(message)}${where === '' ? '' : ` in ${subject}${where}`}.`;
}

const capital = (text: string): string =>
  /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;

function path({ steps, file }: ChangeFinding): string {
  return steps
    .flatMap((step) => {
      const where = step.file === file ? '' : `${step.file}:`;
      const line = `line ${where}${step.range.start.line}: ${step.message}`;
      return wrap(`- ${line}`, mailColumns - 2, '  ').map((each) => `  ${each}`);
    })
    .join('\n');
}

/** The first sentences of the rule's page, and the first place where the contract stands. */
function contract(rule: Meta | undefined, finding: ChangeFinding): string {
  if (rule === undefined) return `(${finding.rule})`;
  const sentences = rule.page.why.match(/[^.!?]+(?:\.(?=\S)[^.!?]*)*[.!?]+/g) ?? [rule.page.why];
  const said = sentences.slice(0, 3).join('').trim();
  const [source] = rule.sources;
  const where = source === undefined ? '' : ` See ${source.where}, ${source.what}.`;
  return `${said}${where} (${rule.id})`;
}

function fix(finding: ChangeFinding): string[] {
  const code = finding.fixes[0]?.code;
  return code === undefined ? [] : [`This would do:\n\n\t${code}${/[;{}]$/.test(code) ? '' : ';'}`];
}

function later({ fixedIn }: ChangeFinding, review: SeriesReview): string[] {
  const number = fixedIn === undefined ? undefined : review.patches[fixedIn]?.number;
  if (number === undefined) return [];
  return [wrap(`${number} mends it again; between the two patches the tree is wrong.`).join('\n')];
}
