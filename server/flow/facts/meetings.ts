import type { Contract } from '../contracts/contract.ts';
import type { CallFact, Family, FlowStep, ResourceId } from '../facts.ts';
import type { IntMap } from '../state/intMap.ts';
import type { Term } from '../terms/term.ts';
import type { Known } from './conditions.ts';

/** The member of a struct in which a handle waits for the function that gives it back. */
export interface MeetingPoint {
  readonly family: Family;
  /** Tag of the struct that has the member. */
  readonly tag: string;
  readonly member: string;
}

/** What a function leaves at a meeting point when it succeeds. */
export interface LeftThere extends MeetingPoint {
  readonly site: ResourceId;
  readonly contract: Contract;
  /** The arguments in terms of the object alone, see `objectPointer`; undefined where they depend on anything else. */
  readonly values: readonly (Term | undefined)[];
}

/** A release of what was found at a meeting point. */
export interface TakenThere extends MeetingPoint {
  readonly contract: Contract;
  readonly call: CallFact;
  readonly values: readonly Term[];
  /** The object, and what the path knows. */
  readonly owner: Term;
  readonly env: IntMap<Term>;
  readonly known: Known;
  /** How far the released address is from the one that was found. */
  readonly offset: Term;
  readonly perTurn: boolean;
  readonly steps: readonly FlowStep[];
}
