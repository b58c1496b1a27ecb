/** `obj-$(CONFIG_DMATEST) += dmatest.o`, `selftests-y := a.o b.o`, with continuation lines joined. */
const assignment = /^([\w-]+)-(?:\$\(CONFIG_(\w+)\)|y|m|objs)\s*[:+]?=\s*(.*)$/gm;

/** Symbols that switch on tests; COMPILE_TEST builds the real drivers. */
const testSymbol = /(?<!^COMPILE_)TEST$|SELFTESTS?$|KUNIT/;

/**
 * The C files of a folder that its Makefile builds only for tests: kunit suites, selftests, and modules whose
 * purpose is to exercise an interface. Source: the Makefile's own `obj-$(CONFIG_…TEST)` lines, and the parts of
 * the objects that those name.
 */
export function testSources(makefile: string): ReadonlySet<string> {
  const parts = new Map<string, string[]>();
  const objects = new Set<string>();
  for (const [, target, symbol, list] of makefile.replace(/\\\r?\n/g, ' ').matchAll(assignment)) {
    const names = [...list!.matchAll(/([\w-]+)\.o\b/g)].map((match) => match[1]!);
    if (symbol !== undefined && testSymbol.test(symbol))
      for (const name of names) objects.add(name);
    else parts.set(target!, [...(parts.get(target!) ?? []), ...names]);
  }
  const sources = new Set<string>();
  for (const object of objects) {
    sources.add(`${object}.c`);
    for (const part of parts.get(object) ?? []) sources.add(`${part}.c`);
  }
  return sources;
}
