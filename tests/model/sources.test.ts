// Every number in the formats says where it was read.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const folder = path.resolve('server/model/fmt');
/** Calls whose last arguments are a kernel path and a symbol. */
const CITING = new Set(['cited', 'field', 'flag']);
/** Numbers that count or compare and describe no hardware. */
const PLAIN = new Set(['0', '1']);

interface Citation {
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly symbol: string;
}

/** The uncited numbers of a source text, and its citations. */
function inspect(file: string, text: string): { uncited: string[]; citations: Citation[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const uncited: string[] = [];
  const citations: Citation[] = [];
  const paths = new Map<string, string>();
  const lineOf = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const textOf = (node: ts.Expression | undefined): string => {
    if (node === undefined) return '';
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
    if (ts.isIdentifier(node)) return paths.get(node.text) ?? '';
    if (!ts.isTemplateExpression(node)) return '';
    const spans = node.templateSpans.map((s) => textOf(s.expression) + s.literal.text);
    return node.head.text + spans.join('');
  };
  const visit = (node: ts.Node, inCitation: boolean): void => {
    let cited = inCitation;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      const value = textOf(node.initializer);
      if (value !== '') paths.set(node.name.text, value);
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      if (CITING.has(node.expression.text)) {
        const [at, symbol] = node.arguments.slice(-2).map(textOf);
        citations.push({ file, line: lineOf(node), path: at ?? '', symbol: symbol ?? '' });
        cited = true;
      }
    }
    if (ts.isLiteralTypeNode(node)) return;
    if (ts.isNumericLiteral(node) && !cited && !PLAIN.has(node.text)) {
      uncited.push(`${file}:${lineOf(node)}: ${node.getText()}`);
    }
    node.forEachChild((child) => {
      visit(child, cited);
    });
  };
  visit(source, false);
  return { uncited, citations };
}

describe('constants of the formats', () => {
  // source.ts holds the citing functions themselves.
  const files = fs
    .readdirSync(folder)
    .filter((name) => /^(?!source\.).*(?<!\.test)\.ts$/.test(name));

  for (const name of files) {
    const { uncited, citations } = inspect(name, fs.readFileSync(path.join(folder, name), 'utf8'));

    it(`${name}: no number without its source`, () => {
      assert.deepEqual(uncited, []);
    });

    it(`${name}: every citation names a file and a symbol`, () => {
      for (const citation of citations) {
        const where = `${citation.file}:${citation.line}`;
        assert.match(citation.path, /^(drivers|include|arch)\/[\w./-]+\.[ch]$/, where);
        assert.match(citation.symbol, /\w/, where);
      }
    });
  }

  it('a bare number is caught', () => {
    assert.deepEqual(inspect('x.ts', 'export const A = 3;').uncited, ['x.ts:1: 3']);
    const cited = "const P = 'drivers/a.h';\nconst A = cited(3, P, 'A_MAX') + 1;";
    assert.deepEqual(inspect('x.ts', cited).uncited, []);
    assert.equal(inspect('x.ts', cited).citations[0]!.path, 'drivers/a.h');
  });
});

/** Layers whose numbers are cited in comments: a declaration, or the file above it, says where its numbers were read. */
const COMMENTED = ['hw', 'cc'].flatMap((layer) =>
  fs
    .readdirSync(path.resolve('server/model', layer), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test)\.ts$/.test(name))
    .map((name) => path.join(layer, name))
    .sort(),
);

/** What a comment has to name: a manual or seed, a symbol of the kernel, or a section of the model's design. */
const CITES =
  /Source:|Source of every bit in this file:|Kernel:|MODEL section \d|Choice of the model/;
/** Numbers of the model's own representation, which no manual knows. */
const OWN = new Set(['2', '4', '8', '12', '32', '64', '512', '4096']);

/** Numbers of a source text in declarations that say nothing of where they come from. */
function unexplained(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const commentOf = (node: ts.Node): string =>
    (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
      .map(({ pos, end }) => text.slice(pos, end))
      .join('\n');
  // Comments that are no docstrings are about all of the file.
  const about = [...text.matchAll(/\/\*(?!\*)[^]*?\*\//g)].map(([comment]) => comment).join('\n');
  if (CITES.test(about)) return [];
  const found: string[] = [];
  const visit = (node: ts.Node, cited: boolean): void => {
    const here = cited || CITES.test(commentOf(node));
    if (ts.isLiteralTypeNode(node) || ts.isTemplateExpression(node)) return;
    if (ts.isNumericLiteral(node) && !here && !PLAIN.has(node.text) && !OWN.has(node.text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${node.getText()}`);
    }
    node.forEachChild((child) => {
      visit(child, here);
    });
  };
  source.forEachChild((node) => {
    visit(node, false);
  });
  return found;
}

describe('numbers of the hardware and of confidential computing', () => {
  for (const file of COMMENTED) {
    it(`${file}: none without a source in the comment of its declaration`, () => {
      const text = fs.readFileSync(path.resolve('server/model', file), 'utf8');
      assert.deepEqual(unexplained(file, text), []);
    });
  }

  it('a bare number is caught, and a cited one is not', () => {
    assert.deepEqual(unexplained('x.ts', '/** Some bit. */\nconst A = 51;'), ['x.ts:2: 51']);
    assert.deepEqual(unexplained('x.ts', '/** Some bit. Kernel: A_BIT. */\nconst A = 51;'), []);
    const inner = 'function f() {\n  // Source: manual, "Bits".\n  const b = 51;\n  return 52;\n}';
    assert.deepEqual(unexplained('x.ts', inner), ['x.ts:4: 52']);
    assert.deepEqual(unexplained('x.ts', '/* Source: manual. */\n\nconst A = 51;'), []);
  });
});
