import { parseAddr, type Addr } from '../bits/pfn.ts';
import { parseWord, type Word64 } from '../bits/pte64.ts';
import type { Request } from '../hw/riscv/request.ts';
import type { RiscvCase, RiscvStep } from './riscvVectorTypes.ts';
import type { VectorProblem } from './vectorTypes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Thrown and caught within this file: a value that is not what the schema says. */
class Malformed extends Error {}

function fail(reason: string): never {
  throw new Malformed(reason);
}

/** Whether an array looks like vectors of the RISC-V IOMMU. */
export function isRiscvCase(data: Json): boolean {
  return 'ddtp' in data && 'steps' in data;
}

/** Reads one case, or says what is wrong with it. */
export function readRiscvCase(data: Json, index: number): RiscvCase | VectorProblem {
  const caseId = typeof data['id'] === 'string' ? data['id'] : `case ${index + 1}`;
  try {
    return readCase(data, caseId);
  } catch (error) {
    if (error instanceof Malformed) return { caseId, reason: error.message };
    throw error;
  }
}

function readCase(data: Json, id: string): RiscvCase {
  const bare = address(data['bare_page_size'], 'bare_page_size');
  const bareLg2 = Math.log2(bare.pfn) + 12;
  if (bare.offset !== 0 || !Number.isInteger(bareLg2)) fail('bare_page_size is no power of two');
  const memory = new Map<string, Word64>();
  for (const pair of list(data['mem'], 'mem')) {
    const [at, value] = list(pair, 'mem');
    memory.set(text(at, 'mem'), word(value, 'mem'));
  }
  return {
    id,
    caps: word(data['caps'], 'caps'),
    fctl: word(data['fctl'], 'fctl'),
    ddtp: word(data['ddtp'], 'ddtp'),
    bareLg2,
    memory,
    accessFaultAt: optionalText(data['access_fault_addr'], 'access_fault_addr'),
    corruptedAt: optionalText(data['data_corruption_addr'], 'data_corruption_addr'),
    steps: list(data['steps'], 'steps').map((step, n) => {
      try {
        return readStep(object(step, 'step'));
      } catch (error) {
        if (error instanceof Malformed) fail(`step ${n}: ${error.message}`);
        throw error;
      }
    }),
  };
}

function readStep(step: Json): RiscvStep {
  switch (step['op']) {
    case 'translate':
      return {
        op: 'translate',
        request: readRequest(object(step['req'], 'req')),
        flushBefore: step['flush_before'] === true,
        answers:
          step['expect_one_of'] === undefined
            ? [object(step['expect'], 'expect')]
            : list(step['expect_one_of'], 'expect_one_of').map((one) =>
                object(one, 'expect_one_of'),
              ),
        reads: step['reads'] as never,
        writes: step['writes'] as never,
      };
    case 'mem_write':
      return {
        op: 'mem_write',
        addr: text(step['addr'], 'addr'),
        value: word(step['value'], 'value'),
      };
    case 'command': {
      const [first, second] = list(step['raw'], 'raw');
      return {
        op: 'command',
        name: text(step['name'], 'name'),
        raw: [word(first, 'raw'), word(second, 'raw')],
        illegal: step['illegal'] === true,
      };
    }
    default:
      return fail(`unknown operation ${JSON.stringify(step['op'])}`);
  }
}

function readRequest(req: Json): Request {
  const at = text(req['at'], 'at').replaceAll('_', '-');
  if (at !== 'untranslated' && at !== 'ats-translation-request' && at !== 'translated') {
    fail(`at ${JSON.stringify(req['at'])} is none of the three address types`);
  }
  const { rw } = req;
  if (rw !== 'read' && rw !== 'write') fail(`rw ${JSON.stringify(rw)} is neither read nor write`);
  const processId = number(req['process_id'], 'process_id', 2 ** 20);
  return {
    deviceId: number(req['device_id'], 'device_id', 2 ** 24),
    ...(flag(req['pid_valid'], 'pid_valid') ? { processId } : {}),
    privileged: flag(req['priv_req'], 'priv_req'),
    execute: flag(req['exec_req'], 'exec_req'),
    noWrite: flag(req['no_write'], 'no_write'),
    at,
    access: rw,
    iova: address(req['iova'], 'iova'),
  };
}

function object(value: unknown, name: string): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : fail(`${name} is no object`);
}

function list(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : fail(`${name} is no list`);
}

function text(value: unknown, name: string): string {
  return typeof value === 'string' ? value : fail(`${name} is no text`);
}

function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, name);
}

function word(value: unknown, name: string): Word64 {
  return (
    parseWord(text(value, name)) ??
    fail(`${name} ${JSON.stringify(value)} is no unsigned 64-bit number`)
  );
}

function address(value: unknown, name: string): Addr {
  return (
    parseAddr(text(value, name)) ??
    fail(`${name} ${JSON.stringify(value)} is no unsigned 64-bit number`)
  );
}

function number(value: unknown, name: string, below: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < below
    ? value
    : fail(`${name} ${JSON.stringify(value)} is out of range 0 to ${below - 1}`);
}

function flag(value: unknown, name: string): boolean {
  if (value === 0 || value === 1) return value === 1;
  return typeof value === 'boolean'
    ? value
    : fail(`${name} ${JSON.stringify(value)} is neither 0 nor 1`);
}
