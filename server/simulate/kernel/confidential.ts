import type { Executor, Model } from '../machine/executor.ts';
import { hex } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';

/** What a machine knows about encrypted memory. */
export interface Confidentiality {
  encryption: 'none' | 'host' | 'guest';
  /** Page frames that a guest shares with everybody. */
  readonly shared: Set<number>;
  /** Who is told, before it happens, of pages that a guest keeps to itself from now on. */
  readonly listeners: ((first: number, count: number) => void)[];
}

const PAGE = 4096;

/** The state of encrypted memory of a machine. */
export function confidentiality(machine: Executor): Confidentiality {
  return stateOf<Confidentiality>(machine, 'confidentiality', () => ({
    encryption: 'none',
    shared: new Set<number>(),
    listeners: [],
  }));
}

const ATTRIBUTES: Readonly<Record<string, readonly Confidentiality['encryption'][]>> = {
  CC_ATTR_MEM_ENCRYPT: ['host', 'guest'],
  CC_ATTR_HOST_MEM_ENCRYPT: ['host'],
  CC_ATTR_GUEST_MEM_ENCRYPT: ['guest'],
  CC_ATTR_GUEST_STATE_ENCRYPT: ['guest'],
};

const platformHas: ModelBody = (machine, args) => {
  const { encryption } = confidentiality(machine);
  const asked = args.bits(0);
  const named = Object.entries(ATTRIBUTES).find(([name]) => machine.constant(name) === asked);
  return named?.[1].includes(encryption) === true ? 1 : 0;
};

const convert =
  (to: 'shared' | 'private'): ModelBody =>
  (machine, args, { name }) => {
    const { encryption, shared, listeners } = confidentiality(machine);
    const start = Number(BigInt.asIntN(64, args.bits(0))) - machine.directMap;
    const first = Math.floor(start / PAGE);
    const count = args.number(1);
    machine.record({ kind: 'model', name, text: `${count} pages from ${hex(start)}` });
    // Outside of a guest nothing is converted: set_memory_*crypted() returns at once.
    if (encryption !== 'guest') return 0;
    if (to === 'private') for (const listener of listeners) listener(first, count);
    for (let i = 0; i < count; i++) {
      if (to === 'shared') shared.add(first + i);
      else shared.delete(first + i);
    }
    return 0;
  };

/** Encrypted memory: what the platform is, and which pages a guest shares. */
export const CONFIDENTIAL: readonly Model[] = [
  ...family(
    { reads: 'who encrypts memory', writes: 'nothing' },
    {
      cc_platform_has: platformHas,
      force_dma_unencrypted: (machine) => (confidentiality(machine).encryption === 'guest' ? 1 : 0),
    },
  ),
  ...family(
    { reads: 'who encrypts memory', writes: 'which pages are shared' },
    {
      ...alike('set_memory_decrypted', convert('shared')),
      ...alike('set_memory_encrypted', convert('private')),
    },
  ),
];
