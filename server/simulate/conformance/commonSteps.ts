import type { Observed } from '../../model/scenario/machine.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import { pagePool } from '../kernel/pages.ts';
import type { Executor } from '../machine/executor.ts';
import type { StructView } from '../machine/fields.ts';
import { bits, small } from './arguments.ts';
import { gatherView } from './gather.ts';
import { hex64 } from './tableInC.ts';

/** What steps work on that are the same for every table that runs in C. */
export interface CommonInC {
  readonly machine: Executor;
  /** Address of the `struct iommu_iotlb_gather` that lives over the steps. */
  readonly gather: number;
  /** The `struct iommu_domain`. */
  domain(): StructView;
  /** iommu_iotlb_sync(), or what a flush queue does in its place. */
  sync(): void;
  info(): Observed;
}

const DONE: Observed = Object.freeze({ ret: 0 });

/** Operations of vectors that do not depend on the page-table algorithm. Source: the schema's section 3. */
const STEPS: Readonly<Record<string, (state: CommonInC, op: VectorOp) => Observed>> = {
  gather_init: ({ machine, gather }, op) => {
    machine.call('iommu_iotlb_gather_init', [gather]);
    gatherView(machine, gather).set('queued', small(op, 'queued'));
    return DONE;
  },
  gather_sync: (state) => {
    state.sync();
    return DONE;
  },
  set_pgsizes: (state, op) => {
    state.domain().set('pgsize_bitmap', bits(op, 'mask'));
    return DONE;
  },
  fail_alloc: ({ machine }, op) => {
    pagePool(machine).failAfter = small(op, 'n');
    return DONE;
  },
  clear_fail: ({ machine }) => {
    pagePool(machine).failAfter = undefined;
    return DONE;
  },
  poke: ({ machine }, op) => {
    const at = machine.directMap + Number(bits(op, 'pa'));
    const old = machine.memory.peekBits(at, 8);
    machine.memory.store64(at, bits(op, 'val'));
    return { old: hex64(old) };
  },
  info: (state) => ({ info: state.info() }),
  dump: () => DONE,
};

/** Runs a step that is none of a page-table algorithm; undefined for the others. */
export function commonStepInC(state: CommonInC, op: VectorOp): Observed | undefined {
  return STEPS[op.op]?.(state, op);
}
