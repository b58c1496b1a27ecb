import { fieldFamilies } from './all.ts';
import type { FieldEntry, FieldFamily } from './define.ts';

/** An entry and the family it belongs to. */
export interface KnownField {
  readonly entry: FieldEntry;
  readonly family: FieldFamily;
}

let byName: ReadonlyMap<string, readonly KnownField[]> | undefined;

/** Every name; members are also found as `struct.member` when several fields share one. */
function index(): ReadonlyMap<string, readonly KnownField[]> {
  if (byName !== undefined) return byName;
  const map = new Map<string, KnownField[]>();
  const add = (name: string, known: KnownField): void => {
    const list = map.get(name);
    if (list === undefined) map.set(name, [known]);
    else list.push(known);
  };
  for (const family of fieldFamilies) {
    for (const entry of family.entries) {
      add(entry.name, { entry, family });
      const [struct, member, part] = entry.name.split('.');
      if (part !== undefined) add(`${struct!}.${member!}`, { entry, family });
    }
  }
  return (byName = map);
}

/** What a name stands for; several where formats use the same name (`PT_MAX_TOP_LEVEL`). Members: `struct.member`. */
export function fieldsNamed(name: string): readonly KnownField[] {
  return index().get(name) ?? [];
}

/** Every name that is known, for completion and near misses. */
export function fieldNames(): readonly string[] {
  return [...index().keys()];
}

let members: ReadonlySet<string> | undefined;

/** True for a member name that some known struct has: only then is the type of the object worth finding. */
export function isKnownMember(member: string): boolean {
  members ??= new Set(
    fieldFamilies.flatMap(({ entries }) =>
      entries.flatMap(({ kind, name }) => (kind === 'member' ? [name.split('.')[1]!] : [])),
    ),
  );
  return members.has(member);
}
