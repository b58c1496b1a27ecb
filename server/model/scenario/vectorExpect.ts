import { parseAddr } from '../bits/pfn.ts';

type Json = Readonly<Record<string, unknown>>;

/** Gives what a value should have been, or undefined where it is right. */
type Check = (value: unknown) => string | undefined;

const U64_TEXT = 'text of an unsigned 64-bit number';

const u64: Check = (value) =>
  typeof value === 'string' && parseAddr(value) !== undefined ? undefined : U64_TEXT;

const int =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? undefined
      : `a whole number from ${least} to ${most}`;

const digest: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? undefined : '32 hexadecimal digits';

const object: Check = (value) => (isObject(value) ? undefined : 'an object');

/** Kernel: MAX_ERRNO. */
const LARGEST_ERRNO = 4095;
const MOST_TABLES = 2 ** 31;
/** Entries of the largest table: 16 concatenated ones of 64 KiB granules. */
const MOST_ENTRIES = 2 ** 17;
const HIGHEST_LEVEL = 7;

/** Result fields that have one shape, by the schema's section 3. The others are compared as they are. */
const FIELDS: Readonly<Record<string, Check>> = {
  ret: int(-LARGEST_ERRNO, LARGEST_ERRNO),
  mapped: u64,
  unmapped: u64,
  phys: u64,
  old: u64,
  live: int(0, MOST_TABLES),
  tables_reachable: int(0, MOST_TABLES),
  digest,
  info: object,
  gather: object,
  top: pair,
  events: listOfLists,
  tables: listOfTables,
};

function pair(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return 'an address and a level';
  return u64(value[0]) ?? int(0, HIGHEST_LEVEL)(value[1]);
}

function listOfLists(value: unknown): string | undefined {
  return Array.isArray(value) && value.every((one) => Array.isArray(one))
    ? undefined
    : 'a list of lists';
}

function listOfTables(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'a list of tables';
  for (const [n, table] of value.entries()) {
    if (!isObject(table)) return `a list of tables; number ${n} is none`;
    const { pa, level, bytes, entries } = table;
    const wrong = [
      ['pa', u64(pa)],
      ['level', int(0, HIGHEST_LEVEL)(level)],
      ['bytes', int(1, MOST_ENTRIES * 8)(bytes)],
      ['entries', listOfRuns(entries)],
    ].find(([, problem]) => problem !== undefined);
    if (wrong !== undefined)
      return `a list of tables; ${wrong[0]} of number ${n} is not ${wrong[1]}`;
  }
  return undefined;
}

/** Runs of words: `[index, value, count?, stride?]`. */
function listOfRuns(value: unknown): string | undefined {
  const wanted = 'a list of [index, value, count, stride]';
  if (!Array.isArray(value)) return wanted;
  const isRun = (run: unknown): boolean => {
    if (!Array.isArray(run) || run.length < 2 || run.length > 4) return false;
    const [index, word, count = 1, stride = '0x0'] = run as readonly unknown[];
    const isIndex = int(0, MOST_ENTRIES - 1)(index) === undefined;
    const isCount = int(1, MOST_ENTRIES)(count) === undefined;
    return isIndex && isCount && u64(word) === undefined && u64(stride) === undefined;
  };
  return value.every(isRun) ? undefined : wanted;
}

/** What is wrong with an expectation, as one clause; undefined where its fields have the shapes of the schema. */
export function expectProblem(expect: Json): string | undefined {
  for (const [name, value] of Object.entries(expect)) {
    const wanted = FIELDS[name]?.(value);
    if (wanted !== undefined) return `expect.${name} ${shown(value)} is not ${wanted}`;
  }
  return undefined;
}

const LONGEST = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
