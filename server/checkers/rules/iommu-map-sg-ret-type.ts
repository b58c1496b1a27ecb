import { defineChecker, type Checker } from '../checker.ts';
import { replaceBy } from '../wording.ts';

/** The ssize_t of iommu_map_sg() kept in a type that cannot hold a negative errno or 2 GiB, or tested for 0. */
export const iommuMapSgRetType: Checker = defineChecker(
  {
    id: 'iommu-map-sg-ret-type',
    summary:
      'The result of iommu_map_sg() and iommu_map_sgtable() is kept as ssize_t and tested for less than 0.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['stores', 'checks'],
    messages: {
      unsigned: 'keeps the ssize_t of {fn}() in {type} {v}: -ENOMEM reads as {errno} bytes',
      narrow: 'keeps the ssize_t of {fn}() in {type} {v}: a map of 2 GiB reads as negative',
      zero: 'tests {v} of {fn}() for 0, but failure is a negative errno: it passes as a mapped range',
    },
    sources: [
      { where: 'include/linux/iommu.h', what: 'iommu_map_sgtable()' },
      {
        where: 'drivers/iommu/iommu.c',
        what: 'iommu_map_sg(): ssize_t, a negative errno or the bytes mapped',
      },
      {
        where: 'drivers/gpu/drm/tegra/gem.c',
        what: 'tegra_bo_iommu_map(): fixed after 6.12 (DMAB-128)',
      },
    ],
    falsePositives: [],
    limits: [
      'A result that is returned directly from a function of type size_t is not followed to the callers.',
    ],
    holdsInPart: true,
    page: {
      what: 'Reports the result of iommu_map_sg() or iommu_map_sgtable() stored in an unsigned or too narrow variable, and a test of it for 0.',
      why: 'Both return a negative errno or the bytes mapped. An unsigned variable hides the first, an int cuts the second, and `!n` tests for neither. 6.1 still declares the inline wrapper as size_t over a function that returns ssize_t.',
      example: `
size_t n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, prot);

if (!n)
	return -ENOMEM;`,
      instead: `
ssize_t n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, prot);

if (n < 0)
	return n;`,
    },
  },
  ({ stores, checks }, report) => {
    const reported = new Set<number>();
    for (const store of stores) {
      if (!mapsList(store.function)) continue;
      const narrow = store.targetBits < 64;
      if (store.targetSigned && !narrow) continue;
      const told = checks.some(
        (check) =>
          check.call.span.start === store.call.span.start &&
          check.kind === 'against-value' &&
          check.tells === 'failure',
      );
      if (told && !narrow) continue;
      reported.add(store.call.span.start);
      const common = {
        at: store.declaredAt ?? store.target,
        related: [{ place: store.call, message: 'ssize_t comes from here' }],
      };
      const values = {
        fn: store.function,
        type: { text: store.targetType },
        v: { text: store.targetText },
      };
      if (store.targetSigned) report({ ...common, message: 'narrow', values });
      else {
        const errno = narrow ? '0xfffffff4' : '0xfffffffffffffff4';
        report({ ...common, message: 'unsigned', values: { ...values, errno } });
      }
    }
    for (const check of checks) {
      if (!mapsList(check.function) || check.kind !== 'zero') continue;
      const told = checks.some(
        (other) => other.tells === 'failure' && other.call.span.start === check.call.span.start,
      );
      if (told) continue;
      if (reported.has(check.call.span.start)) continue;
      const simple = new RegExp(`^!\\s*${escape(check.operandText)}$|== 0$`).test(check.text);
      report({
        message: 'zero',
        values: { v: { text: check.operandText }, fn: check.function },
        at: check.place,
        related: [{ place: check.call, message: 'ssize_t comes from here' }],
        fixes: simple
          ? [replaceBy(`Test ${check.operandText} < 0`, check.place, `${check.operandText} < 0`)]
          : [],
      });
    }
  },
);

function mapsList(name: string): boolean {
  return name === 'iommu_map_sg' || name === 'iommu_map_sgtable';
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
