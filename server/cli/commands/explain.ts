import { renderPage } from '../../checkers/page.ts';
import { plainText, type Explanation } from '../../explain/text/explanation.ts';
import { printJson } from '../../report/json.ts';
import { ruleJson } from '../../report/rules.ts';
import { allRules } from '../../review/ruleSet.ts';
import { nearest } from '../../text/nearest.ts';
import { type Command, type ExitCode, UsageError } from '../command.ts';
import { explainableNames, explainName } from '../explain/explainName.ts';
import { kernelOf, noSuchRule } from '../selection.ts';
import { treeOf } from '../treeSource.ts';

/** `iovet explain RULE|FIELD|FUNCTION`: the page of a rule, or what a name of the kernel means. */
export const explain: Command = {
  operands: 'RULE|FIELD|FUNCTION [--tree DIR] [--format text|json]',
  options: [],
  run: async (args, context): Promise<ExitCode> => {
    const [name, more] = args.operands;
    if (name === undefined || more !== undefined) {
      throw new UsageError(
        'explain: name one rule, field or function',
        'all rules: iovet rules; fields and functions by their kernel name',
      );
    }
    const asJson = args.value('format') === 'json';
    if (args.value('format') === 'sarif') {
      throw new UsageError('explain: no SARIF of a page', 'use --format json');
    }
    const rule = allRules.find((candidate) => candidate.id === name);
    if (rule !== undefined) {
      context.print(asJson ? ruleJson(rule) : renderPage(rule));
      return 0;
    }
    const found = await explainName(context, {
      name: name.replace(/\(\)$/, ''),
      tree: treeOf(context, args.value('tree'), ['.']),
      version: kernelOf(args),
    });
    if (found.length === 0) throw nothingNamed(name);
    context.print(
      asJson ? explanationsJson(name, found) : `${found.map(plainText).join('\n\n')}\n`,
    );
    return 0;
  },
};

function explanationsJson(name: string, found: readonly Explanation[]): string {
  return printJson({
    name,
    meanings: found.map(({ title, lines, places }) => ({ title, lines, places })),
  });
}

function nothingNamed(name: string): UsageError {
  const isRule = name.includes('-');
  if (isRule) return noSuchRule(name);
  const guess = nearest(name, explainableNames());
  return new UsageError(
    `explain ${name}: no rule, field or interface function of that name`,
    guess === undefined ? 'all rules: iovet rules' : `nearest: ${guess}`,
  );
}
