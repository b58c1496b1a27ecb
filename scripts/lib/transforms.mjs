// Changes of C that leave its meaning alone. Each takes a parsed file and gives edits; offsets are those of the file.

/**
 * A file as transformations see it. `c` holds the functions of server/syntax/tree.ts; nodes are visited per item.
 *
 * @typedef {{ text: string, items: readonly { start: number, tree: object }[] }} Source
 */

/** Every node of the file with its item, in preorder. Items with errors are left alone: their spans mean little. */
function* nodesOf(source, c) {
  for (const item of source.items) {
    if (item.tree.hasError) continue;
    const count = c.nodeCount(item.tree);
    for (let node = 0; node < count; node++) yield { item, tree: item.tree, node };
  }
}

const kindOf = (c, { tree, node }) => c.kindName(tree, node);
const textOf = (c, { tree, node }) => c.textOf(tree, node);
const span = (c, { item, tree, node }) => ({
  start: item.start + c.startOf(tree, node),
  end: item.start + c.endOf(tree, node),
});
const inside = (inner, outer) => inner.start >= outer.start && inner.end <= outer.end;

/** Spans in which spelling matters: preprocessor lines, strings, comments. */
const macroText = (source) =>
  [...source.text.matchAll(/^[ \t]*#(?:[^\n\\]|\\\r?\n|\\.)*/gm)]
    .map((match) => match[0])
    .join('\n');

/** Names that a preprocessor line mentions: a macro may mean the variable of its caller. */
const namesInMacros = (source) => new Set(macroText(source).match(/[A-Za-z_]\w*/g) ?? []);

/** Names used as members anywhere in the file: `list_for_each_entry(x, head, list)` may mean either. */
function memberNames(source, c) {
  const names = new Set();
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) === 'field_identifier') names.add(textOf(c, at));
    if (kindOf(c, at) !== 'call_expression' && kindOf(c, at) !== 'iterator_statement') continue;
    // container_of(p, struct x, member), list_first_entry(l, struct x, member): the last argument is a member.
    const start = c.startOf(at.tree, at.node);
    const head = at.tree.text.slice(start, Math.min(c.endOf(at.tree, at.node), start + 300));
    if (!/^\w*(entry|container_of|offsetof|struct_size|for_each)/.test(head)) continue;
    const args = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)/.exec(head)?.[1]?.split(',') ?? [];
    const last = args.at(-1)?.trim() ?? '';
    if (/^\w+$/.test(last)) names.add(last);
  }
  return names;
}

/** The identifier that a declarator declares. */
function declaredName(c, tree, declarator) {
  let node = declarator;
  while (node !== c.noNode && c.kindName(tree, node) !== 'identifier') {
    const inner = c
      .namedChildren(tree, node)
      .find((child) => /declarator$|^identifier$/.test(c.kindName(tree, child)));
    if (inner === undefined) return undefined;
    node = inner;
  }
  return node === c.noNode ? undefined : c.textOf(tree, node);
}

/** Function definitions of the file. */
const functionsOf = (source, c) =>
  source.items.filter(
    ({ tree }) => !tree.hasError && c.kindName(tree, 0) === 'function_definition',
  );

/** Variables and parameters that a function declares. */
function localsOf(item, c) {
  const { tree } = item;
  const names = new Set();
  const count = c.nodeCount(tree);
  for (let node = 0; node < count; node++) {
    const kind = c.kindName(tree, node);
    if (kind !== 'parameter_declaration' && kind !== 'declaration') continue;
    for (const child of c.namedChildren(tree, node)) {
      const childKind = c.kindName(tree, child);
      if (!/declarator$|^identifier$/.test(childKind) || childKind === 'function_declarator')
        continue;
      const name = declaredName(c, tree, child);
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

/** Renames parameters and variables of functions. */
function renameLocals(source, c) {
  const edits = [];
  const taken = new Set([...namesInMacros(source), ...memberNames(source, c)]);
  const fileLevel = new Set(functionsOf(source, c).map((item) => functionName(item, c)));
  for (const item of functionsOf(source, c)) {
    const { tree } = item;
    const names = [...localsOf(item, c)].filter((name) => !taken.has(name) && !fileLevel.has(name));
    const renamed = new Map(names.map((name, i) => [name, `v${i}_${name.length}`]));
    const count = c.nodeCount(tree);
    for (let node = 0; node < count; node++) {
      if (c.kindName(tree, node) !== 'identifier') continue;
      const to = renamed.get(c.textOf(tree, node));
      if (to !== undefined) edits.push({ ...span(c, { item, tree, node }), text: to });
    }
  }
  return { edits };
}

function functionName(item, c) {
  const { tree } = item;
  const declarator = c
    .namedChildren(tree, 0)
    .find((child) => /declarator$/.test(c.kindName(tree, child)));
  return declarator === undefined ? undefined : declaredName(c, tree, declarator);
}

/** Names in attributes, which the parser keeps as one word: `__cleanup(put)`. */
function namesInAttributes(source, c) {
  const names = [];
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) === 'kernel_attribute') names.push(...textOf(c, at).match(/[A-Za-z_]\w*/g));
  }
  return names;
}

/** Renames the static functions of the file. */
function renameFunctions(source, c) {
  const taken = new Set([
    ...namesInMacros(source),
    ...namesInAttributes(source, c),
    ...memberNames(source, c),
  ]);
  const locals = new Set(functionsOf(source, c).flatMap((item) => [...localsOf(item, c)]));
  const names = functionsOf(source, c)
    .filter((item) => /^\s*static\b/.test(c.textOf(item.tree, 0)))
    .map((item) => functionName(item, c))
    .filter((name) => name !== undefined && !taken.has(name) && !locals.has(name));
  const renamed = new Map([...new Set(names)].map((name, i) => [name, `function_${i}`]));
  const edits = [];
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) !== 'identifier') continue;
    const to = renamed.get(textOf(c, at));
    if (to !== undefined) edits.push({ ...span(c, at), text: to });
  }
  // Items with errors are not edited, so a name that one of them uses must keep its spelling.
  const broken = source.items.filter(({ tree }) => tree.hasError).map(({ tree }) => tree.text);
  const used = new Set(broken.join('\n').match(/[A-Za-z_]\w*/g) ?? []);
  const safe = new Map([...renamed].filter(([name]) => !used.has(name)));
  const back = new Map([...safe].map(([from, to]) => [to, from]));
  return {
    edits: edits.filter(({ text }) => back.has(text)),
    functionBack: (name) => back.get(name) ?? name,
  };
}

/** Renames goto labels. */
function renameLabels(source, c) {
  const inMacros = namesInMacros(source);
  const edits = [];
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) !== 'statement_identifier' || inMacros.has(textOf(c, at))) continue;
    edits.push({ ...span(c, at), text: `l_${textOf(c, at).length}_${textOf(c, at)}` });
  }
  return { edits };
}

/**
 * Renames members of structs that the file defines, where every use of the name in the file is a member access or a
 * designator whose object is of such a struct. `ownerOf` says of which struct (undefined where it cannot tell).
 */
function renameFields(source, c, ownerOf) {
  const own = new Map();
  const structs = new Set();
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) !== 'struct_specifier') continue;
    const { tree, node } = at;
    const parts = c.namedChildren(tree, node);
    const body = parts.find((part) => c.kindName(tree, part) === 'field_declaration_list');
    const tag = parts.find((part) => c.kindName(tree, part) === 'type_identifier');
    if (body === undefined || tag === undefined) continue;
    structs.add(c.textOf(tree, tag));
    for (const inner of c.descendantsOfKind(tree, body, c.Kind.field_identifier)) {
      const place = span(c, { ...at, node: inner });
      const name = c.textOf(tree, inner);
      own.set(name, [...(own.get(name) ?? []), place]);
    }
  }
  const edits = [];
  const words = new Map();
  for (const match of source.text.matchAll(/[A-Za-z_]\w*/g)) {
    words.set(match[0], (words.get(match[0]) ?? 0) + 1);
  }
  const inStruct = [];
  const uses = new Map();
  for (const at of nodesOf(source, c)) {
    if (kindOf(c, at) === 'struct_specifier') inStruct.push(span(c, at));
    if (kindOf(c, at) !== 'field_identifier') continue;
    const name = textOf(c, at);
    if (!own.has(name)) continue;
    const place = span(c, at);
    const defines = own.get(name).some((other) => other.start === place.start);
    const owner = defines ? undefined : ownerOf(place.start);
    const known = defines || (owner !== undefined && structs.has(owner));
    uses.set(name, [...(uses.get(name) ?? []), { place, known }]);
  }
  let number = 0;
  for (const [name, places] of uses) {
    // Comments and macros count as uses that were not understood, so such a name is left alone.
    if (places.some(({ known }) => !known) || places.length !== words.get(name)) continue;
    const to = `m${number++}_${name.length}`;
    edits.push(...places.map(({ place }) => ({ ...place, text: to })));
  }
  return { edits };
}

/** Puts braces around single statements of if, else and loops. */
function addBraces(source, c) {
  const edits = [];
  for (const at of nodesOf(source, c)) {
    const { item, tree, node } = at;
    const parent = c.parentOf(tree, node);
    if (parent === c.noNode) continue;
    const kind = kindOf(c, at);
    if (!/_statement$/.test(kind) || kind === 'compound_statement' || kind === 'labeled_statement')
      continue;
    const parentKind = c.kindName(tree, parent);
    const field = c.fieldNames[c.fieldOf(tree, node)];
    const isBody =
      (parentKind === 'if_statement' && field === 'consequence') ||
      (/^(while|for|iterator)_statement$/.test(parentKind) && field === 'body') ||
      (parentKind === 'else_clause' && kind !== 'if_statement');
    if (!isBody) continue;
    const { start, end } = span(c, { item, tree, node });
    edits.push(
      { start, end: start, text: '{ ', rank: node },
      { start: end, end, text: ' }', rank: -node },
    );
  }
  // Bodies nest: of several closings at one place, the inner one comes first.
  edits.sort((a, b) => a.start - b.start || a.rank - b.rank);
  return { edits };
}

/** Puts parentheses around conditions, returned and assigned values. */
function addParentheses(source, c) {
  const edits = [];
  for (const at of nodesOf(source, c)) {
    const { tree, node } = at;
    const kind = kindOf(c, at);
    if (
      !/^(binary|unary|call|field|subscript|conditional)_expression$|^identifier$|^number_literal$/.test(
        kind,
      )
    )
      continue;
    const parent = c.parentOf(tree, node);
    if (parent === c.noNode) continue;
    const parentKind = c.kindName(tree, parent);
    const field = c.fieldNames[c.fieldOf(tree, node)];
    const wanted =
      parentKind === 'return_statement' ||
      (parentKind === 'assignment_expression' && field === 'right') ||
      (parentKind === 'parenthesized_expression' &&
        /^(if|while)_statement$/.test(c.kindName(tree, c.parentOf(tree, parent))));
    if (!wanted) continue;
    const { start, end } = span(c, at);
    edits.push({ start, end: start, text: '(' }, { start: end, end, text: ')' });
  }
  return { edits };
}

/** `!x` becomes `(x == 0)`, and `x == NULL` becomes `!x`. */
function swapNegation(source, c) {
  const edits = [];
  const simple =
    /^(identifier|field_expression|call_expression|subscript_expression|parenthesized_expression)$/;
  const done = [];
  for (const at of nodesOf(source, c)) {
    const { item, tree, node } = at;
    const kind = kindOf(c, at);
    const place = span(c, at);
    if (done.some((other) => inside(place, other))) continue;
    const parts = c.namedChildren(tree, node);
    if (kind === 'unary_expression' && textOf(c, at).startsWith('!') && parts.length === 1) {
      const [operand] = parts;
      if (!simple.test(c.kindName(tree, operand))) continue;
      // `!!x` is a way to make a 0 or 1, not a test.
      const parent = c.parentOf(tree, node);
      if (parent !== c.noNode && c.kindName(tree, parent) === 'unary_expression') continue;
      edits.push(
        { start: place.start, end: place.start + 1, text: '(' },
        { start: place.end, end: place.end, text: ' == 0)' },
      );
      done.push(place);
    }
    if (kind === 'binary_expression' && parts.length === 2) {
      const [left, right] = parts;
      if (c.textOf(tree, right) !== 'NULL' || !simple.test(c.kindName(tree, left))) continue;
      const between = source.text.slice(
        item.start + c.endOf(tree, left),
        item.start + c.startOf(tree, right),
      );
      if (between.trim() !== '==') continue;
      edits.push(
        { start: place.start, end: place.start, text: '!' },
        { start: item.start + c.endOf(tree, left), end: place.end, text: '' },
      );
      done.push(place);
    }
  }
  return { edits };
}

/** What must keep its layout: preprocessor lines and strings; and comments, which are one blank to C. */
const opaque =
  /^[ \t]*#(?:[^\n\\/]|\\\r?\n|\\.|\/(?!\*)|\/\*[^]*?\*\/)*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\/\*[^]*?\*\/|\/\/[^\n]*/gm;

/** Calls `blank` for every run of white space, and `comment` for every comment, outside of what must keep its layout. */
function layoutEdits(source, { blank, comment }) {
  const edits = [];
  let done = 0;
  let depth = 0;
  const blanks = (end) => {
    const part = source.text.slice(done, end);
    for (const match of part.matchAll(/\s+|[()]/g)) {
      if (match[0] === '(') depth++;
      if (match[0] === ')') depth = Math.max(0, depth - 1);
      if (!/\s/.test(match[0])) continue;
      const start = done + match.index;
      const atLineEdge = match[0].includes('\n');
      const text = blank(match[0], { atLineEdge, depth, text: source.text, start });
      if (text !== match[0]) edits.push({ start, end: start + match[0].length, text });
    }
  };
  for (const match of source.text.matchAll(opaque)) {
    blanks(match.index);
    done = match.index + match[0].length;
    const isComment = match[0].startsWith('/*') || match[0].startsWith('//');
    if (isComment && !match[0].includes('iovet:')) {
      const text = comment(match[0]);
      if (text !== match[0]) edits.push({ start: match.index, end: done, text });
    }
  }
  blanks(source.text.length);
  return { edits };
}

const nextIsDirective = (text, end) => /^[ \t]*#/.test(text.slice(end, end + 40));

/** Every blank inside a line becomes a line break. */
const splitLines = (source) =>
  layoutEdits(source, {
    blank: (white, { atLineEdge }) => (atLineEdge ? white : '\n\t'),
    comment: (text) => text,
  });

/** Line breaks inside statements become blanks. */
const joinLines = (source) =>
  layoutEdits(source, {
    blank: (white, { atLineEdge, depth, text, start }) => {
      const end = start + white.length;
      // Outside of parentheses only after an operator: `DEFINE_X(y)` stands on a line of its own.
      const goesOn = depth > 0 || /[,&|+\-*=]/.test(text[start - 1] ?? '');
      const spliced = text[start - 1] === '\\';
      const mustStay = spliced || nextIsDirective(text, end) || lineIsDirective(text, start);
      return atLineEdge && goesOn && !mustStay ? ' ' : white;
    },
    comment: (text) => text,
  });

/** A preprocessor line and a `//` comment end where their line ends. */
const lineIsDirective = (text, offset) =>
  /^[ \t]*#|\/\//.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset));

/** Comments go, and others come. */
const swapComments = (source) =>
  layoutEdits(source, {
    blank: (white, { atLineEdge, text, start }) =>
      atLineEdge && text[start - 1] === ';' ? ` /* a remark */${white}` : white,
    comment: (text) => (text.includes('\n') ? text.replace(/[^\n]/g, ' ') : ' '),
  });

/** Every transformation by name. */
export const transforms = {
  locals: renameLocals,
  functions: renameFunctions,
  labels: renameLabels,
  fields: renameFields,
  braces: addBraces,
  parentheses: addParentheses,
  negation: swapNegation,
  split: splitLines,
  join: joinLines,
  comments: swapComments,
};
