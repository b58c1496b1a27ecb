import type { Atom } from '../lex/atoms.ts';
import { identifier, punctuator } from '../lex/atoms.ts';

type PunctuatorName =
  | 'open'
  | 'close'
  | 'openSquare'
  | 'closeSquare'
  | 'openCurly'
  | 'closeCurly'
  | 'semicolon'
  | 'comma'
  | 'colon'
  | 'question'
  | 'dot'
  | 'arrow'
  | 'ellipsis'
  | 'assign'
  | 'star'
  | 'ampersand'
  | 'andAnd'
  | 'orOr'
  | 'not'
  | 'tilde'
  | 'plus'
  | 'minus'
  | 'increment'
  | 'decrement';

/** Atoms of punctuators the parser asks for. */
export const P: Readonly<Record<PunctuatorName, Atom>> = {
  open: punctuator('('),
  close: punctuator(')'),
  openSquare: punctuator('['),
  closeSquare: punctuator(']'),
  openCurly: punctuator('{'),
  closeCurly: punctuator('}'),
  semicolon: punctuator(';'),
  comma: punctuator(','),
  colon: punctuator(':'),
  question: punctuator('?'),
  dot: punctuator('.'),
  arrow: punctuator('->'),
  ellipsis: punctuator('...'),
  assign: punctuator('='),
  star: punctuator('*'),
  ampersand: punctuator('&'),
  andAnd: punctuator('&&'),
  orOr: punctuator('||'),
  not: punctuator('!'),
  tilde: punctuator('~'),
  plus: punctuator('+'),
  minus: punctuator('-'),
  increment: punctuator('++'),
  decrement: punctuator('--'),
};

const atoms = (...names: string[]): ReadonlySet<Atom> => new Set(names.map(identifier));

/** Words that qualify a declaration without changing what the front end does. */
export const IGNORED_SPECIFIERS: ReadonlySet<Atom> = atoms(
  ...['volatile', '__volatile__', '__volatile', 'register', 'auto', '_Noreturn', '__extension__'],
  ...['inline', '__inline', '__inline__', 'restrict', '__restrict', '__restrict__'],
  ...['__thread', '_Thread_local', '__seg_gs', '__seg_fs', '_Complex'],
);
export const CONST_WORDS: ReadonlySet<Atom> = atoms('const', '__const', '__const__');
export const STORAGE_WORDS: ReadonlySet<Atom> = atoms('typedef', 'static', 'extern');
export const ATTRIBUTE_WORDS: ReadonlySet<Atom> = atoms('__attribute__', '__attribute');
export const ASM_WORDS: ReadonlySet<Atom> = atoms('asm', '__asm__', '__asm');
/** Those that leave qualifiers away. */
export const UNQUALIFIED_TYPEOF: ReadonlySet<Atom> = atoms(
  ...['typeof_unqual', '__typeof_unqual__'],
);
export const TYPEOF_WORDS: ReadonlySet<Atom> = atoms(
  ...['typeof', '__typeof__', '__typeof', 'typeof_unqual', '__typeof_unqual__'],
);
export const ALIGNOF_WORDS: ReadonlySet<Atom> = atoms('_Alignof', '__alignof__', '__alignof');
/** Words that make up arithmetic types. */
export const BASIC_TYPE_WORDS: ReadonlySet<Atom> = atoms(
  ...['void', 'char', 'short', 'int', 'long', 'signed', 'unsigned', '_Bool', 'bool', 'float'],
  ...['double', '__signed__', '__signed', '__int128', '__int128_t', '__uint128_t'],
);
export const STRUCT_WORDS: ReadonlySet<Atom> = atoms('struct', 'union');

type KeywordName =
  | 'struct'
  | 'union'
  | 'enum'
  | 'sizeof'
  | 'if'
  | 'else'
  | 'while'
  | 'do'
  | 'for'
  | 'switch'
  | 'case'
  | 'default'
  | 'break'
  | 'continue'
  | 'goto'
  | 'return'
  | 'generic'
  | 'staticAssert'
  | 'autoType'
  | 'alignas'
  | 'extension'
  | 'localLabel'
  | 'pragma';

export const K: Readonly<Record<KeywordName, Atom>> = {
  struct: identifier('struct'),
  union: identifier('union'),
  enum: identifier('enum'),
  sizeof: identifier('sizeof'),
  if: identifier('if'),
  else: identifier('else'),
  while: identifier('while'),
  do: identifier('do'),
  for: identifier('for'),
  switch: identifier('switch'),
  case: identifier('case'),
  default: identifier('default'),
  break: identifier('break'),
  continue: identifier('continue'),
  goto: identifier('goto'),
  return: identifier('return'),
  generic: identifier('_Generic'),
  staticAssert: identifier('_Static_assert'),
  autoType: identifier('__auto_type'),
  alignas: identifier('_Alignas'),
  extension: identifier('__extension__'),
  localLabel: identifier('__label__'),
  pragma: identifier('_Pragma'),
};

/** Every word that can start a declaration, apart from typedef names. */
export const DECLARATION_WORDS: ReadonlySet<Atom> = new Set([
  ...IGNORED_SPECIFIERS,
  ...CONST_WORDS,
  ...STORAGE_WORDS,
  ...ATTRIBUTE_WORDS,
  ...TYPEOF_WORDS,
  ...BASIC_TYPE_WORDS,
  ...STRUCT_WORDS,
  ...[K.enum, K.autoType, K.alignas],
]);
