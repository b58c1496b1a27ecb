import { access, deviceWrite, freeDomain, pageRequest, readDirty, respond } from './accesses.ts';
import { delegate, dmaMap, donate, psmash, rmp, shareStage2, undelegate } from './cc.ts';
import { cut, invalidate, map, sync, unmap, unmapFast, wait } from './mapping.ts';
import { clean, release, split, store, storeEntry, storeTable, writeContext } from './memory.ts';
import type { Execute } from './step.ts';
import { attach, checkDriver, device, memory, table } from './tables.ts';

/** How each kind of step is carried out, by the name in its field `do`. */
export const STEPS: Readonly<Record<string, Execute>> = {
  table,
  device,
  attach,
  'check-driver': checkDriver,
  memory,
  map,
  unmap,
  'unmap-fast': unmapFast,
  sync,
  cut,
  split,
  release,
  store,
  clean,
  'store-table': storeTable,
  'store-entry': storeEntry,
  invalidate,
  wait,
  access,
  'device-write': deviceWrite,
  'read-dirty': readDirty,
  rmp,
  psmash,
  delegate,
  undelegate,
  donate,
  'dma-map': dmaMap,
  'share-stage2': shareStage2,
  'page-request': pageRequest,
  respond,
  'free-domain': freeDomain,
  'write-context': writeContext,
};
