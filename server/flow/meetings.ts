import { comparedThere, valueThere } from './engine/meetings.ts';
import type { LeftThere, TakenThere } from './facts/meetings.ts';
import { fits } from './contracts/contract.ts';
import type {
  CallFact,
  PairedValue,
  PairingFact,
  Relation,
  ResourceFact,
  ResourceId,
  Role,
  Value,
} from './facts.ts';
import { provenDifferent, provenEqual } from './facts/conditions.ts';
import { kinds, spaces, type Term, type TermTable } from './terms/term.ts';

/**
 * Pairs that meet only in a member: one function maps into `obj->iova` and `obj->size`, another unmaps from there.
 * Compared where every function of the file that writes the member is one of those, and all agree on what they put there.
 *
 * @param writersOf functions of the file that may write a member of a struct.
 */
export function meet(
  table: TermTable,
  left: readonly LeftThere[],
  taken: readonly TakenThere[],
  resources: ReadonlyMap<ResourceId, ResourceFact>,
  writersOf: (member: string, tag: string) => readonly string[],
): PairingFact[] {
  const pairings = new Map<string, PairingFact>();
  for (const one of taken) {
    const others = left.filter(
      ({ family, tag, member }) =>
        family === one.family && tag === one.tag && member === one.member,
    );
    const [first] = others;
    const resource = first && resources.get(first.site);
    if (first === undefined || resource === undefined) continue;
    const known = new Set(others.map(({ site }) => resources.get(site)?.acquire.place.function));
    // An IOVA is chosen by anybody; a handle comes from an interface, and each writer must be one that was seen.
    const isChosen = one.family === 'iommu-map';
    if (!isChosen && writersOf(one.member, one.tag).some((name) => !known.has(name))) continue;
    const pairs = comparedThere(one.family).flatMap((role) =>
      pair(table, one, first, others, resource, role),
    );
    const isNews = pairs.some(({ relation }) => relation === 'different');
    const interfacesFit = others.some(({ contract }) => fits(contract, one.contract));
    if (!isNews && interfacesFit) continue;
    const { place } = one.call;
    const key = `${first.site} ${place.file} ${place.function} ${place.span.start}`;
    // The last turn of a loop knows most.
    pairings.set(key, {
      kind: 'release',
      resource,
      call: one.call,
      match: 'field',
      pairs,
      interfacesFit,
      aggregated: false,
      answered: false,
      releasedPerTurn: one.perTurn,
      steps: [
        { place: resource.acquire.place, message: spoken('maps', resource.acquire) },
        ...one.steps,
        { place, message: spoken('unmaps', one.call) },
      ],
    });
  }
  return [...pairings.values()];
}

/** `maps q->size at q->iova in qcap_init()`. */
function spoken(does: 'maps' | 'unmaps', call: CallFact): string {
  const text = (role: Role): string | undefined => call.args.find((arg) => arg.role === role)?.text;
  const size = text('size');
  if (size === undefined) return `${call.function}() in ${call.place.function}()`;
  const iova = text('iova');
  const what = iova === undefined ? `${call.function}() of ${size}` : `${does} ${size} at ${iova}`;
  return `${what} in ${call.place.function}()`;
}

function pair(
  table: TermTable,
  taken: TakenThere,
  first: LeftThere,
  others: readonly LeftThere[],
  resource: ResourceFact,
  role: Role,
): PairedValue[] {
  const at = first.contract.roles.indexOf(role);
  const to = taken.contract.roles.indexOf(role);
  const acquired = resource.acquire.args[at];
  const released: Value | undefined = taken.call.args[to];
  const value = taken.values[to];
  if (at < 0 || to < 0 || acquired === undefined || released === undefined || value === undefined)
    return [];
  const relation =
    role === 'iova'
      ? relate(table, taken, role, table.num(0), taken.offset)
      : agreed(others, role, (left) =>
          relate(table, taken, role, valueThere(table, taken, left), value),
        );
  return [{ role, acquired, released, relation }];
}

/** What holds for everything that is left at the meeting point. */
function agreed(
  others: readonly LeftThere[],
  role: Role,
  relation: (value: Term) => Relation,
): Relation {
  const found = others.map(({ contract, values }): Relation => {
    const value = values[contract.roles.indexOf(role)];
    return value === undefined ? 'unknown' : relation(value);
  });
  const [first] = found;
  return first !== undefined && found.every((one) => one === first) ? first : 'unknown';
}

function relate(table: TermTable, taken: TakenThere, role: Role, a: Term, b: Term): Relation {
  const { known } = taken;
  if (provenEqual(table, known, a, b)) return 'equal';
  if (provenDifferent(table, known, a, b)) return 'different';
  // One step of a loop is not all of what a member tells the size of.
  const isStep = taken.perTurn && role === 'size' && taken.family === 'iommu-map';
  return isStep && isConstant(table, b) && !isConstant(table, a) ? 'different' : 'unknown';
}

function isConstant(table: TermTable, term: Term): boolean {
  if (table.constant(term) !== undefined) return true;
  return table.kind(term) === kinds.variable && table.part(term, 1) === spaces.constant;
}
