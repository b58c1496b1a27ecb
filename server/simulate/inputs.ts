import { sizeOf } from '../cfront/types/layout.ts';
import type { AggregateType, PointerType, Type } from '../cfront/types/type.ts';
import type { Unit } from '../cfront/unit.ts';
import { storerFor } from './machine/access.ts';
import type { Machine } from './machine/machine.ts';
import type { Value } from './machine/values.ts';

/** Bytes behind a pointer to data of unknown length. */
const BUFFER_BYTES = 4096;
/** Room behind a struct for its flexible array. */
const TAIL_BYTES = 256;

/** A scalar inside an object, with the way to it. */
interface Scalar {
  readonly type: Type;
  readonly offset: number;
  readonly path: string;
  /** The struct that holds the scalar directly, and where that struct starts. */
  readonly parent: AggregateType | undefined;
  readonly parentOffset: number;
}

/**
 * Inputs that nothing states: an object is made when a pointer to it is needed, a value is chosen when
 * it is first read. Each is a choice of the path, so a rerun can take another.
 */
export class InputInventor {
  private readonly machine: Machine;
  private readonly supply: (type: Type) => number | undefined;
  private readonly objects = new Map<number, { type: Type; unit: Unit; name: string }>();

  /** `supply` gives the object that stands for a pointer type, where a situation has one. */
  constructor(machine: Machine, supply: (type: Type) => number | undefined = () => undefined) {
    this.machine = machine;
    this.supply = supply;
    machine.memory.onUnwrittenInput = (address) => this.fill(address);
  }

  /** A value of a type; `name` is what the choice is called. */
  value(type: Type, name: string, unit: Unit): Value {
    const { machine } = this;
    switch (type.kind) {
      case 'integer':
        if (type.rank === 0) return machine.choose(name, [0, 1]);
        if (type.size > 4) return machine.choose(name, [4096n, 0n, 2097152n]);
        return machine.choose(name, [0, 1, 2]);
      case 'pointer':
        return this.pointer(type, name, unit);
      case 'aggregate':
        return this.object(type, name, unit);
      default:
        return undefined;
    }
  }

  /** A value for a parameter: of pointers, callers pass objects. */
  argument(type: Type, name: string, unit: Unit): Value {
    if (type.kind !== 'pointer' || type.to.kind === 'function') return this.value(type, name, unit);
    return this.supply(type) ?? this.object(type.to, `*${name}`, unit);
  }

  private pointer(type: PointerType, name: string, unit: Unit): Value {
    const { machine } = this;
    if (type.to.kind === 'function') {
      const symbol = {
        ...{ kind: 'function' as const, name: `(*${name})`, type: type.to, external: true },
        ...{ body: undefined, at: 0 },
      };
      const callable = {
        name: symbol.name,
        unit,
        symbol,
        model: undefined,
        code: undefined,
        address: 0,
      };
      return machine.addressOfFunction(callable);
    }
    const standing = this.supply(type);
    if (standing !== undefined) return standing;
    const object = this.object(type.to, `*${name}`, unit);
    return machine.choose(name, [object, 0]);
  }

  private object(type: Type, name: string, unit: Unit): number {
    const known = sizeOf(type);
    const isBytes = type.kind === 'void' || type.kind === 'function' || known <= 1;
    const size = isBytes ? BUFFER_BYTES : known + TAIL_BYTES;
    const start = this.machine.allocate({
      ...{ kind: 'input', name, size, align: 64, contents: 'unwritten' },
    });
    this.objects.set(start, { type, unit, name });
    return start;
  }

  /** Chooses the scalar at an unwritten address of an input; false when it is none. */
  private fill(address: number): boolean {
    const { memory } = this.machine;
    const region = memory.regions.containing(address);
    const object = region === undefined ? undefined : this.objects.get(region.start);
    if (region === undefined || object === undefined) return false;
    const scalar = scalarAt(object.type, address - region.start);
    if (scalar === undefined) {
      // Beyond the type, or bytes of a buffer: a byte at a time.
      memory.storeSmall(address, 1, 0);
      this.machine.assume(`a byte of ${object.name} is zero`);
      return true;
    }
    const name = `${object.name.replace(/^\*/, '')}->${scalar.path}`;
    const at = region.start + scalar.offset;
    // An embedded list is empty, a tree has no root: the shortest thing that is well formed.
    if (scalar.parent?.tag === 'list_head') {
      const head = region.start + scalar.parentOffset;
      memory.storePointer(at, head);
      this.machine.assume(`list ${name} is empty`);
      return true;
    }
    if (
      /^(?:rb_root|rb_root_cached|hlist_head|llist_head|xarray)$/.test(scalar.parent?.tag ?? '')
    ) {
      memory.storeBits(at, sizeOf(scalar.type), 0n);
      this.machine.assume(`${name} is empty`);
      return true;
    }
    storerFor(memory, scalar.type)(at, this.value(scalar.type, name, object.unit));
    return true;
  }
}

function scalarAt(type: Type, offset: number): Scalar | undefined {
  let current: Scalar = { type, offset: 0, path: '', parent: undefined, parentOffset: 0 };
  for (;;) {
    const inside = offset - current.offset;
    if (current.type.kind === 'aggregate') {
      const parent = current.type;
      const member = parent.layout?.members.find(
        (m) =>
          inside >= m.offset && inside < m.offset + Math.max(sizeOf(m.type), m.bits?.unitSize ?? 0),
      );
      if (member === undefined) return undefined;
      const separator = current.path === '' || member.name === undefined ? '' : '.';
      current = {
        type: member.type,
        offset: current.offset + member.offset,
        path: `${current.path}${separator}${member.name ?? ''}`,
        parent,
        parentOffset: current.offset,
      };
    } else if (current.type.kind === 'array') {
      const element = current.type.of;
      const size = Math.max(1, sizeOf(element));
      const index = Math.floor(inside / size);
      const path = `${current.path}[${index}]`;
      current = { ...current, type: element, offset: current.offset + index * size, path };
    } else {
      return inside < sizeOf(current.type) && current.type.kind !== 'void' ? current : undefined;
    }
  }
}
