import type { Unit } from '../../program/unit.ts';
import { expressionsAt } from '../code/expressionAt.ts';
import type { Word } from '../text/wordAt.ts';
import { fieldsNamed, isKnownMember } from './lookup.ts';

/** The name `struct.member` that a word stands for, where our tables have it: at its declaration, or where an object of the struct is used. */
export function memberNamed(unit: Unit, text: string, word: Word): string | undefined {
  if (!isKnownMember(word.text)) return undefined;
  const tag = word.isMember ? tagOfUse(unit, word) : tagOfDeclaration(text, word.start);
  const name = `${tag ?? ''}.${word.text}`;
  return fieldsNamed(name).length > 0 ? name : undefined;
}

/** The tag of the struct whose object stands before the member. */
function tagOfUse(unit: Unit, { start, text }: Word): string | undefined {
  for (const { fn, ir, expr } of expressionsAt(unit, start)) {
    if (expr.kind !== 'field' || expr.name !== text || expr.nameStart !== start - fn.itemStart) {
      continue;
    }
    const base = unit.types.resolve(unit.types.typeOf(ir, expr.base), ir);
    const object = base.kind === 'pointer' ? unit.types.resolve(base.to, ir) : base;
    return object.kind === 'record' ? object.tag : undefined;
  }
  return undefined;
}

/** The tag of the struct whose declaration an offset is in, by the kernel's layout: it ends with a brace in column 0. */
function tagOfDeclaration(text: string, offset: number): string | undefined {
  const open = /^(?:typedef\s+)?(?:struct|union)\s+(\w+)[^;{}]*\{/gm;
  let tag: string | undefined;
  for (let match = open.exec(text); match !== null; match = open.exec(text)) {
    if (match.index > offset) break;
    const end = text.indexOf('\n}', match.index);
    tag = end < 0 || end > offset ? match[1] : undefined;
  }
  return tag;
}
