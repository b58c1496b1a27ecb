import { opName } from './build.ts';
import { kinds, type Term, type TermTable } from './term.ts';

/** Writes a term in the notation of C with the names of the code; equal terms read equally. */
export function printTerm(table: TermTable, term: Term): string {
  return print(table, term, 12);
}

function print(table: TermTable, term: Term, depth: number): string {
  if (depth === 0) return '…';
  const sub = (part: Term): string => print(table, part, depth - 1);
  switch (table.kind(term)) {
    case kinds.num:
      return String(table.constant(term));
    case kinds.variable:
      return table.text(table.part(term, 0));
    case kinds.fresh:
      return table.text(table.part(term, 2));
    case kinds.field: {
      const base = table.part(term, 0);
      const name = table.text(table.part(term, 1));
      if (table.kind(base) === kinds.deref && table.kind(table.part(base, 0)) !== kinds.lin) {
        return `${sub(table.part(base, 0))}->${name}`;
      }
      return `${sub(base)}.${name}`;
    }
    case kinds.deref: {
      const pointer = table.part(term, 0);
      if (table.kind(pointer) === kinds.lin && table.arity(pointer) >= 3) {
        return printElement(table, pointer, depth);
      }
      return `*${sub(pointer)}`;
    }
    case kinds.addr:
      return `&${sub(table.part(term, 0))}`;
    case kinds.lin:
      return printSum(table, term, depth, 1);
    default:
      return printOperation(table, term, depth);
  }
}

/** `p[i]`: the part of the sum that looks like a pointer is the base, the rest is the index. */
function printElement(table: TermTable, pointer: Term, depth: number): string {
  const base = table.part(pointer, 1);
  if (table.constant(table.part(pointer, 2)) !== 1) {
    return `*(${printSum(table, pointer, depth, 1)})`;
  }
  return `${print(table, base, depth - 1)}[${printSum(table, pointer, depth, 3)}]`;
}

function printSum(table: TermTable, term: Term, depth: number, from: number): string {
  let text = '';
  for (let i = from; i < table.arity(term); i += 2) {
    const atom = print(table, table.part(term, i), depth - 1);
    const coefficient = table.constant(table.part(term, i + 1))!;
    const sign = coefficient < 0 ? (text === '' ? '-' : ' - ') : text === '' ? '' : ' + ';
    const size = Math.abs(coefficient);
    text += sign + (size === 1 ? atom : `${size} * ${atom}`);
  }
  const constant = table.constant(table.part(term, 0))!;
  if (text === '') return String(constant);
  if (constant === 0) return text;
  return constant < 0 ? `${text} - ${-constant}` : `${text} + ${constant}`;
}

const infix = new Set(['*', '|', '&', '^', '+', '-', '%', '>>', '<<']);

function printOperation(table: TermTable, term: Term, depth: number): string {
  const name = opName(table, term)!;
  const args: string[] = [];
  for (let i = 1; i < table.arity(term); i++) {
    const part = table.part(term, i);
    const isName = name === 'container' && i === 2;
    args.push(isName ? table.text(part) : print(table, part, depth - 1));
  }
  if (infix.has(name)) return args.join(` ${name} `);
  switch (name) {
    case 'div':
      return `${args[0]!} / ${args[1]!}`;
    case 'alignup':
      return `ALIGN(${args.join(', ')})`;
    case 'aligndown':
      return `ALIGN_DOWN(${args.join(', ')})`;
    case 'ceildiv':
      return `DIV_ROUND_UP(${args.join(', ')})`;
    case 'container':
      return `container_of(${args.join(', ')})`;
    default:
      return `${name}(${args.join(', ')})`;
  }
}
