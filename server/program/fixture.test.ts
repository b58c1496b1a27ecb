import { builtSyntax } from '../syntax/builtSyntax.test.ts';
import { dumpFunction } from './dump.ts';
import type { SourceTree } from './headers/store.ts';
import type { FunctionIr } from './ir.ts';
import type { KernelVersion } from './kernelApi/contract.ts';
import { createProgram } from './program.ts';
import type { Program } from './program.ts';
import type { Unit } from './unit.ts';

/** A tree in memory that remembers what was read. */
export interface TestTree extends SourceTree {
  readonly files: Record<string, string>;
  readonly reads: string[];
}

export function testTree(files: Record<string, string>): TestTree {
  const reads: string[] = [];
  return {
    files,
    reads,
    read(file) {
      reads.push(file);
      return files[file];
    },
    list(folder) {
      const prefix = folder === '' ? '' : `${folder}/`;
      return Object.keys(files)
        .filter((file) => file.startsWith(prefix) && !file.slice(prefix.length).includes('/'))
        .map((file) => file.slice(prefix.length));
    },
  };
}

/** A program over files in memory. */
export async function testProgram(
  files: Record<string, string> = {},
  version: KernelVersion = '7.3',
): Promise<{
  readonly program: Program;
  readonly tree: TestTree;
  readonly unit: (file: string) => Unit;
}> {
  const syntax = await builtSyntax();
  const tree = testTree(files);
  const program = createProgram({ parsing: syntax, tree, version });
  const unit = (file: string): Unit =>
    program.unit(file, syntax.parse(file, tree.files[file]!).value);
  return { program, tree, unit };
}

/** The unit of a single text without a tree. */
export async function unitOf(text: string): Promise<Unit> {
  const { unit } = await testProgram({ 'a.c': text });
  return unit('a.c');
}

/** The lowered function of a text; fails the test where it is not lowered. */
export async function lowered(text: string, name = 'f'): Promise<FunctionIr> {
  const unit = await unitOf(text);
  const fn = unit.functions.find((each) => each.name === name);
  const ir = fn?.lower();
  if (ir?.kind !== 'lowered') throw new Error(`${name}: ${ir?.reason ?? 'not there'}`);
  return ir;
}

/** The graph of `f` as text. */
export async function graph(text: string): Promise<string> {
  return dumpFunction(await lowered(text));
}
