import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { iovet } from './iovet.ts';

const root = path.resolve(import.meta.dirname, '../../..');

describe('iovet explain', () => {
  it('explains a field, with or without a tree', () => {
    const { code, out } = iovet(['explain', 'AMDV1PT_FMT_FC']);
    assert.equal(code, 0);
    assert.match(out, /^AMDV1PT_FMT_FC, bit 60: force coherent, the access is snooped\n/);
    assert.match(out, /\nDefined drivers\/iommu\/generic_pt\/fmt\/amdv1\.h in 7\.3\n$/);
  });

  it('gives every meaning of a name that several formats use', () => {
    assert.equal(
      iovet(['explain', 'PT_MAX_TOP_LEVEL']).out.match(/^PT_MAX_TOP_LEVEL = /gm)?.length,
      4,
    );
  });

  it('explains an interface function in the form of a release', () => {
    assert.match(
      iovet(['explain', 'iommu_map()']).out,
      /^iommu_map\(domain, iova, paddr, size, prot, gfp\): /,
    );
    assert.match(
      iovet(['explain', 'iommu_map', '--kernel', '6.1']).out,
      /^iommu_map\(domain, iova, paddr, size, prot\): /,
    );
  });

  it('lets the definition of the tree go before the table, and says what the tree lacks', () => {
    const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-'));
    const write = (file: string, text: string): void => {
      fs.mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
      fs.writeFileSync(path.join(tree, file), text);
    };
    write('Makefile', 'VERSION = 7\nPATCHLEVEL = 2\n');
    write('Kbuild', '');
    write('include/linux/kconfig.h', '');
    write('include/linux/iommu.h', '#define IOMMU_READ (1 << 0)\n#define IOMMU_MMIO (1 << 6)\n');
    try {
      const mmio = iovet(['explain', 'IOMMU_MMIO', '--tree', tree]).out;
      assert.match(mmio, /^IOMMU_MMIO, bit 6: the physical address is a device, not RAM\n/);
      assert.match(mmio, /include\/linux\/iommu\.h:2: 6 in this tree, 4 in 7\.3/);
      assert.match(
        iovet(['explain', 'IOMMU_PRIV', '--tree', tree]).out,
        /not defined in this tree\n$/,
      );
    } finally {
      fs.rmSync(tree, { recursive: true });
    }
  });

  it('takes releases for --kernel only, one encryption bit for --sme, and rules that exist', () => {
    assert.match(
      iovet(['explain', 'IOMMU_READ', '--kernel', 'soon']).err,
      /--kernel soon: not a version/,
    );
    assert.match(
      iovet(['decode', 'amdv1', '0x1', '--sme', '0x3']).err,
      /--sme 0x3: not one bit of 32 to 51/,
    );
    assert.match(iovet(['decode', 'amdv1', '0x1', '--sme', '0x8000000000000']).out, /PR/);
    assert.match(iovet(['rules', '--rules', ',']).err, /--rules names no rule/);
    const errors = iovet(['rules', '--severity', 'error']).out;
    assert.doesNotMatch(errors, / (?:warning|info) /);
    assert.match(errors, /iommu-prot-empty/);
  });

  it('names the nearest name for one that it does not know', () => {
    const { code, err } = iovet(['explain', 'IOMMU_MIO']);
    assert.equal(code, 2);
    assert.match(
      err,
      /no rule, field or interface function of that name\n {2}help: nearest: IOMMU_MMIO/,
    );
    assert.match(iovet(['explain', 'dma-map-null']).err, /nearest: dma-map-null-check/);
  });

  it('gives JSON', () => {
    const { meanings } = JSON.parse(
      iovet(['explain', 'STRTAB_STE_0_CFG', '--format', 'json']).out,
    ) as {
      meanings: readonly { title: string; lines: readonly string[] }[];
    };
    assert.equal(
      meanings[0]!.title,
      'STRTAB_STE_0_CFG, bits 3:1 of STE word 0: which stages translate',
    );
    assert.ok(meanings[0]!.lines.some((line) => line.includes('^^^')));
  });
});

describe('iovet decode --log', () => {
  it('explains messages of a file, counts the other lines, and refuses what it cannot read', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-'));
    const file = path.join(folder, 'dmesg');
    fs.writeFileSync(
      file,
      'boot\nDMAR: [DMA Write NO_PASID] Request device [0000:3b:00.0] fault addr 0x7fb34000 [fault reason 0x05] …\n',
    );
    try {
      const { code, out } = iovet(['decode', '--log', file]);
      assert.equal(code, 0);
      assert.match(out, /^2: DMAR: .*\n {2}VT-d: 0000:3b:00\.0 wrote to IOVA 0x7fb34000, /);
      assert.match(out, /\n1 message explained, 1 other line skipped\n$/);
      const json = JSON.parse(iovet(['decode', '--log', file, '--format', 'json']).out) as {
        messages: readonly { line: number }[];
      };
      assert.equal(json.messages[0]!.line, 2);
      assert.equal(iovet(['decode', '--log', path.join(folder, 'nothing')]).code, 2);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe('texts of explanations', () => {
  it('name rules that exist', () => {
    const known = new Set(iovet(['rules']).out.match(/^[a-z]+(?:-[a-z]+)+/gm));
    const folder = path.join(root, 'server/explain');
    const named = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => {
        const text = fs.readFileSync(path.join(folder, name), 'utf8');
        const ids = text.match(/\b(?:dma-(?:map|unmap|coherent)|iommu-(?:map|unmap|prot|mmio|gather|gfp|domain)|sgtable|cc)-[a-z]+(?:-[a-z]+)*\b/g); // prettier-ignore
        return (ids ?? []).map((id) => `${id} in ${name}`);
      });
    assert.ok(named.length > 10);
    const wrong = named.filter((one) => !known.has(one.split(' ')[0]!)); // prettier-ignore
    assert.deepEqual(wrong, []);
  });
});
