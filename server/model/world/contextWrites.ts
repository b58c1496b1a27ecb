import { getField, hasBit, isEqual, word, type Word64 } from '../bits/pte64.ts';

/** Kinds of context entries whose replacement is modelled. */
export type ContextKind = 'dte' | 'ste' | 'pasid' | 'riscv-dc';

/** How an entry is replaced. */
export type WriteOrder =
  /** As the kernel's driver does it. */
  | 'driver'
  /** One 64-bit word after the other. */
  | 'ascending';

/** The entry as hardware can read it between two stores. */
export interface ContextState {
  readonly words: readonly Word64[];
  readonly reading: 'old' | 'new' | 'invalid' | 'torn';
}

/** The states that hardware can read while an entry is replaced, the old and the new one included. */
export function statesOf(
  kind: ContextKind,
  from: readonly Word64[],
  to: readonly Word64[],
  order: WriteOrder,
): readonly ContextState[] {
  const stores =
    order === 'ascending' ? to.map((_, n) => store(to, n)) : driverStores(kind, from, to);
  let words = from;
  const states: ContextState[] = [{ words, reading: 'old' }];
  for (const changed of stores) {
    words = words.map((old, n) => changed.get(n) ?? old);
    states.push({ words, reading: reading(kind, words, from, to) });
  }
  return states;
}

type Store = ReadonlyMap<number, Word64>;

function store(words: readonly Word64[], ...indices: readonly number[]): Store {
  return new Map(indices.map((n) => [n, words[n]!]));
}

function driverStores(
  kind: ContextKind,
  from: readonly Word64[],
  to: readonly Word64[],
): readonly Store[] {
  switch (kind) {
    case 'dte':
      return dteStores(from, to);
    case 'ste':
      return steStores(from, to);
    case 'pasid':
    case 'riscv-dc':
      return behindValid(kind, from, to);
  }
}

const GV = 55;
const GPT_LEVEL = [55, 54] as const;
const LOWER = [0, 1] as const;
const UPPER = [2, 3] as const;

/** Two stores of 128 bits. Source: MODEL section 6. Kernel: amd/iommu.c:update_dte256(). */
function dteStores(from: readonly Word64[], to: readonly Word64[]): readonly Store[] {
  const lower = store(to, ...LOWER);
  const upper = store(to, ...UPPER);
  if (!isValid('dte', from)) return [upper, lower];
  if (!isValid('dte', to)) return [lower, upper];
  const hadGuest = hasBit(from[0]!, GV);
  const hasGuest = hasBit(to[0]!, GV);
  if (!hadGuest) return [upper, lower];
  if (!hasGuest) return [lower, upper];
  if (getField(from[2]!, ...GPT_LEVEL) !== getField(to[2]!, ...GPT_LEVEL)) {
    return [
      new Map([
        [0, word(0)],
        [1, word(0)],
      ]),
      upper,
      lower,
    ];
  }
  return [lower];
}

/**
 * One 64-bit store where a single used word differs, else behind V=0.
 * Source: MODEL section 6. Kernel: arm-smmu-v3.c:arm_smmu_write_entry().
 */
function steStores(from: readonly Word64[], to: readonly Word64[]): readonly Store[] {
  const used = new Set([...usedWords('ste', from), ...usedWords('ste', to)]);
  const differing = to.map((_, n) => n).filter((n) => !isEqual(from[n]!, to[n]!));
  const critical = differing.filter((n) => used.has(n) && usedWords('ste', from).has(n));
  const unused = differing.filter((n) => !critical.includes(n));
  if (critical.length <= 1) {
    // First what the old entry does not look at, then the one word that decides.
    return [...unused.map((n) => store(to, n)), ...critical.map((n) => store(to, n))];
  }
  return behindValid('ste', from, to);
}

/** The valid bit goes first and comes last. */
function behindValid(
  kind: ContextKind,
  from: readonly Word64[],
  to: readonly Word64[],
): readonly Store[] {
  const rest = to.map((_, n) => n).filter((n) => n !== 0);
  const stores: Store[] = [];
  if (isValid(kind, from)) stores.push(new Map([[0, word(0)]]));
  return [...stores, ...rest.map((n) => store(to, n)), store(to, 0)];
}

function reading(
  kind: ContextKind,
  words: readonly Word64[],
  from: readonly Word64[],
  to: readonly Word64[],
): ContextState['reading'] {
  if (!isValid(kind, words)) return 'invalid';
  const used = [...usedWords(kind, words)];
  if (used.every((n) => isEqual(words[n]!, to[n]!))) return 'new';
  return used.every((n) => isEqual(words[n]!, from[n]!)) ? 'old' : 'torn';
}

/** DTE.V, STE.V, P of a PASID entry and DC.tc.V are all bit 0 of the first word. */
function isValid(_kind: ContextKind, words: readonly Word64[]): boolean {
  return hasBit(words[0]!, 0);
}

const STE_CONFIG = [3, 1] as const;

/** The words that hardware looks at. */
function usedWords(kind: ContextKind, words: readonly Word64[]): ReadonlySet<number> {
  if (!isValid(kind, words)) return new Set([0]);
  // Without guest tables the upper half of a device table entry holds nothing that translates: it is for interrupts.
  if (kind === 'dte' && !hasBit(words[0]!, GV)) return new Set(LOWER);
  if (kind !== 'ste') return new Set(words.keys());
  const config = getField(words[0]!, ...STE_CONFIG);
  // Bit 0 of Config: stage 1, bit 1: stage 2. Abort and bypass look at the first two words only.
  if (config < 5) return new Set([0, 1]);
  const used = new Set([0, 1]);
  if ((config & 2) !== 0) [2, 3].forEach((n) => used.add(n));
  return used;
}
