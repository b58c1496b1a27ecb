import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lowered } from '../fixture.test.ts';
import type { Edge, Expr, FunctionIr } from '../ir.ts';

/** Small programs over three variables; `t(x)` records a value. */
type Value =
  | { readonly k: 'num'; readonly n: number }
  | { readonly k: 'var'; readonly v: number }
  | {
      readonly k: 'bin';
      readonly op: '+' | '-' | '<' | '==' | '&&' | '||';
      readonly a: Value;
      readonly b: Value;
    }
  | { readonly k: 'not'; readonly a: Value }
  | { readonly k: 'pick'; readonly c: Value; readonly a: Value; readonly b: Value }
  | { readonly k: 'call'; readonly a: Value };
type Statement =
  | { readonly k: 'set'; readonly v: number; readonly a: Value }
  | { readonly k: 'do'; readonly a: Value }
  | {
      readonly k: 'if';
      readonly c: Value;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  | {
      readonly k: 'loop';
      readonly form: 'for' | 'while' | 'do';
      readonly n: number;
      readonly body: readonly Statement[];
    }
  | {
      readonly k: 'switch';
      readonly a: Value;
      readonly cases: readonly {
        readonly n: number | undefined;
        readonly body: readonly Statement[];
      }[];
    }
  | { readonly k: 'break' | 'continue' }
  | { readonly k: 'return'; readonly a: Value };

/** C leaves open which operand of an arithmetic operator is evaluated first: at most one of them may record something. */
function ordered(v: Value & { readonly k: 'bin' }): Value {
  const isOpen = v.op !== '&&' && v.op !== '||';
  return isOpen && records(v.a) && records(v.b) ? { ...v, b: { k: 'num', n: 1 } } : v;
}

function records(v: Value): boolean {
  switch (v.k) {
    case 'num':
    case 'var':
      return false;
    case 'call':
      return true;
    case 'not':
      return records(v.a);
    case 'bin':
      return records(v.a) || records(v.b);
    case 'pick':
      return records(v.c) || records(v.a) || records(v.b);
  }
}

const { value, program } = fc.letrec<{ value: Value; statement: Statement; program: Statement[] }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ k: fc.constant('num' as const), n: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ k: fc.constant('var' as const), v: fc.nat(2) }),
      fc
        .record({
          k: fc.constant('bin' as const),
          op: fc.constantFrom(
            '+' as const,
            '-' as const,
            '<' as const,
            '==' as const,
            '&&' as const,
            '||' as const,
          ),
          a: tie('value'),
          b: tie('value'),
        })
        .map(ordered),
      fc.record({ k: fc.constant('not' as const), a: tie('value') }),
      fc.record({
        k: fc.constant('pick' as const),
        c: tie('value'),
        a: tie('value'),
        b: tie('value'),
      }),
      fc.record({ k: fc.constant('call' as const), a: tie('value') }),
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ k: fc.constant('set' as const), v: fc.nat(2), a: tie('value') }),
      fc.record({ k: fc.constant('do' as const), a: tie('value') }),
      fc.record({ k: fc.constant('return' as const), a: tie('value') }),
      fc.record({ k: fc.constantFrom('break' as const, 'continue' as const) }),
      fc.record({
        k: fc.constant('if' as const),
        c: tie('value'),
        yes: tie('program'),
        no: tie('program'),
      }),
      fc.record({
        k: fc.constant('loop' as const),
        form: fc.constantFrom('for' as const, 'while' as const, 'do' as const),
        n: fc.nat(3),
        body: tie('program'),
      }),
      fc.record({
        k: fc.constant('switch' as const),
        a: tie('value'),
        cases: fc.uniqueArray(
          fc.record({ n: fc.option(fc.nat(3), { nil: undefined }), body: tie('program') }),
          { selector: ({ n }) => n ?? 'default', maxLength: 4 },
        ),
      }),
    ),
    program: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'program' }),
  }),
);

const names = ['a', 'b', 'c'];

function show(v: Value): string {
  switch (v.k) {
    case 'num':
      return String(v.n);
    case 'var':
      return names[v.v]!;
    case 'bin':
      return `(${show(v.a)} ${v.op} ${show(v.b)})`;
    case 'not':
      return `!(${show(v.a)})`;
    case 'pick':
      return `(${show(v.c)} ? ${show(v.a)} : ${show(v.b)})`;
    case 'call':
      return `t(${show(v.a)})`;
  }
}

let counters = 0;

/** C text; `break` and `continue` outside of their places become nothing. */
function write(
  statements: readonly Statement[],
  breaks: 'yes' | 'no',
  continues: 'yes' | 'no',
): string {
  return statements
    .map((s) => {
      switch (s.k) {
        case 'set':
          return `${names[s.v]!} = ${show(s.a)};`;
        case 'do':
          return `${show(s.a)};`;
        case 'return':
          return `return ${show(s.a)};`;
        case 'break':
          return breaks === 'yes' ? 'break;' : ';';
        case 'continue':
          return continues === 'yes' ? 'continue;' : ';';
        case 'if':
          return `if (${show(s.c)}) { ${write(s.yes, breaks, continues)} } else { ${write(s.no, breaks, continues)} }`;
        case 'loop': {
          const i = `i${counters++}`;
          const body = write(s.body, 'yes', 'yes');
          if (s.form === 'for') return `for (int ${i} = 0; ${i} < ${s.n}; ${i}++) { ${body} }`;
          if (s.form === 'while') return `{ int ${i} = 0; while (${i}++ < ${s.n}) { ${body} } }`;
          return `{ int ${i} = 0; do { ${body} } while (++${i} < ${s.n}); }`;
        }
        case 'switch':
          return `switch (${show(s.a)}) { ${s.cases.map(({ n, body }) => `${n === undefined ? 'default' : `case ${n}`}: ; ${write(body, 'yes', continues)}`).join(' ')} }`;
      }
    })
    .join(' ');
}

/** What a run leaves: recorded values, then the result. */
type Outcome = number[];

/** Runs a program directly. */
function run(statements: readonly Statement[]): Outcome {
  const vars = [1, 2, 0];
  const log: number[] = [];
  const evaluate = (v: Value): number => {
    switch (v.k) {
      case 'num':
        return v.n;
      case 'var':
        return vars[v.v]!;
      case 'not':
        return evaluate(v.a) === 0 ? 1 : 0;
      case 'pick':
        return evaluate(v.c) !== 0 ? evaluate(v.a) : evaluate(v.b);
      case 'call': {
        const n = evaluate(v.a);
        log.push(n);
        return n;
      }
      case 'bin': {
        const a = evaluate(v.a);
        if (v.op === '&&') return a !== 0 && evaluate(v.b) !== 0 ? 1 : 0;
        if (v.op === '||') return a !== 0 || evaluate(v.b) !== 0 ? 1 : 0;
        return binary(v.op, a, evaluate(v.b));
      }
    }
  };
  type Jump = 'on' | 'break' | 'continue' | 'return';
  let result = 0;
  const all = (list: readonly Statement[], breaks: 'yes' | 'no', continues: 'yes' | 'no'): Jump => {
    for (const s of list) {
      const jump = step(s, breaks, continues);
      if (jump !== 'on') return jump;
    }
    return 'on';
  };
  const step = (s: Statement, breaks: 'yes' | 'no', continues: 'yes' | 'no'): Jump => {
    switch (s.k) {
      case 'set':
        vars[s.v] = evaluate(s.a);
        return 'on';
      case 'do':
        evaluate(s.a);
        return 'on';
      case 'return':
        result = evaluate(s.a);
        return 'return';
      case 'break':
        return breaks === 'yes' ? 'break' : 'on';
      case 'continue':
        return continues === 'yes' ? 'continue' : 'on';
      case 'if':
        return all(evaluate(s.c) !== 0 ? s.yes : s.no, breaks, continues);
      case 'loop': {
        for (let i = 0; s.form === 'do' ? i === 0 || i < s.n : i < s.n; i++) {
          const jump = all(s.body, 'yes', 'yes');
          if (jump === 'return') return jump;
          if (jump === 'break') break;
        }
        return 'on';
      }
      case 'switch': {
        const n = evaluate(s.a);
        let at = s.cases.findIndex((each) => each.n === n);
        if (at < 0) at = s.cases.findIndex((each) => each.n === undefined);
        for (; at >= 0 && at < s.cases.length; at++) {
          const jump = all(s.cases[at]!.body, 'yes', continues);
          if (jump === 'break') return 'on';
          if (jump !== 'on') return jump;
        }
        return 'on';
      }
    }
  };
  all(statements, 'no', 'no');
  return [...log, result];
}

function binary(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '<':
      return a < b ? 1 : 0;
    case '==':
      return a === b ? 1 : 0;
    case '&&':
      return a !== 0 && b !== 0 ? 1 : 0;
    case '||':
      return a !== 0 || b !== 0 ? 1 : 0;
    default:
      throw new Error(op);
  }
}

/** Runs a lowered function by walking its graph. */
function walk(ir: FunctionIr): Outcome {
  const vars: number[] = [];
  const log: number[] = [];
  const evaluate = (e: Expr): number => {
    switch (e.kind) {
      case 'int':
        return Number(e.value);
      case 'ident':
        return e.binding.kind === 'variable' ? (vars[e.binding.variable] ?? 0) : assert.fail();
      case 'unary':
        return evaluate(e.operand) === 0 ? 1 : 0;
      case 'binary':
        return binary(e.op, evaluate(e.left), evaluate(e.right));
      case 'conditional':
        return evaluate(e.condition) !== 0 ? evaluate(e.then!) : evaluate(e.otherwise);
      case 'call': {
        const n = evaluate(e.args[0]!);
        log.push(n);
        return n;
      }
      case 'assign': {
        const n = evaluate(e.value);
        return (vars[slot(e.target)] = n);
      }
      case 'increment': {
        const before = vars[slot(e.target)] ?? 0;
        vars[slot(e.target)] = before + 1;
        return e.position === 'prefix' ? before + 1 : before;
      }
      default:
        return assert.fail(e.kind);
    }
  };
  const slot = (e: Expr): number =>
    e.kind === 'ident' && e.binding.kind === 'variable' ? e.binding.variable : assert.fail();
  const take = (edges: readonly Edge[], kind: string): number =>
    edges.find(({ label }) => label.kind === kind)?.to ?? assert.fail(`no edge ${kind}`);
  let result = 0;
  let at = 0;
  for (let steps = 0; steps < 100_000; steps++) {
    const node = ir.cfg.nodes[at]!;
    switch (node.kind) {
      case 'end':
        return [...log, result];
      case 'eval':
        evaluate(node.expr);
        break;
      case 'declare':
        vars[node.variable] = node.init === undefined ? 0 : evaluate(node.init);
        break;
      case 'return':
        result = node.value === undefined ? 0 : evaluate(node.value);
        break;
      case 'branch':
        at = take(node.edges, evaluate(node.condition) !== 0 ? 'true' : 'false');
        continue;
      case 'switch': {
        const n = evaluate(node.value);
        const hit = node.edges.find(
          ({ label }) => label.kind === 'case' && evaluate(label.low) === n,
        );
        at = hit?.to ?? take(node.edges, 'default');
        continue;
      }
      default:
        break;
    }
    at = take(node.edges, 'next');
  }
  return assert.fail('does not end');
}

async function lower(statements: readonly Statement[]): Promise<FunctionIr> {
  counters = 0;
  return lowered(
    `int f(void) { int a = 1; int b = 2; int c = 0; ${write(statements, 'no', 'no')} }`,
  );
}

describe('graphs', () => {
  it('do what the program does', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (statements) => {
        assert.deepEqual(walk(await lower(statements)), run(statements));
      }),
      { numRuns: 200 },
    );
  });

  it('are ordered: forward edges go on, back edges lead to loop heads, and every path can leave its node', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (statements) => {
        const { cfg } = await lower(statements);
        const heads = new Set(cfg.loops.map(({ head }) => head));
        assert.deepEqual(
          [...cfg.order].sort((a, b) => a - b),
          [...new Set(cfg.order)].sort((a, b) => a - b),
        );
        for (const id of cfg.order) {
          const node = cfg.nodes[id]!;
          assert.equal(cfg.order[node.order], id);
          assert.ok(node.edges.length > 0 || node.kind === 'end' || node.kind === 'stop');
          if (node.kind === 'branch') assert.ok(node.edges.length <= 2);
          for (const edge of node.edges) {
            const target = cfg.nodes[edge.to]!;
            if (edge.back) assert.ok(heads.has(edge.to));
            else assert.ok(target.order > node.order);
          }
          if (node.loop >= 0) assert.ok(cfg.loops[node.loop]!.nodes.includes(id));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keep every loop in one piece behind its head', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (statements) => {
        const { cfg } = await lower(statements);
        for (const { head, nodes } of cfg.loops) {
          const first = cfg.nodes[head]!.order;
          const places = nodes.map((node) => cfg.nodes[node]!.order).sort((a, b) => a - b);
          assert.deepEqual(
            places,
            places.map((_, i) => first + i),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('give values an identity of their own', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (v) => {
        const ir = await lower([{ k: 'return', a: v }]);
        const seen = new Set<number>();
        const visit = (e: Expr): void => {
          assert.ok(!seen.has(e.id) && e.id < ir.exprCount);
          seen.add(e.id);
          for (const child of Object.values(e) as unknown[]) {
            if (typeof child === 'object' && child !== null && 'kind' in child && 'id' in child)
              visit(child as Expr);
          }
        };
        for (const node of ir.cfg.nodes)
          if (node.kind === 'return' && node.value !== undefined) visit(node.value);
      }),
    );
  });
});
