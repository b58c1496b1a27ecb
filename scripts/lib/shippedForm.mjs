// How esbuild writes the programs that ship, for what has to be measured as it ships.

/** @type {import('esbuild').BuildOptions} */
export const SHIPPED_FORM = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
};
