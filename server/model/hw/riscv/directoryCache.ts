import type { DeviceContext } from './deviceContext.ts';
import type { ProcessContext } from './pdt.ts';

/** The DDT and PDT caches: contexts that were found once and are used until they are invalidated. */
export interface DirectoryCache {
  device(deviceId: number): DeviceContext | undefined;
  keepDevice(deviceId: number, context: DeviceContext): void;
  process(deviceId: number, processId: number): ProcessContext | undefined;
  keepProcess(deviceId: number, processId: number, context: ProcessContext): void;
  /** IODIR.INVAL_DDT: one device or all, with the process contexts found through it. */
  dropDevice(deviceId: number | undefined): void;
  /** IODIR.INVAL_PDT. */
  dropProcess(deviceId: number, processId: number): void;
}

/** Process ids have 20 bits; a key holds device and process id side by side. Source: RISC-V IOMMU Architecture Specification 1.0, "Process-Directory-Table". */
const PROCESS_IDS = 2 ** 20;

/** Caches without a limit: an entry stays until software invalidates it, the most that hardware is allowed to keep. */
export function directoryCache(): DirectoryCache {
  const devices = new Map<number, DeviceContext>();
  const processes = new Map<number, ProcessContext>();
  return {
    device: (deviceId) => devices.get(deviceId),
    keepDevice: (deviceId, context) => devices.set(deviceId, context),
    process: (deviceId, processId) => processes.get(deviceId * PROCESS_IDS + processId),
    keepProcess: (deviceId, processId, context) =>
      processes.set(deviceId * PROCESS_IDS + processId, context),
    dropDevice: (deviceId) => {
      if (deviceId === undefined) {
        devices.clear();
        processes.clear();
        return;
      }
      devices.delete(deviceId);
      for (const key of processes.keys()) {
        if (Math.floor(key / PROCESS_IDS) === deviceId) processes.delete(key);
      }
    },
    dropProcess: (deviceId, processId) => processes.delete(deviceId * PROCESS_IDS + processId),
  };
}
