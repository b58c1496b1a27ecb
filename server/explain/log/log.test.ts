import assert from 'node:assert/strict';
import fc from 'fast-check';
import { explainLog } from './explainLog.ts';

const summaries = (text: string): string[] =>
  explainLog(text).messages.map(({ summary }) => summary);

describe('explaining a log', () => {
  it('says who did what where, and why it failed', () => {
    const cases: readonly (readonly [string, string])[] = [
      [
        'qcap 0000:41:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000c address=0xffe41040 flags=0x0020]',
        'AMD IOMMU: 0000:41:00.0 wrote to IOVA 0xffe41040, and nothing is mapped there',
      ],
      [
        'AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:41:00.0 domain=0x000c address=0x1000 flags=0x0050]',
        'AMD IOMMU: 0000:41:00.0 read from IOVA 0x1000, and the entry does not allow it',
      ],
      [
        'AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:41:00.0 domain=0x000c address=0x1000 flags=0x00b0]',
        'AMD IOMMU: 0000:41:00.0 wrote to IOVA 0x1000, and an entry on the way has a reserved bit set',
      ],
      [
        'AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:41:00.0 domain=0x000c address=0x1000 flags=0x0010]',
        'AMD IOMMU: 0000:41:00.0 read from IOVA 0x1000, and an entry is there; the flags do not say what was wrong',
      ],
      [
        'AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:41:00.0 address=0x1000]',
        'AMD IOMMU: the device did not answer an ATC invalidation (0000:41:00.0)',
      ],
      [
        'DMAR: [DMA Write NO_PASID] Request device [0000:3b:00.0] fault addr 0x7fb34000 [fault reason 0x05] PTE Write access is not set',
        'VT-d: 0000:3b:00.0 wrote to IOVA 0x7fb34000, and the entry that ends the walk has W = 0',
      ],
      [
        'DMAR: [DMA Read PASID 0x12] Request device [0000:3b:00.0] fault addr 0x1000 [fault reason 0x71] SM: …',
        'VT-d: 0000:3b:00.0 with PASID 0x12 read from IOVA 0x1000, and nothing is mapped there',
      ],
      [
        'DMAR: [INTR-REMAP] Request device [0000:3b:00.0] fault index 0x12 [fault reason 0x22] …',
        'VT-d: an interrupt of 0000:3b:00.0 was refused, index 0x12',
      ],
      [
        'riscv-iommu 3010000.iommu: Fault 258 devid: 0x18 iotval: 40001000 iotval2: 0',
        'RISC-V IOMMU: device 0x18 at IOVA 0x40001000: the device has no valid context',
      ],
      [
        'DMA-API: qcap 0000:41:00.0: device driver frees DMA memory with different size [device address=0x00000000ffe41000] [map size=4096 bytes] [unmap size=64 bytes]',
        'dma-debug: qcap 0000:41:00.0: 0x00000000ffe41000 was mapped with 4096 bytes and unmapped with 64',
      ],
      ['pte level: 1, pte value: 0x0000000040000003', 'VT-d: level 0: 4 KiB leaf to 0x40000000, read and write (vtdss, level 0)'],
      [
        '0x0000000040000 |\t0x0000000000000000\t0x0000000000000000\t0x0000000100002003\t0x0000000040000083',
        'VT-d: IOVA 0x40000000: 2 MiB leaf to 0x40000000, read and write (vtdss, level 1)',
      ],
      [
        '0000:41:00.0 0000000000000000 0000000000000000 000000000000000c 6000000100000603 iommu0',
        'AMD IOMMU: DTE of 0000:41:00.0: v1 table of 3 levels at 0x100000000, domain 12',
      ],
      ['context entry: hi 0x0000000000000202, low 0x0000000010000001', 'VT-d: context entry: second stage, domain 2'],
    ]; // prettier-ignore
    for (const [line, summary] of cases) {
      assert.deepEqual(summaries(`[  1.0] ${line}\n`.replace(/^\[ {2}1\.0\] (?=0)/, '')), [
        summary,
      ]);
    }
  });

  it('takes the record, the event and its continuation of an SMMU together', () => {
    const p = 'arm-smmu-v3 a.auto: ';
    const log = [
      `${p}event 0x10 received:`,
      `${p}\t0x0000060000000010`,
      `${p}\t0x0000020000000000`,
      `${p}\t0x0000000040000000`,
      `${p}\t0x0000000000000000`,
      `${p}event: F_TRANSLATION client: 0000:06:00.0 sid: 0x600 ssid: 0x0 iova: 0x40000000 ipa: 0x0`,
      `${p}unpriv data write s1 "Input address caused fault" stag: 0x0`,
      'something else',
    ].join('\n');
    const { messages, skipped } = explainLog(log);
    assert.equal(messages.length, 1);
    assert.equal(messages[0]!.lineCount, 7);
    assert.equal(messages[0]!.summary, 'SMMUv3: stream 0x600 (0000:06:00.0) wrote to IOVA 0x40000000, and no valid entry is there, stage 1'); // prettier-ignore
    assert.equal(skipped, 1);
  });

  it('quotes a message without time stamps and levels, and counts every line once', () => {
    const log = '<3>[   12.3] DMAR: [DMA Read NO_PASID] Request device [0000:3b:00.0] fault addr 0x1000 [fault reason 0x02] …\nx\ny\n'; // prettier-ignore
    const { messages, skipped } = explainLog(log);
    assert.match(messages[0]!.quote, /^DMAR: /);
    assert.deepEqual([messages[0]!.line, skipped], [1, 2]);
  });

  it('reads any text without a complaint, and loses no line', () => {
    const words = fc.constantFrom('AMD-Vi: Event logged [', 'DMAR: [DMA Read', 'event 0x10 received:', 'DMA-API: ', 'Fault 1 devid: 0x0 iotval: 0 iotval2: 0', '0x', '\n', ' '); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
        const text = parts.join('');
        const { messages, skipped } = explainLog(text);
        const lines = text.split(/\r\n|\n|\r/);
        const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
        assert.equal(
          messages.reduce((sum, { lineCount }) => sum + lineCount, skipped),
          count,
        );
      }),
    );
  });
});
