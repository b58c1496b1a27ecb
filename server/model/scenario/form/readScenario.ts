import { INVARIANTS } from '../../check/violation.ts';
import type { Scenario, StepText } from './scenario.ts';
import { STEP_FORMS, type StepForm } from './stepForms.ts';
import { describeKind, readValue } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** A scenario, or everything that is wrong with its text: where (a JSON path) and what. */
export type ScenarioResult =
  | { readonly scenario: Scenario }
  | { readonly problems: readonly { readonly path: string; readonly reason: string }[] };

const TOP_FIELDS = new Set([
  '$schema',
  'id',
  'title',
  'source',
  'about',
  'machine',
  'steps',
  'violations',
]);
const MACHINE_FIELDS = new Set(['cbit', 'walks', 'bbml', 'knobs', 'atc']);
const STEP_FIELDS = new Set(['do', 'why', 'expect']);

/** Checks a parsed scenario against its form. */
export function readScenario(data: unknown): ScenarioResult {
  const problems: { path: string; reason: string }[] = [];
  const wrong = (path: string, reason: string): void => {
    problems.push({ path, reason });
  };
  if (!isObject(data)) return { problems: [{ path: '', reason: 'a scenario is an object' }] };
  for (const name of Object.keys(data)) if (!TOP_FIELDS.has(name)) wrong(name, 'no such field');
  for (const name of ['id', 'title', 'source']) {
    if (typeof data[name] !== 'string' || data[name] === '') wrong(name, 'has to be text');
  }
  if (data['about'] !== undefined && typeof data['about'] !== 'string')
    wrong('about', 'has to be text');
  checkMachine(data['machine'], wrong);
  if (!Array.isArray(data['steps'])) wrong('steps', 'has to be a list');
  else {
    const steps = data['steps'] as readonly unknown[];
    steps.forEach((step, n) => {
      checkStep(step, `steps[${n}]`, wrong);
    });
  }
  checkViolations(data['violations'], wrong);
  return problems.length > 0 ? { problems } : { scenario: data as unknown as Scenario };
}

type Wrong = (path: string, reason: string) => void;

function checkMachine(machine: unknown, wrong: Wrong): void {
  if (machine === undefined) return;
  if (!isObject(machine)) {
    wrong('machine', 'has to be an object');
    return;
  }
  for (const name of Object.keys(machine)) {
    if (!MACHINE_FIELDS.has(name)) wrong(`machine.${name}`, 'no such field');
  }
  const { cbit, walks, atc } = machine;
  if (cbit !== undefined && !(typeof cbit === 'number' && cbit >= 32 && cbit <= 51)) {
    wrong('machine.cbit', 'has to be a bit position from 32 to 51');
  }
  if (walks !== undefined && walks !== 'coherent' && walks !== 'incoherent') {
    wrong('machine.walks', 'has to be coherent or incoherent');
  }
  if (atc !== undefined && atc !== 'after-sync' && atc !== 'queue-order') {
    wrong('machine.atc', 'has to be after-sync or queue-order');
  }
  for (const name of ['bbml', 'knobs']) {
    if (machine[name] !== undefined && !isObject(machine[name]))
      wrong(`machine.${name}`, 'has to be an object');
  }
}

function checkStep(step: unknown, path: string, wrong: Wrong): void {
  if (!isObject(step)) {
    wrong(path, 'a step is an object');
    return;
  }
  const form = typeof step['do'] === 'string' ? STEP_FORMS[step['do']] : undefined;
  if (form === undefined) {
    wrong(`${path}.do`, `no such step; there are ${Object.keys(STEP_FORMS).join(', ')}`);
    return;
  }
  checkFields(step as StepText, form, path, wrong);
  const { expect } = step;
  const isList = Array.isArray(expect) && expect.every((one) => typeof one === 'string');
  if (expect !== undefined && typeof expect !== 'string' && !isList) {
    wrong(`${path}.expect`, 'has to be text or a list of texts');
  }
}

function checkFields(step: StepText, form: StepForm, path: string, wrong: Wrong): void {
  for (const [name, field] of Object.entries(form.fields)) {
    const value = step[name];
    if (value === undefined) {
      if (!field.optional) wrong(`${path}.${name}`, 'is missing');
    } else if (readValue(value, field.kind) === undefined) {
      wrong(`${path}.${name}`, `${JSON.stringify(value)} is not ${describeKind(field.kind)}`);
    }
  }
  for (const name of Object.keys(step)) {
    if (!(name in form.fields) && !STEP_FIELDS.has(name)) wrong(`${path}.${name}`, 'no such field');
  }
}

function checkViolations(violations: unknown, wrong: Wrong): void {
  if (violations === undefined) return;
  if (!Array.isArray(violations)) {
    wrong('violations', 'has to be a list');
    return;
  }
  (violations as readonly unknown[]).forEach((id, n) => {
    if (typeof id !== 'string' || !(id in INVARIANTS))
      wrong(`violations[${n}]`, 'no such invariant');
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
