import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** A fix that does not say what it fixes. */
export const patchMissingFixes: PatchChecker = definePatchChecker(
  {
    id: 'patch-missing-fixes',
    summary: 'A patch that mends a defect names the commit that brought it.',
    severity: 'info',
    confidence: 'medium',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      proposed: 'mends {rule} of {fn}(), but has no Fixes: tag; the line came with {commit}',
      missing: 'mends {rule} of {fn}(), but has no Fixes: tag: stable trees do not pick it up',
    },
    sources: [
      {
        where: 'Documentation/process/submitting-patches.rst',
        what: 'Fixes: 12 digits ("subject")',
      },
    ],
    falsePositives: [],
    limits: [
      'The commit is proposed from git blame of the line at fault, and only where the tree is a git repository: a later change of that line hides the true one.',
    ],
    page: {
      what: 'Notes a patch after which a finding is gone, with nothing introduced, that carries no Fixes: tag.',
      why: 'The tag is how stable trees, distributions and the next reader find which releases need the patch.',
      example: `
accel/qcap: unmap the ring on error

Signed-off-by: the author <author@example.org>`,
      instead: `
accel/qcap: unmap the ring on error

Fixes: 1f2e3d4c5b6a ("accel/qcap: map the ring in one call")
Signed-off-by: the author <author@example.org>`,
    },
  },
  ({ mended, hasFixesTag, introduced }, report) => {
    const [first] = mended;
    if (first === undefined || hasFixesTag || introduced > 0) return;
    const { rule, place, introducedBy } = first;
    const fn = { text: first.function };
    if (introducedBy === undefined) {
      report({ message: 'missing', values: { rule, fn }, at: place });
    } else {
      const fixes = [{ title: `Fixes: ${introducedBy}`, safe: false, edits: [] }];
      const commit = introducedBy.slice(0, 12);
      report({ message: 'proposed', values: { rule, fn, commit }, at: place, fixes });
    }
  },
);
