import type {
  CallFact,
  FlowPlace,
  PairingFact,
  ResourceFact,
  Role,
  UnitFacts,
  Value,
} from '../../flow/facts.ts';
import { labelled } from '../text/explanation.ts';

/** Arguments that a reader wants to see; the others say themselves. */
const SHOWN: ReadonlySet<Role> = new Set<Role>([
  'iova', 'paddr', 'size', 'prot', 'gfp', 'dir', 'attrs', 'dma_addr', 'cpu_addr', 'nents', 'npages', 'offset',
]); // prettier-ignore

const ROLE_LABELS: Partial<Record<Role, string>> = { dma_addr: 'addr', cpu_addr: 'cpu' };

const FROM: Readonly<Record<Value['provenance'], string>> = {
  ram: 'RAM',
  mmio: 'device memory',
  carveout: 'a carve-out',
  'dma-address': 'a DMA address',
  iova: 'an IOVA',
  user: 'a user address',
  null: 'NULL',
  unknown: '',
};

/** What a call at this very place is given, and what becomes of its resource. Empty where the engine did not follow it. */
export function callHereLines(facts: UnitFacts, offset: number): readonly string[] {
  const calls = callsAt(facts, offset);
  const [first] = calls;
  if (first === undefined) return [];
  const lines: string[] = [
    ...labelled('Here', `line ${first.place.line} in ${first.place.function}()`),
  ];
  first.args.forEach((arg, i) => {
    if (!SHOWN.has(arg.role)) return;
    const said = argumentText(calls.map(({ args }) => args[i]!));
    lines.push(...labelled(`  ${ROLE_LABELS[arg.role] ?? arg.role}`, said));
  });
  const { context } = first;
  if (context.kind === 'atomic' && context.why !== undefined) {
    lines.push(...labelled('  atomic', `${context.why}${context.place === undefined ? '' : `, line ${context.place.line}`}`)); // prettier-ignore
  }
  return [...lines, ...lifeLines(facts, offset)];
}

function callsAt({ facts, file }: UnitFacts, offset: number): readonly CallFact[] {
  const all = [
    ...facts.calls,
    ...facts.resources.map(({ acquire }) => acquire),
    ...facts.pairings.map(({ call }) => call),
  ];
  return all.filter(({ callee }) => isAt(callee, file, offset));
}

function isAt({ file, span }: FlowPlace, wanted: string, offset: number): boolean {
  return file === wanted && span.start <= offset && offset <= span.end;
}

/** An argument on all paths that were seen: its spelling, its value where that is another text, where it comes from. */
function argumentText(values: readonly Value[]): string {
  const [first] = values;
  const known = new Set<string>();
  for (const { text, canonical, constant, range } of values) {
    if (constant !== undefined && String(constant) !== text) known.add(numberText(constant));
    else if (constant === undefined && canonical !== text) known.add(canonical);
    else if (constant === undefined && isNarrow(range)) known.add(`${range[0]} to ${range[1]}`);
  }
  const shown = [...known].filter((one) => one.length <= 40).slice(0, 3);
  const value = shown.length === 0 ? '' : ` = ${shown.join(' or ')}`;
  const from = FROM[first!.provenance];
  return `${shortened(first!.text)}${value}${from === '' ? '' : ` (${from})`}`;
}

const isNarrow = ([low, high]: Value['range']): boolean =>
  Number.isFinite(low) && Number.isFinite(high) && high - low < 2 ** 20;

function numberText(value: number): string {
  return value >= 1024 || value < -4096 ? `0x${value.toString(16)}` : String(value);
}

const LONGEST = 40;

function shortened(text: string): string {
  const half = LONGEST / 2 - 1;
  return text.length <= LONGEST ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
}

/** Who ends the resource of a call, or which call made what it ends. */
function lifeLines({ facts, file }: UnitFacts, offset: number): readonly string[] {
  const made = facts.resources.filter(({ acquire }) => isAt(acquire.callee, file, offset));
  const ended = facts.pairings.filter(({ call }) => isAt(call.callee, file, offset));
  return [
    ...made.flatMap((one) => madeLines(one, facts.pairings, facts.leaks)),
    ...endedLines(ended),
  ];
}

/** Conventions whose result is the handle itself, and not a code. */
const NAMED: ReadonlySet<CallFact['convention']> = new Set([
  'dma-address',
  'pointer-or-null',
  'error-pointer',
]);

function madeLines(
  resource: ResourceFact,
  pairings: readonly PairingFact[],
  leaks: UnitFacts['facts']['leaks'],
): readonly string[] {
  const { acquire, handle } = resource;
  const mine = pairings.filter(
    ({ kind, resource: of }) => kind === 'release' && of.id === resource.id,
  );
  const places = unique(mine.map(({ call }) => `${call.function}(), line ${call.place.line}${inside(call.place, acquire.place)}`)); // prettier-ignore
  const held = unique(leaks.filter(({ resource: of }) => of.id === resource.id).map(({ at }) => `line ${at.line}`)); // prettier-ignore
  return [
    ...(handle === '' || !NAMED.has(acquire.convention) ? [] : labelled('  as', handle)),
    ...(places.length === 0 ? [] : labelled('  ended', places.join('; '))),
    ...(held.length === 0 ? [] : labelled('  held', `still at ${held.join(', ')}`)),
  ];
}

function endedLines(pairings: readonly PairingFact[]): readonly string[] {
  return unique(
    pairings.map(({ resource, pairs, call }) => {
      const { acquire } = resource;
      const other = pairs.filter(({ relation }) => relation === 'different');
      const difference = other.map(
        ({ role, acquired }) => `${role} was ${shortened(acquired.text)}`,
      );
      const mark = difference.length === 0 ? '' : `: ${difference.join(', ')} (!)`;
      return `${acquire.function}(), line ${acquire.place.line}${inside(acquire.place, call.place)}${mark}`;
    }),
  ).flatMap((text) => labelled('  of', text));
}

const inside = (place: FlowPlace, than: FlowPlace): string =>
  place.function === than.function ? '' : ` in ${place.function}()`;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, 3);
