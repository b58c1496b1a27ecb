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
