import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Selection } from '../checkers/run.ts';
import type { KernelVersion } from '../program/kernelApi/contract.ts';
import { comparedReleases } from '../program/kernelApi/versions.ts';
import { allRules } from '../review/ruleSet.ts';
import { nearest } from '../text/nearest.ts';
import { type Args, type Context, UsageError } from './command.ts';

/** The rules that `--rules` and `--preview` choose. */
export function selectionOf(args: Args): Selection {
  const wanted = args.list('rules');
  if (wanted.length === 0 && args.value('rules') !== undefined) {
    throw new UsageError('--rules names no rule', 'ids with commas between them; all: iovet rules');
  }
  for (const id of wanted) {
    if (!allRules.some((rule) => rule.id === id)) throw noSuchRule(id);
  }
  return {
    rules: wanted.length === 0 ? undefined : new Set(wanted),
    preview: args.has('preview'),
  };
}

/** The release that `--kernel` names; undefined where it is not given. */
export function kernelOf(args: Args): KernelVersion | undefined {
  const given = args.value('kernel');
  if (given === undefined) return undefined;
  const version = /^v?(\d+\.\d+)/.exec(given)?.[1];
  if (version === undefined) {
    throw new UsageError(
      `--kernel ${given}: not a version`,
      `for example ${comparedReleases.at(-1)!}; contracts were compared in ${comparedReleases.join(', ')}`,
    );
  }
  return version as KernelVersion;
}

/** Where a rule's page lies beside the program. */
export function rulePages(context: Context): (rule: string) => string | undefined {
  return (rule) => {
    const page = path.join(context.programFolder, '../docs/rules', `${rule}.md`);
    return context.host.kind(page) === 'file' ? pathToFileURL(page).href : undefined;
  };
}

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
