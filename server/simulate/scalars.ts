import { sizeOf } from '../cfront/types/layout.ts';
import type { AggregateType, Type } from '../cfront/types/type.ts';
import type { UnknownLoad } from './machine/memory.ts';

/** A scalar inside an object, with the way to it. */
export interface Scalar {
  readonly type: Type;
  readonly offset: number;
  readonly path: string;
  /** Unit: bytes; the storage unit for a bit-field, which is filled as a whole. */
  readonly size: number;
  readonly isBits: boolean;
  /** The struct that holds the scalar directly, and where that struct starts. */
  readonly parent: AggregateType | undefined;
  readonly parentOffset: number;
}

/** Whether a load reads the scalar that the object's type has there, and not something cast over it. */
export function fits(scalar: Scalar, { start, size }: UnknownLoad, base: number): boolean {
  return start >= base + scalar.offset && start + size <= base + scalar.offset + scalar.size;
}

/** The scalar that a type has at an offset; undefined where it has none. */
export function scalarAt(type: Type, offset: number): Scalar | undefined {
  if (offset < 0) return undefined;
  let current: Scalar = {
    ...{ type, offset: 0, path: '', size: sizeOf(type), isBits: false },
    ...{ parent: undefined, parentOffset: 0 },
  };
  for (;;) {
    const inside = offset - current.offset;
    if (current.type.kind === 'aggregate') {
      const parent = current.type;
      const member = parent.layout?.members.find(
        (m) =>
          inside >= m.offset && inside < m.offset + Math.max(sizeOf(m.type), m.bits?.unitSize ?? 0),
      );
      if (member === undefined) return undefined;
      const separator = current.path === '' || member.name === undefined ? '' : '.';
      current = {
        type: member.type,
        offset: current.offset + member.offset,
        path: `${current.path}${separator}${member.name ?? ''}`,
        size: member.bits?.unitSize ?? sizeOf(member.type),
        isBits: member.bits !== undefined,
        parent,
        parentOffset: current.offset,
      };
      if (current.isBits) return current;
    } else if (current.type.kind === 'array') {
      const element = current.type.of;
      const size = Math.max(1, sizeOf(element));
      const index = Math.floor(inside / size);
      const path = `${current.path}[${index}]`;
      current = { ...current, type: element, offset: current.offset + index * size, path, size };
    } else {
      return inside < sizeOf(current.type) && current.type.kind !== 'void' ? current : undefined;
    }
  }
}
