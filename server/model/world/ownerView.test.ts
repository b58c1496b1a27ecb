import assert from 'node:assert/strict';
import type { RmpEntry } from '../cc/rmp.ts';
import { ownerView } from './ownerView.ts';
import type { CcState } from './world.ts';

describe('whose pages are', () => {
  const nobody: Pick<CcState, 'rmp' | 'gpt' | 'pkvm'> = {
    rmp: { entries: new Map() },
    gpt: { granules: new Map() },
    pkvm: { owners: new Map() },
  };
  const entry = (size: '4K' | '2M', more: Partial<RmpEntry> = {}): RmpEntry => ({
    ...{ assigned: true, asid: 1, size, validated: true, immutable: false, gpaPfn: 0 },
    ...more,
  });
  const view = (state: object): readonly string[] =>
    ownerView({ ...nobody, ...state } as CcState).map(
      ({ first, last, owner, sizeLg2 }) =>
        `${first.toString(16)}-${last.toString(16)} ${owner} ${sizeLg2 ?? ''}`,
    );

  it('is joined where neighbours are recorded alike, and kept apart where sizes differ', () => {
    const entries = new Map([
      [0x201, entry('4K')],
      [0x200, entry('4K')],
      [0x400, entry('2M')],
      [0x202, entry('4K', { validated: false })],
      [0x300, entry('4K', { asid: 0, immutable: true })],
      [0x301, entry('4K', { assigned: false })],
    ]);
    assert.deepEqual(view({ rmp: { entries } }), [
      '200-201 RMP: guest 1, validated 12',
      '202-202 RMP: guest 1 12',
      '300-300 RMP: firmware, validated, immutable 12',
      '400-5ff RMP: guest 1, validated 21',
    ]);
  });

  it('comes from granules and from the hypervisor, too', () => {
    const granules = new Map([
      [0x10, 'realm'],
      [0x11, 'realm'],
      [0x12, 'secure'],
    ]);
    const owners = new Map<number, unknown>([
      [0x20, 'hyp'],
      [0x22, { vm: 2 }],
    ]);
    assert.deepEqual(view({ gpt: { granules }, pkvm: { owners } }), [
      '10-11 GPT: realm ',
      '12-12 GPT: secure ',
      '20-20 pKVM: hyp ',
      '22-22 pKVM: guest 2 ',
    ]);
  });
});
