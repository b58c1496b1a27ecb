import { readDte } from '../hw/amd/walker.ts';
import { plainPfn } from '../hw/amd/hostEntry.ts';
import { memBus } from '../hw/common/memBus.ts';
import { DEVICE_TABLE_PAGES } from './contexts.ts';
import type { Device } from './device.ts';
import type { World } from './world.ts';

/**
 * Where the context of a device starts its walk of the host table, as the hardware reads it.
 * Only AMD host tables grow at the top; for others the top never changes, and there is nothing to compare.
 */
export function contextTop(
  world: World,
  device: Device,
): { readonly pfn: number; readonly level: number } | undefined {
  if (device.arch !== 'amd' || device.second === undefined) return undefined;
  const deviceTable = { ppn: device.contextRoot, pages: DEVICE_TABLE_PAGES };
  const { encryptionPfn } = world.cc;
  const dte = readDte({ bus: memBus(world.mem), deviceTable, encryptionPfn }, device.requester);
  if (dte === undefined || !dte.v || !dte.tv) return undefined;
  return { pfn: plainPfn(dte.hostRoot, encryptionPfn), level: dte.mode - 1 };
}
