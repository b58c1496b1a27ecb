import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printType } from '../dump.ts';
import { testProgram } from '../fixture.test.ts';
import type { Expr, FunctionIr } from '../ir.ts';
import { parseCharLiteral, parseIntLiteral } from '../lower/literals.ts';
import type { Unit } from '../unit.ts';
import { integerOfWords } from './builtin.ts';

const header = `
typedef u64 addr_t;
#define SHIFT 12
#define GRANULE (1UL << SHIFT)
#define MASKED (~(GRANULE - 1))
#define LOOP_A LOOP_B
#define LOOP_B LOOP_A
enum level { FIRST = 2, SECOND, THIRD = SECOND * 4, FOURTH };
struct plain { char a; int b; char c; };
struct packed { char a; int b; } __packed;
struct bits { unsigned int a : 3; unsigned int b : 5; unsigned int c : 30; };
struct ring {
	struct plain slots[FOURTH];
	union { u64 wide; u32 half[2]; };
	DECLARE_BITMAP(busy, 70);
	addr_t base;
	void (*done)(struct ring *ring, int status);
	struct list_head *next;
};
struct maybe {
	int a;
#ifdef CONFIG_X
	int b;
#endif
};
static inline struct ring *ring_of(struct plain *p);
ssize_t ring_size(const struct ring *ring);
`;

async function opened(body: string): Promise<{ unit: Unit; fn: FunctionIr; value: Expr }> {
  const { unit } = await testProgram({
    'include/linux/r.h': header,
    'a.c': `#include <linux/r.h>\nvoid f(struct ring *r, int i)\n{\n\tuse(${body});\n}\n`,
  });
  const opened = unit('a.c');
  const fn = opened.functions[0]!.lower();
  assert.ok(fn.kind === 'lowered');
  const node = fn.cfg.nodes.find((each) => each.kind === 'eval');
  assert.ok(node?.kind === 'eval' && node.expr.kind === 'call');
  return { unit: opened, fn, value: node.expr.args[0]! };
}

async function constant(body: string): Promise<unknown> {
  const { unit, fn, value } = await opened(body);
  return unit.types.constant(fn, value);
}

async function typeText(body: string): Promise<string> {
  const { unit, fn, value } = await opened(body);
  return printType(unit.types.typeOf(fn, value));
}

describe('constants', () => {
  it('evaluates macros, enumerators and sizes of the headers', async () => {
    assert.equal(await constant('GRANULE'), 4096);
    assert.equal(await constant('MASKED'), '18446744073709547520');
    assert.equal(await constant('FOURTH'), 13);
    assert.equal(await constant('sizeof(struct plain)'), 12);
    assert.equal(await constant('sizeof(struct packed)'), 5);
    assert.equal(await constant('sizeof(struct bits)'), 8);
    assert.equal(await constant('sizeof(r->slots)'), 156);
    assert.equal(await constant('sizeof(*r)'), 208);
    assert.equal(await constant('offsetof(struct ring, base)'), 184);
    assert.equal(await constant('ARRAY_BITS | BIT(3)'), undefined);
    assert.equal(await constant('BIT(3) | GENMASK(1, 0)'), 11);
    assert.equal(await constant('ALIGN(5, 4) + DIV_ROUND_UP(9, 4)'), 11);
  });

  it('follows C on widths and signs', async () => {
    assert.equal(await constant('~0'), -1);
    assert.equal(await constant('~0U'), 4294967295);
    assert.equal(await constant('~0ULL'), '18446744073709551615');
    assert.equal(await constant('(u8)300'), 44);
    assert.equal(await constant('(s8)200'), -56);
    assert.equal(await constant('-1 > 0u'), 1);
    assert.equal(await constant('1 << 40'), undefined);
    assert.equal(await constant('7 / 0'), undefined);
  });

  it('has no value for what depends on the configuration, or on itself', async () => {
    assert.equal(await constant('PAGE_SIZE'), undefined);
    assert.equal(await constant('sizeof(struct maybe)'), undefined);
    assert.equal(await constant('LOOP_A'), undefined);
    assert.equal(await constant('sizeof(struct unheard)'), undefined);
  });
});

describe('types of expressions', () => {
  it('follows members, typedefs, anonymous members and function pointers', async () => {
    assert.equal(await typeText('r->base'), 'addr_t');
    assert.equal(await typeText('r->wide'), 'u64');
    assert.equal(await typeText('r->slots[i].b'), 'int');
    assert.equal(await typeText('&r->slots[0]'), 'struct plain *');
    assert.equal(await typeText('r->done(r, 1)'), 'void');
    assert.equal(await typeText('ring_of(r->slots)'), 'struct ring *');
    assert.equal(await typeText('ring_size(r)'), 'ssize_t');
    assert.equal(await typeText('container_of(r->slots, struct ring, slots)'), 'struct ring *');
    assert.equal(await typeText('(u16)i'), 'u16');
    assert.equal(await typeText('i + r->base'), 'addr_t');
    assert.equal(await typeText('r + 1'), 'struct ring *');
    assert.equal(await typeText('!r'), 'int');
  });

  it('knows the types that contracts promise where no header is at hand', async () => {
    assert.equal(await typeText('dma_map_single(r, r, 8, DMA_TO_DEVICE)'), 'dma_addr_t');
    assert.equal(await typeText('iommu_map_sgtable(r, 0, r, 0)'), 'ssize_t');
    assert.match(
      await typeText('never_heard_of(r)'),
      /^<no declaration of never_heard_of in sight>$/,
    );
  });
});

describe('literals', () => {
  it('reads what C writes', () => {
    assert.equal(parseIntLiteral('0x10UL'), 16);
    assert.equal(parseIntLiteral('010'), 8);
    assert.equal(parseIntLiteral('0b101'), 5);
    assert.equal(parseIntLiteral('0xffffffffffffffffULL'), '18446744073709551615');
    assert.equal(parseIntLiteral('09'), undefined);
    assert.equal(parseIntLiteral('1.5'), undefined);
    assert.equal(parseCharLiteral("'\\n'"), 10);
    assert.equal(parseCharLiteral("'\\x7f'"), 127);
    assert.equal(parseCharLiteral("'a'"), 97);
  });

  it('gives back every unsigned 64-bit number, in any base', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.constantFrom('', 'U', 'ul', 'ULL', 'll'),
        (n, suffix) => {
          const expected = n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n.toString();
          assert.equal(parseIntLiteral(`0x${n.toString(16)}${suffix}`), expected);
          assert.equal(parseIntLiteral(`${n}${suffix}`), expected);
        },
      ),
    );
  });

  it('knows integer types by their words in any order', () => {
    const wide = integerOfWords(['unsigned', 'long', 'long', 'int']);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['unsigned', 'long', 'int', 'long2'], { minLength: 4 }),
        (words) => {
          assert.deepEqual(integerOfWords(words.map((word) => word.replace('2', ''))), wide);
        },
      ),
    );
  });
});
