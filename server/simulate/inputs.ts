import { sizeOf } from '../cfront/types/layout.ts';
import type { StaticObject } from '../cfront/parse/ast.ts';
import type {
  AggregateType,
  IntegerType,
  Member,
  PointerType,
  Type,
} from '../cfront/types/type.ts';
import type { Unit } from '../cfront/unit.ts';
import { pageStructOf } from './kernel/pages.ts';
import { storerFor } from './machine/access.ts';
import { aggregateOf, fieldOf, StructView } from './machine/fields.ts';
import type { ComparedValues, Measure } from './comparedValues.ts';
import { NOTHING_COMPARED } from './comparedValues.ts';
import { fits, scalarAt } from './scalars.ts';
import type { Scalar } from './scalars.ts';
import type { ObjectMaker } from './machine/executor.ts';
import type { Machine } from './machine/machine.ts';
import type { UnknownBytes, UnknownLoad } from './machine/memory.ts';
import type { Value } from './machine/values.ts';

/** Bytes behind a pointer to data of unknown length. */
const BUFFER_BYTES = 1 << 16;
/** Room behind a struct: its flexible array, or private data that its maker put there. */
const TAIL_BYTES = 1 << 15;
/** How many entries an invented list has, the usual number first. */
const LIST_LENGTHS: readonly number[] = [2, 1, 3];
/** Tables of a unit that a pointer to one is tried with. */
const MOST_TABLES = 2;
const TABLES = new WeakMap<Unit, Map<string, readonly StaticObject[]>>();

/** The initialised objects of a struct that a unit defines, the first few. */
function tablesOf(unit: Unit, tag: string): readonly StaticObject[] {
  const ofUnit = TABLES.get(unit) ?? new Map<string, readonly StaticObject[]>();
  TABLES.set(unit, ofUnit);
  let found = ofUnit.get(tag);
  if (found === undefined) {
    const defined = unit.definedObjects(tag).filter((one) => one.initializer !== undefined);
    found = defined.slice(0, MOST_TABLES);
    ofUnit.set(tag, found);
  }
  return found;
}

/** Room before a struct: it may be a member of a larger one. */
const HEAD_BYTES = 1 << 14;

/** Something typed in memory that was made up. */
interface Typed {
  readonly address: number;
  readonly type: Type;
  readonly unit: Unit;
  readonly name: string;
}

/** An object that was made up. */
interface Invented extends Typed {
  /** What C took the untyped memory in and around it for, in the order in which it did. */
  readonly overlays: (Typed & { readonly type: AggregateType })[];
}

/**
 * Inputs that nothing states: an object is made when a pointer to it is needed, a value is chosen when
 * it is first read. Each is a choice of the path, so a rerun can take another.
 */
export class InputInventor implements ObjectMaker, UnknownBytes {
  private readonly machine: Machine;
  private readonly supply: (type: Type) => number | undefined;
  private readonly compared: ComparedValues;
  /** By the start of their region, which begins before the object. */
  private readonly objects = new Map<number, Invented>();

  /**
   * `supply` gives the object that stands for a pointer type, where a situation has one; `compared` the
   * values that are worth trying.
   */
  constructor(
    machine: Machine,
    supply: (type: Type) => number | undefined = () => undefined,
    compared: ComparedValues = NOTHING_COMPARED,
  ) {
    this.machine = machine;
    this.supply = supply;
    this.compared = compared;
    machine.memory.unknown = this;
    machine.inputs = this;
  }

  /** A value for a parameter: of pointers, callers pass objects. */
  argument(type: Type, name: string, unit: Unit): Value {
    if (type.kind === 'pointer') {
      return type.to.kind === 'function'
        ? this.functionPointer(type, name, unit)
        : (this.supply(type) ?? this.object(type.to, `*${name}`, unit));
    }
    if (type.kind === 'aggregate') return this.object(type, name, unit);
    const values = this.compared.ofParameter(name);
    const usual = usualOf(type, this.compared.measureOfParameter(name));
    return this.machine.choose(name, this.options(type, name, unit, { values, usual }), 'input');
  }

  worthTrying(result: string): readonly bigint[] {
    return this.compared.ofResult(result);
  }

  isErrorPointer(result: string): boolean {
    return this.compared.isErrorPointer(result);
  }

  seenAs(pointer: Value, type: AggregateType, unit: Unit): void {
    if (typeof pointer !== 'number' || type.layout === undefined) return;
    const region = this.machine.memory.regions.containing(pointer);
    const object = region === undefined ? undefined : this.objects.get(region.start);
    if (object === undefined) return;
    const offset = pointer - object.address;
    const isTyped = !isBytes(object.type) && offset >= 0 && offset < sizeOf(object.type);
    if (isTyped || object.overlays.some(({ address }) => address === pointer)) return;
    const isWhole = offset === 0 && isBytes(object.type);
    const name = isWhole ? object.name : `${object.name}:${type.tag ?? 'struct'}`;
    object.overlays.push({ address: pointer, type, unit, name });
  }

  global({ type, name }: StaticObject, address: number, unit: Unit): void {
    this.objects.set(address, { address, type, unit, name, overlays: [] });
  }

  object(type: Type, name: string, unit: Unit): number {
    const address = this.machine.allocate({
      ...{ kind: 'input', name, align: 4096, contents: 'unwritten', before: HEAD_BYTES },
      size: isBytes(type) ? BUFFER_BYTES : sizeOf(type) + TAIL_BYTES,
    });
    this.objects.set(address - HEAD_BYTES, { address, type, unit, name, overlays: [] });
    return address;
  }

  memberAt(address: number): string | undefined {
    const region = this.machine.memory.regions.containing(address);
    const object = region === undefined ? undefined : this.objects.get(region.start);
    for (const { type, name, address: start } of object === undefined
      ? []
      : [object, ...object.overlays]) {
      const path = scalarAt(type, address - start)?.path ?? '';
      if (path !== '') return memberOf(name, path);
    }
    return undefined;
  }

  ofStruct(tag: string): readonly number[] {
    const made = [...this.objects.values()].flatMap(({ overlays, ...own }) => [own, ...overlays]);
    return made.flatMap(({ type, address }) =>
      type.kind === 'aggregate' && type.tag === tag ? [address] : [],
    );
  }

  private functionPointer(type: PointerType, name: string, unit: Unit): number {
    if (type.to.kind !== 'function') throw new TypeError('no function pointer');
    const symbol = {
      ...{ kind: 'function' as const, name: `(*${name})`, type: type.to, external: true },
      ...{ body: undefined, at: 0 },
    };
    return this.machine.addressOfFunction({
      ...{ name: symbol.name, unit, symbol, model: undefined, code: undefined, address: 0 },
    });
  }

  /** The values of a type worth trying, the usual one first, those that C compares it with last. */
  private options(
    type: Type,
    name: string,
    unit: Unit,
    { values, usual }: Worth = NOTHING_KNOWN,
  ): readonly Value[] {
    switch (type.kind) {
      case 'integer': {
        const first = usual ?? usualNumbers(type, undefined);
        const known = new Set(first);
        const more = values.filter((value) => !known.has(BigInt(heldInteger(value, type))));
        return [...first, ...more].map((value) => heldInteger(value, type));
      }
      case 'pointer':
        if (type.to.kind === 'function') return [this.functionPointer(type, name, unit), 0];
        return [...this.tables(type, unit), this.object(type.to, `*${name}`, unit), 0];
      default:
        return [undefined];
    }
  }

  /** Constant objects of the unit that a pointer may lead to: tables of operations, variants. */
  private tables({ to, toConst }: PointerType, unit: Unit): readonly number[] {
    if (to.kind !== 'aggregate' || to.tag === undefined) return [];
    if (!toConst && !to.layout?.members.some(isOperation)) return [];
    return tablesOf(unit, to.tag).map((one) => this.machine.addressOfObject(unit, one));
  }

  fill(at: number, load: UnknownLoad): boolean {
    if (load.state === 'left-written') return this.settle(load);
    const region = this.machine.memory.regions.containing(at);
    const object = region === undefined ? undefined : this.objects.get(region.start);
    if (object !== undefined) this.fillInput(object, at, load);
    else if (load.state === 'left') this.fillLeft(load);
    else return false;
    return true;
  }

  /** Bytes that had contents before an unknown function could write them: as they were, or not. */
  private settle({ start, size, type }: UnknownLoad): boolean {
    const { memory } = this.machine;
    const before = memory.peekBits(start, size);
    const by = memory.regions.clobberedBy(start) ?? 'an unknown function';
    const name = `${memory.regions.describe(start)} after ${by}`;
    // A pointer stays or is cleared: an invented object would be none that the function knew.
    const options = ['as before', before === 0n && type?.kind !== 'pointer' ? '1' : '0'];
    const { value, assumption } = this.machine.chooseContents(name, [0, 1]);
    memory.storeBits(start, size, value === 0 ? before : BigInt(options[1]!));
    // What the function wrote is none of what the C leaves behind.
    if (value === 0) memory.markAssumed(start, size, assumption);
    else this.assumed(start, size, assumption);
    return true;
  }

  /** Bytes that only an unknown function can have written. */
  private fillLeft({ start, size, type }: UnknownLoad): void {
    const { memory } = this.machine;
    const by = memory.regions.clobberedBy(start) ?? 'an unknown function';
    this.store(start, size, type, `what ${by} left in ${memory.regions.describe(start)}`);
  }

  private fillInput({ overlays, ...object }: Invented, at: number, load: UnknownLoad): void {
    const overlay = overlays.find(
      ({ address, type }) => at >= address && at < address + sizeOf(type),
    );
    const isOutside =
      isBytes(object.type) || at < object.address || at >= object.address + sizeOf(object.type);
    this.fillTyped(isOutside && overlay !== undefined ? overlay : object, at, load);
  }

  private fillTyped(object: Typed, at: number, load: UnknownLoad): void {
    const scalar = scalarAt(object.type, at - object.address);
    if (scalar === undefined || (load.type !== undefined && !fits(scalar, load, object.address))) {
      const offset = load.start - object.address;
      const place = offset < 0 ? `- ${-offset}` : `+ ${offset}`;
      this.store(load.start, load.size, load.type, `${object.name} ${place}`, object.unit);
      return;
    }
    const name = scalar.path === '' ? object.name : memberOf(object.name, scalar.path);
    const start = object.address + scalar.offset;
    if (scalar.path === 'page_link' && object.type.kind === 'aggregate') {
      if (object.type.tag === 'scatterlist') {
        this.fillList(object);
        return;
      }
    }
    if (scalar.parent?.tag === 'sg_table') {
      const table = name
        .slice(0, name.length - lastName(scalar.path).length)
        .replace(/\.$|->$/, '');
      this.fillTable(object.address + scalar.parentOffset, table, object.unit);
      return;
    }
    if (this.fillContainer(object, scalar, start, name)) return;
    if (scalar.isBits) this.storeChoice(start, scalar.size, undefined, name, [0n, -1n]);
    else {
      const tag = scalar.parent?.tag ?? '';
      const member = lastName(scalar.path);
      const values = this.compared.ofMember(tag, member);
      const measure =
        scalar.path === '' && name.startsWith('*')
          ? this.compared.measureBehind(name.slice(1))
          : this.compared.measureOfMember(tag, member);
      const usual = usualOf(scalar.type, measure);
      this.store(start, scalar.size, scalar.type, name, object.unit, { values, usual });
    }
  }

  /** A table counts the entries of its list and what they became when they were mapped: never more, and not none. */
  private fillTable(address: number, name: string, unit: Unit): void {
    const { memory } = this.machine;
    const entries = this.machine.chooseContents(`entries of ${name}`, LIST_LENGTHS);
    const count = Number(entries.value);
    const lengths = count > 1 ? [count, count - 1] : [1];
    const segments = this.machine.chooseContents(`mapped entries of ${name}`, lengths);
    const type = aggregateOf(unit, 'scatterlist');
    const list = this.object(type, `*${name}->sgl`, unit);
    this.linkList({ address: list, type, unit, name: `*${name}->sgl` }, count, entries.assumption);
    const table = new StructView(memory, unit, 'sg_table', address);
    for (const [member, value, { assumption }] of [
      ['sgl', list, entries],
      ['orig_nents', count, entries],
      ['nents', Number(segments.value), segments],
    ] as const) {
      table.set(member, value);
      const { offset, type: held } = fieldOf(unit, 'sg_table', member);
      this.assumed(address + offset, sizeOf(held), assumption);
    }
  }

  /** A scatterlist ends somewhere: its links are stated together, the rest of each entry is left open. */
  private fillList(list: Typed): void {
    const asked = this.machine.chooseContents(`entries of ${list.name}`, LIST_LENGTHS);
    this.linkList(list, Number(asked.value), asked.assumption);
  }

  private linkList({ address, type, unit, name }: Typed, count: number, assumption: number): void {
    const { memory } = this.machine;
    for (let i = 0; i < count; i++) {
      const at = address + i * sizeOf(type);
      const page = this.machine.allocate({
        ...{
          kind: 'input',
          name: `page of ${name}`,
          size: 4096,
          align: 4096,
          contents: 'unwritten',
        },
      });
      // The last entry says so in bit 1 of the link.
      const link = BigInt(this.pageOf(page, unit)) | (i === count - 1 ? 2n : 0n);
      memory.storeBits(at, 8, BigInt.asUintN(64, link));
      this.assumed(at, 8, assumption);
      const length = at + fieldOf(unit, 'scatterlist', 'length').offset;
      const offset = at + fieldOf(unit, 'scatterlist', 'offset').offset;
      memory.storeSmall(length, 4, 4096);
      memory.storeSmall(offset, 4, 0);
      this.assumed(length, 4, assumption);
      this.assumed(offset, 4, assumption);
    }
  }

  /** The struct page of an address of the direct map. */
  private pageOf(address: number, unit: Unit): number {
    if (unit.aggregate('page') === undefined) return address;
    return pageStructOf(this.machine, address - this.machine.directMap);
  }

  /** A list is empty or has a few entries; a tree has no root: the shortest thing that is well formed. */
  private fillContainer(object: Typed, scalar: Scalar, start: number, name: string): boolean {
    const { memory } = this.machine;
    const type = scalar.parent;
    const tag = type?.tag ?? '';
    if (type !== undefined && isListHead(type)) {
      this.fillLinks(object.address + scalar.parentOffset, type, name, object.unit);
      return true;
    }
    if (!EMPTY_CONTAINERS.test(tag)) return false;
    memory.storeBits(start, scalar.size, 0n);
    this.assumed(start, scalar.size, this.machine.assumption(`${name} is empty`));
    return true;
  }

  /** Links a list: its head and the entries that it may have, in what C will take to hold them. */
  private fillLinks(head: number, type: AggregateType, name: string, unit: Unit): void {
    const { memory } = this.machine;
    const list = name.replace(/\.(?:next|prev)$/, '');
    const { value, assumption } = this.machine.chooseContents(`entries in ${list}`, [0, 1, 2]);
    const nodes = Array.from({ length: Number(value) }, (_, i) =>
      this.object(type, `*${list}[${i}]`, unit),
    );
    const ring = [head, ...nodes];
    const prev = fieldOf(unit, 'list_head', 'prev').offset;
    const next = fieldOf(unit, 'list_head', 'next').offset;
    ring.forEach((node, i) => {
      memory.storePointer(node + next, ring[(i + 1) % ring.length]!);
      memory.storePointer(node + prev, ring[(i + ring.length - 1) % ring.length]!);
      this.assumed(node + next, 8, assumption);
      this.assumed(node + prev, 8, assumption);
    });
  }

  /** Contents that an input always had, on an assumption. */
  private assumed(start: number, size: number, assumption: number): void {
    const { memory } = this.machine;
    memory.initial.note(memory, start, size);
    memory.markAssumed(start, size, assumption);
  }

  private store(
    start: number,
    size: number,
    type: Type | undefined,
    name: string,
    unit: Unit = this.machine.mainUnit,
    worth: Worth = NOTHING_KNOWN,
  ): void {
    if (type?.kind !== 'integer' && type?.kind !== 'pointer') {
      this.storeChoice(start, size, undefined, name, [0n]);
    } else if (type.kind === 'pointer' && isListHead(type.to)) {
      // A list whose head lies in private data: empty, like those of declared type.
      this.machine.memory.storePointer(start, start);
      this.assumed(start, 8, this.machine.assumption(`${name} is empty`));
    } else {
      const standing = type.kind === 'pointer' ? this.supply(type) : undefined;
      // What the situation states is no choice and no assumption.
      if (standing !== undefined) this.machine.memory.storePointer(start, standing);
      else this.storeChoice(start, size, type, name, this.options(type, name, unit, worth));
    }
  }

  private storeChoice(
    start: number,
    size: number,
    type: Type | undefined,
    name: string,
    options: readonly Value[],
  ): void {
    const { memory } = this.machine;
    const { value, assumption } = this.machine.chooseContents(name, options);
    if (type === undefined) memory.storeBits(start, size, BigInt(value ?? 0));
    else storerFor(type)(memory, start, value);
    this.assumed(start, size, assumption);
  }
}

/** Values of a number that are worth trying: those that C compares it with, and the usual ones, first. */
interface Worth {
  readonly values: readonly bigint[];
  readonly usual: readonly bigint[] | undefined;
}

const NOTHING_KNOWN: Worth = { values: [], usual: undefined };

const PAGE = 4096n;
const HUGE_PAGE = 2097152n;
/** What is gone through in pieces has a few of them. */
const PIECES = 4n * PAGE;

/** The usual values of what may be a number; undefined where it is none. */
function usualOf(type: Type, measure: Measure | undefined): readonly bigint[] | undefined {
  return type.kind === 'integer' ? usualNumbers(type, measure) : undefined;
}

/** The usual values of a number, the most natural one first. */
function usualNumbers({ size }: IntegerType, measure: Measure | undefined): readonly bigint[] {
  if (size === 1) return [0n, 1n];
  const isWide = size > 4;
  if (measure?.kind === 'turns') return isWide ? [1n, 0n, 2n, PAGE] : [1n, 0n, 2n];
  const bytes = measure?.kind === 'pieces' ? PIECES : (measure?.bound ?? PAGE);
  if (isWide) return [...new Set([bytes, 0n, HUGE_PAGE])];
  return measure === undefined ? [1n, 0n, 2n] : [bytes, 2n * bytes, 0n];
}

/** `*object` and a way in it as C writes it. */
function memberOf(name: string, path: string): string {
  return path.startsWith('[')
    ? `${name.replace(/^\*/, '')}${path}`
    : `${name.replace(/^\*/, '')}->${path}`;
}

/** The member that a way ends in, without indexes. */
function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[.*$/, '');
}

function isBytes(type: Type): boolean {
  return type.kind === 'void' || type.kind === 'function' || sizeOf(type) <= 1;
}

function isOperation({ type }: Member): boolean {
  return type.kind === 'pointer' && type.to.kind === 'function';
}

/** An integer in the form that the machine has for its type. */
function heldInteger(value: bigint, type: IntegerType): Value & (number | bigint) {
  const bits = type.size * 8;
  const held = type.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return type.size > 4 ? held : Number(held);
}

/** Containers that are empty when all their bytes are zero. */
const EMPTY_CONTAINERS =
  /^(?:rb_root|rb_root_cached|rb_node|hlist_head|llist_head|xarray|maple_tree)$/;

function isListHead(type: Type): boolean {
  return type.kind === 'aggregate' && type.tag === 'list_head';
}
