// Vector files with one thing wrong, at random: each is named or differs, and none ends the program.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  differenceText,
  failureLines,
  riscvFailureLines,
} from '../../server/model/scenario/failureText.ts';
import { replayCase } from '../../server/model/scenario/replay.ts';
import { replayRiscvCase } from '../../server/model/scenario/riscvReplay.ts';
import { parseVectorText } from '../../server/model/scenario/vectorText.ts';
import { Random } from '../../server/simulate/conformance/random/random.ts';
import { hashText as sha256 } from '../../server/text/hash.ts';

const FOLDER = path.resolve('test-fixtures/vectors');
const FILES = [
  'generic_pt/x86_64', 'generic_pt/arm_mali_lpae', 'riscv-iommu/kernel73_scenarios', 'riscv-iommu/riscv_s2',
  'riscv-iommu/riscv_inval_seq', 'riscv-iommu/riscv_pdt_nested',
]; // prettier-ignore
const WRONG = [
  null, true, -1, 1.5, 1e300, '', 'x', '0xg', '0x1ffffffffffffffff', '-0x1', {}, [], [[]], 99999999999,
  '0x8000000000000000', 'init', 'amdv1', 255, '0xffffffffffffffff', 2 ** 31 - 1,
]; // prettier-ignore
const CHANGES = 25;
/** Steps of a case that are kept: a case of hundreds of steps says no more here. */
const STEPS = 12;

type Json = Record<string, unknown>;

/** Every place in a value that can be changed. */
function placesOf(value: unknown, found: (readonly [Json, string])[] = []): typeof found {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Json, key]);
    if (found.length < 3000) placesOf((value as Json)[key], found);
  }
  return found;
}

/** Runs a text as `iovet conformance` does. Gives what came of its cases, in a word each. */
function outcomes(text: string): readonly string[] {
  const file = parseVectorText(text);
  if (file.kind === 'skipped') return ['skipped'];
  const said = file.problems.map(({ reason }) => (reason === '' ? 'silent' : 'named'));
  if (file.kind === 'unreadable') return said;
  if (file.kind === 'riscv') {
    const ran = file.cases.map((vector) => {
      const outcome = replayRiscvCase(vector);
      if (outcome.kind === 'failed') assert.ok(riscvFailureLines('f', vector.id, outcome.failed[0]!).length > 1); // prettier-ignore
      return outcome.kind;
    });
    return [...said, ...ran];
  }
  const ran = file.cases.map((vector) => {
    const outcome = replayCase(vector, { sha256 });
    if (outcome.kind === 'failed') assert.ok(failureLines('f', vector.id, outcome.failed[0]!).length > 1); // prettier-ignore
    return outcome.kind;
  });
  return [...said, ...ran];
}

describe('vector files with one thing wrong', () => {
  for (const file of FILES) {
    it(`${file}: ${CHANGES} changes at random`, function () {
      this.timeout(60_000);
      const text = gunzipSync(fs.readFileSync(path.join(FOLDER, `${file}.json.gz`))).toString();
      const whole = JSON.parse(text) as Json | Json[];
      const cases = Array.isArray(whole) ? whole : (whole['cases'] as Json[]);
      const random = new Random(file.length);
      const seen = new Set<string>();
      for (let n = 0; n < CHANGES; n++) {
        const one = structuredClone(random.pick(cases));
        const steps = (one['ops'] ?? one['steps']) as unknown[];
        if (steps.length > STEPS) steps.length = STEPS;
        const made = Array.isArray(whole) ? [one] : { ...whole, cases: [one], count: 1 };
        const [object, key] = random.pick(placesOf(made));
        if (random.below(3) === 0) Reflect.deleteProperty(object, key);
        else object[key] = random.pick(WRONG);
        const changed = JSON.stringify(made);
        const cut =
          random.below(8) === 0 ? changed.slice(0, random.below(changed.length)) : changed;
        for (const outcome of outcomes(cut)) seen.add(outcome);
      }
      assert.ok(!seen.has('silent'));
      assert.ok(seen.has('named') || seen.has('problem'), [...seen].join(' '));
    });
  }

  it('RISC-V: a step that differs is shown with its request, its command or its store', () => {
    const text = gunzipSync(fs.readFileSync(path.join(FOLDER, 'riscv-iommu/riscv_inval_seq.json.gz'))).toString(); // prettier-ignore
    const [first] = JSON.parse(text) as [Json];
    const steps = first['steps'] as Json[];
    const command = steps.findIndex((step) => step['op'] === 'command');
    assert.ok(command >= 0);
    steps[command]!['illegal'] = steps[command]!['illegal'] === true ? false : true;
    const file = parseVectorText(JSON.stringify([first]));
    assert.ok(file.kind === 'riscv');
    const outcome = replayRiscvCase(file.cases[0]!);
    assert.ok(outcome.kind === 'failed');
    const lines = riscvFailureLines('f', 'c', outcome.failed[0]!);
    assert.match(lines[0]!, / step \d+(, with caches)?: command \S+/);
    assert.match(lines[1]!, /illegal +expected /);
    assert.match(differenceText(outcome.failed[0]!.differences, 'riscv_64'), /^illegal expected /);
  });
});
