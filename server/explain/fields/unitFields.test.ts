import assert from 'node:assert/strict';
import { explainAt } from '../explainAt.ts';
import { plainText } from '../text/explanation.ts';
import { at, explained } from '../unit.test.ts';

const AMDV1 = 'drivers/iommu/generic_pt/fmt/amdv1.h';
const SEV = 'arch/x86/virt/svm/sev.c';

describe('hovering over a field', () => {
  it('shows its bits as the tree writes them, and the difference to the table', async () => {
    const text =
      'enum {\n\tAMDV1PT_FMT_PR = BIT(0),\n\tAMDV1PT_FMT_FC = GENMASK_ULL(60, 59),\n};\n';
    const file = await explained(AMDV1, { [AMDV1]: text });
    const found = explainAt([file], at(text, 'AMDV1PT_FMT_FC'));
    const shown = plainText(found!.explanations[0]!);
    assert.match(shown, /^AMDV1PT_FMT_FC, bits 60:59: force coherent, the access is snooped\n/);
    assert.match(shown, /amdv1\.h:3: 60:59 in this tree, 60\s+in 7\.3/);
    assert.match(shown, /\|PR\|/);
  });

  it('takes the format whose header the file sees, where several use the name', async () => {
    const text = '#define PT_MAX_TOP_LEVEL 5\n';
    const file = await explained(AMDV1, { [AMDV1]: text });
    const found = explainAt([file], at(text, 'PT_MAX_TOP_LEVEL'));
    assert.deepEqual(
      found?.explanations.map(({ title }) => title),
      ['PT_MAX_TOP_LEVEL = 5 (AMD v1 entry)'],
    );
  });

  it('shows nothing for a name that a driver uses for itself', async () => {
    const text = '#define GA_TAG 7\nint f(void)\n{\n\treturn GA_TAG;\n}\n';
    const file = await explained('drivers/net/x.c', {
      'drivers/net/x.c': text,
      'include/linux/iommu.h': '#define IOMMU_READ (1 << 0)\n',
    });
    assert.equal(explainAt([file], at(text, 'GA_TAG', 'return')), undefined);
    assert.equal(explainAt([file], at(text, 'return')), undefined);
  });

  it('finds members by the type of the object, and at their declaration', async () => {
    const text = `struct rmpentry {
	u64 gpa;
	u8  assigned		:1,
	    rsvd1		:7;
};
struct other { int assigned; };
static int f(struct rmpentry *e, struct other *o)
{
	return e->assigned + o->assigned;
}
`;
    const file = await explained(SEV, { [SEV]: text });
    const title = (offset: number): string | undefined =>
      explainAt([file], offset)?.explanations[0]?.title;
    const said =
      'rmpentry.assigned, bit 0 of RMP entry word 1: the page belongs to a guest or the firmware';
    assert.equal(title(at(text, 'assigned')), said);
    assert.equal(title(at(text, 'assigned', 'return')), said);
    assert.equal(title(at(text, 'assigned', 'o->')), undefined);
  });
});
