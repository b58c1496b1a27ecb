import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { formatAddr } from '../../model/bits/pfn.ts';
import { parseWord } from '../../model/bits/pte64.ts';
import { accessText, decodeEntry, type DecodedEntry } from '../../model/fmt/decode.ts';
import { readEntry } from './decodeWords.ts';
import { entryLayout } from './layouts.ts';
import { explainEntry } from './ptEntry.ts';

const vectors = path.resolve(import.meta.dirname, '../../../../test-fixtures/vectors');
const load = (file: string): unknown =>
  JSON.parse(gunzipSync(fs.readFileSync(path.join(vectors, file))).toString());

interface Dump {
  readonly pa: string;
  readonly level: number;
  readonly entries: readonly (readonly [number, string])[];
}
interface Op {
  readonly op: string;
  readonly pa?: string;
  readonly len?: string;
  readonly prot?: number;
  readonly expect: { readonly ret?: number; readonly tables?: readonly Dump[] };
}

/** An entry of a vector's dump, with what the vector says about it. */
interface Wanted {
  readonly format: string;
  readonly level: number;
  readonly value: string;
  /** Address of the next table, where it is one. */
  readonly table: string | undefined;
  /** Mappings made so far. */
  readonly maps: readonly Op[];
}

const FORMATS = ['vtdss', 'amdv1', 'x86_64', 'riscv_64'];
const PER_FORMAT = 40;

/** Entries of dumps after successful map calls: half of them tables, half of them leaves, as far as there are. */
function dumped(format: string): Wanted[] {
  const { cases } = load(`generic_pt/${format}.json.gz`) as {
    cases: readonly { readonly ops: readonly Op[] }[];
  };
  const found: Wanted[] = [];
  const seen = new Set<string>();
  const counts = { table: 0, leaf: 0 };
  for (const { ops } of cases) {
    const maps: Op[] = [];
    for (const op of ops) {
      if (op.op === 'init') maps.length = 0;
      if (op.op === 'map' && op.expect.ret === 0) maps.push(op);
      const tables = op.op === 'map' ? (op.expect.tables ?? []) : [];
      const addresses = new Set(tables.map(({ pa }) => pa));
      for (const { level, entries } of tables) {
        for (const [, value] of entries.slice(0, 2)) {
          const next =
            level > 0 ? [...addresses].find((pa) => holds(format, value, pa)) : undefined;
          const kind = next === undefined ? 'leaf' : 'table';
          if (seen.has(`${level} ${value}`) || counts[kind] >= PER_FORMAT / 2) continue;
          seen.add(`${level} ${value}`);
          counts[kind]++;
          found.push({ format, level, value, table: next, maps: [...maps] });
        }
      }
    }
  }
  return found;
}

/** The word has the page number of a table: in place, or shifted as RISC-V does it. */
function holds(format: string, value: string, pa: string): boolean {
  const word = BigInt(value);
  const page = format === 'riscv_64' ? word >> 10n : word >> 12n;
  return (page & ((1n << 40n) - 1n)) === BigInt(pa) >> 12n;
}

/** What a mapping lets the device do. No bit says "no read" in x86_64, and write brings read along in RISC-V. */
function access(prot: number, format: string): string {
  const read = (prot & 1) !== 0 || format === 'x86_64' || format === 'riscv_64';
  return `${read ? 'read' : ''} ${(prot & 2) === 0 ? '' : 'write'}`;
}

/** What an entry lets the device do, instruction fetches aside. */
function grants({ fields }: DecodedEntry): string {
  const has = (wanted: string): string =>
    fields.some((field) => field.grants === wanted) ? wanted : '';
  return `${has('read')} ${has('write')}`;
}

describe('entries of the vectors', () => {
  let checked = 0;

  for (const format of FORMATS) {
    it(`of ${format} decode to the tables and mappings that the vectors say`, () => {
      const wanted = dumped(format);
      assert.ok(wanted.length >= PER_FORMAT, `${wanted.length} entries`);
      for (const { level, value, table, maps } of wanted) {
        const decoded = decodeEntry(format, parseWord(value)!, level)!;
        const address = BigInt(formatAddr(decoded.address));
        if (table !== undefined) {
          assert.equal(decoded.kind, 'table', value);
          assert.equal(address, BigInt(table), value);
        } else {
          assert.equal(decoded.kind, 'leaf', value);
          const mapped = maps.filter(({ pa, len }) => {
            const start = BigInt(pa!);
            const end = start + BigInt(len!);
            return start <= address && address + (1n << BigInt(decoded.sizeLg2)) <= end;
          });
          assert.ok(mapped.length > 0, `${value}: ${address.toString(16)}`);
          const granted = grants(decoded);
          const said = accessText(decoded);
          assert.ok(
            mapped.some(({ prot }) => access(prot!, format) === granted),
            `${value}: ${said}`,
          );
        }
        const explanation = explainEntry(parseWord(value)!, [format]);
        assert.match(explanation!.title, new RegExp(`\\(${format}, level \\d\\)$`));
        checked++;
      }
    });
  }

  it('of RISC-V: device contexts name the root, leaves the page that the reference found', () => {
    const cases = load('riscv-iommu/riscv_s1.json.gz') as readonly {
      readonly mem: readonly (readonly [string, string])[];
      readonly steps: readonly {
        readonly req: { readonly iova: string };
        readonly expect: {
          readonly status: string;
          readonly pa: string;
        };
        readonly reads: readonly (readonly [string, number])[];
      }[];
    }[];
    let found = 0;
    for (const { mem, steps } of cases) {
      const word = (at: bigint): bigint =>
        BigInt(mem.find(([address]) => BigInt(address) === at)?.[1] ?? '0');
      for (const { req, expect, reads } of steps) {
        const context = reads.find(([, bytes]) => bytes >= 32);
        if (expect.status !== 'success' || context === undefined || found >= 80) continue;
        const base = BigInt(context[0]);
        const words = [0n, 1n, 2n, 3n].map((i) => word(base + 8n * i));
        const entry = readEntry(entryLayout('dc')!, words);
        const at = reads.indexOf(context);
        if (reads[at + 1] === undefined) continue;
        const root = entry.fields.find(({ field }) => field.name === 'FSC_PPN')!.value;
        assert.equal(root, BigInt(reads[at + 1]![0]) >> 12n);
        assert.equal(entry.fields.find(({ field }) => field.name === 'V')!.value, 1n);
        const leaf = word(BigInt(reads.at(-1)![0]));
        // Sv39, Sv48 and Sv57 have 3, 4 and 5 levels; each read behind the context goes down one.
        const mode = entry.fields.find(({ field }) => field.name === 'FSC_MODE')!.value;
        const level = Number(mode) - 5 - (reads.length - 1 - at);
        const decoded = decodeEntry('riscv_64', parseWord(`0x${leaf.toString(16)}`)!, level)!;
        // A Svnapot leaf covers more than the answer's page.
        const offset = BigInt(req.iova) & ((1n << BigInt(decoded.sizeLg2)) - 1n);
        assert.equal(decoded.kind, 'leaf');
        assert.equal(BigInt(formatAddr(decoded.address)) + offset, BigInt(expect.pa));
        found += 2;
      }
    }
    assert.ok(found >= 40, `${found} entries`);
    checked += found;
  });

  it('are at least 200', () => {
    assert.ok(checked >= 200, `${checked}`);
  });
});
