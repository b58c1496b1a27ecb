import assert from 'node:assert/strict';
import { changeOf } from '../../../patch/applyPatch.ts';
import { parsePatch } from '../../../patch/parseSeries.ts';
import { SIMULATION_LIMITS, simulateChange } from '../simulateChange.ts';
import type { Simulation } from '../result/simulation.ts';

const FILE = 'drivers/x/ring.c';

/** A lookup that gets its mode by value, and what it looks up mapped in that mode. */
const DRIVER = `typedef unsigned long long dma_addr_t;
struct device { int id; };
struct ring { struct device *dev; void *buf; dma_addr_t dma; int kind; };
enum { FAST = 1, SLOW = 2 };
dma_addr_t dma_map_single_attrs(struct device *dev, void *p, unsigned long n, int dir, unsigned long a);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t d, unsigned long n, int dir, unsigned long a);
int dma_mapping_error(struct device *dev, dma_addr_t d);
static int look(struct ring *r, int mode)
{
	if (mode & 4)
		return -22;
	if (r->kind)
		return 1;
	return mode & SLOW ? 2 : 3;
}
int setup(struct ring *r)
{
	int mode = 0;
	if (look(r, mode) < 0)
		return -22;
	r->dma = dma_map_single_attrs(r->dev, r->buf, 2048, mode, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	dma_unmap_single_attrs(r->dev, r->dma, 2048, 0, 0);
	return 0;
}
`;

/** A reply that quotes the patch to where it clears the flag: where it is set, and what callers pass, is left out. */
const REPLY = (subject: string, counts: string): string => `From: A <a@example.org>
Subject: ${subject}

diff --git a/${FILE} b/${FILE}
--- a/${FILE}
+++ b/${FILE}
@@ ${counts} @@
 int dma_mapping_error(struct device *dev, dma_addr_t d);
-static int look(struct ring *r, int mode)
+static int look(struct ring *r, int *mode)
 {
-	if (mode & 4)
+	if (*mode & 4)
 		return -22;
-	if (r->kind)
+	if (r->kind) {
+		*mode &= ~FAST;
 		return 1;
+	}
Why is this cleared here?
`;

function simulated(mail: string, driver = DRIVER): Simulation {
  const read = (path: string): string | undefined => (path === FILE ? driver : undefined);
  const [patch] = parsePatch(mail, 'mail').patches;
  return simulateChange({
    source: { read, list: () => [] },
    ...{ change: changeOf(patch!, read), limits: SIMULATION_LIMITS },
    ...{ now: () => 0, cancelled: () => false },
  });
}

const QUOTED = REPLY('Re: [PATCH] ring: look by address', '-7,10 +7,12');

describe('completeQuote', () => {
  it('runs a patch that a reply quotes in part, with what the quoted part makes necessary', () => {
    const { functions, notSimulated } = simulated(QUOTED);
    const found = functions.find(({ verdict }) => verdict === 'newly-broken');
    assert.equal(found?.entry, 'setup', JSON.stringify(functions.map(({ reason }) => reason)));
    assert.match(found.reason, /C-UNMAP-ARGUMENTS/);
    assert.deepEqual(
      found.assumptions.filter(({ about }) => about.startsWith('the lines')),
      [{ about: 'the lines that the mail does not quote', kind: 'input', value: 'set the flag' }],
    );
    const [left] = notSimulated;
    assert.match(left!.reason, /look\(\) takes mode by address.*that they set FAST/);
  });

  it('claims nothing about a flag that something in sight sets', () => {
    const driver = DRIVER.replace('int mode = 0;', 'int mode = 0 & FAST;');
    const { functions, notSimulated } = simulated(QUOTED, driver);
    assert.deepEqual(
      functions.filter(({ verdict }) => verdict === 'newly-broken' || verdict === 'unchanged'),
      [],
    );
    assert.doesNotMatch(notSimulated[0]!.reason, /that they set/);
  });

  it('leaves a whole patch as it is, whether it compiles or not', () => {
    const whole = REPLY('[PATCH] ring: look by address', '-7,7 +7,9');
    const { functions, notSimulated } = simulated(whole);
    assert.ok(notSimulated.every(({ reason }) => !reason.includes('quotes')));
    assert.ok(functions.every(({ verdict }) => verdict !== 'newly-broken'));
  });
});
