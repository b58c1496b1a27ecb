import assert from 'node:assert/strict';
import { newFlags } from './newFlags.ts';

const header = 'include/linux/iommu.h';
const prot =
  '#define IOMMU_READ (1 << 0)\n#define IOMMU_WRITE (1 << 1) /* both */\n/* Since then. */\n';
const other = 'struct iommu;\n#define IOMMU_FAULT_READ (1 << 0)\n';

/** The files that are said to lack a flag, for a header before and after. */
function lacking(
  path: string,
  before: string,
  after: string,
  files: Readonly<Record<string, string>>,
): string[] {
  const lines = after.split('\n');
  const added = lines.flatMap((text, i) => {
    const start = lines.slice(0, i).join('\n').length + (i === 0 ? 0 : 1);
    return before.includes(text) ? [] : [{ text, start, line: i + 1 }];
  });
  const placeAt = (start: number, length: number) => ({
    file: path,
    span: { start, end: start + length },
    line: 1,
    function: '',
  });
  const tree = {
    read: (name: string) => files[name],
    below: (folder: string) => Object.keys(files).filter((name) => name.startsWith(`${folder}/`)),
  };
  const code = { path, added, placeAt } as unknown as Parameters<typeof newFlags>[0];
  return newFlags(code, new Set(), tree, { before, after }).flatMap(({ name, untouched }) =>
    untouched.map((file) => `${name} ${file}`),
  );
}

describe('newFlags', () => {
  const files = {
    'drivers/iommu/a.c': 'x = { .map_pages = a_map };\nif (prot & IOMMU_WRITE) y();\n',
    'drivers/iommu/b/fmt.h': 'if (prot & (IOMMU_READ | z)) y();\n#define pt_iommu_set_prot b_set\n',
    'drivers/iommu/old.c': '.map = old_map,\n	if (!(prot & IOMMU_READ)) y();\n',
    // Hand prot on, look at something else, or only speak of it.
    'drivers/iommu/caller.c': 'if (prot & IOMMU_WRITE) iommu_map(prot);\n',
    'drivers/iommu/fault.c': '.map_pages = f_map,\nif (perm & IOMMU_FAULT_READ) y();\n',
    'drivers/iommu/talk.c': '.map_pages = t_map,\n/* prot & IOMMU_WRITE is not looked at */\n',
  };

  it('are owed by those who make entries of prot, known by what they do', () => {
    const after = prot + '#define IOMMU_NEW (1 << 2)\n' + other;
    assert.deepEqual(lacking(header, prot + other, after, files), [
      'IOMMU_NEW drivers/iommu/a.c',
      'IOMMU_NEW drivers/iommu/b/fmt.h',
      'IOMMU_NEW drivers/iommu/old.c',
    ]);
  });

  it('are no flags of other things, and no old ones with another bit', () => {
    const fault = prot + other + '#define IOMMU_FAULT_WRITE (1 << 1)\n';
    assert.deepEqual(lacking(header, prot + other, fault, files), []);
    const moved = prot.replace('1 << 1', '1 << 7');
    assert.deepEqual(lacking(header, prot, moved, files), []);
    assert.deepEqual(lacking('include/linux/other.h', prot, prot + '#define IOMMU_NEW (1 << 2)\n', files), []); // prettier-ignore
  });

  it('of DMA attributes are owed by what lists nearly all of them', () => {
    const names = ['A', 'B', 'C', 'D'].map((each) => `DMA_ATTR_${each}`);
    const before = names.map((name, i) => `#define ${name} (1UL << ${i})\n`).join('');
    const after = `${before}#define DMA_ATTR_E (1UL << 4)\n`;
    const lists = {
      'Documentation/core-api/attrs.rst': names.join('\n'),
      'kernel/dma/debug.c': names.slice(1).join('\n'),
      'kernel/dma/direct.c': names.slice(2).join('\n'),
    };
    assert.deepEqual(lacking('include/linux/dma-mapping.h', before, after, lists), [
      'DMA_ATTR_E Documentation/core-api/attrs.rst',
      'DMA_ATTR_E kernel/dma/debug.c',
    ]);
  });
});
