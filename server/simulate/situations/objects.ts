import type { AggregateType, Type } from '../../cfront/types/type.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import type { Unit } from '../../cfront/unit.ts';
import { nearest } from '../../text/nearest.ts';
import { findField, StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import type { SituationProblem } from './situation.ts';

/**
 * The objects a situation makes, by the tag of their struct. Members of a struct that this tree lacks
 * are problems with the nearest name; the object is made without them.
 */
export class ObjectPool {
  readonly machine: Machine;
  readonly problems: SituationProblem[] = [];
  private readonly standing = new Map<string, () => number>();
  private readonly units = new Map<string, Unit | undefined>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The first unit that knows a struct completely. */
  unitOf(tag: string): Unit | undefined {
    if (!this.units.has(tag)) {
      const found = this.machine.program.all.find((unit) => unit.aggregate(tag) !== undefined);
      this.units.set(tag, found);
    }
    return this.units.get(tag);
  }

  /** Whether the program knows a struct. */
  knows(tag: string): boolean {
    return this.unitOf(tag) !== undefined;
  }

  /** An object as kzalloc() gives it; undefined, with a problem, where the tree has no such struct. */
  make(tag: string): StructView | undefined {
    const unit = this.unitOf(tag);
    if (unit === undefined) {
      this.problem(tag, `struct ${tag} is not in what this file includes`, undefined);
      return undefined;
    }
    const size = StructView.sizeOf(unit, tag) + roomAtEnd(unit.aggregate(tag));
    const address = this.machine.allocate({
      ...{ kind: 'input', name: `struct ${tag}`, size, align: 64, contents: 'zero' },
    });
    return new StructView(this.machine.memory, unit, tag, address);
  }

  /** An object that stands for its type from now on. */
  makeStanding(tag: string): StructView | undefined {
    const view = this.make(tag);
    if (view !== undefined) this.stand(tag, view.address);
    return view;
  }

  /** The device that stands for its type, made where the C knows one; 0 where it knows none. */
  device(): number {
    if (!this.knows('device')) return 0;
    return this.standingFor('device') ?? this.makeStanding('device')!.address;
  }

  /** Lets an object stand for its type wherever C wants one. */
  stand(tag: string, address: number): void {
    this.standing.set(tag, () => address);
  }

  /** The same for one that the C itself makes or moves. */
  standFor(tag: string, find: () => number): void {
    this.standing.set(tag, find);
  }

  /** The object that stands for a struct. */
  standingFor(tag: string): number | undefined {
    return this.standing.get(tag)?.();
  }

  /** Tags of the structs that something stands for. */
  standingTags(): string[] {
    return [...this.standing.keys()];
  }

  /** The object that stands for what a pointer type points to. */
  supply(type: Type): number | undefined {
    if (type.kind !== 'pointer' || type.to.kind !== 'aggregate') return undefined;
    return type.to.tag === undefined ? undefined : this.standingFor(type.to.tag);
  }

  view(tag: string, address: number): StructView | undefined {
    const unit = this.unitOf(tag);
    return unit === undefined ? undefined : new StructView(this.machine.memory, unit, tag, address);
  }

  /** Sets a member; one that is missing becomes a problem. */
  set(tag: string, view: StructView, path: string, value: number | bigint): void {
    if (view.has(path)) view.set(path, value);
    else this.missingField(tag, path);
  }

  /** Sets the first of some members that exists: versions name them differently. */
  setAny(view: StructView, paths: readonly string[], value: number | bigint): void {
    const path = paths.find((candidate) => view.has(candidate));
    if (path !== undefined) view.set(path, value);
  }

  /**
   * The pointer at `struct.member.member` of a standing object; pointers to structs on the way are
   * followed. Undefined where something on the way is not there.
   */
  pointerAt(path: string): number | undefined {
    const [tag, ...members] = path.split('.') as [string, ...string[]];
    let at = this.standingFor(tag);
    let owner = tag;
    for (const [i, member] of members.entries()) {
      const type = this.unitOf(owner)?.aggregate(owner);
      const field = type === undefined ? undefined : findField(type, member);
      if (at === undefined || at === 0 || field?.type.kind !== 'pointer') return undefined;
      at = Number(this.machine.memory.loadPointer(at + field.offset, 'strict'));
      if (i === members.length - 1) return at;
      if (field.type.to.kind !== 'aggregate' || field.type.to.tag === undefined) return undefined;
      owner = field.type.to.tag;
    }
    return at;
  }

  /** Names a member that this tree lacks, with the nearest one. */
  missingField(tag: string, path: string): void {
    const type = this.unitOf(tag)?.aggregate(tag);
    const parts = path.split('.');
    const present = parts.findIndex(
      (_, i) =>
        type === undefined || findField(type, parts.slice(0, i + 1).join('.')) === undefined,
    );
    const holder = present > 0 ? parts.slice(0, present).join('.') : '';
    const owner = ownerOf(type, holder);
    const wanted = parts[Math.max(present, 0)]!;
    const close = nearest(wanted, namesIn(owner));
    const shown = owner?.tag === undefined ? `struct ${tag}` : `struct ${owner.tag}`;
    this.problem(`${tag}.${path}`, `field "${wanted}" is not in ${shown}`, close);
  }

  problem(subject: string, reason: string, close: string | undefined): void {
    this.problems.push({ subject, reason, nearest: close });
  }

  /** Makes a `struct list_head` an empty list. */
  emptyList(head: number): void {
    this.machine.memory.storePointer(head, head);
    this.machine.memory.storePointer(head + POINTER, head);
  }

  /** Adds a node at the end of a list. */
  addToList(head: number, node: number): void {
    const { memory } = this.machine;
    const last = memory.loadPointer(head + POINTER, 'strict') as number;
    memory.storePointer(node, head);
    memory.storePointer(node + POINTER, last);
    memory.storePointer(last, node);
    memory.storePointer(head + POINTER, node);
  }
}

const POINTER = 8;
/** Items of an array without a count, at the end of a struct, for which an object has room. */
const ITEMS_AT_END = 4;

/** Unit: bytes. */
function roomAtEnd(type: AggregateType | undefined): number {
  const last = type?.layout?.members.at(-1)?.type;
  const isOpen = last?.kind === 'array' && last.count === undefined;
  return isOpen ? ITEMS_AT_END * sizeOf(last.of) : 0;
}

function ownerOf(type: AggregateType | undefined, path: string): AggregateType | undefined {
  if (type === undefined || path === '') return type;
  const inner = findField(type, path)?.type;
  return inner?.kind === 'aggregate' ? inner : undefined;
}

/** Member names, those of unnamed structs and unions inside included. */
function namesIn(type: AggregateType | undefined): string[] {
  return (type?.layout?.members ?? []).flatMap(({ name, type: inner }) => {
    if (name !== undefined) return [name];
    return inner.kind === 'aggregate' ? namesIn(inner) : [];
  });
}
