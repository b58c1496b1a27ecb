import type {
  Effect,
  FunctionContract,
  LockKind,
  Provenance,
  PureValue,
} from '../../program/kernelApi/contract.ts';
import type { KernelApi } from '../../program/kernelApi/kernelApi.ts';
import { nameHints } from '../../program/kernelApi/nameHints.ts';
import { standsFor } from '../../program/kernelApi/standIns.ts';
import { interpret, type Contract } from './contract.ts';

/** What a name means to the engine in one release of the kernel. */
export interface Meaning {
  /** Contracts, one per form of the interface; empty where none is followed. */
  readonly contracts: readonly Contract[];
  /** The call as an expression. */
  readonly value: PureValue | undefined;
  /** What the call does beside its resources. */
  readonly effect: Effect | undefined;
  /** What the result is an address of. */
  readonly provenance: Provenance | undefined;
  /** Which half of a scatterlist entry the call reads. */
  readonly entrySide: FunctionContract['entrySide'];
  /** What the call does to the atomic context. */
  readonly atomic: 'enter' | 'leave' | 'none';
  /** Does nothing to the resources it is given. */
  readonly isHarmless: boolean;
  /** Hands its values to hardware. */
  readonly isPublishing: boolean;
  /** May give things back; may only silence. */
  readonly mayGiveBack: boolean;
  /** Gives pages or addresses back that a device may still reach through a stale IOTLB. */
  readonly freesPages: boolean;
  /** Makes the function that calls it worth analysing. */
  readonly isOfInterest: boolean;
}

/** The meanings of names in one release. */
export interface Meanings {
  /** What a name means; worked out once per name. */
  of(name: string): Meaning;
  /** The contract of a call; the number of arguments tells between several forms. */
  contractOf(name: string, argumentCount?: number): Contract | undefined;
  /** The contract of a call through a member of an operations struct, told by name and number of arguments. */
  contractOfMember(member: string, argumentCount: number): Contract | undefined;
}

const made = new WeakMap<KernelApi, Meanings>();

/** The meanings of names in a release; made once per release. */
export function meaningsOf(api: KernelApi): Meanings {
  let meanings = made.get(api);
  if (meanings === undefined) made.set(api, (meanings = createMeanings(api)));
  return meanings;
}

function createMeanings(api: KernelApi): Meanings {
  const known = new Map<string, Meaning>();
  const strangers = new Map<string, Meaning>();
  const of = (name: string): Meaning => {
    let meaning = known.get(name);
    if (meaning === undefined) {
      meaning = shared(strangers, meaningOf(api, name));
      known.set(name, meaning);
    }
    return meaning;
  };
  const contractOf = (name: string, argumentCount?: number): Contract | undefined => {
    const { contracts } = of(name);
    if (contracts.length < 2 || argumentCount === undefined) return contracts[0];
    return contracts.find(({ roles }) => roles.length === argumentCount) ?? contracts[0];
  };
  return {
    of,
    contractOf,
    contractOfMember(member, argumentCount) {
      const name = standsFor(member);
      const contract = name === undefined ? undefined : contractOf(name);
      return contract?.roles.length === argumentCount ? contract : undefined;
    },
  };
}

/** Most names say nothing or the same few things: one object serves them all. */
function shared(strangers: Map<string, Meaning>, meaning: Meaning): Meaning {
  if (meaning.contracts.length > 0 || meaning.value !== undefined || meaning.effect !== undefined)
    return meaning;
  const { isHarmless, isPublishing, mayGiveBack, freesPages, isOfInterest } = meaning;
  const key = [isHarmless, isPublishing, mayGiveBack, freesPages, isOfInterest, meaning.provenance].join(); // prettier-ignore
  const same = strangers.get(key);
  if (same !== undefined) return same;
  strangers.set(key, meaning);
  return meaning;
}

function meaningOf(api: KernelApi, name: string): Meaning {
  const forms = api.forms(name);
  const [first] = forms;
  const hints = nameHints(name);
  const contracts = forms.flatMap((form) => interpret(form) ?? []);
  const effect = first?.effect;
  const value = first?.value;
  return {
    contracts,
    value,
    effect,
    provenance: first?.provenance,
    entrySide: first?.entrySide,
    atomic: atomicEffect(effect),
    isHarmless: hints.quiet || value?.is === 'reading' || isQuiet(effect),
    isPublishing: hints.toHardware || effect?.does === 'toHardware',
    mayGiveBack: hints.mayGiveBack,
    freesPages: hints.freesPages,
    isOfInterest:
      contracts.some(({ family }) => family !== 'memory') ||
      effect?.does === 'gather' ||
      standsFor(name) !== undefined,
  };
}

function isQuiet(effect: Effect | undefined): boolean {
  switch (effect?.does) {
    case 'nothing':
    case 'lock':
    case 'unlock':
    case 'copy':
    case 'fill':
    case 'setField':
    case 'setMembers':
    case 'store':
      return true;
    default:
      return false;
  }
}

const sleeping: readonly LockKind[] = ['mutex', 'rwsem', 'srcu'];

function atomicEffect(effect: Effect | undefined): Meaning['atomic'] {
  if (effect?.does !== 'lock' && effect?.does !== 'unlock') return 'none';
  // Whether the section was entered is told by the result, which nobody follows.
  if (effect.conditional !== undefined || sleeping.includes(effect.lock)) return 'none';
  return effect.does === 'lock' ? 'enter' : 'leave';
}
