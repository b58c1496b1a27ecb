import assert from 'node:assert/strict';
import { foreignUses } from './foreignUses.ts';

/** Names that a line added to a file of 6.1 uses and that are said to be foreign there. */
function foreign(added: string, before: string): string[] {
  const text = `${before}${added}\n`;
  const placeAt = (start: number, length: number) => ({
    file: 'drivers/iommu/q.c',
    span: { start, end: start + length },
    line: 1,
    function: '',
  });
  const lines = [{ text: added, start: before.length, line: 1 }];
  const code = { path: 'drivers/iommu/q.c', text, added: lines, placeAt };
  const sources = {
    version: '6.1' as const,
    read: (path: string) =>
      path === 'include/linux/iommu.h' ? 'int iommu_map(void);\n' : undefined,
    before,
    after: [text],
  };
  return foreignUses(code as unknown as Parameters<typeof foreignUses>[0], sources).map(
    ({ name }) => name,
  );
}

describe('foreignUses', () => {
  const call = '\tret = iopf_queue_add_device(queue, dev);';

  it('are calls of what no header of the tree declares', () => {
    assert.deepEqual(foreign(call, '#include <linux/iommu.h>\n'), ['iopf_queue_add_device']);
  });

  it('are none where the file used it before: a header of the folder may declare it', () => {
    const before =
      '#include "../q-sva.h"\nint a(void)\n{\n\treturn iopf_queue_add_device(q, d);\n}\n';
    assert.deepEqual(foreign(call, before), []);
  });
});
