import type { Severity } from '../../checkers/finding.ts';
import { rulesJson, rulesText } from '../../report/rules.ts';
import { allRules } from '../../review/ruleSet.ts';
import { type Args, type Command, UsageError } from '../command.ts';
import { selectionOf } from '../selection.ts';

/** Most serious first. */
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** `iovet rules`: what can be reported, and how sure each rule is. */
export const rules: Command = {
  operands: '[--format text|json]',
  options: [],
  run: (args, context) => {
    if (args.operands.length > 0) {
      throw new UsageError(
        `rules: ${args.operands[0]!} is not expected`,
        `one rule's page: iovet explain ${args.operands[0]!}`,
      );
    }
    if (args.value('format') === 'sarif') {
      throw new UsageError('rules: no SARIF of a list of rules', 'use --format json');
    }
    const shown = chosen(args);
    context.print(args.value('format') === 'json' ? rulesJson(shown) : rulesText(shown));
    return 0;
  },
};

/** The rules that `--rules` and `--severity` leave. */
function chosen(args: Args): typeof allRules {
  const { rules: wanted } = selectionOf(args);
  const least = SEVERITIES.indexOf((args.value('severity') as Severity | undefined) ?? 'info');
  return allRules.filter(
    ({ id, severity }) => (wanted?.has(id) ?? true) && SEVERITIES.indexOf(severity) <= least,
  );
}
