// What the tree checks share: a tree as a source, and machines over its units.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');

/** A compiled module of the server. */
export const load = (file) => import(pathToFileURL(path.join(root, 'out/server', file)).href);

export const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');

/** Whether a folder is a kernel tree. */
export const isTree = (tree) => fs.existsSync(path.join(tree, 'include/linux/kconfig.h'));

/** The texts of a tree; `edits` maps a path to a function that changes its text. */
export function treeSource(tree, edits = new Map()) {
  return {
    read(file) {
      const at = path.join(tree, file);
      if (!fs.existsSync(at) || !fs.statSync(at).isFile()) return undefined;
      const text = fs.readFileSync(at, 'utf8');
      return edits.get(file)?.(text) ?? text;
    },
  };
}

/** A machine over some units of a tree; the first file's types are the ones models use. */
export async function machineOver(tree, files, models = []) {
  const { FrontEnd } = await load('cfront/frontEnd.js');
  const { kernelFloor } = await load('simulate/kernel/floor.js');
  const { Machine } = await load('simulate/machine/machine.js');
  const { Program } = await load('simulate/machine/program.js');
  const { WIDE_BUDGET } = await load('simulate/machine/budget.js');
  const { prepareMemoryMap } = await load('simulate/kernel/pages.js');
  const frontEnd = new FrontEnd(treeSource(tree));
  const units = files.map((file) => {
    const loaded = frontEnd.load(file);
    if (!loaded.ok) throw new Error(`${file}: ${loaded.problem.reason}`);
    return loaded.unit;
  });
  const machine = new Machine({
    program: new Program(units),
    floor: kernelFloor(models),
    budget: WIDE_BUDGET,
    now: () => performance.now(),
  });
  prepareMemoryMap(machine);
  return machine;
}

/** A zeroed struct of the machine's main unit, with access by member name. */
export async function makeStruct(machine, tag) {
  const { StructView } = await load('simulate/machine/fields.js');
  const size = StructView.sizeOf(machine.mainUnit, tag);
  const request = { kind: 'input', name: `struct ${tag}`, size, align: 64, contents: 'zero' };
  return new StructView(machine.memory, machine.mainUnit, tag, machine.allocate(request));
}

/** Numbers from a seed. */
export function random(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
