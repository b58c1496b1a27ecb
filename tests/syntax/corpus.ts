/** One case of a corpus file: C and the tree it has. The format is that of `tree-sitter test`. */
export interface CorpusCase {
  readonly name: string;
  readonly code: string;
  /** The expected tree as an S-expression, as it stands in the file. */
  readonly tree: string;
}

const header = /^=+\n(.*)\n=+\n/gm;

/** Reads a corpus file. A case without `---` is an error of the file. */
export function readCorpus(text: string): CorpusCase[] {
  const heads = [...text.matchAll(header)];
  return heads.map((head, i) => {
    const rest = text.slice(head.index + head[0].length, heads[i + 1]?.index);
    const cut = rest.lastIndexOf('\n---\n');
    if (cut < 0) throw new Error(`corpus case "${head[1]!}" has no ---`);
    return {
      name: head[1]!,
      code: rest.slice(0, cut).replace(/^\n|\n$/g, ''),
      tree: rest.slice(cut + 5).trim(),
    };
  });
}

/** Writes a corpus file; the opposite of {@link readCorpus}. */
export function writeCorpus(cases: readonly CorpusCase[]): string {
  const bar = '='.repeat(40);
  return cases
    .map(
      ({ name, code, tree }) => `${bar}\n${name}\n${bar}\n\n${code}\n\n---\n\n${indented(tree)}\n`,
    )
    .join('\n');
}

/** White space in an S-expression does not count. */
export function normalized(tree: string): string {
  return tree.replace(/\s+/g, ' ').replace(/ \)/g, ')').trim();
}

/** Breaks an S-expression into lines: a node with inner nodes starts a line for each of them. */
function indented(tree: string): string {
  let depth = 0;
  let out = '';
  for (const [piece] of normalized(tree).matchAll(/(?:\w+: )?\((?:MISSING )?[^()\s]+|\)/g)) {
    if (piece === ')') {
      depth--;
      out += ')';
    } else {
      out += `${out === '' ? '' : '\n'}${'  '.repeat(depth)}${piece}`;
      depth++;
    }
  }
  return out;
}
