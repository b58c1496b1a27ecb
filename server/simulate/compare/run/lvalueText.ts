import type { Expr } from '../../../cfront/parse/ast.ts';

/** Ways deeper than this are not spelled. */
const MOST_PARTS = 8;

/**
 * What an assignment changes, as its author would spell it: `dma->prot`, `table[i].next`. Undefined where evaluating it
 * a second time could do something, and where it has no short name.
 */
export function lvalueText(expr: Expr, parts: number = MOST_PARTS): string | undefined {
  if (parts === 0) return undefined;
  switch (expr.op) {
    case 'local':
      // Variables that hold what macros and conditions give on the way are nobody's.
      return expr.local.name === '' ? undefined : expr.local.name;
    case 'convert':
      return lvalueText(expr.value, parts - 1);
    case 'member': {
      const { base, member } = expr;
      // Members of unnamed structs inside belong to the struct around them.
      if (member.name === undefined) return lvalueText(base, parts - 1);
      const isBehind = base.op === 'deref';
      const holder = lvalueText(isBehind ? base.pointer : base, parts - 1);
      return holder === undefined ? undefined : `${holder}${isBehind ? '->' : '.'}${member.name}`;
    }
    case 'deref':
      return elementText(expr.pointer, parts - 1);
    default:
      return undefined;
  }
}

/** `*p`, or `p[i]` where the index is a variable or a constant. */
function elementText(pointer: Expr, parts: number): string | undefined {
  if (pointer.op === 'convert') return elementText(pointer.value, parts);
  if (pointer.op !== 'pointerAdd') {
    const plain = lvalueText(pointer, parts - 1);
    return plain === undefined ? undefined : `*${plain}`;
  }
  const array = pointer.pointer.op === 'address' ? pointer.pointer.lvalue : pointer.pointer;
  const [holder, index] = [lvalueText(array, parts - 1), indexText(pointer.index)];
  return holder === undefined || index === undefined ? undefined : `${holder}[${index}]`;
}

function indexText(index: Expr): string | undefined {
  if (index.op === 'convert') return indexText(index.value);
  if (index.op === 'number') return String(index.value);
  return index.op === 'local' ? lvalueText(index) : undefined;
}
