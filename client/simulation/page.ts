/** What a page in a panel is made of. */
export interface PanelPage {
  /** Address of the page's script and of its style, as the panel may load them. */
  readonly script: string;
  readonly style: string;
  /** Source that the policy allows: that of the extension's own files. */
  readonly source: string;
  /** Letters and digits; a script that is not marked with it does not run. */
  readonly nonce: string;
  /** Data of the page, as JSON. */
  readonly view: string;
}

/** The page of a simulation inside an editor: nothing is loaded but its own script and style. */
export function panelPage({ script, style, source, nonce, view }: PanelPage): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
</head>
<body>
<div id="view"></div>
<script type="application/json" id="data" nonce="${nonce}">${view.replaceAll('<', '\\u003c')}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

/** The page of a panel before there is anything to show. */
export function waitingPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
</head>
<body>
<p role="status">Simulating before and after…</p>
</body>
</html>
`;
}
