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
/* Types that take the alignment of their name, packing that nests, and constants wider than int. */
typedef struct { char tag; short n; } __attribute__((aligned(16))) slot;
typedef int word16 __attribute__((aligned(16)));
struct holder { char c; slot s; char d; word16 w; };
#pragma pack(push, 2)
struct packed2 { char a; long b; struct { char c; int d; } in; };
#pragma pack(push, 1)
struct packed1 { char a; int b; short c; unsigned e:3; unsigned f:21; };
#pragma pack(pop)
struct packed2_again { char a; int b; long c; };
#pragma pack(pop)
struct natural { char a; long b; };
enum big { BIG_LOW = -3, BIG_ONE = 1, BIG_HIGH = 0x1ffffffffLL, BIG_NEXT };
enum wide { WIDE_MID = 0x80000000, WIDE_NEXT, WIDE_BACK = 7 };
enum __attribute__((packed)) small { SMALL_A = 1, SMALL_B = 200 };
struct inner { int x, y[3]; struct { short s; unsigned char t[2]; } z; };
struct outer { struct inner in[2]; union { long whole; struct { int lo, hi; } half; } u; const char *name; };
struct counted { unsigned char n; int items[]; };
static struct counted filled = { 3, { 7, -8, 9 } };
static struct outer laid = { .in[1].y[2] = 5, .in[0] = { .x = 1, .y = { [1] = 2, 3 }, .z.t[1] = 4 },
  .in[1].z = { .s = -6 }, .u.half.hi = 8, .name = "xy" };
#define CONSTNESS(p) _Generic((p), const int *: 1, int *: 2, const char *: 3, char *: 4, void *: 5, const void *: 6, default: 7)
#define WIDTH(x) _Generic((x), char: 1, signed char: 2, unsigned char: 3, short: 4, long long: 5, unsigned long long: 6, default: 8)
static long mixed_sum(const char *kinds, ...) {
  __builtin_va_list ap, again; long s = 1;
  __builtin_va_start(ap, kinds);
  __builtin_va_copy(again, ap);
  for (; *kinds; kinds++) switch (*kinds) {
    case 'i': s = s * 3 + __builtin_va_arg(ap, int); break;
    case 'u': s = s * 5 + __builtin_va_arg(ap, unsigned int); break;
    case 'l': s = s * 7 + __builtin_va_arg(ap, long); break;
    case 'p': s = s * 11 + *__builtin_va_arg(ap, int *); break;
    case 's': s = s * 13 + __builtin_va_arg(ap, struct pair).third[1]; break;
  }
  __builtin_va_end(ap);
  s += __builtin_va_arg(again, int);
  __builtin_va_end(again);
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
  // Case labels of another sign or width than what they are compared with.
  (
    e,
  ) => `unsigned long r = 0; switch ((unsigned int)(${e(2)})) { case -1: r = 1; break; case 0x80000000: r = 2; break; case 1 ... 9: r = 3; break; case 4294967286 ... 4294967290: r = 4; break; default: r = 5; }
    switch ((signed char)v5) { case 255: r += 10; break; case -1: r += 20; break; case -128 ... -2: r += 30; break; default: r += 40; }
    switch ((long)v6) { case -1: r += 100; break; case 0xffffffff: r += 200; break; case -200000000000000 ... -2: r += 300; break; default: r += 400; }
    switch (v0) { case 200: r += 1000; break; case -56: r += 2000; break; case 255: r += 3000; break; default: r += 4000; }
    switch ((unsigned long)v7) { case -1: r += 10000; break; case 0x7fffffff ... 0xffffffffffff: r += 20000; break; case 0 ... 100: r += 30000; }
    switch (v8) { case 0: r += 7; break; case 1: r += 9; }
    return r;`,
  // Arrays as what they point to.
  (
    e,
  ) => `int a[3] = { (int)(${e(2)}), (int)(${e(1)}), 3 }; int m[2][3] = { { 1, 2, 3 }, { (int)v2, 5 } }; int (*row)[3] = m;
    *a += 2; *(a + 1) ^= **(m + 1); (*row)[1] = *a; row++; **row += 9; *&a[2] -= 1; int *end = *(&a + 1);
    return (unsigned long)(long)(*a * 3 + a[1] * 5 + a[2] + *m[1] + (*m)[1] + *(*(m + 1) + 1) + (end - a) + sizeof *m + sizeof *a + sizeof *row + 1[a]);`,
  // Designators within designators, in locals, statics and compound literals.
  (
    e,
  ) => `struct outer o = { .in[1].y[2] = (int)(${e(1)}), .in[0] = { .x = (int)(${e(2)}), .y = { [1] = 2, 3 }, .z.t[1] = v0 }, .in[1].z = { .s = v3 }, .u.half.hi = v4 };
    int y[6] = { [4] = 1, [1 ... 2] = v4, 7, [0] = 9 }; struct inner *i = &(struct inner){ .y[1] = 4, 5, .z = { 6, { 7, 8 } } };
    struct outer *p = (struct outer[]){ o, [2] = { .in = { [1] = { .x = 3 } } } };
    return (unsigned long)(o.in[0].x + o.in[0].y[1] * 3 + o.in[0].y[2] * 5 + o.in[0].z.t[1] * 7 + o.in[1].y[2] * 11 + o.in[1].z.s * 13 + o.u.half.hi * 17 + (o.name == 0)
      + y[0] + y[1] * 3 + y[2] * 5 + y[3] * 7 + y[4] * 11 + y[5] + i->x + i->y[1] + i->y[2] * 3 + i->z.s * 5 + i->z.t[0] * 7 + i->z.t[1] * 9 + p[1].in[0].x + p[2].in[1].x * 2 + p[0].in[0].x
      + laid.in[0].y[1] + laid.in[0].y[2] * 3 + laid.in[0].z.t[1] * 5 + laid.in[1].y[2] * 7 + laid.in[1].z.s * 11 + laid.u.half.hi * 13 + laid.name[1]);`,
  // Packing that nests, names with an alignment.
  (
    e,
  ) => `struct packed1 s = { v1, (int)(${e(2)}), v3, v5, v5 }; struct packed2 t = { .b = ${e(2)}, .in = { 2, v4 } }; struct holder h = { .s = { 3, v3 }, .w = v4 }; slot many[2] = { { 1, 2 }, { 3, v3 } };
    s.b += t.in.d; s.f -= 5; h.w ^= s.b;
    return (unsigned long)(s.a + (long)s.b + s.c + s.e + s.f + t.b + t.in.d + h.s.n + (long)h.w + many[1].n
      + sizeof(struct packed1) * 3 + sizeof(struct packed2) * 5 + sizeof(struct packed2_again) * 7 + sizeof(struct natural) * 11 + sizeof(slot) * 13 + sizeof(struct holder) * 17 + sizeof many * 19 + sizeof(word16)
      + __alignof__(slot) * 23 + __alignof__(struct holder) * 29 + __alignof__(word16) + __builtin_offsetof(struct holder, d) * 31 + __builtin_offsetof(struct holder, w) * 37 + __builtin_offsetof(struct packed2, in.d) * 41 + __builtin_offsetof(struct packed2_again, c) * 43 + __alignof__(struct packed2));`,
  // Enumerations wider than int, and packed ones. What type small constants of wide ones have changed in gcc 13.
  (
    e,
  ) => `enum big b = (enum big)(${e(2)}); enum wide w = (enum wide)(${e(2)}); enum small s = (enum small)v0; struct { enum small a; enum big b; enum small c; } t = { SMALL_B, BIG_NEXT, (enum small)v2 };
    return (unsigned long)((long)b + (b < BIG_ONE) + (b > BIG_HIGH) * 3 + (long)w + (w < -1) * 5 + (w < WIDE_BACK) * 7 + (long)(BIG_HIGH >> 3) + (long)BIG_NEXT + WIDE_NEXT + (BIG_LOW < 0) * 11 + s * 17 + t.a + (long)t.b + t.c
      + sizeof(enum big) * 19 + sizeof(enum wide) * 23 + sizeof(enum small) * 29 + sizeof(BIG_HIGH) * 31 + sizeof(WIDE_MID) * 37 + sizeof(SMALL_A) * 41 + sizeof t * 43 + WIDTH(BIG_HIGH) * 47);`,
  // Arguments of several types through a list of them, flexible arrays with contents.
  (e) => `int n = (int)(${e(1)}); struct pair p = make_pair(v6, v4);
    filled.items[1] += n; int *at = filled.items;
    return (unsigned long)(mixed_sum("iulps", n, v5, (long)(${e(2)}), &n, p) + mixed_sum("li", v6, v1) * 3 + mixed_sum("ii", v3, 'a') + mixed_sum("ui", v5, v8)
      + filled.items[0] + at[1] * 3 + *(at + 2) + filled.n + sizeof filled + sizeof(struct counted));`,
  // Bits and signs by builtins, and what the type of an expression is.
  (
    e,
  ) => `const int c = v4; int m = v4; const char *s = "a"; char d[2] = "b"; const int *pc = &m; int *const pm = &m; const void *v = pc; void *const w = pm; (void)c; static const int fixed[2] = { 5 }; const struct pair held = { 1 };
    return (unsigned long)(__builtin_parity(v5) + __builtin_parityl(v7) * 2 + __builtin_parityll(${e(2)}) * 4 + __builtin_popcount(v5) * 8 + __builtin_popcountl(v7) + __builtin_popcountll(${e(1)})
      + (unsigned long)__builtin_labs((long)v6) + __builtin_abs((int)(short)v3) * 3UL + (unsigned long)__builtin_llabs((long long)(int)(${e(1)})) + __builtin_clz(v5 | 1) * 5 + __builtin_ctzl(v7 | 256) * 7 + __builtin_ffs((int)(${e(1)})) * 9 + __builtin_ffsl((long)v6) * 11 + __builtin_clzl(v7 | 1) * 13 + __builtin_ffsll((long long)v6 << 3) + __builtin_ctz(v5 | 64) + __builtin_clzll(v7 | 2)
      + __builtin_bswap16((unsigned short)v2) + __builtin_bswap32(v5) + __builtin_bswap64(v7)
      + CONSTNESS(&c) * 3 + CONSTNESS(&m) * 5 + CONSTNESS(s) * 7 + CONSTNESS(d) * 11 + CONSTNESS(pc) * 13 + CONSTNESS(pm) * 17 + CONSTNESS(v) * 19 + CONSTNESS(w) * 23 + CONSTNESS("x") * 31 + CONSTNESS(c) * 37 + CONSTNESS(fixed) * 41 + CONSTNESS(&fixed[1]) * 43 + CONSTNESS(&m) * 47 + _Generic(&held.first, const long *: 53, long *: 59) + _Generic(held.third, const int *: 61, int *: 67) + _Generic((__typeof__(c) *)0, const int *: 71, int *: 73)
      + WIDTH(v0) + WIDTH((char)v1) * 3 + WIDTH(v1) * 5 + WIDTH(+v3) * 7 + WIDTH(v3) * 11 + WIDTH(1LL + v3) * 13 + WIDTH(2ULL) * 17 + KIND(c) * 19 + KIND(v4 ? v5 : v4) * 23 + KIND(v2 + v3));`,
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
