import type { Call, Expr } from '../../program/ir.ts';
import type { Effect, PureValue } from '../../program/kernelApi/contract.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Meaning } from '../contracts/meaning.ts';
import {
  add,
  addr,
  alignDown,
  alignUp,
  ceilDiv,
  commutative,
  container,
  deref,
  div,
  field,
  mul,
  op,
} from '../terms/build.ts';
import { spaces, type Term } from '../terms/term.ts';
import { acquire, assumeConvention } from './acquire.ts';
import { registerAction } from './actions.ts';
import { applySummary } from './apply.ts';
import { choose, demand, read, unknownAt, write } from './cursor.ts';
import type { Unit } from '../../program/unit.ts';
import type { Cursor, Run } from './run.ts';
import { releaseWithin, unknownCall } from './unknown.ts';
import { describeCall } from './describe.ts';
import { noteOvertaken } from './overtaken.ts';
import { gatherCall } from './gathers.ts';
import { enterAtomic, leaveAtomic } from './sections.ts';
import { enlist, splice } from './lists.ts';
import { release, sync } from './release.ts';
import { spelling } from './run.ts';
import { store } from './store.ts';

const definedIn = new WeakMap<Unit, ReadonlySet<string>>();

/** Whether the file of the function at hand has a function of an interface's name: then that one is meant. */
export function isDefinedBeside({ context: { unit }, source }: Run, name: string): boolean {
  // The headers need not be searched for what the file itself does not define.
  if (source.file !== unit.file) return unit.lookup(name)?.file === source.file;
  let names = definedIn.get(unit);
  if (names === undefined) {
    const own = unit.functions.filter(({ file }) => file === unit.file);
    definedIn.set(unit, (names = new Set(own.map((fn) => fn.name))));
  }
  return names.has(name);
}

/** Runs a call: its value, and what it does to the path. */
export function evaluateCall(cursor: Cursor, call: Call): Term {
  const name = call.name ?? (call.callee.kind === 'field' ? call.callee.name : '');
  const { run } = cursor;
  const { meanings } = run.context;
  const meaning = meanings.of(name);
  const { value, effect } = meaning;
  if (value !== undefined && value.is !== 'opaque' && value.is !== 'reading') {
    return evaluateValue(cursor, call, value);
  }
  const special = effect === undefined ? undefined : evaluateEffect(cursor, call, effect);
  if (special !== undefined) return special;
  if (call.name === undefined) cursor.run.evaluator.evaluate(cursor, call.callee);
  const values = call.args.map((arg) => cursor.run.evaluator.evaluate(cursor, arg));
  if (cursor.dead) return run.table.num(0);
  const contract =
    call.name === undefined
      ? meanings.contractOfMember(name, call.args.length)
      : meanings.contractOf(name, call.args.length);
  if (contract !== undefined && !isDefinedBeside(run, name)) {
    return interfaceCall(cursor, contract, call, values);
  }
  if (value?.is === 'opaque') return op(run.table, name, values);
  if (effect?.does === 'devresAction') {
    const data = values[effect.data];
    const handler = call.args[effect.handler];
    const { onFailure } = effect;
    if (data !== undefined) {
      return registerAction(cursor, call, { name, handler, data, onFailure }, values);
    }
  }
  changeContext(cursor, call, meaning);
  gatherCall(cursor, call, name, values);
  if (call.name !== undefined) {
    const summary = run.context.summaryOf(name);
    if (summary !== undefined) return applySummary(cursor, call, summary, values);
    if (run.context.isUnwinding(name)) {
      run.metItself = true;
      releaseWithin(cursor, values);
    }
  }
  return unknownCall(cursor, call, name, values);
}

/** Values that stand for themselves. */
type Meant = Exclude<PureValue, { readonly is: 'opaque' | 'reading' }>;

function evaluateValue(cursor: Cursor, call: Call, value: Meant): Term {
  const { table } = cursor.run;
  const page = table.variable('PAGE_SIZE', spaces.constant);
  const argument = (index: number): Term => {
    const expr = call.args[index];
    return expr === undefined ? table.num(0) : cursor.run.evaluator.evaluate(cursor, expr);
  };
  switch (value.is) {
    case 'argument':
    case 'truth': {
      const values = call.args.map((arg) => cursor.run.evaluator.evaluate(cursor, arg));
      return values[value.index] ?? table.num(0);
    }
    case 'isErr':
      return op(table, 'lt0', [argument(value.index)]);
    case 'isErrOrNull':
      return op(table, 'lt0', [add(table, argument(value.index), table.num(-1))]);
    case 'errorOrZero': {
      const pointer = argument(value.index);
      const outcome = choose(cursor, 2);
      if (outcome === undefined) return unknownAt(cursor, call, spelling(cursor.run, call));
      if (outcome === 0) {
        demand(cursor, pointer, 'not-negative');
        return table.num(0);
      }
      demand(cursor, pointer, 'negative');
      return pointer;
    }
    case 'min':
    case 'max':
      return commutative(table, value.is, [argument(value.left), argument(value.right)]);
    case 'alignUp':
      return alignUp(table, argument(value.value), argument(value.to));
    case 'alignDown':
      return alignDown(table, argument(value.value), argument(value.to));
    case 'pageAlign':
      return alignUp(table, argument(value.value), page);
    case 'pageAlignDown':
      return alignDown(table, argument(value.value), page);
    case 'pagesUp':
      return ceilDiv(table, argument(value.value), page);
    case 'pagesDown':
      return div(table, argument(value.value), page);
    case 'pageBytes':
      return mul(table, argument(value.value), page);
    case 'divideRoundUp':
      return ceilDiv(table, argument(value.value), argument(value.by));
    case 'containerOf': {
      const member = call.args[value.member];
      const name = member === undefined ? '' : spelling(cursor.run, member);
      const pointer = argument(value.pointer);
      if (name === '' || /[.[]/.test(name)) return op(table, 'container_of', [pointer]);
      return container(table, pointer, name);
    }
    case 'firstEntry': {
      // The head stands for what is at its front.
      const member = call.args[value.member];
      const head = argument(value.list);
      return member === undefined ? head : container(table, head, spelling(cursor.run, member));
    }
    case 'offsetInPage':
    case 'isAligned':
    case 'bitMask':
    case 'arraySize':
    case 'structSize':
      return op(
        table,
        call.name ?? value.is,
        call.args.map((arg) => cursor.run.evaluator.evaluate(cursor, arg)),
      );
    case 'bit': {
      const bit = argument(value.index);
      const constant = table.constant(bit);
      return constant !== undefined && constant >= 0 && constant < 52
        ? table.num(2 ** constant)
        : op(table, 'BIT', [bit]);
    }
    case 'product':
      return mul(table, argument(value.left), argument(value.right));
    case 'sum':
      return add(table, argument(value.left), argument(value.right));
    case 'pointee':
      return read(cursor, deref(table, argument(value.index)));
    case 'member':
      return read(cursor, field(table, deref(table, argument(value.index)), value.name));
  }
}

/** A member as a macro is given it: `dma`, or one of an array, `dma[i]`. */
function memberOf(cursor: Cursor, owner: Term, member: Expr): Term {
  const { run } = cursor;
  const { table } = run;
  if (member.kind !== 'index') return field(table, owner, spelling(run, member));
  const array = read(cursor, memberOf(cursor, owner, member.base));
  return deref(table, add(table, array, run.evaluator.evaluate(cursor, member.index)));
}

/** Calls that assign, or whose arguments are no plain values. */
function evaluateEffect(cursor: Cursor, call: Call, effect: Effect): Term | undefined {
  const { run } = cursor;
  const { table, evaluator } = run;
  const expr = (index: number): Expr | undefined => call.args[index];
  switch (effect.does) {
    case 'stopsIf': {
      const condition = expr(effect.argument);
      if (condition !== undefined) demand(cursor, evaluator.evaluate(cursor, condition), 'zero');
      return table.num(0);
    }
    case 'setField': {
      const object = expr(effect.object);
      const member = expr(effect.field);
      const value = expr(effect.value);
      if (object === undefined || member === undefined || value === undefined) return undefined;
      const owner = deref(table, evaluator.evaluate(cursor, object));
      const location = memberOf(cursor, owner, member);
      const stored = evaluator.evaluate(cursor, value);
      noteOvertaken(cursor, location, stored, [object, member]);
      store(cursor, location, stored, value, undefined);
      return table.num(0);
    }
    case 'store': {
      const target = expr(effect.destination);
      const value = expr(effect.value);
      if (target === undefined || value === undefined) return undefined;
      const location =
        effect.to === 'place'
          ? evaluator.locate(cursor, target)
          : deref(table, evaluator.evaluate(cursor, target));
      store(cursor, location, evaluator.evaluate(cursor, value), target, value);
      return table.num(0);
    }
    case 'setMembers': {
      const object = expr(effect.object);
      if (object === undefined) return undefined;
      const values = call.args.map((arg) => evaluator.evaluate(cursor, arg));
      const owner = deref(table, values[effect.object]!);
      for (const [member, index] of Object.entries(effect.members)) {
        const from = call.args[index];
        if (from !== undefined)
          store(cursor, field(table, owner, member), values[index]!, from, from);
      }
      return table.num(0);
    }
    case 'getField': {
      const object = expr(effect.object);
      const member = expr(effect.field);
      if (object === undefined || member === undefined) return undefined;
      const owner = deref(table, evaluator.evaluate(cursor, object));
      return read(cursor, memberOf(cursor, owner, member));
    }
    case 'swap': {
      const left = expr(effect.left);
      const right = expr(effect.right);
      if (left === undefined || right === undefined) return undefined;
      const a = evaluator.locate(cursor, left);
      const b = evaluator.locate(cursor, right);
      const held = read(cursor, a);
      write(cursor, a, read(cursor, b));
      write(cursor, b, held);
      return table.num(0);
    }
    case 'enlist': {
      const object = expr(effect.object);
      const onto = expr(effect.list);
      if (object === undefined || onto === undefined) return undefined;
      const entry = evaluator.evaluate(cursor, object);
      enlist(cursor, evaluator.evaluate(cursor, onto), entry);
      return table.num(0);
    }
    case 'splice': {
      const from = expr(effect.from);
      const onto = expr(effect.onto);
      if (from === undefined || onto === undefined) return undefined;
      splice(cursor, evaluator.evaluate(cursor, from), evaluator.evaluate(cursor, onto));
      return table.num(0);
    }
    case 'driverData': {
      // One location, whichever bus asks for it.
      const device = expr(effect.device);
      if (device === undefined) return undefined;
      let owner = evaluator.evaluate(cursor, device);
      if (effect.member !== undefined)
        owner = addr(table, field(table, deref(table, owner), effect.member));
      const location = field(table, deref(table, owner), 'driver_data');
      const pointer = effect.value === undefined ? undefined : expr(effect.value);
      if (pointer === undefined) return read(cursor, location);
      write(cursor, location, evaluator.evaluate(cursor, pointer));
      return table.num(0);
    }
    default:
      return undefined;
  }
}

function interfaceCall(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
): Term {
  const { run, state } = cursor;
  const { table } = run;
  if (contract.family !== 'memory') {
    run.recorder.call(call.id, `${values.join()} ${state.atomic.length}`, () =>
      describeCall(cursor, contract, call, values, call.args),
    );
  }
  switch (contract.effect) {
    case 'acquire':
      return acquire(cursor, contract, call, values);
    case 'check': {
      const handle = values[1];
      if (handle === undefined) return unknownAt(cursor, call, contract.name);
      return op(table, 'mapping_error', [handle]);
    }
    case 'sync':
      sync(cursor, contract, call, values);
      return table.num(0);
    case 'release': {
      gatherCall(cursor, call, contract.name, values);
      release(cursor, contract, call, values, call.args);
      const result = unknownAt(cursor, call, contract.name);
      if (contract.convention !== 'none') {
        run.results.set(result, { contract, call, site: undefined });
        assumeConvention(cursor, contract, result, values);
      }
      return result;
    }
  }
}

function changeContext(cursor: Cursor, call: Call, meaning: Meaning): void {
  const { state } = cursor;
  if (meaning.atomic === 'enter') {
    enterAtomic(cursor, call);
  } else if (meaning.atomic === 'leave') {
    leaveAtomic(state);
  }
}
