import type { Meta } from './checker.ts';

/** The Markdown page of a rule, as `docs/rules/<id>.md` holds it and `iovet explain` prints it. */
export function renderPage(meta: Meta): string {
  const { page } = meta;
  const state =
    meta.maturity === 'preview'
      ? `preview since ${meta.since}: off unless \`--preview\` or \`--rules ${meta.id}\` asks for it`
      : `on by default since ${meta.since}`;
  const known = [
    ...meta.falsePositives.map((text) => `Reported although correct: ${text}`),
    ...meta.limits,
  ];
  return [
    `# ${meta.id}`,
    '',
    meta.summary,
    '',
    `Severity: ${meta.severity} · confidence: ${meta.confidence} · ${state}`,
    '',
    '## What it does',
    '',
    page.what,
    '',
    '## Why it matters',
    '',
    page.why,
    '',
    '## Example',
    '',
    '```c',
    page.example.trim(),
    '```',
    '',
    '## Use instead',
    '',
    '```c',
    page.instead.trim(),
    '```',
    '',
    '## Messages',
    '',
    ...Object.values(meta.messages).map((text) => `- \`${text}\``),
    '',
    '## Known limits',
    '',
    ...known.map((text) => `- ${text}`),
    '',
    '## Sources',
    '',
    ...meta.sources.map(({ where, what }) => `- ${where}: ${what}`),
    '',
    `A finding that is right but wanted is marked in the code: \`/* iovet: allow(${meta.id}): reason */\`.`,
    '',
  ].join('\n');
}
