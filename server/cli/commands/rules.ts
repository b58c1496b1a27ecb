import { rulesJson, rulesText } from '../../report/rules.ts';
import { allRules } from '../../review/ruleSet.ts';
import { type Command, UsageError } from '../command.ts';

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
    context.print(args.value('format') === 'json' ? rulesJson(allRules) : rulesText(allRules));
    return 0;
  },
};
