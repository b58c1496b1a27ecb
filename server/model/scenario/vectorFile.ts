import { parseAddr } from '../bits/pfn.ts';
import { expectProblem } from './vectorExpect.ts';
import { isRiscvCase, readRiscvCase } from './riscvVectorFile.ts';
import type { RiscvCase } from './riscvVectorTypes.ts';
import type { VectorCase, VectorFile, VectorOp, VectorProblem } from './vectorTypes.ts';

type Json = Readonly<Record<string, unknown>>;

const SCHEMA_FAMILY = 'generic-pt-oracle/';
const SCHEMA = 'generic-pt-oracle/1';

/** What an argument may be. Ranges are inclusive. */
type ArgKind = 'text' | 'u64' | readonly [number, number];

const FLAG: ArgKind = [0, 1];
const BITS: ArgKind = [0, 255];
const COUNT: ArgKind = [0, 0x7fffffff];
const PROT: ArgKind = [0, 63];

/** Arguments of every operation, by the schema's section 3. A trailing `?` marks one that may be absent. */
const OPS: Readonly<Record<string, Readonly<Record<string, ArgKind>>>> = {
  init: {
    fmt: 'text',
    'feat?': 'u64',
    'vasz?': BITS,
    'oasz?': BITS,
    'top?': BITS,
    'sme?': 'u64',
    'phys?': 'u64',
    'fail_alloc?': COUNT,
    'nodev?': FLAG,
    'quirks?': 'u64',
    'pgsizes?': 'u64',
    'ias?': BITS,
    'oas?': BITS,
    'coherent?': FLAG,
  },
  map: { iova: 'u64', pa: 'u64', len: 'u64', prot: PROT },
  iommu_map: { iova: 'u64', pa: 'u64', len: 'u64', prot: PROT },
  unmap: { iova: 'u64', len: 'u64' },
  iommu_unmap: { iova: 'u64', len: 'u64' },
  gather_init: { 'queued?': FLAG },
  gather_sync: {},
  iova_to_phys: { iova: 'u64' },
  set_dirty: { iova: 'u64' },
  read_dirty: { iova: 'u64', len: 'u64', 'flags?': FLAG, 'bitmap?': FLAG },
  set_pgsizes: { mask: 'u64' },
  fail_alloc: { n: COUNT },
  clear_fail: {},
  poke: { pa: 'u64', val: 'u64' },
  info: {},
  dump: {},
  deinit: {},
  map_pages: { iova: 'u64', pa: 'u64', pgsize: 'u64', pgcount: COUNT, prot: PROT },
  unmap_pages: { iova: 'u64', pgsize: 'u64', pgcount: COUNT },
  walk: { iova: 'u64' },
};

/** Arguments that any operation may carry. */
const COMMON_ARGS = new Set(['dump', 'features', 'quirk_names']);

/** Recognises a parsed vector file by its content and reads it. */
export function readVectorFile(data: unknown): VectorFile {
  if (isObject(data) && typeof data['schema'] === 'string') return readOracle(data, data['schema']);
  if (isObject(data) && isObject(data['segments']) && isObject(data['outcomes'])) {
    return skipped(Object.keys(data['outcomes']).length, VFIO_REASON);
  }
  if (Array.isArray(data) && data.length > 0 && data.every(isObject)) return readArray(data);
  return unreadable('no vector file of a known shape');
}

const VFIO_REASON =
  'derived from a restatement of VFIO, not from kernel code: its C is run instead';

function readArray(data: readonly Json[]): VectorFile {
  const first = data[0]!;
  if ('segs' in first && 'outcomes' in first) return skipped(data.length, VFIO_REASON);
  if (isRiscvCase(first)) return readRiscv(data);
  if (Array.isArray(first['steps']) && isScript(first['steps'][0])) {
    return collect(data.map(readScenario));
  }
  return unreadable('no vector file of a known shape');
}

function readRiscv(data: readonly Json[]): VectorFile {
  const read = data.map(readRiscvCase);
  return {
    kind: 'riscv',
    cases: read.filter((c): c is RiscvCase => 'steps' in c),
    problems: read.filter((c): c is VectorProblem => 'reason' in c),
  };
}

function readOracle(data: Json, schema: string): VectorFile {
  if (schema !== SCHEMA) {
    return unreadable(
      schema.startsWith(SCHEMA_FAMILY)
        ? `schema version ${schema.slice(SCHEMA_FAMILY.length)} is unknown; version 1 is read`
        : `schema ${schema} is unknown`,
    );
  }
  const { cases } = data;
  if (!Array.isArray(cases)) return unreadable('no list of cases');
  const read = collect(cases.map(readCase));
  const { count } = data;
  if (typeof count === 'number' && count !== cases.length && read.kind === 'page-table') {
    const reason = `promises ${count} cases, ${cases.length} follow`;
    return { ...read, problems: [...read.problems, { caseId: '', reason }] };
  }
  return read;
}

type ReadCase = VectorCase | VectorProblem;

function collect(read: readonly ReadCase[]): VectorFile {
  return {
    kind: 'page-table',
    cases: read.filter((c): c is VectorCase => 'ops' in c),
    problems: read.filter((c): c is VectorProblem => 'reason' in c),
  };
}

function readCase(data: unknown, index: number): ReadCase {
  const caseId =
    isObject(data) && typeof data['id'] === 'string' ? data['id'] : `case ${index + 1}`;
  if (!isObject(data) || !Array.isArray(data['ops'])) return { caseId, reason: 'no list of ops' };
  const { format, build } = data;
  if (typeof format !== 'string') return { caseId, reason: 'format is no text' };
  if (build !== 'release' && build !== 'debug') {
    return { caseId, reason: `build ${shown(build)} is neither release nor debug` };
  }
  const ops: VectorOp[] = [];
  for (const [n, op] of data['ops'].entries()) {
    if (!isObject(op) || typeof op['op'] !== 'string' || !isObject(op['expect'])) {
      return { caseId, reason: `op ${n}: needs a name and an expect object` };
    }
    const { op: name, expect, ...args } = op;
    const read = readOp(name, args, expect);
    if (typeof read === 'string') return { caseId, reason: `op ${n}: ${read}` };
    ops.push(read);
  }
  return { id: caseId, format, build, ops };
}

/** Reads a case of kernel73_scenarios: operations are script lines. */
function readScenario(data: Json, index: number): ReadCase {
  const caseId = typeof data['id'] === 'string' ? data['id'] : `case ${index + 1}`;
  if (!Array.isArray(data['steps'])) return { caseId, reason: 'no list of steps' };
  const ops: VectorOp[] = [];
  for (const [n, step] of data['steps'].entries()) {
    if (!isScript(step)) return { caseId, reason: `step ${n}: needs an op line and a result` };
    const [name, ...pairs] = step.op.trim().split(/\s+/);
    const args: Record<string, unknown> = {};
    for (const pair of pairs) {
      const cut = pair.indexOf('=');
      if (cut < 1) return { caseId, reason: `step ${n}: ${pair} is no name=value` };
      args[pair.slice(0, cut)] = pair.slice(cut + 1);
    }
    const read = readOp(name!, args, step.result);
    if (typeof read === 'string') return { caseId, reason: `step ${n}: ${read}` };
    ops.push(read);
  }
  return { id: caseId, format: '', build: 'release', ops };
}

/** Checks names, types and ranges of an operation's arguments. Gives the operation, or what is wrong. */
function readOp(name: string, args: Json, expect: Json): VectorOp | string {
  const kinds = OPS[name];
  if (kinds === undefined) return `unknown operation ${shown(name)}`;
  const read: Record<string, unknown> = {};
  for (const [key, kind] of Object.entries(kinds)) {
    const optional = key.endsWith('?');
    const arg = optional ? key.slice(0, -1) : key;
    const value = args[arg];
    if (value === undefined) {
      if (optional) continue;
      return `${name} without ${arg}`;
    }
    const checked = readArg(value, kind);
    if (checked === undefined) return `${name}: ${arg} ${shown(value)} is ${describe(kind)}`;
    read[arg] = checked;
  }
  for (const key of Object.keys(args)) {
    if (!(key in kinds) && !(`${key}?` in kinds) && !COMMON_ARGS.has(key)) {
      return `${name}: unknown argument ${shown(key)}`;
    }
  }
  return expectProblem(expect) ?? { op: name, args: read, expect };
}

function readArg(value: unknown, kind: ArgKind): unknown {
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  if (kind === 'u64') {
    const text = typeof value === 'number' && Number.isInteger(value) ? String(value) : value;
    return typeof text === 'string' ? parseAddr(text) : undefined;
  }
  const number =
    typeof value === 'string' && /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number >= kind[0] && number <= kind[1] ? number : undefined;
}

function describe(kind: ArgKind): string {
  if (kind === 'text') return 'no text';
  if (kind === 'u64') return 'no unsigned 64-bit number';
  return `out of range ${kind[0]} to ${kind[1]}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScript(step: unknown): step is { readonly op: string; readonly result: Json } {
  return isObject(step) && typeof step['op'] === 'string' && isObject(step['result']);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function skipped(count: number, reason: string): VectorFile {
  return { kind: 'skipped', count, reason };
}

function unreadable(reason: string): VectorFile {
  return { kind: 'unreadable', problems: [{ caseId: '', reason }] };
}
