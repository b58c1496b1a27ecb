import type { MacroDefinition } from '../lower/environment.ts';
import { parseDefine } from '../headers/macroDefinition.ts';

/**
 * Macros whose meaning is fixed and whose own definitions are written for the compiler.
 * Each line says the same as the kernel's macro does, in the plainest C.
 */
const lines = [
  '#define no_free_ptr(p) ({ void *__taken = (p); (p) = NULL; __taken; })',
  '#define return_ptr(p) return no_free_ptr(p)',
  '#define retain_and_null_ptr(p) ((p) = NULL)',
  '#define take_fd(fd) (fd)',
];

const macros: ReadonlyMap<string, MacroDefinition> = new Map(
  lines.map((line) => {
    const macro = parseDefine(line, { file: '', near: true });
    return [macro.name, macro];
  }),
);

/** A macro with a fixed meaning, by name. */
export function builtinMacro(name: string): MacroDefinition | undefined {
  return macros.get(name);
}
