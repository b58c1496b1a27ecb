import { Random } from '../../server/simulate/conformance/random/random.ts';

/** Parameters of every generated function, in order. */
export const PARAMETER_TYPES = [
  ...['unsigned char', 'signed char', 'unsigned short', 'short', 'int', 'unsigned int'],
  ...['long', 'unsigned long', '_Bool'],
] as const;

/** Arguments of one call, as C writes them and as the machine takes them. */
export const ARGUMENTS: readonly (readonly bigint[])[] = [
  [200n, -7n, 60000n, -30000n, -123456n, 4000000000n, -123456789012345n, 0xfedcba9876543210n, 1n],
  [1n, 1n, 2n, 3n, 5n, 8n, 13n, 21n, 0n],
  [255n, -128n, 65535n, -32768n, 2147483647n, 4294967295n, -1n, 18446744073709551615n, 1n],
];

const CONSTANTS = [
  ...['0', '1', '-1', '7', '255', '65535', '0x7fffffff', '0x80000000', '0xffffffffUL', '3U', '-5L'],
  ...['0x123456789abcdefUL', "'a'", '100ULL', '-2147483647', '017'],
];

/** Declarations that every program shares: the types and helpers the functions use. */
const PRELUDE = `
struct bits { unsigned a:3; unsigned long b:40; int c:5; unsigned char d; unsigned e:1; long f:33; };
struct packed_bits { unsigned char a; unsigned b:17; unsigned short c; int d:9; } __attribute__((packed));
struct aligned_one { char x; long y __attribute__((aligned(16))); short z; };
union word { unsigned long q; unsigned short h[4]; unsigned char b[8]; struct { unsigned lo, hi; }; };
struct pair { long first; unsigned char second; int third[3]; };
struct tail { int count; unsigned short items[]; };
static unsigned long trail;
static void note_int(int *p) { trail = trail * 31 + (unsigned long)(unsigned)*p; }
static void note_long(long *p) { trail = trail * 37 + (unsigned long)*p; }
#define CLEAN_INT __attribute__((cleanup(note_int)))
#define CLEAN_LONG __attribute__((cleanup(note_long)))
#define SUM(...) sum_of(COUNT(__VA_ARGS__), ##__VA_ARGS__)
#define COUNT(...) COUNT_(0, ##__VA_ARGS__, 4, 3, 2, 1, 0)
#define COUNT_(z, a, b, c, d, n, ...) n
#define OPTIONAL(first, ...) (first __VA_OPT__(+ sum_of(1, __VA_ARGS__)))
#define TWICE(x) ({ __typeof__(x) twice_ = (x); twice_ + twice_; })
#define LARGER(x, y) ({ __typeof__(x) l_ = (x); __typeof__(y) r_ = (y); l_ > r_ ? l_ : r_; })
#define KIND(x) _Generic((x), int: 1, unsigned int: 2, long: 3, unsigned long: 4, default: 9)
#define GLUE(a, b) a##b
static long sum_of(int n, ...) {
  __builtin_va_list ap; long s = 0; int i;
  __builtin_va_start(ap, n);
  for (i = 0; i < n; i++) s = s * 3 + __builtin_va_arg(ap, int);
  __builtin_va_end(ap);
  return s;
}
static struct pair make_pair(long a, int b) {
  struct pair p = { .first = a, .third = { [1] = b, b ^ 5 } };
  p.second = (unsigned char)a;
  return p;
}
static long fold_pair(struct pair p) { p.first += p.second; return p.first ^ p.third[1] ^ p.third[2]; }
`;

/** Generates expressions over the parameters v0…v8. Every operand is evaluated without side effects. */
class Expressions {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  make(depth: number): string {
    const { random } = this;
    if (depth === 0) return random.below(3) > 0 ? `v${random.below(9)}` : random.pick(CONSTANTS);
    const e = (): string => this.make(depth - 1);
    const wide = random.pick(['unsigned int', 'unsigned long', 'unsigned char', 'unsigned short']);
    switch (random.below(17)) {
      case 0:
        return `(${random.pick(PARAMETER_TYPES)})(${e()})`;
      case 1:
        return `(~(${e()}))`;
      case 2:
        return `(!(${e()}))`;
      case 3:
        return `(-(${random.pick(['signed char', 'short', 'unsigned int', 'unsigned long'])})(${e()}))`;
      case 4:
        return `((${e()}) ? (${e()}) : (${e()}))`;
      case 5:
        return `((${wide})(${e()}) << ((${e()}) & 15))`;
      case 6:
        return `((${e()}) >> ((${e()}) & 31))`;
      case 7:
        return `((unsigned long)(${e()}) ${random.pick(['/', '%'])} (((${e()}) & 0xff) + 1))`;
      case 8:
        return `((${e()}) ${random.pick(['<', '>', '<=', '>=', '==', '!='])} (${e()}))`;
      case 9:
        return `((${e()}) ${random.pick(['&', '|', '^'])} (${e()}))`;
      case 10:
        return `((${e()}) ${random.pick(['&&', '||'])} (${e()}))`;
      case 11:
        return `((long)(${e()}) ${random.pick(['/', '%'])} (long)(((${e()}) & 0x7f) + 1))`;
      case 12:
        return `TWICE((${random.pick(['unsigned int', 'unsigned long'])})(${e()}))`;
      case 13:
        return `LARGER(${e()}, (unsigned long)(${e()}))`;
      case 14:
        return `((int)sizeof(${random.pick(PARAMETER_TYPES)}) + KIND(${e()}))`;
      case 15:
        return `((unsigned long)(((unsigned __int128)(unsigned long)(${e()}) * (unsigned long)(${e()})) >> ${random.below(90)}))`;
      default:
        return `((${random.pick(['unsigned int', 'unsigned long'])})(${e()}) ${random.pick(['+', '-', '*'])} (${e()}))`;
    }
  }
}

type Body = (e: (depth: number) => string, random: Random) => string;

/** One shape of function body per thing that is compared. */
const BODIES: readonly Body[] = [
  // Bit-fields: stores, promotions, widths beyond int.
  (
    e,
  ) => `struct bits s; s.a=${e(2)}; s.b=${e(2)}; s.c=${e(2)}; s.d=${e(1)}; s.e=${e(1)}; s.f=${e(2)};
    s.b=(unsigned long)s.b+s.a; s.c-=3; s.b++; s.f>>=1; s.a|=4;
    return (unsigned long)((int)s.a+s.c+s.d+(unsigned long)s.b*31+(s.b<<7)+(long)s.f+s.e);`,
  (e) => `struct packed_bits s = { .a = ${e(1)}, .b = ${e(2)}, .c = ${e(1)}, .d = ${e(2)} };
    s.b += 3; s.d = s.d - s.b; s.c ^= s.a;
    return s.a + (unsigned long)s.b * 3 + s.c + (unsigned long)(long)s.d + sizeof(s);`,
  // Unions, narrow compound assignment.
  (
    e,
  ) => `union word x; x.q=${e(3)}; x.h[1]+=v2; x.b[7]^=v0; x.hi -= v5; v2 <<= 3; v3 *= 7; v0--; --v7;
    v1 += ${e(1)}; v8 ^= 1; v8 += 2;
    return x.q + x.lo + v2 + (unsigned long)(long)v3 + v0 + v7 + (unsigned long)(long)v1 + v8;`,
  // switch with fall through and ranges, loops.
  (e) => `unsigned long r=0; int i; for(i=0;i<5;i++){ switch((${e(2)})&7){ case 0: r+=1; break;
    case 1: r+=10; case 2: if(i==3) continue; r^=${e(2)}; break; case 4 ... 6: r = r * 5 + i; break;
    default: goto out;} } out: return r*3+(unsigned long)(${e(3)});`,
  // goto into and out of blocks.
  (e, random) => `unsigned long r=${e(2)}; int n=0; if (v4 & ${1 + random.below(3)}) goto inside;
    do { r += 7; if ((r ^ v5) & 1) { r ^= ${e(1)}; goto end; }
      { inside: r = r * 3 + n; if (++n > ${2 + random.below(4)}) goto end; }
    } while (n < 6); r ^= 0x55; end: return r + n;`,
  // cleanup scopes with every way to leave them.
  (e, random) => `trail = 1; int i; for (i = 0; i < 4; i++) { CLEAN_INT int a = i + (int)(${e(1)});
      if (i == ${random.below(4)}) { CLEAN_LONG long b = a * 2L; if (v4 & 1) continue; if (v4 & 2) break; trail ^= b; }
      { CLEAN_INT int c = a ^ 3; if (i == 3) goto done; if ((v5 >> i) & 1) { CLEAN_INT int d = c; trail += d; } }
      if (i == ${random.below(4)} && (v6 & 4)) return ({ CLEAN_INT int q = a; trail * 3 + q; });
    } done: return trail;`,
  // Variadic macros and functions.
  (e) => `int a = (int)(${e(2)}), b = (int)(${e(1)});
    return (unsigned long)(SUM() + SUM(a) * 5 + SUM(a, b, 3) + OPTIONAL(a) + OPTIONAL(a, b) + GLUE(a, ) + GLUE(v, 4));`,
  // Structs by value, arrays, pointers, compound literals.
  (
    e,
  ) => `struct pair p = make_pair(${e(2)}, (int)(${e(1)})), q = p; int *t = q.third; long *l = &p.first;
    t[2] += 4; *t++ = v4; *l ^= *t; struct pair *s = &(struct pair){ .first = q.first, .third = { v4, v4 ^ 1 } };
    char text[] = "ab\\x41\\101"; s->second = text[2] + text[3] + sizeof(text);
    return (unsigned long)(fold_pair(p) + fold_pair(q) * 3 + fold_pair(*s) + (t - q.third) + s->second);`,
  // Layouts, static data, flexible arrays through bytes.
  (
    e,
  ) => `static unsigned short table[4] = { [2] = 9, 11 }; static int calls; unsigned char raw[32] = { 0 };
    struct tail *t = (struct tail *)raw; t->count = 3; t->items[2] = ${e(2)}; table[1] += v2; calls++;
    struct aligned_one o = { 1, v6, v3 };
    return sizeof(struct aligned_one) + __builtin_offsetof(struct aligned_one, z) + t->items[2] + raw[8] * 7
      + table[1] + table[2] * 5 + table[3] + (unsigned long)o.y + o.z + calls;`,
  // 128 bits and overflow builtins.
  (
    e,
  ) => `__int128 a = (__int128)(long)(${e(2)}) * v6; unsigned __int128 b = (unsigned __int128)v7 << (v5 & 63); long r; int n;
    a += b >> 3; b ^= (unsigned __int128)a; int o = __builtin_add_overflow(v6, (long)(${e(1)}), &r);
    o += 2 * __builtin_mul_overflow(v4, (int)(${e(1)}), &n); o += 4 * (a < (__int128)b);
    return (unsigned long)(a >> 64) + (unsigned long)a + (unsigned long)(b >> 32) + r + n + o;`,
  // Plain expressions.
  (e) => `return (unsigned long)(${e(4)});`,
];

/** A program of generated functions f0…f(count-1). */
export function generateProgram(seed: number, count: number): string {
  const random = new Random(seed);
  const expressions = new Expressions(random);
  const parameters = PARAMETER_TYPES.map((type, i) => `${type} v${i}`).join(', ');
  const functions: string[] = [];
  for (let i = 0; i < count; i++) {
    const body = BODIES[i % BODIES.length]!;
    const text = body((depth) => expressions.make(depth), random);
    functions.push(`unsigned long f${i}(${parameters}) { ${text} }`);
  }
  return `${PRELUDE}\n${functions.join('\n')}\n`;
}

/** A main() that prints every function's result for every argument list, one per line. */
export function mainFor(count: number): string {
  const literal = (value: bigint, type: string): string => {
    if (type === 'unsigned long') return `${value}UL`;
    if (type === 'unsigned int') return `${value}U`;
    return type === 'long' ? `${value}L` : String(value);
  };
  const lines = ARGUMENTS.flatMap((values) => {
    const args = values.map((value, i) => literal(value, PARAMETER_TYPES[i]!)).join(', ');
    return Array.from({ length: count }, (_, i) => `  printf("%lu\\n", f${i}(${args}));`);
  });
  return `int printf(const char *, ...);\nint main(void) {\n${lines.join('\n')}\n  return 0;\n}\n`;
}
