import assert from 'node:assert/strict';
import { unitOf } from '../../tests/simulate/smallMachine.ts';
import { comparedValues } from './comparedValues.ts';

const TEXT = `
struct request { int kind; unsigned int flags, length, level; };
static int kindOf(struct request *r) { return r->kind; }
static int isLong(unsigned int n) { return n > 4096; }
int f(struct request *r, int depth)
{
	unsigned int length = r->length;
	switch (kindOf(r)) {
	case 7: return 1;
	case 9: return 2;
	}
	if (r->flags & 0x20) return 3;
	if (length & 15) return 4;
	if (depth >= 100) return 5;
	if (r->level == 1) return 6;
	return isLong(length);
}
`;

const MEASURED = `
typedef unsigned long size_t;
typedef unsigned long long u64;
struct device;
struct bio_vec { unsigned int bv_len; };
u64 dma_map_single_attrs(struct device *dev, void *p, size_t size, int dir, unsigned long attrs);
void *memcpy(void *to, const void *from, size_t size);
struct ring { unsigned int chunk, entries, length, other, copied; unsigned short small; };
static void map(struct ring *r, unsigned int bytes, unsigned int *out, u64 whole)
{
	u64 done;
	for (unsigned int i = 0; i < r->entries; i++)
		r->other++;
	for (done = 0; done < whole; done += bytes)
		dma_map_single_attrs(0, 0, bytes < whole - done ? bytes : whole - done, 1, 0);
	*out = bytes + 64;
	if (r->length > 1536)
		return;
	dma_map_single_attrs(0, 0, r->length, 1, 0);
	dma_map_single_attrs(0, 0, r->small & ~3, 1, 0);
	dma_map_single_attrs(0, 0, r->entries * 16, 1, 0);
	memcpy(0, 0, r->copied);
}
int g(struct ring *r, unsigned int *out, u64 whole)
{
	map(r, r->chunk, out, whole);
	dma_map_single_attrs(0, 0, *out, 1, 0);
	return 0;
}
`;

describe('measures of numbers', () => {
  const unit = unitOf(MEASURED);
  const values = comparedValues(unit, unit.function('g')!);

  it('are bytes where an interface for devices is handed them, with the bound that the C sets', () => {
    const bytes = { kind: 'bytes', bound: undefined };
    assert.deepEqual(values.measureOfMember('ring', 'chunk'), bytes);
    assert.deepEqual(values.measureOfMember('ring', 'length'), { kind: 'bytes', bound: 1536n });
    assert.deepEqual(values.measureOfMember('ring', 'small'), bytes);
    assert.deepEqual(values.measureBehind('out'), bytes);
    assert.deepEqual(values.measureOfParameter('whole'), { kind: 'pieces' });
  });

  it('are turns of a loop that counts by one, and nothing where neither is so', () => {
    assert.deepEqual(values.measureOfMember('ring', 'entries'), { kind: 'turns' });
    assert.equal(values.measureOfMember('ring', 'other'), undefined);
    assert.equal(values.measureOfMember('ring', 'copied'), undefined);
    assert.equal(values.measureOfParameter('r'), undefined);
  });
});

describe('comparedValues', () => {
  const unit = unitOf(TEXT);
  const values = comparedValues(unit, unit.function('f')!);

  it('knows cases, masks and bounds, also through variables, parameters and results', () => {
    assert.deepEqual(values.ofMember('request', 'kind'), [7n, 9n]);
    assert.deepEqual(values.ofMember('request', 'flags'), [32n]);
    assert.deepEqual(values.ofMember('request', 'length'), [16n, 4096n, 4097n]);
    assert.deepEqual(values.ofParameter('depth'), [100n, 99n]);
  });

  it('leaves out what is tried anyway, and what nothing is compared with', () => {
    assert.deepEqual(values.ofMember('request', 'level'), []);
    assert.deepEqual(values.ofMember('request', 'other'), []);
    assert.deepEqual(values.ofParameter('r'), []);
  });
});
