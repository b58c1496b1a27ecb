import assert from 'node:assert/strict';
import { at, explained } from '../unit.test.ts';
import { wordAt } from '../text/wordAt.ts';
import { lastMember, lifeCallAt, lifeCalls, otherEnds } from './resourceLinks.ts';
import { wiringOf } from './wiring.ts';

const FILE = 'drivers/a.c';
const code = `struct q { struct device *dev; dma_addr_t ring_dma; dma_addr_t other_dma; size_t len; };
static int q_map(struct q *q, void *buf)
{
	q->ring_dma = dma_map_single(q->dev, buf, q->len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, q->ring_dma))
		return -ENOMEM;
	return 0;
}
static void q_unmap(struct q *q)
{
	dma_unmap_single(q->dev, q->ring_dma, q->len, DMA_TO_DEVICE);
}
static void q_other(struct q *q)
{
	dma_unmap_single(q->dev, q->other_dma, q->len, DMA_TO_DEVICE);
}
static irqreturn_t q_irq(int irq, void *data)
{
	return IRQ_HANDLED;
}
static int q_probe(struct q *q)
{
	return request_irq(1, q_irq, 0, "q", q);
}
static const struct dma_map_ops q_ops = {
	.unmap_page = q_unmap,
};
`;

describe('ways between the ends of a resource', () => {
  it('lead through a field to other functions of the file, and nowhere else', async () => {
    const { facts, text } = await explained(FILE, { [FILE]: code });
    const calls = lifeCalls(facts);
    const from = (what: string, after = ''): string[] => {
      const call = lifeCallAt(calls, at(text, what, after))!;
      return otherEnds(facts, calls, call).map((place) => place.function);
    };
    assert.deepEqual(from('dma_map_single'), ['q_unmap']);
    assert.deepEqual(from('dma_unmap_single'), ['q_map']);
    assert.deepEqual(from('dma_unmap_single', 'q_other'), []);
  });

  it('know the member that a handle is kept in', () => {
    assert.equal(lastMember('q->ring[i].iova'), 'iova');
    assert.equal(lastMember('ring->iova + off'), 'iova');
    assert.equal(lastMember('dma'), 'dma');
    assert.equal(lastMember('f(x)'), '');
  });
});

describe('the wiring of a function', () => {
  it('is its entry in a table, or its registration', async () => {
    const { unit, text } = await explained(FILE, { [FILE]: code });
    const lineOf = (what: string): number[] =>
      wiringOf(unit, text, wordAt(text, at(text, what))!).map(
        ({ start }) => text.slice(0, start).split('\n').length,
      );
    assert.deepEqual(lineOf('q_unmap'), [26]);
    assert.deepEqual(lineOf('q_irq'), [23]);
    assert.deepEqual(lineOf('q_map'), []);
  });
});
