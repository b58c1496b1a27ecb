import { version } from '../version.ts';
import type { View } from './view.ts';

/** What the page is made of besides its data; both come with the program, built from `client/simulationView`. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** Letters and digits; what is not marked with it does not run. */
  readonly nonce: string;
}

/**
 * A view as one page that needs nothing else: no remote resource, no inline handler, and a policy under which only
 * its own script and style count.
 */
export function viewPage(view: View, { script, style, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="iovet ${version}">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>iovet: ${escaped(view.subject)}</title>
<style nonce="${nonce}">${style.replaceAll('</style', '<\\/style')}</style>
</head>
<body>
<div id="view"></div>
<script type="application/json" id="data">${dataText(view)}</script>
<script nonce="${nonce}">${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

/** JSON that cannot end the element that it stands in. */
function dataText(view: View): string {
  return JSON.stringify(view).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
