import assert from 'node:assert/strict';
import type {
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
  Verdict,
} from '../simulate/compare/result/simulation.ts';
import { defectOf, foldedReasons, foldedResults } from './foldedResults.ts';
import { simulationText } from './simulation.ts';
import { replyOf } from './view/simulatedReply.ts';

const FILE = 'drivers/dma/qring/qring.c';
const at = (line: number): SimulatedViolation['position'] => ({
  ...{ file: FILE, line, column: 1, function: 'pin_all' },
});

/** RAM that is mapped without the C-bit, asked for at a line. */
function bare(line: number, domain?: string, address = '0x1000000'): SimulatedViolation {
  const where = domain === undefined ? '' : ` in ${domain}`;
  return {
    ...{ id: 'I-CC-2', rules: [], position: at(line), since: undefined },
    message: `RAM ${address} is mapped at 0x100000 without the C-bit${where}: devices see ciphertext`,
    ...(domain === undefined ? {} : { domain }),
  };
}

const event: SimulatedEvent = {
  ...{ sequence: 1, actor: 'cpu', kind: 'call', text: 'pin_all()', position: at(1) },
};

function result(
  situation: string,
  verdict: Verdict,
  { steps = 1, violations = [], ...more }: Partial<SimulatedFunction> & { steps?: number },
): SimulatedFunction {
  const run: SimulatedRun = {
    ...{ outcome: 'returns 0', events: Array.from({ length: steps }, () => event) },
    ...{ violations, tables: [], accesses: [] },
  };
  const reason = violations.map(({ id, message }) => `${id}: ${message}`).join('; ');
  return {
    ...{ function: 'pin_all', file: FILE, line: 10, entry: 'pin_all', situation, verdict, reason },
    ...{ summary: situation, violations, before: run, after: run, assumptions: [], models: [] },
    ...{ pairs: 1, ...more },
  };
}

const once = result('one', 'newly-broken', { steps: 3, violations: [bare(20)] });
const twice = result('two', 'newly-broken', {
  ...{ steps: 9, entry: 'replay' },
  violations: [bare(31, 'domain 2'), bare(20, 'domain 1')],
});

describe('results that say the same', () => {
  it('shows a defect in the simplest situation, and names the others with the lines that they add', () => {
    const text = simulationText({ functions: [twice, once], notSimulated: [], elapsed: 0 });
    assert.equal(text.match(/NEWLY BROKEN/g)?.length, 1);
    assert.match(text, /^NEWLY BROKEN +pin_all\(\) .* situation: one$/m);
    assert.match(text, /^ {2}also {4}in two, called by replay\(\), there at line 31, too$/m);
    assert.match(text, /^1 newly broken, /m);
  });

  it('keeps apart what is broken elsewhere, otherwise, or on another side', () => {
    const elsewhere = result('two', 'newly-broken', { violations: [bare(21)] });
    const still = result('two', 'still-broken', { violations: [bare(20)] });
    const more = result('two', 'newly-broken', {
      violations: [bare(20), { ...bare(20), id: 'I-REACH-1' }],
    });
    for (const other of [elsewhere, still, more]) {
      assert.equal(foldedResults([once, other]).length, 2);
    }
    assert.notEqual(
      defectOf(bare(20)),
      defectOf({ ...bare(20), message: 'MMIO 0x1000000 is mapped at 0x100000 with the C-bit' }),
    );
  });

  it('prefers what assumes nothing to what is short', () => {
    const guessed = result('guessed', 'newly-broken', {
      ...{ steps: 1, violations: [bare(20)] },
      assumptions: [{ about: 'q->size', kind: 'input', value: '1' }],
    });
    assert.equal(foldedResults([guessed, once])[0]!.shown.situation, 'one');
  });

  it('says a reason once: of one function in several situations, of functions that were not run', () => {
    const reason = 'asm without a model';
    const text = simulationText({
      functions: [
        result('a', 'unknown', { reason: 'no difference' }),
        result('b', 'unknown', { reason: 'no difference' }),
        result('a', 'unknown', { reason: 'no difference', function: 'other', line: 70 }),
        result('a', 'not-simulated', { reason }),
        result('b', 'not-simulated', { reason, function: 'other', line: 70 }),
      ],
      notSimulated: [],
      elapsed: 0,
    });
    const lines = text.split('\n').map((line) => line.replace(/ +/g, ' '));
    assert.deepEqual(lines.slice(0, 3), [
      `UNKNOWN pin_all() ${FILE}:10 a, b: no difference`,
      `UNKNOWN other() ${FILE}:70 a: no difference`,
      `NOT SIMULATED pin_all(), other() ${FILE}:10, 70 a, b: ${reason}`,
    ]);
    assert.match(text, /^0 newly broken, .*, 2 unknown, 2 not simulated/m);
  });

  it('says why files and functions were not run once', () => {
    const [steps, header] = ['not run, the steps are used up', 'a header'];
    assert.deepEqual(
      foldedReasons([
        { file: 'a.c', line: 1, reason: `f(): ${steps}` },
        { file: 'a.h', line: 3, reason: header },
        { file: 'a.c', line: 9, reason: `g(): ${steps}` },
      ]),
      [
        { places: ['a.c:1 f()', 'a.c:9 g()'], reason: steps },
        { places: ['a.h:3'], reason: header },
      ],
    );
  });

  it('tells in the block for a mail where else the same shows', () => {
    assert.equal(
      replyOf(once, [twice]).at(-1),
      'newly broken: I-CC-2, qring.c:20; also in replay(); nothing assumed',
    );
    const other = result('three', 'newly-broken', { violations: [bare(20)] });
    assert.match(replyOf(once, [other]).at(-1)!, /; also in 1 other situation$/);
  });
});
