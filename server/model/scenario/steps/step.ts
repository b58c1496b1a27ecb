import type { Addr } from '../../bits/pfn.ts';
import type { Claim } from '../../check/violation.ts';
import type { StepText } from '../form/scenario.ts';
import { STEP_FORMS } from '../form/stepForms.ts';
import { readValue, type Value } from '../form/values.ts';
import type { ModelSpace } from '../../world/space.ts';
import type { Device } from '../../world/device.ts';
import type { ModelWorld } from '../../world/world.ts';

/** What a step gave: results to compare with `expect`, and what it asserts by having returned. */
export interface StepResult {
  readonly results: readonly string[];
  readonly claims: readonly Claim[];
}

/** A step that makes no sense in the world as it is. */
export interface StepProblem {
  readonly problem: string;
}

/** Carries out one kind of step. */
export type Execute = (world: ModelWorld, args: StepArgs) => StepResult | StepProblem;

/** Fields of a step after reading. */
export interface StepArgs {
  text(name: string): string | undefined;
  words(name: string): readonly string[];
  flag(name: string, fallback?: boolean): boolean;
  count(name: string, fallback: number): number;
  /** An address or a size; absent gives undefined. */
  addr(name: string): Addr | undefined;
  /** A field that the form demands. */
  name(name: string): string;
  at(name: string): Addr;
}

/** Reads the fields of a step that was checked against its form. */
export function stepArgs(step: StepText): StepArgs {
  const form = STEP_FORMS[step.do]!;
  const value = (name: string): Value | undefined => {
    const field = form.fields[name];
    return field === undefined || step[name] === undefined
      ? undefined
      : readValue(step[name], field.kind);
  };
  return {
    text: (name) => value(name) as string | undefined,
    words: (name) => (value(name) as readonly string[] | undefined) ?? [],
    flag: (name, fallback = false) => (value(name) as boolean | undefined) ?? fallback,
    count: (name, fallback) => (value(name) as number | undefined) ?? fallback,
    addr: (name) => value(name) as Addr | undefined,
    name: (name) => value(name) as string,
    at: (name) => value(name) as Addr,
  };
}

/** A result without claims. */
export function gives(...results: readonly string[]): StepResult {
  return { results, claims: [] };
}

/** The space that a step names, or what is wrong with the name. */
export function spaceOf(world: ModelWorld, name: string): ModelSpace | StepProblem {
  return world.spaces.get(name) ?? { problem: `there is no table ${name}` };
}

/** The device that a step names, or what is wrong with the name. */
export function deviceOf(world: ModelWorld, name: string): Device | StepProblem {
  return world.devices.get(name) ?? { problem: `there is no device ${name}` };
}

const BYTES_PER_PAGE = 4096;

/** Bytes as a number of pages, rounded up. */
export function pagesOf({ pfn, offset }: Addr): number {
  return pfn + (offset > 0 ? 1 : 0);
}

/** Bytes as pages with a fraction, for comparing what was asked with what was done. */
export function exactPages({ pfn, offset }: Addr): number {
  return pfn + offset / BYTES_PER_PAGE;
}
