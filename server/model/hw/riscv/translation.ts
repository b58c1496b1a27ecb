import type { Addr } from '../../bits/pfn.ts';
import type { StageRoot } from './deviceContext.ts';
import type { Privilege } from './firstStage.ts';
import type { Pbmt } from './request.ts';

/** Where an access lands after both stages. */
export interface FullTranslation {
  readonly pa: Addr;
  readonly pageLg2: number;
  readonly pbmt: Pbmt;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly global: boolean;
}

/** What identifies the page tables that a request uses. */
export interface AddressSpace {
  readonly first: StageRoot;
  readonly second: StageRoot;
  /** Undefined where no first stage is in force. */
  readonly pscid: number | undefined;
  /** Undefined where no second stage is in force. */
  readonly gscid: number | undefined;
  readonly privilege: Privilege;
}
