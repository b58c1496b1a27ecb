import type { Call } from '../../program/ir.ts';
import { contractOf, contractOfMember, type Contract } from '../contracts/contract.ts';
import { atomicEffect, driverData, identities, pureCalls } from '../contracts/functions.ts';
import { range } from '../facts/conditions.ts';
import { callValue, type CallValue } from '../contracts/values.ts';
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
import { applySummary } from './apply.ts';
import { choose, demand, read, unknownAt, write } from './cursor.ts';
import type { Cursor } from './run.ts';
import { unknownCall } from './unknown.ts';
import { describeCall } from './describe.ts';
import { gatherCall } from './gathers.ts';
import { release, sync } from './release.ts';
import { spelling } from './run.ts';
import { store } from './store.ts';

/** Runs a call: its value, and what it does to the path. */
export function evaluateCall(cursor: Cursor, call: Call): Term {
  const name = call.name ?? (call.callee.kind === 'field' ? call.callee.name : '');
  const value = callValue(name);
  if (value !== undefined) return evaluateValue(cursor, call, value);
  const special = driverPointer(cursor, call, name) ?? evaluateSpecial(cursor, call, name);
  if (special !== undefined) return special;
  const { run } = cursor;
  if (call.name === undefined) cursor.run.evaluator.evaluate(cursor, call.callee);
  const values = call.args.map((arg) => cursor.run.evaluator.evaluate(cursor, arg));
  if (identities.has(name) && values.length > 0) return values[0]!;
  const contract =
    call.name === undefined ? contractOfMember(name, call.args.length) : contractOf(name);
  if (contract !== undefined && run.context.unit.lookup(name)?.file !== run.source.file) {
    return interfaceCall(cursor, contract, call, values);
  }
  if (pureCalls.has(name)) return op(run.table, name, values);
  changeContext(cursor, call, name);
  gatherCall(cursor, call, name, values);
  if (call.name !== undefined) {
    const summary = run.context.summaryOf(name);
    if (summary !== undefined) return applySummary(cursor, call, summary, values);
  }
  return unknownCall(cursor, call, name, values);
}

function evaluateValue(cursor: Cursor, call: Call, value: CallValue): Term {
  const { table } = cursor.run;
  const page = table.variable('PAGE_SIZE', spaces.constant);
  const argument = (index: number): Term => {
    const expr = call.args[index];
    return expr === undefined ? table.num(0) : cursor.run.evaluator.evaluate(cursor, expr);
  };
  switch (value.is) {
    case 'argument':
      return argument(value.index);
    case 'isErr':
      return op(table, 'lt0', [argument(value.index)]);
    case 'isErrOrNull':
      return op(table, 'lt0', [add(table, argument(value.index), table.num(-1))]);
    case 'errOrZero': {
      const pointer = argument(value.index);
      if (choose(cursor, 2) === 0) {
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
    case 'member':
      return read(cursor, field(table, deref(table, argument(0)), value.name));
  }
}

/** The driver's pointer at its device: one location, whichever bus asks for it. */
function driverPointer(cursor: Cursor, call: Call, name: string): Term | undefined {
  const accessor = driverData.get(name);
  const [device, pointer] = call.args;
  if (accessor === undefined || device === undefined) return undefined;
  const { table, evaluator } = cursor.run;
  let owner = evaluator.evaluate(cursor, device);
  if (accessor.member !== undefined)
    owner = addr(table, field(table, deref(table, owner), accessor.member));
  const location = field(table, deref(table, owner), 'driver_data');
  if (accessor.does === 'get' || pointer === undefined) return read(cursor, location);
  write(cursor, location, evaluator.evaluate(cursor, pointer));
  return table.num(0);
}

/** Calls whose arguments are no plain values. */
function evaluateSpecial(cursor: Cursor, call: Call, name: string): Term | undefined {
  const { table } = cursor.run;
  const [first, second, third] = call.args;
  switch (name) {
    case 'BUG_ON':
    case 'VM_BUG_ON': {
      if (first !== undefined) demand(cursor, cursor.run.evaluator.evaluate(cursor, first), 'zero');
      return table.num(0);
    }
    case 'dma_unmap_addr_set':
    case 'dma_unmap_len_set':
      if (first === undefined || second === undefined || third === undefined) return undefined;
      store(
        cursor,
        field(
          table,
          deref(table, cursor.run.evaluator.evaluate(cursor, first)),
          spelling(cursor.run, second),
        ),
        cursor.run.evaluator.evaluate(cursor, third),
        third,
        undefined,
      );
      return table.num(0);
    case 'dma_unmap_addr':
    case 'dma_unmap_len':
      if (first === undefined || second === undefined) return undefined;
      return read(
        cursor,
        field(
          table,
          deref(table, cursor.run.evaluator.evaluate(cursor, first)),
          spelling(cursor.run, second),
        ),
      );
    case 'no_free_ptr':
    case 'return_ptr':
    case 'retain_and_null_ptr': {
      if (first === undefined) return undefined;
      const kept = cursor.run.evaluator.evaluate(cursor, first);
      write(cursor, cursor.run.evaluator.locate(cursor, first), table.num(0));
      return kept;
    }
    case 'swap': {
      if (first === undefined || second === undefined) return undefined;
      const a = cursor.run.evaluator.locate(cursor, first);
      const b = cursor.run.evaluator.locate(cursor, second);
      const held = read(cursor, a);
      write(cursor, a, read(cursor, b));
      write(cursor, b, held);
      return table.num(0);
    }
    case 'list_add':
    case 'list_add_tail':
    case 'list_move':
    case 'list_move_tail':
    case 'hlist_add_head':
    case 'llist_add': {
      if (first === undefined || second === undefined) return undefined;
      // Whoever reaches the list reaches what is on it.
      const entry = cursor.run.evaluator.evaluate(cursor, first);
      const list = cursor.run.evaluator.evaluate(cursor, second);
      const head = deref(table, list);
      const count = op(table, 'count', [list]);
      const least = range(table, cursor.state.known, count).low;
      demand(cursor, add(table, count, table.num(-least)), 'positive');
      write(cursor, field(table, head, `list:${entry}`), entry);
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
    case 'use':
      return unknownAt(cursor, call, contract.name);
  }
}

function changeContext(cursor: Cursor, call: Call, name: string): void {
  const { state } = cursor;
  const effect = atomicEffect(name);
  if (effect === 'enter') {
    const section = { name: spelling(cursor.run, call), start: call.start, end: call.end };
    if (state.atomic.length < 6) state.atomic = [...state.atomic, section];
  } else if (effect === 'leave') {
    state.atomic = state.atomic.slice(0, -1);
  }
}
