import assert from 'node:assert/strict';
import { explainAt } from '../explainAt.ts';
import { TEXT_COLUMNS } from '../bits/width.ts';
import { plainText } from '../text/explanation.ts';
import { at, explained } from '../unit.test.ts';
import { formatsAt } from './context.ts';
import { explainWords, readEntry } from './decodeWords.ts';
import { entryLayout, entryLayouts } from './layouts.ts';

const read = (name: string, ...words: readonly bigint[]): string =>
  plainText(explainWords(readEntry(entryLayout(name)!, words)));

describe('entries of several words', () => {
  it('say first what they do', () => {
    const titles: readonly (readonly [string, readonly bigint[], string])[] = [
      ['ste', [0x1n], 'abort, without an event'],
      ['ste', [0x80a0000bn], 'stage 1, CD table at 0x80a00000'],
      ['dte', [0x6000000100000603n, 0xcn], 'v1 table of 3 levels at 0x100000000, domain 12'],
      ['dte', [0x1n], 'no translation information: all DMA is blocked'],
      ['pasid', [0x10008089n, 2n], 'second stage, domain 2'],
      ['context', [0x10000001n, 0x202n], 'second stage, domain 2'],
      ['root', [0n, 0n], 'no context table: every device of the bus is blocked'],
      ['dc', [1n, 0n, 0x1000n, 0x8000000000080000n], 'Sv39 at 0x80000000, PSCID 1'],
      ['rmp', [0x8012345003n], '2 MiB of hypervisor or firmware, guest address 0x8012345000'],
      ['cmd', [0x60000000003n, 1n], 'CMDQ_OP_CFGI_STE: drop the cached STE of a stream'],
      ['qi', [0x10022n], 'QI_IOTLB: drop IOTLB entries of a domain'],
    ];
    for (const [name, words, title] of titles) {
      assert.ok(
        read(name, ...words)
          .split('\n')[0]!
          .endsWith(`: ${title}`),
        read(name, ...words),
      );
    }
  });

  it('name set bits that belong to no field, and words that were not given', () => {
    assert.match(read('ste', 0x1n, 0x100000000n), /bits 0x100000000 belong to no field/);
    assert.match(read('pasid', 1n), /words 1 to 7 were not given/);
  });

  it('give every bit of a word to one field at most', () => {
    for (const { name, fields } of entryLayouts) {
      for (const a of fields) {
        const clash = fields.filter((b) => b !== a && b.word === a.word && b.high >= a.low && a.high >= b.low); // prettier-ignore
        assert.deepEqual(clash, [], `${name}.${a.name}`);
      }
    }
  });
});

describe('formats of a place', () => {
  it('come from names in the statement, then from the file; other places need a name that says entry', () => {
    assert.deepEqual(formatsAt('a.c', 'x = VTDSS_FMT_R | 0x1000'), ['vtdss']);
    assert.equal(formatsAt('drivers/iommu/intel/iommu.c', 'x = 0x40000083')[0], 'vtdss');
    assert.deepEqual(formatsAt('drivers/net/a.c', 'writel(0x40000083, reg)'), []);
    assert.ok(formatsAt('drivers/net/a.c', 'pte = 0x40000083').length > 3);
  });
});

const VTDSS = 'drivers/iommu/generic_pt/fmt/vtdss.h';
const code = `#define VTDSS_FMT_R BIT(0)
#define VTDSS_FMT_W BIT(1)
#define VTDSS_FMT_PS BIT(7)
#define VTDSS_FMT_OA GENMASK_ULL(51, 12)
static u64 f(u64 *pte)
{
	/* not here: 0x40000083 */
	u64 a = 0x40000083;
	u64 b = VTDSS_FMT_PS | FIELD_PREP(VTDSS_FMT_OA, 0x40000) | VTDSS_FMT_R;
	return a + b + 0x10 + *pte;
}
`;

describe('hovering over a value', () => {
  const title = async (offset: number): Promise<string | undefined> => {
    const file = await explained(VTDSS, { [VTDSS]: code });
    return explainAt([file], offset)?.explanations[0]?.title;
  };

  it('decodes a literal in the format of the file', async () => {
    assert.equal(
      await title(at(code, '0x40000083', 'u64 a')),
      '0x40000083: 2 MiB leaf to 0x40000000, read and write (vtdss, level 1)',
    );
  });

  it('decodes an expression at its operators, and a mask at its builder', async () => {
    const said = '0x40000081: 2 MiB leaf to 0x40000000, read (vtdss, level 1)';
    assert.equal(await title(at(code, '| FIELD_PREP')), said);
    assert.equal(await title(at(code, 'GENMASK_ULL')), '0xffffffffff000: bits 51:12, VTDSS_FMT_OA');
  });

  it('says nothing about small numbers and comments', async () => {
    assert.equal(await title(at(code, '0x10 ')), undefined);
    assert.equal(await title(at(code, '0x40000083')), undefined);
  });

  it('stays within 72 columns and 15 lines', async () => {
    const file = await explained(VTDSS, { [VTDSS]: code });
    const found = explainAt([file], at(code, '0x40000083', 'u64 a'))!.explanations[0]!;
    assert.ok(found.lines.length < 15);
    assert.ok(found.lines.every((line) => line.length <= TEXT_COLUMNS));
  });
});
