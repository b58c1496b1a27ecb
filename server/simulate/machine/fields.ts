import { memberNamed, sizeOf } from '../../cfront/types/layout.ts';
import type { AggregateType, BitField, Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import { bitLoader, bitStorer, loaderFor, storerFor } from './access.ts';
import type { Memory } from './memory.ts';
import { formOf } from './resultForm.ts';
import { Stop } from './stop.ts';
import type { Pointer, Value } from './values.ts';

/** A member of a struct, found by its path of names. */
export interface Field {
  /** Unit: bytes from the start of the struct. */
  readonly offset: number;
  readonly type: Type;
  readonly bits: BitField | undefined;
}

/** A struct or union of a unit. A tree that has none of that name ends the path, with the name. */
export function aggregateOf(unit: Unit, tag: string): AggregateType {
  const type = unit.aggregate(tag);
  if (type === undefined) throw new Stop('not-parsed', `this tree has no struct ${tag}`);
  return type;
}

/** The member `a.b.c` of a type, if it has one. */
export function findField(type: AggregateType, path: string): Field | undefined {
  let field: Field = { offset: 0, type, bits: undefined };
  for (const name of path.split('.')) {
    if (field.type.kind !== 'aggregate') return undefined;
    const member = memberNamed(field.type, name);
    if (member === undefined) return undefined;
    field = { offset: field.offset + member.offset, type: member.type, bits: member.bits };
  }
  return field;
}

/** The member `a.b.c` of a struct of a unit; one that this version lacks ends the path, with its name. */
export function fieldOf(unit: Unit, tag: string, path: string): Field {
  const field = findField(aggregateOf(unit, tag), path);
  if (field === undefined)
    throw new Stop('not-parsed', `struct ${tag} has no ${path} in this tree`);
  return field;
}

/** A pointer to a struct, with access to its members by name. */
export class StructView {
  readonly address: number;
  private readonly memory: Memory;
  private readonly unit: Unit;
  private readonly tag: string;

  constructor(memory: Memory, unit: Unit, tag: string, address: Pointer) {
    this.memory = memory;
    this.unit = unit;
    this.tag = tag;
    this.address = Number(address);
  }

  /** Unit: bytes. */
  static sizeOf(unit: Unit, tag: string): number {
    return sizeOf(aggregateOf(unit, tag));
  }

  has(path: string): boolean {
    return findField(aggregateOf(this.unit, this.tag), path) !== undefined;
  }

  /** Type of a member. */
  typeOf(path: string): Type {
    return fieldOf(this.unit, this.tag, path).type;
  }

  /** Address of a member. */
  at(path: string): number {
    return this.address + fieldOf(this.unit, this.tag, path).offset;
  }

  get(path: string): Value {
    const { offset, type, bits } = fieldOf(this.unit, this.tag, path);
    const load = bits === undefined ? loaderFor(type, 'strict') : bitLoader(type, bits);
    return load(this.memory, this.address + offset);
  }

  set(path: string, value: number | bigint): void {
    const { offset, type, bits } = fieldOf(this.unit, this.tag, path);
    const store = bits === undefined ? storerFor(type) : bitStorer(bits);
    store(this.memory, this.address + offset, formOf(value, type));
  }
}
