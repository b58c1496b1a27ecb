import type { IntegerType, Member, Type } from './type.ts';
import {
  decayed,
  INT,
  LONG,
  LONG_LONG,
  UNSIGNED_INT,
  UNSIGNED_LONG,
  UNSIGNED_LONG_LONG,
  INT128,
  UNSIGNED_INT128,
  VOID,
} from './type.ts';

/** Integer promotion. Bit-fields wider than int keep their own width, as in gcc. */
export function promoted(type: IntegerType): IntegerType {
  if (type.rank >= 3 && type.width >= 32) return type.enumTag === undefined ? type : plain(type);
  if (type.width < 32) return INT;
  return type.signed ? INT : UNSIGNED_INT;
}

/** The ordinary integer type behind an enumeration. */
function plain(type: IntegerType): IntegerType {
  if (type.size === 4) return type.signed ? INT : UNSIGNED_INT;
  return type.signed ? LONG : UNSIGNED_LONG;
}

/** The type both operands of an arithmetic operator are converted to. */
export function commonInteger(left: IntegerType, right: IntegerType): IntegerType {
  const a = promoted(left);
  const b = promoted(right);
  if (a === b) return a;
  if (a.signed === b.signed) {
    if (a.width !== b.width) return a.width > b.width ? a : b;
    return a.rank >= b.rank ? a : b;
  }
  const [unsigned, signed] = a.signed ? [b, a] : [a, b];
  if (unsigned.width >= signed.width) {
    return unsigned.rank >= signed.rank || unsigned.width !== signed.width
      ? unsigned
      : unsignedOf(signed);
  }
  return signed;
}

function unsignedOf(type: IntegerType): IntegerType {
  switch (type) {
    case INT:
      return UNSIGNED_INT;
    case LONG:
      return UNSIGNED_LONG;
    case LONG_LONG:
      return UNSIGNED_LONG_LONG;
    case INT128:
      return UNSIGNED_INT128;
    default:
      return { ...type, signed: false };
  }
}

/**
 * The type of `c ? a : b`. A null pointer constant takes the other side's type, any other `void *`
 * wins over it; the kernel's __is_constexpr() tells constants from values by just this rule.
 */
export function commonType(
  left: Type,
  right: Type,
  isNull: { readonly left: boolean; readonly right: boolean },
): Type {
  const a = decayed(left);
  const b = decayed(right);
  if (a.kind === 'integer' && b.kind === 'integer') return commonInteger(a, b);
  if (a.kind === 'void' || b.kind === 'void') return VOID;
  if (a.kind === 'pointer' && b.kind === 'pointer') {
    if (isNull.left) return b;
    if (isNull.right) return a;
    return b.to.kind === 'void' ? b : a;
  }
  if (a.kind === 'pointer') return a;
  if (b.kind === 'pointer') return b;
  return a.kind === 'floating' ? a : b.kind === 'floating' ? b : a;
}

/** The type of a member as an operand: a bit-field has the width it was declared with. */
export function memberValueType(member: Member): Type {
  const { type, bits } = member;
  if (bits === undefined || type.kind !== 'integer') return type;
  if (bits.width === type.width) return type;
  return { ...type, width: bits.width };
}
