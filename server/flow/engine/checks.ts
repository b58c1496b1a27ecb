import type { Call, Expr } from '../../program/ir.ts';
import { isTracked } from '../contracts/contract.ts';
import type { CheckKind, CheckFact } from '../facts.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import { telling } from '../record/recorder.ts';
import { opName } from '../terms/build.ts';
import { mentions } from '../terms/roots.ts';
import { spaces, type Term } from '../terms/term.ts';
import type { Cursor } from './run.ts';
import { printType } from '../../program/dump.ts';
import { evaluate } from './evaluate.ts';
import { isCheck, type Testing } from './settle.ts';
import { spelling, type Run } from './run.ts';

/** A test found in a condition. */
interface Test {
  readonly kind: CheckKind;
  /** The other side of a comparison. */
  readonly other?: Term;
  readonly operand: Expr;
  readonly value: Term;
}

/** Evaluates a condition and notes which interface results it tests. */
export function evaluateCondition(cursor: Cursor, condition: Expr, by: Testing): Term {
  const tests: Test[] = [];
  const value = testedValue(cursor, condition, tests);
  if (cursor.dead) return value;
  for (const test of tests) {
    const convention = cursor.run.results.get(test.value)?.contract.convention;
    if (convention === undefined || isCheck(convention, by)) noteTest(cursor, condition, test);
  }
  return value;
}

function testedValue(cursor: Cursor, condition: Expr, tests: Test[]): Term {
  const { table } = cursor.run;
  if (condition.kind === 'call' && condition.name !== undefined) {
    const meaning = cursor.run.context.meanings.of(condition.name).value;
    const about = meaning?.is === 'truth' || meaning?.is === 'isErr' || meaning?.is === 'isErrOrNull'; // prettier-ignore
    const first = about ? condition.args[meaning.index] : undefined;
    if (about && first !== undefined) {
      if (meaning.is !== 'truth') {
        const before = cursor.evaluated.get(first.id);
        const value = evaluate(cursor, condition);
        const operand = cursor.evaluated.get(first.id) ?? before;
        const kind = meaning.is === 'isErrOrNull' ? 'err-or-null' : 'err-pointer';
        if (operand !== undefined) tests.push({ kind, operand: first, value: operand });
        return value;
      }
      return testedValue(cursor, first, tests);
    }
    const value = evaluate(cursor, condition);
    if (opName(table, value) === 'mapping_error') {
      const operand = condition.args[1] ?? condition;
      tests.push({ kind: 'mapping-error', operand, value: table.part(value, 1) });
    } else tests.push({ kind: 'zero', operand: condition, value });
    return value;
  }
  const value = evaluate(cursor, condition);
  if (condition.kind === 'binary') comparison(cursor, condition, tests);
  else {
    const operand = condition.kind === 'assign' ? condition.target : condition;
    if (opName(table, value) === 'mapping_error') {
      tests.push({ kind: 'mapping-error', operand, value: table.part(value, 1) });
    } else tests.push({ kind: 'zero', operand, value });
  }
  return value;
}

function comparison(cursor: Cursor, condition: Expr & { kind: 'binary' }, tests: Test[]): void {
  const { table } = cursor.run;
  const left = cursor.evaluated.get(condition.left.id);
  const right = cursor.evaluated.get(condition.right.id);
  if (left === undefined || right === undefined) return;
  const failed = table.variable('DMA_MAPPING_ERROR', spaces.constant);
  const add = (operand: Expr, value: Term, other: Term, op: string): void => {
    const constant = table.constant(other);
    const equality = op === '==' || op === '!=';
    let kind: CheckKind = 'against-value';
    if (other === failed) kind = 'equals-mapping-error';
    else if (constant === 0 && equality) kind = 'zero';
    else if (constant === -1 && equality) kind = 'minus-one';
    else if (constant === 0 && (op === '<' || op === '>=')) kind = 'negative';
    else if (constant === 0 && (op === '<=' || op === '>')) kind = 'not-positive';
    else if (constant === 1 && (op === '<' || op === '>=')) kind = 'not-positive';
    else if (constant === -1 && (op === '<=' || op === '>')) kind = 'negative';
    tests.push({ kind, operand, value, other });
  };
  const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
  add(condition.left, left, right, condition.op);
  if (table.constant(left) === undefined || left === failed) {
    if (table.constant(right) === undefined)
      add(condition.right, right, left, mirrored[condition.op] ?? condition.op);
  } else add(condition.right, right, left, mirrored[condition.op] ?? condition.op);
}

function noteTest(cursor: Cursor, condition: Expr, test: Test): void {
  const { run, state } = cursor;
  const held = state.resources.find(
    (resource) => isTracked(resource.site.contract.family) && resource.result === test.value,
  );
  const origin = run.results.get(test.value);
  if (origin === undefined) {
    if (test.kind === 'negative' || test.kind === 'zero') run.recorder.mixed(String(condition.id));
    if (test.kind === 'mapping-error') noteWrongVariable(cursor, condition, test);
    return;
  }
  const { contract, call, site } = origin;
  if (held !== undefined && isIdentity(cursor, test)) {
    state.resources = state.resources.map((resource) =>
      resource === held
        ? { ...resource, escapes: [...resource.escapes, { kind: 'derivable' }] }
        : resource,
    );
    return;
  }
  // What is known to be there, was tested before: this is the driver's own mark.
  if (site !== undefined && (held === undefined || held.checked || held.status === 'ok')) return;
  const tells = telling(contract.convention, test.kind);
  const fact = run.recorder.check(`${condition.id} ${call.id} ${test.kind}`, () =>
    checkFact(cursor, condition, test, contract.name, contract.convention, call, site?.id),
  );
  if (site === undefined || held === undefined) return;
  if (tells === 'failure') run.recorder.checked(site.id);
  state.resources = state.resources.map((resource) => {
    if (resource !== held) return resource;
    if (tells === 'nothing') return { ...resource, wrongCheck: resource.wrongCheck ?? fact };
    if (test.kind === 'against-value' && contract.convention !== 'dma-address') {
      run.recorder.checked(site.id);
      return { ...resource, checked: true };
    }
    return tells === 'failure' ? { ...resource, checked: true } : { ...resource, wrongCheck: fact };
  });
}

/** Negations are in the edges of the graph; readers want to see them. */
function withNegation(
  run: Run,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly start: number; readonly end: number } {
  const before = /[!\s]*$/.exec(run.source.text.slice(0, start))![0];
  const at = before.indexOf('!');
  return { start: at < 0 ? start : start - before.length + at, end };
}

/** `handle != virt_to_phys(p)`: the driver relies on both being the same, so the handle can be had again at any time. */
function isIdentity(cursor: Cursor, { other }: Test): boolean {
  const { table, context } = cursor.run;
  const name = other === undefined ? undefined : opName(table, other);
  return name !== undefined && context.meanings.of(name).provenance === 'ram';
}

function checkFact(
  cursor: Cursor,
  condition: Expr,
  test: Test,
  name: string,
  convention: CheckFact['convention'],
  call: Call,
  resource: number | undefined,
): CheckFact {
  const { run, state } = cursor;
  const type = run.context.unit.types.typeOf(run.ir, test.operand);
  const whole = withNegation(run, condition);
  return {
    ...(resource !== undefined && { resource }),
    function: name,
    call: placeIn(run, call),
    convention,
    kind: test.kind,
    tells: telling(convention, test.kind),
    place: placeIn(run, whole),
    text: shortText(run, whole),
    operand: placeIn(run, test.operand),
    operandText: spelling(run, test.operand),
    ...(type.kind !== 'unknown' && { operandType: printType(type) }),
    steps: stepsOf(run, state.trace, resource ?? -1),
  };
}

/** dma_mapping_error() about something that no mapping on this path returned, right after one that did. */
function noteWrongVariable(cursor: Cursor, condition: Expr, test: Test): void {
  const { state } = cursor;
  const newest = state.resources.findLast(
    (held) => held.site.contract.family === 'dma-map' && held.status === 'unknown' && !held.checked,
  );
  if (newest === undefined) return;
  const call = cursor.run.calls.get(newest.site.call);
  if (call === undefined || mentions(cursor.run.table, test.value, newest.handle)) return;
  const fact: CheckFact = {
    ...checkFact(
      cursor,
      condition,
      test,
      newest.site.contract.name,
      'dma-address',
      call,
      newest.site.id,
    ),
    tells: 'nothing',
  };
  state.resources = state.resources.map((held) =>
    held === newest ? { ...held, wrongCheck: held.wrongCheck ?? fact } : held,
  );
}
