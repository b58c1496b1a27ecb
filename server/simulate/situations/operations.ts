import type { Expr, FunctionSymbol, Initializer } from '../../cfront/parse/ast.ts';
import { ParseError } from '../../cfront/parse/parseError.ts';
import type { AggregateType, Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';

/** Structs of function pointers through which the core of the IOMMU subsystem calls drivers. */
const INTERFACES: readonly string[] = ['iommu_ops', 'iommu_domain_ops', 'iommu_dirty_ops'];

const KNOWN = new WeakMap<Unit, ReadonlyMap<FunctionSymbol, string>>();

/**
 * The operations that the functions of a file are: `iommu_domain_ops.unmap_pages`. Read from the objects that
 * the file defines, so that a function's own name does not matter.
 */
export function operationsOf(unit: Unit): ReadonlyMap<FunctionSymbol, string> {
  let found = KNOWN.get(unit) as Map<FunctionSymbol, string> | undefined;
  if (found === undefined) {
    found = new Map<FunctionSymbol, string>();
    for (const tag of INTERFACES) {
      for (const object of unit.definedObjects(tag)) {
        if (object.initializer === undefined) continue;
        const initializer = unit.initializerOf(object);
        if (!(initializer instanceof ParseError)) readInitializer(initializer, found);
      }
    }
    KNOWN.set(unit, found);
  }
  return found;
}

function readInitializer({ type, parts }: Initializer, into: Map<FunctionSymbol, string>): void {
  if (type.kind !== 'aggregate' || type.tag === undefined || !INTERFACES.includes(type.tag)) return;
  for (const { offset, value } of parts) {
    const member = memberAt(type, offset);
    const plain = withoutConversions(value);
    if (plain.op === 'function' && member !== undefined) {
      into.set(plain.function, `${type.tag}.${member}`);
    }
    if (plain.op === 'compound') readInitializer(plain.initializer, into);
  }
}

/** The function or literal behind conversions and the address operator. */
export function withoutConversions(value: Expr): Expr {
  let current = value;
  for (;;) {
    if (current.op === 'convert') current = current.value;
    else if (current.op === 'address') current = current.lvalue;
    else return current;
  }
}

function memberAt(type: AggregateType, offset: number): string | undefined {
  const isPointer = ({ kind }: Type): boolean => kind === 'pointer';
  return type.layout?.members.find((member) => member.offset === offset && isPointer(member.type))
    ?.name;
}
