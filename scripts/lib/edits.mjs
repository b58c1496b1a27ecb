// Text edits with a way back: where in the original a place of the changed text comes from.

/** Applies edits `{start, end, text}` that do not overlap. At one place, they apply in the order given. */
export function applyEdits(original, edits) {
  const sorted = edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
  /** Pieces of the result: from `at` on, the text comes from `origin`; `fixed` pieces come from one place. */
  const pieces = [];
  let text = '';
  let done = 0;
  const keep = (end) => {
    if (end <= done) return;
    pieces.push({ at: text.length, origin: done, fixed: false });
    text += original.slice(done, end);
    done = end;
  };
  for (const edit of sorted) {
    if (edit.start < done) throw new Error(`edits overlap at ${edit.start}`);
    keep(edit.start);
    if (edit.text !== '') pieces.push({ at: text.length, origin: edit.start, fixed: true });
    text += edit.text;
    done = edit.end;
  }
  keep(original.length);
  const back = (offset) => {
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (pieces[middle].at <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = pieces[low];
    if (piece === undefined) return offset;
    return piece.fixed ? piece.origin : piece.origin + offset - piece.at;
  };
  return { text, back };
}
