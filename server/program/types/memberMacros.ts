/**
 * Rewrites macros that stand for members inside a struct's body into plain members, so that the body parses.
 * Positions are not kept: the result is only used for types.
 */
export function expandMemberMacros(text: string): string {
  let result = text
    .replace(
      /\bDECLARE_BITMAP\s*\(\s*(\w+)\s*,\s*([^;]*?)\)\s*;/g,
      'unsigned long $1[((($2) + 63) / 64)];',
    )
    .replace(/\bDEFINE_DMA_UNMAP_ADDR\s*\(\s*(\w+)\s*\)\s*;/g, 'dma_addr_t $1;')
    .replace(/\bDEFINE_DMA_UNMAP_LEN\s*\(\s*(\w+)\s*\)\s*;/g, '__u32 $1;')
    .replace(
      /\b(?:DECLARE_FLEX_ARRAY|__DECLARE_FLEX_ARRAY)\s*\(\s*([^,]*?),\s*(\w+)\s*\)\s*;/g,
      '$1 $2[];',
    )
    .replace(
      /\bDECLARE_HASHTABLE\s*\(\s*(\w+)\s*,\s*([^;]*?)\)\s*;/g,
      'struct hlist_head $1[1 << ($2)];',
    )
    .replace(
      /\b__vfio_struct_end\b|__randomize_layout\b|\brandomized_struct_fields_(?:start|end)\b/g,
      '',
    );
  // struct_group(NAME, MEMBERS…): the members are the parent's, and together also a member NAME.
  const groups = /\b(?:struct_group|struct_group_attr|struct_group_tagged|__struct_group)\s*\(/g;
  for (let round = 0; round < 64; round++) {
    groups.lastIndex = 0;
    const match = groups.exec(result);
    if (match === null) break;
    const open = match.index + match[0].length - 1;
    const close = closingParenthesis(result, open);
    const inner = result.slice(open + 1, close);
    const names = match[0].startsWith('struct_group(') || /^struct_group\s*\(/.test(match[0]) ? 1 : /tagged|attr/.test(match[0]) ? 2 : 3; // prettier-ignore
    const parts = inner.split(',');
    const members = parts.slice(names).join(',');
    const name = (/tagged|__struct_group/.test(match[0]) ? parts[1] : parts[0])?.trim() ?? '';
    const named = /^\w+$/.test(name) ? `struct { ${members} } ${name};` : '';
    const rest = result.slice(close + 1).replace(/^\s*;/, '');
    result = `${result.slice(0, match.index)}union { struct { ${members} }; ${named} };${rest}`;
  }
  return result;
}

function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return text.length;
}
