import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import { ParseError } from '../../../cfront/parse/parseError.ts';
import type { AggregateType } from '../../../cfront/types/type.ts';
import type { Unit } from '../../../cfront/unit.ts';
import { withoutConversions } from '../../situations/operations.ts';

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
          const plain = withoutConversions(value);
          return (
            names.has(member?.name ?? '') && plain.op === 'function' && plain.function === symbol
          );
        });
      return isSet(BEGINS, first) && isSet(ENDS, then);
    }),
  );
}

/** Every run of a sequence asks. */
const DRIVER_TAGS = new WeakMap<Unit, readonly string[]>();

function driverTags(unit: Unit): readonly string[] {
  let tags = DRIVER_TAGS.get(unit);
  if (tags === undefined) {
    tags = [...unit.definedTags()].filter((tag) => {
      const aggregate = unit.aggregate(tag);
      return aggregate !== undefined && holdsDriver(aggregate);
    });
    DRIVER_TAGS.set(unit, tags);
  }
  return tags;
}

function holdsDriver({ tag, layout }: AggregateType): boolean {
  if (tag === CORE_DRIVER) return true;
  return (layout?.members ?? []).some(({ type }) => type.kind === 'aggregate' && holdsDriver(type));
}
