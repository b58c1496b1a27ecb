import { InternalError } from '../../text/problem.ts';
import type { Acquire, CallContext, Check, Effect, Family, FunctionContract, KernelVersion, OperationContract, Place, Provenance, PureValue, Release, ReturnConvention, Role } from './contract.ts'; // prettier-ignore

/**
 * Where a handle is, in the words of a signature: `result`, the name of a role (that argument),
 * or a role with a star (what that argument points to).
 */
export type PlaceName = 'result' | Role | `*${Role}`;

/** What a definition adds to its signature, convention and context. */
export interface More {
  /** Family, place of the handle, place of a second handle. */
  readonly acquires?: readonly [Family, PlaceName, PlaceName?];
  readonly managed?: 'devres';
  /** Family or families, place of the handle, place of a second handle. */
  readonly releases?: readonly [Family | readonly Family[], PlaceName, PlaceName?];
  /** Family, place of the handle. */
  readonly syncs?: readonly [Family | readonly Family[], PlaceName];
  /** Role of the handle that the call tests with the convention of dma_mapping_error(). */
  readonly checks?: Role;
  readonly value?: PureValue;
  readonly effect?: Effect;
  readonly provenance?: Provenance;
  readonly entrySide?: 'cpu' | 'dma';
  readonly since?: KernelVersion;
  readonly until?: KernelVersion;
  readonly note?: string;
}

/**
 * Defines a contract from `name(role, role, …)`.
 * The functions of one file share what is written here once: whether they belong to the DMA and IOMMU interfaces.
 */
export function fn(
  signature: string,
  returns: ReturnConvention,
  context: CallContext,
  more: More = {},
): FunctionContract {
  const { name, params } = parseSignature(signature);
  const acquires = more.acquires && acquire(params, more.acquires, more.managed);
  return {
    name,
    params,
    returns,
    context,
    since: more.since,
    until: more.until,
    acquires,
    releases: more.releases && release(params, more.releases),
    syncs: more.syncs && release(params, more.syncs),
    checks: more.checks && check(params, more.checks),
    value: more.value,
    effect: more.effect,
    provenance: more.provenance,
    entrySide: more.entrySide,
    relevant: false,
    note: more.note,
  };
}

/** Marks contracts as belonging to the DMA and IOMMU interfaces. */
export function relevant(contracts: readonly FunctionContract[]): readonly FunctionContract[] {
  return contracts.map((contract) => ({ ...contract, relevant: true }));
}

/** Defines the contracts of several names with the same signature and meaning: `dma_wmb rmb wmb`. */
export function each(
  names: string,
  params: string,
  returns: ReturnConvention,
  context: CallContext,
  more: More = {},
): readonly FunctionContract[] {
  return names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => fn(`${name}(${params})`, returns, context, more));
}

/** Defines what is expected behind `struct.field`. */
export function operation(
  signature: string,
  context: CallContext,
  more: Pick<More, 'since' | 'until' | 'note'> & { readonly cleansUpItself?: true } = {},
): OperationContract {
  const { name, params } = parseSignature(signature);
  const [struct, field] = name.split('.');
  if (struct === undefined || field === undefined)
    throw new InternalError(`no operation: ${signature}`);
  const { since, until, note, cleansUpItself = false } = more;
  return { struct, field, cleansUpItself, params, context, since, until, note };
}

function parseSignature(signature: string): {
  readonly name: string;
  readonly params: readonly Role[];
} {
  const parts = /^([\w.]+)\(([\w, ]*)\)$/.exec(signature);
  if (parts === null) throw new InternalError(`not a signature: ${signature}`);
  const words = parts[2]!.split(',').map((word) => word.trim());
  return { name: parts[1]!, params: words.filter((word) => word !== '').map(roleOf) };
}

const roles: ReadonlySet<string> = new Set<Role>([
  'dev', 'domain', 'iova', 'paddr', 'size', 'prot', 'gfp', 'flags', 'attrs', 'dir',
  'dma', 'dmaOut', 'cpu', 'page', 'pages', 'npages', 'pfn', 'offset',
  'sg', 'nents', 'sgtable', 'sgtableOut', 'gather', 'list', 'mask',
  'pool', 'group', 'pasid', 'handle', 'handleOut', 'mappedOut', 'pgsize', 'pgcount',
  'ioPgtable', 'table', 'iommu', 'vfioDevice', 'iommufd', 'attachment', 'dmabuf', 'vma', 'mm',
  'iovaDomain', 'iovaObject', 'iovaState', 'iopfQueue', 'iopfGroup', 'iopfFault',
  'object', 'objectOut', 'lock', 'irqFlags', 'handler', 'data', 'destination', 'source',
  'resource', 'bar', 'name', 'count', 'value', 'other',
]); // prettier-ignore

function roleOf(word: string): Role {
  if (!roles.has(word)) throw new InternalError(`not a role: ${word}`);
  return word as Role;
}

function placeOf(params: readonly Role[], name: PlaceName): Place {
  if (name === 'result') return { at: 'result' };
  const pointee = name.startsWith('*');
  const index = params.indexOf((pointee ? name.slice(1) : name) as Role);
  if (index < 0) throw new InternalError(`no argument has the role ${name}`);
  return pointee ? { at: 'pointee', index } : { at: 'argument', index };
}

function acquire(
  params: readonly Role[],
  [family, handle, other]: NonNullable<More['acquires']>,
  managed: 'devres' | undefined,
): Acquire {
  return {
    family,
    handle: placeOf(params, handle),
    ...(other === undefined ? {} : { other: placeOf(params, other) }),
    ...(managed === undefined ? {} : { managed }),
  };
}

function release(
  params: readonly Role[],
  [family, handle, other]: NonNullable<More['releases'] | More['syncs']>,
): Release {
  return {
    families: typeof family === 'string' ? [family] : family,
    handle: placeOf(params, handle),
    ...(other === undefined ? {} : { other: placeOf(params, other) }),
  };
}

function check(params: readonly Role[], role: Role): Check {
  return { kind: 'mappingError', argument: params.indexOf(role) };
}
