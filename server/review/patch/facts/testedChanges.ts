import type { TestedChangeFact } from '../../../checkers/patchChecker.ts';
import type { AddedCode } from './addedCode.ts';

/** Code whose changes come with tests, by maintainers' practice. */
const areas = [
  {
    area: 'generic_pt',
    code: /^drivers\/iommu\/generic_pt\/(?!.*kunit)/,
    tests: 'drivers/iommu/generic_pt/kunit_*.h',
    covers: /kunit|^Documentation\/driver-api\/generic_pt/,
  },
  {
    area: 'iommufd',
    code: /^drivers\/iommu\/iommufd\/(?!selftest)/,
    tests: 'tools/testing/selftests/iommu',
    covers: /selftest|^Documentation\/userspace-api\/iommufd|^include\/uapi\/linux\/iommufd\.h$/,
  },
] as const;

/** Added lines below this are not asked for tests. */
const fewLines = 15;

/** What a patch changes of code with tests, while the series changes none of them. */
export function testedChanges(
  codes: readonly AddedCode[],
  seriesPaths: ReadonlySet<string>,
): TestedChangeFact[] {
  return areas.flatMap(({ area, code, tests, covers }): TestedChangeFact[] => {
    if ([...seriesPaths].some((path) => covers.test(path))) return [];
    const changed = codes.filter(({ path }) => code.test(path));
    const added = changed.flatMap((each) => each.added.filter(({ text }) => text.trim() !== ''));
    const [first] = changed.filter((each) => each.added.length > 0);
    if (first === undefined || added.length < fewLines) return [];
    const line = first.added.find(({ text }) => text.trim() !== '') ?? first.added[0]!;
    const text = line.text.trimEnd();
    const indent = text.length - text.trimStart().length;
    const place = first.placeAt(line.start + indent, Math.max(1, text.length - indent));
    return [{ area, tests, place }];
  });
}
