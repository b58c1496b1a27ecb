/** `void`, and the type of an expression that has no value. */
export interface VoidType {
  readonly kind: 'void';
}

/** An integer type, including `_Bool`, enumerations, and the type of a bit-field wider than int. */
export interface IntegerType {
  readonly kind: 'integer';
  readonly name: string;
  /** Unit: bytes. */
  readonly size: number;
  /** Unit: bits. Less than 8 × size for `_Bool` and for bit-fields. */
  readonly width: number;
  readonly signed: boolean;
  /** Conversion rank: bool 0, char 1, short 2, int 3, long 4, long long 5, __int128 6. */
  readonly rank: number;
  /** Tag of the enumeration this type stands for. */
  readonly enumTag?: string;
  /** Alignment that an `aligned` typedef gives. Unit: bytes. */
  readonly align?: number;
  /** The typedef by which it was last named: `gfp_t`. Says what a value is for; no type differs by it. */
  readonly alias?: string;
}

/** `float`, `double`: known for layouts and declarations; the machine does not execute them. */
export interface FloatingType {
  readonly kind: 'floating';
  readonly name: string;
  readonly size: number;
}

/** A pointer. The only qualifier kept is const on the target: it says what a callee may write. */
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: Type;
  readonly toConst: boolean;
}

/** An array; `count` is undefined for `[]` (flexible member, incomplete, or sized by its initialiser). */
export interface ArrayType {
  readonly kind: 'array';
  readonly of: Type;
  readonly count: number | undefined;
  /** The count is computed when the declaration is reached; nothing of the kind is executed. */
  readonly variable?: true;
}

/** A function. */
export interface FunctionType {
  readonly kind: 'function';
  readonly result: Type;
  readonly parameters: readonly Parameter[];
  /** `...`, or no prototype at all. */
  readonly variadic: boolean;
}

/** One parameter of a function type; arrays and functions are pointers already. */
export interface Parameter {
  readonly name: string | undefined;
  readonly type: Type;
}

/**
 * A struct or union. One object per declaration, completed in place when its body is read,
 * because pointers to it exist before that.
 */
export interface AggregateType {
  readonly kind: 'aggregate';
  readonly union: boolean;
  readonly tag: string | undefined;
  /** Undefined while the type is incomplete. */
  layout: Layout | undefined;
}

/** Where the members of a struct or union are. */
export interface Layout {
  /** Unit: bytes. */
  readonly size: number;
  readonly align: number;
  /** Members in order of declaration; anonymous structs and unions as one nameless member. */
  readonly members: readonly Member[];
  /** Every member that can be named, those of anonymous members included, with offsets from the start. */
  readonly byName: ReadonlyMap<string, Member>;
}

/** A member of a struct or union. */
export interface Member {
  readonly name: string | undefined;
  readonly type: Type;
  /** Unit: bytes from the start of the aggregate; for a bit-field, of its storage unit. */
  readonly offset: number;
  readonly bits: BitField | undefined;
  /** Declared const. */
  readonly isConst?: true;
}

/** Where a bit-field is in its storage unit. */
export interface BitField {
  /** Bits above the least significant one of the unit. */
  readonly shift: number;
  readonly width: number;
  /** Bytes that are read and written. */
  readonly unitSize: number;
}

/** `__auto_type` until the initialiser is known. */
export interface AutoType {
  readonly kind: 'auto';
}

/** Whether an array, or one inside it, has a length that only the running program knows. */
export function hasComputedLength(type: Type): boolean {
  return type.kind === 'array' && (type.variable === true || hasComputedLength(type.of));
}

/** A C type. Compared with {@link sameType}, not by identity, except for aggregates. */
export type Type =
  | VoidType
  | IntegerType
  | FloatingType
  | PointerType
  | ArrayType
  | FunctionType
  | AggregateType
  | AutoType;

function integer(name: string, size: number, signed: boolean, rank: number): IntegerType {
  return { kind: 'integer', name, size, width: size * 8, signed, rank };
}

export const VOID: VoidType = { kind: 'void' };
export const AUTO: AutoType = { kind: 'auto' };
export const BOOL: IntegerType = { ...integer('_Bool', 1, false, 0), width: 1 };
export const CHAR: IntegerType = integer('char', 1, true, 1);
/** Plain `char` under -funsigned-char, which the kernel uses since 6.2. */
export const PLAIN_UNSIGNED_CHAR: IntegerType = integer('char', 1, false, 1);
export const UNSIGNED_CHAR: IntegerType = integer('unsigned char', 1, false, 1);
export const SIGNED_CHAR: IntegerType = integer('signed char', 1, true, 1);
export const SHORT: IntegerType = integer('short', 2, true, 2);
export const UNSIGNED_SHORT: IntegerType = integer('unsigned short', 2, false, 2);
export const INT: IntegerType = integer('int', 4, true, 3);
export const UNSIGNED_INT: IntegerType = integer('unsigned int', 4, false, 3);
export const LONG: IntegerType = integer('long', 8, true, 4);
export const UNSIGNED_LONG: IntegerType = integer('unsigned long', 8, false, 4);
export const LONG_LONG: IntegerType = integer('long long', 8, true, 5);
export const UNSIGNED_LONG_LONG: IntegerType = integer('unsigned long long', 8, false, 5);
export const INT128: IntegerType = integer('__int128', 16, true, 6);
export const UNSIGNED_INT128: IntegerType = integer('unsigned __int128', 16, false, 6);
export const FLOAT: FloatingType = { kind: 'floating', name: 'float', size: 4 };
export const DOUBLE: FloatingType = { kind: 'floating', name: 'double', size: 8 };

const pointers = new WeakMap<Type, PointerType>();

/** Pointer to a type that may be written through. */
export function pointerTo(to: Type): PointerType {
  let pointer = pointers.get(to);
  if (pointer === undefined) {
    pointer = { kind: 'pointer', to, toConst: false };
    pointers.set(to, pointer);
  }
  return pointer;
}

const constPointers = new WeakMap<Type, PointerType>();

/** Pointer to a type that may only be read through. */
export function constPointerTo(to: Type): PointerType {
  let pointer = constPointers.get(to);
  if (pointer === undefined) {
    pointer = { kind: 'pointer', to, toConst: true };
    constPointers.set(to, pointer);
  }
  return pointer;
}

/** `void *`. */
export const VOID_POINTER: PointerType = pointerTo(VOID);

/** The type an expression of this type has as a value: arrays and functions become pointers. */
export function decayed(type: Type): Type {
  if (type.kind === 'array') return pointerTo(type.of);
  return type.kind === 'function' ? pointerTo(type) : type;
}

/** Compatibility of types as `__builtin_types_compatible_p` and `_Generic` ask for it: qualifiers aside. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'integer':
      return b.kind === 'integer' && a.rank === b.rank && a.signed === b.signed && sameChar(a, b);
    case 'pointer':
      return b.kind === 'pointer' && a.toConst === b.toConst && sameType(a.to, b.to);
    case 'array':
      return b.kind === 'array' && sameCount(a.count, b.count) && sameType(a.of, b.of);
    case 'function':
      return b.kind === 'function' && sameFunction(a, b);
    case 'floating':
      return b.kind === 'floating' && a.size === b.size;
    case 'void':
      return b.kind === 'void';
    case 'aggregate':
    case 'auto':
      return false;
  }
}

/** `char` is a type of its own beside `signed char`; all other integer types differ in rank or sign. */
function sameChar(a: IntegerType, b: IntegerType): boolean {
  return a.rank !== 1 || (a.name === 'char') === (b.name === 'char');
}

function sameCount(a: number | undefined, b: number | undefined): boolean {
  return a === b || a === undefined || b === undefined;
}

function sameFunction(a: FunctionType, b: FunctionType): boolean {
  return (
    a.variadic === b.variadic &&
    a.parameters.length === b.parameters.length &&
    sameType(a.result, b.result) &&
    a.parameters.every((parameter, i) => sameType(parameter.type, b.parameters[i]!.type))
  );
}

/** A type as C would write it, roughly; for messages. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'auto':
      return '__auto_type';
    case 'integer':
      return type.enumTag === undefined ? type.name : `enum ${type.enumTag}`;
    case 'floating':
      return type.name;
    case 'pointer':
      return `${type.toConst ? 'const ' : ''}${describeType(type.to)} *`;
    case 'array':
      return `${describeType(type.of)}[${type.count ?? ''}]`;
    case 'function':
      return `${describeType(type.result)} (*)()`;
    case 'aggregate':
      return `${type.union ? 'union' : 'struct'} ${type.tag ?? '{…}'}`;
  }
}
