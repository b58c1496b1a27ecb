import type { CType, Expr, Field, IntValue } from '../ir.ts';
import type { RecordBody } from './declared.ts';

/** What laying out a type needs. */
export interface LayoutContext {
  resolve(type: CType): CType;
  body(type: CType): RecordBody | undefined;
  constant(expr: Expr): IntValue | undefined;
}

/** Size and alignment. Unit: bytes. */
export interface Layout {
  readonly size: number;
  readonly align: number;
}

/** Layout of a type on a 64-bit kernel; undefined where a part is not known or depends on the configuration. */
export function layoutOf(context: LayoutContext, written: CType, depth = 0): Layout | undefined {
  if (depth > 24) return undefined;
  const type = context.resolve(written);
  switch (type.kind) {
    case 'void':
      return { size: 1, align: 1 };
    case 'integer':
    case 'floating':
      return { size: type.bytes, align: type.bytes };
    case 'pointer':
      return { size: 8, align: 8 };
    case 'enum':
      return { size: 4, align: 4 };
    case 'array': {
      const element = layoutOf(context, type.of, depth + 1);
      if (element === undefined) return undefined;
      if (type.length === undefined) return { size: 0, align: element.align };
      const length = context.constant(type.length);
      return typeof length === 'number'
        ? { size: element.size * length, align: element.align }
        : undefined;
    }
    case 'record': {
      const body = context.body(type);
      if (body === undefined || body.conditional) return undefined;
      return recordLayout(context, body, type.keyword, depth)?.layout;
    }
    default:
      return undefined;
  }
}

interface Placed {
  readonly layout: Layout;
  readonly offsets: ReadonlyMap<Field, number>;
}

function recordLayout(
  context: LayoutContext,
  body: RecordBody,
  keyword: 'struct' | 'union',
  depth: number,
): Placed | undefined {
  const offsets = new Map<Field, number>();
  let size = 0;
  let align = 1;
  let bitsUsed = 0;
  let bitUnit = 0;
  for (const field of body.fields) {
    const layout = layoutOf(context, field.type, depth + 1);
    if (layout === undefined) return undefined;
    const own = body.packed ? 1 : layout.align;
    if (field.bits !== undefined) {
      const width = context.constant(field.bits);
      if (typeof width !== 'number') return undefined;
      const fits = bitUnit === layout.size && bitsUsed + width <= layout.size * 8 && width > 0;
      if (!fits) {
        size = Math.ceil(size / own) * own + (width > 0 ? layout.size : 0);
        bitsUsed = 0;
        bitUnit = layout.size;
      }
      bitsUsed += width;
      offsets.set(field, size - layout.size);
      align = Math.max(align, own);
      continue;
    }
    bitUnit = 0;
    align = Math.max(align, own);
    if (keyword === 'union') {
      offsets.set(field, 0);
      size = Math.max(size, layout.size);
    } else {
      const at = Math.ceil(size / own) * own;
      offsets.set(field, at);
      size = at + layout.size;
    }
  }
  return { layout: { size: Math.ceil(size / align) * align, align }, offsets };
}

/** Offset of a member path (`a.b`) in a record; undefined where not known. Unit: bytes. */
export function offsetOfMember(
  context: LayoutContext,
  written: CType,
  member: string,
): number | undefined {
  let offset = 0;
  let type = written;
  for (const name of member.split('.')) {
    const step = memberStep(context, type, name);
    if (step === undefined) return undefined;
    offset += step.offset;
    type = step.type;
  }
  return offset;
}

function memberStep(
  context: LayoutContext,
  written: CType,
  name: string,
): { readonly offset: number; readonly type: CType } | undefined {
  const type = context.resolve(written);
  if (type.kind !== 'record') return undefined;
  const body = context.body(type);
  if (body === undefined || body.conditional) return undefined;
  const placed = recordLayout(context, body, type.keyword, 0);
  if (placed === undefined) return undefined;
  for (const field of body.fields) {
    const offset = placed.offsets.get(field);
    if (offset === undefined) continue;
    if (field.name === name) return { offset, type: field.type };
    if (field.name !== undefined) continue;
    const inner = memberStep(context, field.type, name);
    if (inner !== undefined) return { offset: offset + inner.offset, type: inner.type };
  }
  return undefined;
}
