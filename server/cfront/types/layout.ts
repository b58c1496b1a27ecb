import type { AggregateType, BitField, Layout, Member, Type } from './type.ts';

/** Bytes of a type; 0 for incomplete types and arrays without a count. GNU C: 1 for void and functions. */
export function sizeOf(type: Type): number {
  switch (type.kind) {
    case 'integer':
    case 'floating':
      return type.size;
    case 'pointer':
      return 8;
    case 'array':
      return (type.count ?? 0) * sizeOf(type.of);
    case 'aggregate':
      return type.layout?.size ?? 0;
    case 'void':
    case 'function':
    case 'auto':
      return 1;
  }
}

/** Natural alignment of a type on the 64-bit targets of the kernel. Unit: bytes. */
export function alignOf(type: Type): number {
  switch (type.kind) {
    case 'integer':
      return type.align ?? type.size;
    case 'floating':
      return type.size;
    case 'pointer':
      return 8;
    case 'array':
      return alignOf(type.of);
    case 'aggregate':
      return type.layout?.align ?? 1;
    case 'void':
    case 'function':
    case 'auto':
      return 1;
  }
}

/** Whether a type is known well enough to have a size. */
export function isComplete(type: Type): boolean {
  if (type.kind === 'array') return type.count !== undefined && isComplete(type.of);
  return type.kind === 'aggregate' ? type.layout !== undefined : type.kind !== 'void';
}

/** What attributes say about a type or member. */
export interface LayoutAttributes {
  readonly packed: boolean;
  /** Unit: bytes; undefined when no `aligned` is given. */
  readonly aligned: number | undefined;
}

/** `#pragma pack` in force: no member is aligned to more. Unit: bytes; undefined for no limit. */
export type Packing = number | undefined;

/** A member as declared, before it has a place. */
export interface DeclaredMember extends LayoutAttributes {
  readonly name: string | undefined;
  readonly isConst?: boolean;
  readonly type: Type;
  /** Width of a bit-field; undefined for an ordinary member. */
  readonly bitWidth: number | undefined;
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/**
 * Places the members of a struct or union as gcc does on the System V ABIs: a bit-field goes into the
 * next bits unless it would cross a storage unit of its type; `packed` drops that rule and all padding.
 */
export function layOut(
  union: boolean,
  declared: readonly DeclaredMember[],
  attributes: LayoutAttributes,
  packing?: Packing,
): Layout {
  const members: Member[] = [];
  const byName = new Map<string, Member>();
  let nextBit = 0;
  let bytes = 0;
  let align = 1;
  for (const member of declared) {
    const packed = attributes.packed || member.packed;
    const natural = packed ? 1 : Math.min(alignOf(member.type), packing ?? Infinity);
    const memberAlign = Math.max(natural, member.aligned ?? 1);
    if (union) nextBit = 0;
    if (member.bitWidth !== undefined) {
      const placed = placeBitField(member, nextBit, packed ? 'packed' : packing);
      nextBit = placed.nextBit;
      // Only a named bit-field aligns the whole.
      if (member.name !== undefined) {
        align = Math.max(align, memberAlign);
        add(members, byName, {
          ...placed,
          name: member.name,
          type: member.type,
          ...constOf(member),
        });
      }
      bytes = Math.max(bytes, Math.ceil(nextBit / 8));
      continue;
    }
    align = Math.max(align, memberAlign);
    const offset = roundUp(Math.ceil(nextBit / 8), memberAlign);
    add(members, byName, {
      ...{ name: member.name, type: member.type, offset, bits: undefined },
      ...constOf(member),
    });
    nextBit = (offset + sizeOf(member.type)) * 8;
    bytes = Math.max(bytes, offset + sizeOf(member.type));
  }
  align = Math.max(align, attributes.aligned ?? 1);
  return { size: roundUp(bytes, align), align, members, byName };
}

interface PlacedBits {
  readonly offset: number;
  readonly bits: BitField;
  readonly nextBit: number;
}

function placeBitField(
  member: DeclaredMember,
  nextBit: number,
  packing: Packing | 'packed',
): PlacedBits {
  const width = member.bitWidth!;
  const unitBits = sizeOf(member.type) * 8;
  let start = nextBit;
  if (member.aligned !== undefined) start = roundUp(start, member.aligned * 8);
  const step = packing === 'packed' ? unitBits : Math.min(unitBits, (packing ?? Infinity) * 8);
  if (width === 0) start = roundUp(start, step);
  // It may touch as many steps of its alignment as its type has: one, unless a pragma makes them smaller.
  else if (
    packing !== 'packed' &&
    Math.ceil(((start % step) + width) / step) > Math.ceil(unitBits / step)
  ) {
    start = roundUp(start, step);
  }
  if (packing !== 'packed' && step === unitBits) {
    const unit = Math.floor(start / unitBits) * unitBits;
    const bits = { shift: start - unit, width, unitSize: unitBits / 8 };
    return { offset: unit / 8, bits, nextBit: start + width };
  }
  // A packed field may straddle units: it is read through just the bytes that it touches.
  const firstByte = Math.floor(start / 8);
  const span = Math.max(1, Math.ceil((start + width) / 8) - firstByte);
  const bits = { shift: start - firstByte * 8, width, unitSize: span };
  return { offset: firstByte, bits, nextBit: start + width };
}

function constOf({ isConst }: DeclaredMember): { readonly isConst?: true } {
  return isConst === true ? { isConst } : {};
}

function add(members: Member[], byName: Map<string, Member>, placed: Member): void {
  const member: Member = {
    ...{ name: placed.name, type: placed.type, offset: placed.offset, bits: placed.bits },
    ...(placed.isConst === true ? { isConst: true } : {}),
  };
  members.push(member);
  if (member.name !== undefined) byName.set(member.name, member);
  else if (member.type.kind === 'aggregate') {
    for (const [name, inner] of member.type.layout?.byName ?? []) {
      byName.set(name, { ...inner, offset: inner.offset + member.offset });
    }
  }
}

/** The member a name means, or undefined; looks into anonymous members. */
export function memberNamed(type: AggregateType, name: string): Member | undefined {
  return type.layout?.byName.get(name);
}
