import { spellingOf } from '../lex/atoms.ts';
import type { SourceMap } from '../lex/sourceMap.ts';
import type { MacroTable } from './macroTable.ts';

/** Headers that number errors: include/uapi/asm-generic/errno-base.h, errno.h, include/linux/errno.h. */
const ERROR_HEADER = /(?:^|\/)errno(?:-base)?\.h$/;

/** Names of errors by their positive numbers. A name for another name, as EWOULDBLOCK is, is left out. */
export function errorNamesIn(macros: MacroTable, sources: SourceMap): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, parameters, body } of macros.beginningWith('E')) {
    const [token, more] = body;
    if (parameters !== undefined || token === undefined || more !== undefined) continue;
    const number = Number(spellingOf(token.atom));
    if (!Number.isInteger(number) || number <= 0 || names.has(number)) continue;
    if (ERROR_HEADER.test(sources.place(token.definition).file))
      names.set(number, spellingOf(name));
  }
  return names;
}
