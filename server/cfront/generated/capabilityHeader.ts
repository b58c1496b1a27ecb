/**
 * The header that a build makes from the list of CPU capabilities (arch/arm64/tools/cpucaps): a number for each, as
 * gen-cpucaps.awk of the tree gives them.
 */
export function capabilityHeader(list: string): string {
  const names = list
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((name) => name !== '');
  const numbered = names.map((name, n) => `#define ARM64_${name} ${n}`);
  return [...numbered, `#define ARM64_NCAPS ${names.length}`, ''].join('\n');
}
