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
