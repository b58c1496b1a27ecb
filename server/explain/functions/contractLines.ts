import type {
  CallContext,
  FunctionContract,
  KernelVersion,
  ReturnConvention,
} from '../../program/kernelApi/contract.ts';
import { allFunctions } from '../../program/kernelApi/registry.ts';
import { mayExist } from '../../program/kernelApi/versions.ts';
import { labelled } from '../text/explanation.ts';
import { functionTexts } from './texts.ts';

/** The call as people write it: the roles stand for the names of the parameters. */
export function callText(contract: FunctionContract): string {
  return `${contract.name}(${parameterNames(contract).join(', ')})`;
}

/** Names of the parameters as the kernel likes them. */
export function parameterNames({ params }: FunctionContract): readonly string[] {
  return params.map((role) => ROLE_NAMES[role] ?? role);
}

const ROLE_NAMES: Readonly<Record<string, string>> = {
  dma: 'addr',
  dmaOut: 'handle',
  cpu: 'cpu_addr',
  sgtable: 'sgt',
  other: '…',
  mappedOut: 'mapped',
  iovaState: 'state',
};

/** What the function does, one clause; from its text, else from its contract. */
export function summaryOf(contract: FunctionContract): string {
  const { name, acquires, releases, syncs, note } = contract;
  const known = functionTexts.get(name) ?? functionTexts.get(name.replace(/_attrs$/, ''));
  if (known !== undefined) return known.summary;
  if (note !== undefined) return note;
  if (acquires !== undefined) return `makes a ${familyText(acquires.family)}`;
  if (releases !== undefined) return `ends a ${familyText(releases.families[0]!)}`;
  if (syncs !== undefined)
    return `hands a ${familyText(syncs.families[0]!)} between CPU and device`;
  return RETURNS[contract.returns];
}

/** `dmaSingle` → `dma single`. */
function familyText(family: string): string {
  return family.replace(/([A-Z])/g, ' $1').toLowerCase();
}

const RETURNS: Readonly<Record<ReturnConvention, string>> = {
  void: 'nothing',
  errno: '0 or a negative errno',
  length: 'bytes as size_t, possibly less or more than asked; never negative',
  length_or_errno: 'bytes, possibly fewer than asked, or a negative errno',
  count_or_errno: 'a count, possibly smaller than asked, or a negative errno',
  count_zero_is_error: 'a count; 0 is the only failure, it is never negative',
  dma_addr: 'a DMA address; only dma_mapping_error() tells failure',
  err_ptr: 'a pointer or an ERR_PTR, never NULL',
  ptr_or_null: 'a pointer or NULL, never an ERR_PTR',
  err_ptr_or_null: 'a pointer, an ERR_PTR or NULL',
  ptr: 'a pointer',
  paddr_or_zero: 'a physical address; 0 means no translation',
  paddr: 'a physical address',
  pfn_or_zero: 'a page number; 0 is the failure',
  id_or_invalid: 'an id, or the one that means failure',
  id: 'an id',
  bool: 'true or false',
  size: 'a size in bytes',
  mask: 'a mask',
  enum: 'a code',
  value: 'a value',
};

const CONTEXTS: Readonly<Record<CallContext, string>> = {
  atomic: 'atomic is fine',
  maySleep: 'sleeps: not under a spinlock, not in an interrupt',
  gfp: 'sleeps unless gfp is GFP_ATOMIC or GFP_NOWAIT',
  irqsEnabled: 'atomic is fine, but not with interrupts off',
};

/** The contract in two parts: what a caller must know first, and the rest. */
export interface ContractLines {
  /** Result, and what to mind. */
  readonly first: readonly string[];
  /** Partners, context, other releases. */
  readonly rest: readonly string[];
}

/** The contract in a few lines. */
export function contractLines(contract: FunctionContract, version: KernelVersion): ContractLines {
  const { name, returns, context } = contract;
  const known = functionTexts.get(name) ?? functionTexts.get(name.replace(/_attrs$/, ''));
  const advice = known?.advice ?? [];
  const partners = partnersOf(contract, version);
  const releases = releaseText(contract);
  const said = new Set(advice.map(([label]) => label));
  return {
    first: [
      ...(returns === 'void' ? [] : labelled('Returns', RETURNS[returns])),
      ...advice.flatMap(([label, sentence]) => labelled(label, sentence)),
    ],
    rest: [
      ...(partners === undefined ? [] : labelled(...partners)),
      ...(said.has('Context') ? [] : labelled('Context', CONTEXTS[context])),
      ...(releases === undefined ? [] : labelled('Changed', releases)),
    ],
  };
}

const MOST_PARTNERS = 4;

/** What ends the resource that the function makes, or makes the one that it ends. */
function partnersOf(
  { acquires, releases, name }: FunctionContract,
  version: KernelVersion,
): readonly [string, string] | undefined {
  const present = allFunctions.filter(({ since, until }) => mayExist(since, until, version));
  // Wrappers of subsystems and the forms with attributes are not the partners that a reader looks for.
  const isNear = (one: string): boolean =>
    one !== name &&
    one.slice(0, one.indexOf('_')) === name.slice(0, name.indexOf('_')) &&
    one.endsWith('_attrs') === name.endsWith('_attrs');
  const names = (matching: readonly FunctionContract[]): string =>
    [...new Set(matching.map((one) => one.name))]
      .filter(isNear)
      .slice(0, MOST_PARTNERS)
      .map((one) => `${one}()`)
      .join(', ');
  if (acquires !== undefined) {
    const ends = names(present.filter((one) => one.releases?.families[0] === acquires.family));
    return ends === '' ? undefined : ['Ended', `by ${ends}`];
  }
  if (releases !== undefined) {
    const makes = names(present.filter((one) => one.acquires?.family === releases.families[0]));
    return makes === '' ? undefined : ['Ends', `what ${makes} made`];
  }
  return undefined;
}

/** How the interface differs between the compared releases. */
function releaseText({ name, params }: FunctionContract): string | undefined {
  const forms = allFunctions.filter((form) => form.name === name);
  const others = forms.filter((form) => form.params.length !== params.length);
  const own = forms.find((form) => form.params.length === params.length);
  const parts = [
    ...others.map((form) => `${rangeText(form)} ${callText(form)}`),
    ...(own?.since !== undefined && others.length === 0 ? [`there since ${own.since}`] : []),
    ...(own?.until !== undefined && others.length === 0 ? [`gone after ${own.until}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

function rangeText({ since, until }: FunctionContract): string {
  if (until !== undefined) return `up to ${until}`;
  return since === undefined ? 'also' : `from ${since} on`;
}
