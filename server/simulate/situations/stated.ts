import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import type { Parameter, Type } from '../../cfront/types/type.ts';
import { describeType } from '../../cfront/types/type.ts';
import { nearest } from '../../text/nearest.ts';
import type { StructView } from '../machine/fields.ts';
import { formOf } from '../machine/resultForm.ts';
import type { Value } from '../machine/values.ts';
import type { ObjectPool } from './objects.ts';
import type { StatedValue } from './spec.ts';

/** The number a stated value means; a name that the tree does not know is a problem. */
export function statedNumber(
  pool: ObjectPool,
  subject: string,
  value: StatedValue,
): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return value;
  if (/^0x[0-9a-f]+$/i.test(value)) return BigInt(value);
  if (value.startsWith('*')) return areaOf(pool, subject, value.slice(1));
  if (value.startsWith('&')) return addressOf(pool, subject, value.slice(1));
  const found = pool.machine.constant(value);
  if (found === undefined) pool.problem(subject, `"${value}" is no constant here`, undefined);
  return found;
}

/** Large enough for the bitmaps and tables that drivers allocate early. Unit: bytes. */
const AREA_BYTES = 8192;

/** The address of memory that begins with a stated value, 64 bits, and is zero behind it. */
function areaOf(pool: ObjectPool, subject: string, text: string): number | undefined {
  const value = statedNumber(pool, subject, text);
  if (value === undefined) return undefined;
  const { machine } = pool;
  const address = machine.allocate({
    ...{ kind: 'input', name: subject, size: AREA_BYTES, align: 64, contents: 'zero' },
  });
  machine.memory.storeBits(address, 8, BigInt.asUintN(64, BigInt(value)));
  return address;
}

/** A struct that stands for its type, with the path of a member of it. */
interface Named {
  readonly tag: string;
  readonly member: string;
  readonly view: StructView | undefined;
}

function named(pool: ObjectPool, key: string): Named {
  const dot = key.indexOf('.');
  const tag = dot < 0 ? key : key.slice(0, dot);
  const address = pool.standingFor(tag);
  const view = address === undefined ? undefined : pool.view(tag, address);
  return { tag, member: dot < 0 ? '' : key.slice(dot + 1), view };
}

function noStruct(pool: ObjectPool, subject: string, tag: string): void {
  pool.problem(subject, `the situation makes no struct ${tag}`, nearest(tag, pool.standingTags()));
}

/** The address of a struct that stands for its type, or of `struct.member`. */
function addressOf(pool: ObjectPool, subject: string, path: string): number | undefined {
  const { tag, member, view } = named(pool, path);
  if (view === undefined) {
    const variable = member === '' ? variableNamed(pool, tag) : undefined;
    if (variable !== undefined) return variable.address;
    noStruct(pool, subject, tag);
    return undefined;
  }
  if (member === '') return view.address;
  if (view.has(member)) return view.at(member);
  pool.missingField(tag, member);
  return undefined;
}

/** Whether the tree has the member whose address a stated value is; other values need none. */
export function hasMember(pool: ObjectPool, value: StatedValue): boolean {
  if (typeof value !== 'string' || !value.startsWith('&')) return true;
  const { member, view } = named(pool, value.slice(1));
  return view !== undefined && (member === '' || view.has(member));
}

/** Sets members of the standing objects: `struct.member.path` to value. */
export function setStated(pool: ObjectPool, values: Readonly<Record<string, StatedValue>>): void {
  for (const [key, value] of Object.entries(values)) setMember(pool, key, value);
}

/** A variable of the program: one that a file defines, else one that a file only knows of. */
function variableNamed(
  { machine }: ObjectPool,
  name: string,
): { readonly type: Type; readonly address: number } | undefined {
  const { program } = machine;
  const knowing = program.all.find((one) => one.object(name) !== undefined);
  const unit = program.objectNamed(name)?.unit ?? knowing;
  const symbol = unit?.object(name);
  if (unit === undefined || symbol === undefined) return undefined;
  return { type: symbol.type, address: machine.addressOfObject(unit, symbol) };
}

/** Sets variables of the program; one whose name ends in `?` only where the tree has it. */
export function setGlobals(pool: ObjectPool, values: Readonly<Record<string, StatedValue>>): void {
  const { machine } = pool;
  for (const [key, value] of Object.entries(values)) {
    const name = key.replace(/\?$/, '');
    const found = variableNamed(pool, name);
    if (found === undefined) {
      if (name === key) pool.problem(name, `there is no variable ${name} here`, undefined);
      continue;
    }
    const number = statedNumber(pool, name, value);
    if (number === undefined) continue;
    const { type, address } = found;
    const size = Math.min(sizeOf(type.kind === 'array' ? type.of : type), 8);
    machine.memory.storeBits(address, size, BigInt.asUintN(8 * size, BigInt(number)));
  }
}

/** Sets one member, `struct.member.path`; one whose name ends in `?` only where the tree has it. */
export function setMember(pool: ObjectPool, path: string, value: StatedValue): void {
  const isOptional = path.endsWith('?');
  const key = isOptional ? path.slice(0, -1) : path;
  const { tag, member, view } = named(pool, key);
  if (isOptional && view?.has(member) !== true) return;
  if (view === undefined) {
    noStruct(pool, key, tag);
    return;
  }
  if (member === '' || !view.has(member)) {
    pool.missingField(tag, member);
    return;
  }
  const number = statedNumber(pool, key, value);
  if (number === undefined) return;
  const type = view.typeOf(member);
  if (type.kind === 'array') putElement(pool, view.at(member), type.of, number);
  else view.set(member, number);
}

/** Stores what is stated of an array: its first element. */
function putElement(
  { machine }: ObjectPool,
  address: number,
  type: Type,
  value: number | bigint,
): void {
  // prettier-ignore
  const size = sizeOf(type);
  machine.memory.storeBits(address, size, BigInt.asUintN(8 * size, BigInt(value)));
}

function placed({ machine }: ObjectPool, type: Type, value: number | bigint): number {
  const size = sizeOf(type);
  const address = machine.allocate({
    ...{ kind: 'input', name: 'a stated value', size, align: 8, contents: 'zero' },
  });
  machine.memory.storeBits(address, size, BigInt(value));
  return address;
}

/** A type in the words of a parameter list: `gfp_t`, `enum dma_data_direction`, `struct page *`. */
export function typeText(type: Type): string {
  if (type.kind === 'pointer') {
    const to = typeText(type.to);
    return to.endsWith('*') ? `${to}*` : `${to} *`;
  }
  if (type.kind !== 'integer') return describeType(type);
  // The kernel's own name for it, which is no typedef that is kept.
  if (type.rank === 0) return 'bool';
  return type.alias ?? describeType(type);
}

/**
 * What is stated for a parameter: by its name, by its position, by its type after that of the parameter
 * before it, `(struct page *, unsigned long)`, or by its type alone, `(gfp_t)`.
 */
export function statedArgument(
  given: Readonly<Record<string, StatedValue>>,
  parameters: readonly Parameter[],
  index: number,
): StatedValue | undefined {
  const { name, type } = parameters[index]!;
  const before = parameters[index - 1];
  const pair = before === undefined ? '' : `(${typeText(before.type)}, ${typeText(type)})`;
  const keys = [...(name === undefined ? [] : [name]), String(index), pair, `(${typeText(type)})`];
  const key = keys.find((one) => Object.hasOwn(given, one));
  return key === undefined ? undefined : given[key];
}

/** Arguments of a function: those that are stated, then objects by type. */
export function argumentsOf(
  pool: ObjectPool,
  symbol: FunctionSymbol,
  given: Readonly<Record<string, StatedValue>>,
): Value[] {
  const { parameters } = symbol.type;
  return parameters.map(({ name, type }, i) => {
    const value = statedArgument(given, parameters, i);
    if (value !== undefined) {
      const number = statedNumber(pool, name ?? String(i), value);
      if (number === undefined) return undefined;
      // Behind a pointer to a number, the value is what it points to.
      const isBehind = type.kind === 'pointer' && type.to.kind === 'integer' && sizeOf(type.to) > 1;
      return formOf(isBehind ? placed(pool, type.to, number) : number, type);
    }
    return pool.supply(type);
  });
}
