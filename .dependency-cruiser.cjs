// Fences that project references cannot draw. Layer order itself is enforced by tsconfig references.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'vscode-only-in-client',
      severity: 'error',
      from: { pathNot: '^(client|tests)/' },
      to: { path: '^vscode$|vscode-languageclient' },
    },
    {
      name: 'languageserver-only-in-lsp',
      severity: 'error',
      from: { pathNot: '^(server/lsp|tests)/' },
      to: { path: 'vscode-languageserver' },
    },
    {
      name: 'tree-sitter-only-in-syntax',
      severity: 'error',
      from: { path: '^(server|client)/', pathNot: '^server/syntax/' },
      to: { path: 'node_modules/web-tree-sitter' },
    },
    {
      name: 'io-only-in-host-and-entry-points',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/(host|cli|lsp)/|\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'checkers-stand-alone',
      severity: 'error',
      from: { path: '^server/checkers/(rules)/' },
      to: { path: '^server/checkers/rules/' },
    },
    {
      name: 'client-shares-only-messages',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/simulationView/' },
      to: { path: '^server/', pathNot: '^server/lsp/messages\\.ts$' },
    },
    {
      name: 'page-knows-the-view-only',
      severity: 'error',
      comment: 'What the page of a simulation shows is computed before it.',
      from: { path: '^client/simulationView/' },
      to: {
        path: '^(server|client)/',
        pathNot: '^server/report/view/view\\.ts$|^client/simulationView/',
      },
    },
    // What changed, one run, its result, the search over runs, and then whole changes.
    ...['change', 'run', 'result', 'search'].map((folder, n, folders) => ({
      name: `comparing-flows-one-way-from-${folder}`,
      severity: 'error',
      from: { path: `^server/simulate/compare/${folder}/`, pathNot: '\\.test\\.ts$' },
      to: {
        path: `^server/simulate/compare/(${[...folders.slice(n + 1).map((one) => `${one}/`), '[^/]+$'].join('|')})`,
      },
    })),
    {
      name: 'hardware-reads-by-itself',
      severity: 'error',
      comment: 'Walkers must be able to disagree with the formats.',
      from: { path: '^server/model/hw/', pathNot: '\\.test\\.ts$' },
      to: { path: '^server/model/(fmt|pt|core)/' },
    },
    {
      name: 'no-test-code-in-product',
      severity: 'error',
      from: { path: '^(server|client)/', pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$|^tests/' },
    },
    {
      name: 'dev-dependencies-stay-out',
      severity: 'error',
      from: { path: '^(server|client)/', pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/(fast-check|mocha|ajv|playwright-core|c8)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
