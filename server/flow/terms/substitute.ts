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
  opName,
} from './build.ts';
import { kinds, type Term, type TermTable } from './term.ts';

/**
 * Rebuilds a term with atoms replaced, in normal form.
 * `replace` is asked for every variable, fresh value and location; undefined keeps and descends.
 */
export function substitute(
  table: TermTable,
  term: Term,
  replace: (part: Term) => Term | undefined,
): Term {
  const direct = replace(term);
  if (direct !== undefined) return direct;
  const sub = (part: Term): Term => substitute(table, part, replace);
  switch (table.kind(term)) {
    case kinds.field:
      return field(table, sub(table.part(term, 0)), table.text(table.part(term, 1)));
    case kinds.deref:
      return deref(table, sub(table.part(term, 0)));
    case kinds.addr:
      return addr(table, sub(table.part(term, 0)));
    case kinds.lin: {
      let sum = table.part(term, 0);
      for (let i = 1; i < table.arity(term); i += 2) {
        const atom = sub(table.part(term, i));
        sum = add(table, sum, mul(table, atom, table.part(term, i + 1)));
      }
      return sum;
    }
    case kinds.op: {
      const name = opName(table, term)!;
      if (name === 'container') {
        return container(table, sub(table.part(term, 1)), table.text(table.part(term, 2)));
      }
      const args: Term[] = [];
      for (let i = 1; i < table.arity(term); i++) args.push(sub(table.part(term, i)));
      return rebuild(table, name, args);
    }
    default:
      return term;
  }
}

function rebuild(table: TermTable, name: string, args: readonly Term[]): Term {
  switch (name) {
    case '*':
      return args.reduce((a, b) => mul(table, a, b));
    case 'alignup':
      return alignUp(table, args[0]!, args[1]!);
    case 'aligndown':
      return alignDown(table, args[0]!, args[1]!);
    case 'ceildiv':
      return ceilDiv(table, args[0]!, args[1]!);
    case 'div':
      return div(table, args[0]!, args[1]!);
    case 'min':
    case 'max':
    case '|':
    case '&':
    case '^':
      return commutative(table, name, args);
    case 'eq0':
    case 'lt0': {
      const value = table.constant(args[0]!);
      if (value !== undefined) return table.num((name === 'eq0' ? value === 0 : value < 0) ? 1 : 0);
      return op(table, name, args);
    }
    default:
      return op(table, name, args);
  }
}
