import type { Expr, FunctionSymbol } from '../../cfront/parse/ast.ts';
import { ParseError } from '../../cfront/parse/parseError.ts';
import type { AggregateType } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';

/** What every struct holds by which a driver registers with its bus (include/linux/device/driver.h). */
const CORE_DRIVER = 'device_driver';
/** What driver core calls first, and after which it lets go of the device. */
const BEGINS: ReadonlySet<string> = new Set(['probe']);
const ENDS: ReadonlySet<string> = new Set(['remove', 'remove_new', 'disconnect']);

/**
 * Whether one function begins the life of a device with its driver and another ends it: members of one object that
 * registers a driver. What the device manages goes after the second one (drivers/base/dd.c:__device_release_driver()).
 */
export function isWholeLife(unit: Unit, first: FunctionSymbol, then: FunctionSymbol): boolean {
  return driverTags(unit).some((tag) =>
    unit.definedObjects(tag).some((object) => {
      if (object.initializer === undefined || object.type.kind !== 'aggregate') return false;
      const initializer = unit.initializerOf(object);
      if (initializer instanceof ParseError) return false;
      const members = object.type.layout?.members ?? [];
      const isSet = (names: ReadonlySet<string>, symbol: FunctionSymbol): boolean =>
        initializer.parts.some(({ offset, value }) => {
          const member = members.find((one) => one.offset === offset);
          return names.has(member?.name ?? '') && functionOf(value) === symbol;
        });
      return isSet(BEGINS, first) && isSet(ENDS, then);
    }),
  );
}

function driverTags(unit: Unit): string[] {
  return [...unit.definedTags()].filter((tag) => {
    const aggregate = unit.aggregate(tag);
    return aggregate !== undefined && holdsDriver(aggregate);
  });
}

function holdsDriver({ tag, layout }: AggregateType): boolean {
  if (tag === CORE_DRIVER) return true;
  return (layout?.members ?? []).some(({ type }) => type.kind === 'aggregate' && holdsDriver(type));
}

/** The function that a pointer in an initialiser leads to. */
function functionOf(value: Expr): FunctionSymbol | undefined {
  if (value.op === 'convert') return functionOf(value.value);
  if (value.op === 'address') return functionOf(value.lvalue);
  return value.op === 'function' ? value.function : undefined;
}
