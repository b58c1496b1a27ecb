// A thread of its own, because the runtime starts once per thread: loads the syntax layer several times at once and tells
// what each of them reads.
import { parentPort } from 'node:worker_threads';
import { loadForTest } from './load.ts';

const loaded = await Promise.all([loadForTest(), loadForTest(), loadForTest()]);
const items = loaded.map((syntax) => syntax.parse('a.c', 'int a;\n').value.items.length);
parentPort?.postMessage(items);
