import { renderPage } from '../../checkers/page.ts';
import { ruleJson } from '../../report/rules.ts';
import { allRules } from '../../review/ruleSet.ts';
import { nearest } from '../../text/nearest.ts';
import { type Command, UsageError } from '../command.ts';

/** `iovet explain RULE`: the page of a rule. */
export const explain: Command = {
  operands: 'RULE [--format text|json]',
  options: [],
  run: (args, context) => {
    const [id, more] = args.operands;
    if (id === undefined || more !== undefined) {
      throw new UsageError('explain: name one rule', 'all rules: iovet rules');
    }
    const rule = allRules.find((candidate) => candidate.id === id);
    if (rule === undefined) throw noSuchRule(id);
    if (args.value('format') === 'sarif') {
      throw new UsageError('explain: no SARIF of a page', 'use --format json');
    }
    context.print(args.value('format') === 'json' ? ruleJson(rule) : renderPage(rule));
    return 0;
  },
};

/** The complaint about a rule id that does not exist. */
export function noSuchRule(id: string): UsageError {
  const guess = nearest(
    id,
    allRules.map((rule) => rule.id),
  );
  return new UsageError(
    `no rule named ${id}`,
    `${guess === undefined ? '' : `nearest: ${guess}; `}all: iovet rules`,
  );
}
