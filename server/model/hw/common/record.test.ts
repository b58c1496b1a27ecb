import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatWord, word } from '../../bits/pte64.ts';
import { AMD_COMMANDS, AMD_EVENTS, codeAddress, decodeAddress } from '../amd/commands.ts';
import { RISCV_COMMANDS, RISCV_FAULTS } from '../riscv/faultQueue.ts';
import { decodeCommand } from '../riscv/commandQueue.ts';
import { capabilities } from '../riscv/registers.ts';
import { codeAtcRange, SMMU_COMMANDS, SMMU_EVENTS } from '../smmuv3/queues.ts';
import { codeDeviceTlb, codePsi, VTD_DESCRIPTORS, VTD_FAULTS } from '../vtd/queuedInvalidation.ts';
import {
  decodeRecord,
  encodeRecord,
  recordText,
  type RecordField,
  type RecordSet,
} from './record.ts';

const SETS: Readonly<Record<string, RecordSet>> = {
  'AMD commands': AMD_COMMANDS,
  'AMD events': AMD_EVENTS,
  'VT-d descriptors': VTD_DESCRIPTORS,
  'VT-d faults': VTD_FAULTS,
  'SMMUv3 commands': SMMU_COMMANDS,
  'SMMUv3 events': SMMU_EVENTS,
  'RISC-V commands': RISCV_COMMANDS,
  'RISC-V faults': RISCV_FAULTS,
};

function placesOf(field: RecordField | readonly RecordField[]): readonly RecordField[] {
  return 'word' in field ? [field] : field;
}

function encoded(set: RecordSet, name: string, values: Readonly<Record<string, number>>): string {
  return encodeRecord(set, name, values).map(formatWord).join(' ');
}

describe('Records of queues', () => {
  for (const [name, set] of Object.entries(SETS)) {
    it(`${name}: no two fields share a bit, and each code is there once`, () => {
      assert.equal(new Set(set.forms.map(({ code }) => code)).size, set.forms.length);
      for (const form of set.forms) {
        const taken = new Set<string>();
        for (const { word: n, last, first } of [
          set.code,
          ...Object.values(form.fields).flatMap(placesOf),
        ]) {
          assert.ok(n < set.words && first <= last && last < 64, form.name);
          for (let bit = first; bit <= last; bit++) {
            assert.ok(!taken.has(`${n}.${bit}`), `${form.name}: bit ${bit} of word ${n}`);
            taken.add(`${n}.${bit}`);
          }
        }
      }
    });

    it(`${name}: what is encoded is decoded`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...set.forms),
          fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
          (form, random) => {
            const values: Record<string, number> = {};
            for (const [key, field] of Object.entries(form.fields)) {
              const width = placesOf(field).reduce(
                (sum, { last, first }) => sum + last - first + 1,
                0,
              );
              values[key] = Math.floor(random.next().value! * 2 ** width);
            }
            assert.deepEqual(decodeRecord(set, encodeRecord(set, form.name, values)), {
              name: form.name,
              values,
            });
          },
        ),
      );
    });
  }

  it('have the words that the kernel builds', () => {
    // Computed by hand from the shifts and masks of the kernel functions named in each set.
    const pages = { domain: 7, page: 0x40000 + 0xff, s: 1, pde: 1 };
    assert.equal(
      encoded(AMD_COMMANDS, 'INVALIDATE_IOMMU_PAGES', pages),
      '0x3000000700000000 0x400ff003',
    );
    assert.equal(encoded(AMD_COMMANDS, 'INVALIDATE_IOTLB_PAGES', { device: 0x18, maxPend: 0x20, queue: 0x18, pasid: 0x1234, gn: 1, page: 5 }), '0x4034001820120018 0x5004'); // prettier-ignore
    assert.equal(encoded(AMD_COMMANDS, 'INVALIDATE_DEVTAB_ENTRY', { device: 0x18 }), '0x2000000000000018 0x0'); // prettier-ignore
    assert.equal(encoded(AMD_COMMANDS, 'COMPLETION_WAIT', { s: 1, storePage: 0x12345, storeWord: 1, dataLow: 9 }), '0x1000000012345009 0x9'); // prettier-ignore
    assert.equal(encoded(VTD_DESCRIPTORS, 'IOTLB invalidation', { granularity: 3, did: 7, dw: 1, dr: 1, page: 0x40000, am: 9, ih: 1 }), '0x700f2 0x40000049'); // prettier-ignore
    assert.equal(encoded(VTD_DESCRIPTORS, 'PASID-IOTLB invalidation', { granularity: 2, did: 7, pasid: 5 }), '0x500070026 0x0'); // prettier-ignore
    assert.equal(encoded(VTD_DESCRIPTORS, 'device-TLB invalidation', { sid: 0x18, pfsid: 0x123, qdep: 4, page: 0x400ff, s: 1 }), '0x120001800043003 0x400ff001'); // prettier-ignore
    assert.equal(encoded(SMMU_COMMANDS, 'CMD_TLBI_S2_IPA', { vmid: 3, page: 0x40000, leaf: 1 }), '0x30000002a 0x40000001'); // prettier-ignore
    assert.equal(encoded(SMMU_COMMANDS, 'CMD_ATC_INV', { sid: 8, ssid: 2, ssv: 1, page: 0x200, size: 9 }), '0x800002840 0x200009'); // prettier-ignore
    assert.equal(encoded(SMMU_COMMANDS, 'CMD_RESUME', { sid: 8, response: 1, stag: 0xabc }), '0x800001044 0xabc'); // prettier-ignore
  });

  it('read a fault record as the drivers do', () => {
    // Source id 0x0018, reason 0x71, a read of page 0x5 with PASID 3.
    const record = decodeRecord(VTD_FAULTS, [word(0x5000), word(0x80000018 | 0, (0xc0000000 | (3 << 8) | 0x71) | 0)]); // prettier-ignore
    assert.deepEqual(record?.values, { page: 5, sid: 0x18, pasidPresent: 1, reason: 0x71, pasid: 3, isRead: 1 }); // prettier-ignore
    const event = decodeRecord(AMD_EVENTS, [word(0x18 | (1 << 16), 0x20200007), word(0x123, 0x1)]);
    assert.equal(event?.name, 'IO_PAGE_FAULT');
    assert.deepEqual(event.values, { device: 0x18, pasid: 0x10007, flags: 0x20, page: 0x100000, offset: 0x123 }); // prettier-ignore
  });

  it('are what the RISC-V command decoder reads', () => {
    const caps = capabilities(word(0xe0e10, 56));
    const raw = encodeRecord(RISCV_COMMANDS, 'IOTINVAL.VMA', {
      av: 1,
      pscid: 5,
      pscv: 1,
      page: 0x40000,
    });
    assert.deepEqual(decodeCommand([raw[0]!, raw[1]!], caps), {
      ...{
        kind: 'IOTINVAL.VMA',
        pfn: 0x40000,
        pages: 1,
        pscid: 5,
        gscid: undefined,
        nonLeaf: false,
      },
    });
    const ddt = encodeRecord(RISCV_COMMANDS, 'IODIR.INVAL_DDT', { dv: 1, device: 0x123 });
    assert.deepEqual(decodeCommand([ddt[0]!, ddt[1]!], caps), {
      kind: 'IODIR.INVAL_DDT',
      deviceId: 0x123,
    });
  });

  it('refuse names and values that they do not have', () => {
    assert.throws(() => encodeRecord(AMD_COMMANDS, 'FLY', {}), /no record FLY/);
    assert.throws(() => encodeRecord(AMD_COMMANDS, 'COMPLETION_WAIT', { x: 1 }), /no field x/);
    assert.throws(() => encodeRecord(AMD_COMMANDS, 'COMPLETION_WAIT', { s: 2 }), /2 does not fit/);
    assert.equal(decodeRecord(AMD_COMMANDS, [word(0), word(0)]), undefined);
  });

  it('are printed with the fields that say something', () => {
    const values = { domain: 7, page: 0x40000, s: 0, pde: 1 };
    assert.equal(recordText({ name: 'INVALIDATE_IOMMU_PAGES', values }), 'INVALIDATE_IOMMU_PAGES domain=7 page=0x40000000 pde=1'); // prettier-ignore
    assert.equal(recordText({ name: 'x', values: { page: 0, vmid: 16 } }), 'x page=0x0 vmid=0x10');
  });
});

describe('Ranges in commands', () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 45 }), fc.integer({ min: 0, max: 46 }))
    .chain(([first, lg2]) =>
      fc.record({
        first: fc.constant(first),
        more: fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** lg2),
      }),
    );

  it('AMD: cover what was asked, from a page up to everything', () => {
    assert.deepEqual(codeAddress(5, 5), { page: 5, s: 0 });
    assert.deepEqual(codeAddress(4, 5), { page: 4, s: 1 }, '8 KiB needs no ones');
    assert.deepEqual(codeAddress(0x40000, 0x401ff), { page: 0x400ff, s: 1 });
    assert.deepEqual(codeAddress(0, 2 ** 40 - 1), { page: 2 ** 39 - 1, s: 1 }, '2^52 bytes');
    assert.deepEqual(codeAddress(0, 2 ** 40), { page: 2 ** 51 - 1, s: 1 }, 'more than 2^52 bytes');
    assert.equal(decodeAddress(2 ** 51 - 1, 1), undefined);
    fc.assert(
      fc.property(range, ({ first, more }) => {
        const { page, s } = codeAddress(first, first + more);
        const read = decodeAddress(page, s);
        if (read === undefined) return;
        assert.ok(read.first <= first && read.last >= first + more);
        assert.equal(Math.log2(read.last - read.first + 1) % 1, 0);
      }),
    );
  });

  it('VT-d: fall back to the domain above the largest mask', () => {
    assert.deepEqual(codePsi(0x40003, 0x40004, 9), { page: 0x40000, am: 3 });
    assert.deepEqual(codePsi(0, 511, 9), { page: 0, am: 9 });
    assert.equal(codePsi(0, 512, 9), undefined);
    assert.deepEqual(codeDeviceTlb(0x40003, 0), { page: 0x40003, s: 0 });
    assert.deepEqual(codeDeviceTlb(0x40000, 9), { page: 0x400ff, s: 1 });
    assert.deepEqual(codeAtcRange(0x203, 0x204), { page: 0x200, size: 3 });
  });
});
