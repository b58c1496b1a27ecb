import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import type { MappedRange } from '../situations/mappedRanges.ts';
import { entryFor } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import { typeText } from '../situations/stated.ts';
import { counted } from './contractWords.ts';
import type { Holding } from './ledger.ts';
import { ledgerOf } from './ledger.ts';
import type { ReturnedCall } from './returnedAddress.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096n;

/** A mapping that was there before the entry, page by page. */
interface OlderMapping extends MappedRange {
  /** IOVAs of the pages that still lead somewhere. */
  readonly left: readonly bigint[];
  readonly pages: number;
}

/**
 * Whether an entry is the whole of an implementation of the DMA API that is handed a mapping: what was mapped before
 * it is given back by it or by nobody. Static functions are parts of one.
 */
export function ownsMapping({ dma }: Environment, { external, type }: FunctionSymbol): boolean {
  const takes = type.parameters.some((parameter) => HANDLES.has(typeText(parameter.type)));
  return dma !== undefined && external && takes;
}

/** What stands for a mapping in the DMA API. */
const HANDLES: ReadonlySet<string> = new Set([
  ...[
    'dma_addr_t',
    'phys_addr_t',
    'struct dma_iova_state *',
    'struct scatterlist *',
    'struct sg_table *',
  ],
]);

/** Whether an entry takes back what was mapped before it, in part or whole. */
export function takesBack(
  machine: Machine,
  environment: Environment,
  { entry, mappedBefore }: ReturnedCall,
): boolean {
  if (!ownsMapping(environment, entry)) return false;
  if (environment.takesBack === true) return true;
  const mappings = olderMappings(machine, environment, mappedBefore);
  return (
    olderHoldings(machine).some(({ state }) => state === 'returned') ||
    mappings.some(({ left, pages }) => left.length < pages)
  );
}

/** Whether IOVAs are taken and given back apart from what is mapped at them (dma_iova_try_alloc()). */
function keepsIovas({ type }: FunctionSymbol): boolean {
  return type.parameters.some((one) => typeText(one.type) === 'struct dma_iova_state *');
}

function olderHoldings(machine: Machine): readonly Holding[] {
  return ledgerOf(machine).holdings.filter(({ isOlder }) => isOlder);
}

/**
 * A mapping that an implementation of the DMA API takes back goes as a whole: every page that was mapped before the
 * entry leads nowhere, and what lay underneath, its IOVAs and bounce buffers, is given back. Which pages that are is
 * what the driver was told when they were mapped.
 */
export function judgeTakenBack(
  machine: Machine,
  environment: Environment,
  call: ReturnedCall,
): Violation[] {
  if (!takesBack(machine, environment, call)) return [];
  const mappings = olderMappings(machine, environment, call.mappedBefore);
  const left = mappings.filter((one) => one.left.length > 0);
  const kept = olderHoldings(machine).filter(
    ({ kind, state }) => state === 'held' && !(kind === 'iova' && keepsIovas(call.entry)),
  );
  return [...left.map((one) => stillMapped(environment, one)), ...kept.map(stillHeld)];
}

/** The first ranges that were mapped, as they are now. */
function olderMappings(
  machine: Machine,
  environment: Environment,
  count: number,
): readonly OlderMapping[] {
  const ranges = environment.mapped().slice(0, count);
  return ranges.map((range) => olderMapping(machine, environment, range));
}

function olderMapping(machine: Machine, { probes }: Environment, range: MappedRange): OlderMapping {
  const probe = probes.find(({ domain }) => domain === range.domain);
  const pages: bigint[] = [];
  for (let iova = range.first; iova <= range.last; iova += PAGE) pages.push(iova);
  const left = pages.filter(
    (iova) => probe !== undefined && entryFor(machine, probe, iova).present,
  );
  return { ...range, left, pages: pages.length };
}

function stillMapped({ probes }: Environment, { domain, left, pages }: OlderMapping): Violation {
  const name = probes.find((probe) => probe.domain === domain)!.name;
  const [first] = left as [bigint];
  const where = left.length === 1 ? hex(first) : `${hex(first)} on`;
  return {
    id: 'I-PAIR-1',
    message: `takes a mapping back and leaves ${left.length} of its ${counted(pages, 'page')} mapped, from IOVA ${where}`,
    ...{ subject: name, domain: name, place: undefined, since: undefined },
    iova: { first, last: left.at(-1)! + PAGE - 1n },
  };
}

function stillHeld({ api, what, taken, number }: Holding): Violation {
  const message = `takes a mapping back and keeps ${what}`;
  return { id: 'C-LEAK', message, subject: api, place: taken, since: taken, holding: number };
}
