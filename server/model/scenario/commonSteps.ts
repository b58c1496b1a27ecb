import type { Word64 } from '../bits/pte64.ts';
import { formatWord } from '../bits/pte64.ts';
import { logPlain, type EventLog } from '../mem/events.ts';
import { putPagesList, type IommuPages } from '../mem/iommuPages.ts';
import { load, store } from '../mem/physMem.ts';
import {
  iommuIotlbSync,
  resetGather,
  type IotlbGather,
  type IotlbSyncer,
} from '../pt/iotlbGather.ts';
import { int, toWord, u64, type Observed } from './machine.ts';
import type { VectorOp } from './vectorTypes.ts';

/** What steps work on that are the same for every kind of table. */
export interface CommonState {
  readonly pages: IommuPages;
  readonly log: EventLog;
  readonly gather: IotlbGather;
  readonly syncer: IotlbSyncer;
  setPgsizes(mask: Word64): void;
  info(): Observed;
}

type CommonStep = (state: CommonState, op: VectorOp) => Observed;

const DONE: Observed = Object.freeze({ ret: 0 });

/** Operations of vectors that do not depend on the page-table algorithm. Source: the schema's section 3. */
const STEPS: Readonly<Record<string, CommonStep>> = {
  gather_init: ({ gather }, op) => {
    resetGather(gather);
    gather.queued = int(op, 'queued') === 1;
    return DONE;
  },
  gather_sync: ({ gather, log, pages, syncer }) => {
    if (!gather.queued) {
      iommuIotlbSync(syncer, gather);
      return DONE;
    }
    logPlain(log, 'flush_all');
    putPagesList(pages, gather.freelist);
    resetGather(gather);
    return DONE;
  },
  set_pgsizes: (state, op) => {
    state.setPgsizes(toWord(u64(op, 'mask')));
    return DONE;
  },
  fail_alloc: ({ pages }, op) => {
    pages.failAt = int(op, 'n');
    return DONE;
  },
  clear_fail: ({ pages }) => {
    pages.failAt = -1;
    return DONE;
  },
  /** A raw store: hardware setting a bit, or corruption. */
  poke: ({ pages: { mem } }, op) => {
    const { pfn, offset } = u64(op, 'pa');
    const value = toWord(u64(op, 'val'));
    const old = load(mem, pfn, offset >> 3);
    store(mem, pfn, offset >> 3, value.lo, value.hi);
    return { old: formatWord(old) };
  },
  info: (state) => ({ info: state.info() }),
  dump: () => DONE,
};

/** Runs a step that is none of a page-table algorithm; undefined for the others. */
export function commonStep(state: CommonState, op: VectorOp): Observed | undefined {
  return STEPS[op.op]?.(state, op);
}
