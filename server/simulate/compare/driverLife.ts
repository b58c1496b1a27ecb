import type { Expr, FunctionSymbol } from '../../cfront/parse/ast.ts';
import { ParseError } from '../../cfront/parse/parseError.ts';
import type { Unit } from '../../cfront/unit.ts';

/** Structs by which drivers register with their bus: driver core calls `probe`, and lets go of the device after `remove`. */
const DRIVERS: readonly string[] = [
  ...['platform_driver', 'pci_driver', 'amba_driver', 'auxiliary_driver', 'virtio_driver'],
  ...['i2c_driver', 'spi_driver', 'usb_driver', 'host1x_driver', 'mdio_driver', 'fsl_mc_driver'],
];
const BEGINS: ReadonlySet<string> = new Set(['probe']);
const ENDS: ReadonlySet<string> = new Set(['remove', 'remove_new', 'disconnect']);

/**
 * Whether one function begins the life of a device with its driver and another ends it: members of one object that
 * registers a driver. What the device manages goes after the second one (drivers/base/dd.c:__device_release_driver()).
 */
export function isWholeLife(unit: Unit, first: FunctionSymbol, then: FunctionSymbol): boolean {
  return DRIVERS.some((tag) =>
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

/** The function that a pointer in an initialiser leads to. */
function functionOf(value: Expr): FunctionSymbol | undefined {
  if (value.op === 'convert') return functionOf(value.value);
  if (value.op === 'address') return functionOf(value.lvalue);
  return value.op === 'function' ? value.function : undefined;
}
