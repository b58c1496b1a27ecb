import type { UncalledFact } from '../../../checkers/patchChecker.ts';
import type { KernelVersion } from '../../../program/kernelApi/contract.ts';
import { kernelApi } from '../../../program/kernelApi/registry.ts';
import { mentionsInterfaces } from '../../../program/relevance.ts';
import type { AddedCode } from './addedCode.ts';

/** Where callers are looked for. */
export interface CallerSources {
  readonly version: KernelVersion;
  /** Texts of the series after its last patch, by path. */
  readonly final: ReadonlyMap<string, string>;
  /** Text of a file of the tree, and the C files of a folder. */
  read(path: string): string | undefined;
  list(folder: string): readonly string[];
}

/** New external functions that reach an interface, and new members of operations structs, that nobody in sight calls. */
export function uncalled(
  code: AddedCode,
  before: string | undefined,
  sources: CallerSources,
): UncalledFact[] {
  return [
    ...newFunctions(code, before, sources),
    ...(code.path.endsWith('.h') ? newOperations(code, sources) : []),
  ];
}

const definition =
  /^(?!static\b|#|EXPORT_|MODULE_|DEFINE_|SYSCALL_|module_|__setup|late_|early_|device_|subsys_)[A-Za-z_][\w\s*]*?\b([A-Za-z_]\w*)\s*\(/;

function newFunctions(
  code: AddedCode,
  before: string | undefined,
  sources: CallerSources,
): UncalledFact[] {
  if (!code.path.endsWith('.c')) return [];
  return code.added.flatMap(({ text, start, line }): UncalledFact[] => {
    const name = definition.exec(text)?.[1];
    if (name === undefined || name === 'main') return [];
    const body = bodyFrom(code.lines, line);
    if (body === undefined || !mentionsInterfaces(kernelApi(sources.version), body)) return [];
    const word = new RegExp(`\\b${name}\\b`);
    if (before !== undefined && word.test(before)) return [];
    if (isUsed(name, code.path, sources)) return [];
    const place = code.placeAt(start + text.indexOf(name), name.length);
    return [{ name, kind: 'function', place: { ...place, function: name } }];
  });
}

/** The lines of a function that begins on a 1-based line; undefined for a prototype. */
function bodyFrom(lines: readonly string[], line: number): string | undefined {
  for (let i = line - 1; i < Math.min(lines.length, line + 12); i++) {
    if (lines[i]!.trimEnd().endsWith(';')) return undefined;
    if (!lines[i]!.startsWith('{')) continue;
    const end = lines.findIndex((each, j) => j > i && each.startsWith('}'));
    return lines.slice(i, end < 0 ? lines.length : end).join('\n');
  }
  return undefined;
}

/** A mention that is neither its definition, a prototype nor an export. */
function isUsed(name: string, path: string, sources: CallerSources): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const texts = new Map(sources.final);
  for (const file of sources.list(folder)) {
    const text = texts.has(file) ? undefined : sources.read(file);
    if (text !== undefined) texts.set(file, text);
  }
  const word = new RegExp(`\\b${name}\\b`);
  const declares = new RegExp(`^(?:[A-Za-z_].*\\b${name}\\s*\\(|EXPORT_\\w+\\s*\\(\\s*${name}\\b)`);
  for (const text of texts.values()) {
    if (!word.test(text)) continue;
    for (const line of text.split('\n')) {
      if (word.test(line) && !declares.test(line) && !/^\s*\*/.test(line)) return true;
    }
  }
  return false;
}

function newOperations(code: AddedCode, sources: CallerSources): UncalledFact[] {
  return code.added.flatMap(({ text, start, line }): UncalledFact[] => {
    const name = /^\s+[\w\s*]*\(\*(\w+)\)\s*\(/.exec(text)?.[1];
    if (name === undefined || !isInOperations(code.lines, line)) return [];
    const call = new RegExp(`(?:->|\\.)\\s*${name}\\s*\\(`);
    if ([...sources.final.values()].some((each) => call.test(each))) return [];
    return [
      { name, kind: 'operation', place: code.placeAt(start + text.indexOf(name), name.length) },
    ];
  });
}

function isInOperations(lines: readonly string[], line: number): boolean {
  for (let i = line - 2; i >= 0; i--) {
    if (lines[i]!.startsWith('}')) return false;
    const struct = /^struct\s+(\w+)\s*\{/.exec(lines[i]!)?.[1];
    if (struct !== undefined) return /_ops$/.test(struct);
  }
  return false;
}
