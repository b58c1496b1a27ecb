import { readEntry } from '../entries/decodeWords.ts';
import { entryLayout } from '../entries/layouts.ts';
import {
  hex,
  pageOf,
  PERMISSION_CAUSES,
  UNMAPPED_CAUSES,
  type Recognised,
  type Recogniser,
} from './logMessage.ts';

/** Event names as the kernel prints them, with what went wrong. Source: SMMUv3 specification IHI 0070, event records. */
const EVENTS: Readonly<Record<string, readonly [string, string]>> = {
  C_BAD_STREAMID: ['the stream lies beyond the stream table', 'firmware tables (IORT) with a wrong stream id'],
  F_STE_FETCH: ['the STE could not be read', 'the stream table address'],
  C_BAD_STE: ['the STE is invalid', 'DMA of a device that is attached to nothing; or an STE that was changed in the wrong order'],
  F_STREAM_DISABLED: ['transactions without a substream are refused', 'S1DSS says abort: the device has to send a PASID'],
  C_BAD_SUBSTREAMID: ['the substream lies beyond the CD table', 'a PASID that was never attached'],
  F_CD_FETCH: ['the CD could not be read', 'the CD table address, or a table that was freed'],
  C_BAD_CD: ['the CD is invalid', 'DMA with a PASID that was never attached, or after its detach'],
  F_TRANSLATION: ['no valid entry is there', UNMAPPED_CAUSES],
  F_ADDR_SIZE: ['an address is wider than configured', 'an output address beyond IPS, or an input that is none'],
  F_ACCESS: ['the access flag of the entry is 0', 'tables that another component wrote: the kernel sets AF always'],
  F_PERMISSION: ['the entry does not allow it', PERMISSION_CAUSES],
  F_VMS_FETCH: ['the VM structure could not be read', 'the VMS pointer of the STE'],
}; // prettier-ignore

/**
 * Events of an SMMUv3: the raw record, the decoded line and its continuation, as many of them as are there.
 * Kernel: arm_smmu_dump_event() in drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */
export const smmuv3: Recogniser = (lines, at) => {
  const raw = rawRecord(lines, at);
  const next = at + (raw?.lineCount ?? 0);
  const event =
    /event: (\w+) client: (\S+|\(unassigned sid\)) sid: (0x[0-9a-f]+|0) ssid: (0x[0-9a-f]+|0)(?: iova: (0x[0-9a-f]+|0) ipa: (0x[0-9a-f]+|0))?(?: fetch_addr: (0x[0-9a-f]+|0))?/.exec(
      lines[next] ?? '',
    );
  if (event === null) return raw;
  const [, name, client, sid, ssid, iova, , fetched] = event;
  const known = EVENTS[name!];
  const access = /\b(priv|unpriv) (inst|data) (read|write) (s[12]) "([^"]*)"/.exec(
    lines[next + 1] ?? '',
  );
  const device = client!.startsWith('(') ? `stream ${sid!}` : `stream ${sid!} (${client!})`;
  const pasid = hex(ssid) === 0n ? '' : ` with substream ${ssid!}`;
  const why = known?.[0] ?? `event ${name!}`;
  const did = access === null ? 'accessed' : access[3] === 'write' ? 'wrote to' : 'read from';
  const stage = access === null ? '' : `, stage ${access[4]!.slice(1)}`;
  const summary =
    iova === undefined
      ? `SMMUv3: ${device}${pasid}: ${why}`
      : `SMMUv3: ${device}${pasid} ${did} IOVA ${iova}, and ${why}${stage}`;
  return {
    lineCount: (raw?.lineCount ?? 0) + 1 + (access === null ? 0 : 1),
    summary,
    details: [
      ...(raw?.details ?? []),
      ...(access === null ? [] : [['access', `${access[1]!}, ${access[2]!}, ${access[3]!}; ${access[5]!.toLowerCase()}`] as const]), // prettier-ignore
      ...(fetched === undefined ? [] : [['fetch', fetched] as const]),
      ...(known === undefined ? [] : [['causes', known[1]] as const]),
      ...(iova === undefined ? [] : [['next', `page ${pageOf(hex(iova)!)}: which map covered it? the IPA counts with S2 only`] as const]), // prettier-ignore
    ],
  };
};

/** `event 0x10 received:` and the four words below it. */
function rawRecord(lines: readonly string[], at: number): Recognised | undefined {
  if (!/event 0x[0-9a-f]{2} received:/.test(lines[at]!)) return undefined;
  const words: bigint[] = [];
  for (let i = at + 1; i < lines.length && words.length < 4; i++) {
    const word = hex(/(0x[0-9a-f]{16})\s*$/.exec(lines[i]!)?.[1]);
    if (word === undefined) break;
    words.push(word);
  }
  if (words.length === 0) return undefined;
  const { fields, summary } = readEntry(entryLayout('evt')!, words);
  const set = fields.filter(({ value, field }) => value !== 0n && field.text !== undefined);
  return {
    lineCount: 1 + words.length,
    summary: `SMMUv3: ${summary}`,
    details: set.map(({ field, value, meaning }) => [
      field.name,
      `0x${value.toString(16)}  ${meaning === '' ? field.text! : meaning}`,
    ]),
  };
}
