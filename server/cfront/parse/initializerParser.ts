import { spellingOf } from '../lex/atoms.ts';
import { literalBytes } from '../lex/literals.ts';
import { memberNamed, sizeOf } from '../types/layout.ts';
import type { AggregateType, Member, Type } from '../types/type.ts';
import { describeType, INT, sameType } from '../types/type.ts';
import type { Expr, Initializer, InitializerPart } from './ast.ts';
import { convert, integerConstant, valueOf } from './build.ts';
import { P } from './keywords.ts';
import { SpecialFormParser } from './specialFormParser.ts';

/** A place inside the object being initialised. */
interface Slot {
  readonly type: Type;
  readonly offset: number;
  readonly bits: Member['bits'];
}

/** How the items of an array or aggregate are reached (C11 6.7.9, paragraphs 17 to 20). */
type Entry =
  /** Its own braces are open: it takes designators, and all items up to the closing brace. */
  | 'braced'
  /** Its braces are left out: it takes as many items as it has room for. */
  | 'elided'
  /** A designator of the enclosing list goes on inside it; items after that one follow in order. */
  | 'designated';

/** Elements that one range designator may repeat an initialiser for. */
const MOST_REPEATED = 1 << 20;

/** Adds initialisers: lists in braces, braces left out, designators, ranges. */
export abstract class InitializerParser extends SpecialFormParser {
  initializer(type: Type): Initializer {
    const { cursor } = this;
    const made = new Parts();
    const slot = { type, offset: 0, bits: undefined };
    const isBraced = cursor.atom === P.openCurly;
    const sized = isBraced ? this.braced(slot, made) : this.unbraced(slot, made);
    return { type: sized, zeroFill: isBraced || type.kind === 'array', parts: made.list };
  }

  /** One value without braces: a scalar, a whole struct, or a string for a char array. */
  private unbraced(slot: Slot, made: Parts): Type {
    const { cursor } = this;
    if (isCharArray(slot.type) && cursor.isString) return this.stringIntoArray(slot, made);
    const expr = this.assignmentExpression();
    if (slot.type.kind === 'array') {
      // A compound literal of array type may initialise an array.
      if (expr.op === 'compound') {
        for (const part of expr.initializer.parts) {
          made.add({ ...part, offset: part.offset + slot.offset });
        }
        return expr.type;
      }
      throw cursor.error('an array needs a braced initialiser');
    }
    this.addValue(slot, expr, made);
    return slot.type;
  }

  private addValue(slot: Slot, expr: Expr, made: Parts): void {
    const type = slot.type.kind === 'auto' ? valueOf(expr).type : slot.type;
    made.add({ offset: slot.offset, type, bits: slot.bits, value: convert(expr, type) });
  }

  private stringIntoArray(slot: Slot, made: Parts): Type {
    const { cursor } = this;
    const array = slot.type as Type & { kind: 'array' };
    const at = cursor.location;
    const bytes: number[] = [];
    while (cursor.isString) {
      bytes.push(...literalBytes(spellingOf(cursor.atom)));
      cursor.at++;
    }
    bytes.push(0);
    const count = array.count ?? bytes.length;
    for (let i = 0; i < Math.min(bytes.length, count); i++) {
      const value = integerConstant(BigInt(bytes[i]!), INT, at);
      this.addValue({ type: array.of, offset: slot.offset + i, bits: undefined }, value, made);
    }
    return { ...array, count };
  }

  /** `{ … }` for a slot. Gives the slot's type, with the count of an array that had none. */
  private braced(slot: Slot, made: Parts): Type {
    const { cursor } = this;
    cursor.expect(P.openCurly);
    const { type } = slot;
    let result = type;
    if (isCharArray(type) && cursor.isString) {
      result = this.stringIntoArray(slot, made);
      cursor.accept(P.comma);
    } else if (type.kind === 'array') {
      const count = this.arrayItems(slot, type, 'braced', made);
      if (type.count === undefined) result = { ...type, count };
    } else if (type.kind === 'aggregate') this.memberItems(slot, type, 'braced', made);
    else if (cursor.atom === P.openCurly) this.braced(slot, made);
    else if (cursor.atom !== P.closeCurly) {
      this.unbraced(slot, made);
      cursor.accept(P.comma);
    }
    cursor.expect(P.closeCurly);
    return result;
  }

  /** Fills an array. Gives the number of elements up to the last one that was named. */
  private arrayItems(
    slot: Slot,
    type: Type & { kind: 'array' },
    entry: Entry,
    made: Parts,
  ): number {
    const { cursor } = this;
    const size = sizeOf(type.of);
    const room = type.count ?? (entry === 'braced' ? Infinity : 0);
    const element = (index: number): Slot => ({
      ...{ type: type.of, offset: slot.offset + index * size, bits: undefined },
    });
    let index = 0;
    let count = 0;
    for (let first = true; this.itemFollows(first, entry, index < room); first = false) {
      if (cursor.atom === P.openSquare) {
        const [from, to] = this.indexDesignator();
        const start = made.list.length;
        this.designated(element(from), made);
        if ((to - from) * (made.list.length - start) > MOST_REPEATED) {
          throw cursor.error(`an initialiser repeated for ${to - from + 1} elements`);
        }
        made.repeat(start, size, to - from);
        index = to + 1;
      } else {
        this.item(element(index), made);
        index++;
      }
      count = Math.max(count, index);
    }
    return count;
  }

  /** Fills a struct or union. */
  private memberItems(slot: Slot, type: AggregateType, entry: Entry, made: Parts): void {
    const { cursor } = this;
    const { layout } = type;
    if (layout === undefined) throw cursor.error(`initialiser of incomplete ${describeType(type)}`);
    // An unnamed bit-field is padding and takes no initialiser.
    const members = layout.members.filter((m) => m.name !== undefined || m.bits === undefined);
    let next = 0;
    const skipEmpty = (): void => {
      while (next < members.length && !hasRoom(members[next]!.type)) next++;
    };
    const isFull = (): boolean => {
      if (cursor.atom !== P.openCurly && cursor.peek(1) !== P.openCurly) skipEmpty();
      return next >= members.length;
    };
    for (let first = true; this.itemFollows(first, entry, !isFull()); first = false) {
      if (cursor.atom === P.dot) {
        const name = spellingOf(cursor.peek(1));
        next = members.findIndex((m) => holds(m, name));
        const member = members[next];
        if (member === undefined) throw cursor.error(`no member ${name} in ${describeType(type)}`);
        const inside = memberSlot(slot, member);
        if (member.name === undefined) this.items(inside, 'designated', made);
        else {
          cursor.at += 2;
          this.designated(inside, made);
        }
      } else {
        const member = members[next];
        if (member === undefined)
          throw cursor.error(`too many initialisers for ${describeType(type)}`);
        this.item(memberSlot(slot, member), made);
      }
      next = type.union ? members.length : next + 1;
    }
  }

  private items(slot: Slot, entry: Entry, made: Parts): void {
    const { type } = slot;
    if (type.kind === 'array') this.arrayItems(slot, type, entry, made);
    else if (type.kind === 'aggregate') this.memberItems(slot, type, entry, made);
    else throw this.cursor.error(`a designator into ${describeType(type)}`);
  }

  /** Whether the list being filled takes what comes; passes the comma in front of it. */
  private itemFollows(first: boolean, entry: Entry, hasRoom: boolean): boolean {
    const { cursor } = this;
    if (entry === 'braced') {
      if (!first && !cursor.accept(P.comma)) return false;
      return cursor.atom !== P.closeCurly;
    }
    if (first) return entry === 'designated' || hasRoom;
    // A designator speaks of the list in braces, and so does what comes when there is no room left.
    if (!hasRoom || cursor.atom !== P.comma) return false;
    const after = cursor.peek(1);
    if (after === P.closeCurly || after === P.dot || after === P.openSquare) return false;
    cursor.at++;
    return true;
  }

  /** `[n]` or `[first ... last]`. */
  private indexDesignator(): [number, number] {
    const { cursor } = this;
    cursor.expect(P.openSquare);
    const first = Number(this.constant('array designator'));
    const last = cursor.accept(P.ellipsis) ? Number(this.constant('array designator')) : first;
    cursor.expect(P.closeSquare);
    return [first, last];
  }

  /** The rest of a designator (`.a[2].b`), the `=`, and the value. */
  private designated(slot: Slot, made: Parts): void {
    const { cursor } = this;
    if (cursor.atom === P.dot || cursor.atom === P.openSquare) {
      this.items(slot, 'designated', made);
      return;
    }
    cursor.accept(P.assign);
    made.replace(slot);
    this.item(slot, made);
  }

  /** A value for a slot, with or without its own braces. */
  private item(slot: Slot, made: Parts): void {
    const { cursor } = this;
    const { type } = slot;
    if (cursor.atom === P.openCurly) {
      this.braced(slot, made);
      return;
    }
    const isText = isCharArray(type) && cursor.isString;
    if (isText || (type.kind !== 'aggregate' && type.kind !== 'array')) {
      this.unbraced(slot, made);
      return;
    }
    // One value may be the whole; if it is not, it belongs to the first scalar inside.
    const start = cursor.at;
    const whole = this.assignmentExpression();
    if (type.kind === 'aggregate' && sameType(valueOf(whole).type, type)) {
      this.addValue(slot, whole, made);
      return;
    }
    cursor.at = start;
    if (type.kind === 'array' && whole.op === 'compound') this.unbraced(slot, made);
    else this.items(slot, 'elided', made);
  }
}

/** The parts of one initialiser, in the order in which they take effect. */
class Parts {
  list: InitializerPart[] = [];
  /** End of the furthest part. Unit: bytes. */
  private reached = 0;

  add(part: InitializerPart): void {
    this.list.push(part);
    this.reached = Math.max(this.reached, part.offset + sizeOf(part.type));
  }

  /** Takes back what was said of a slot that a designator names again: the later initialiser is the only one (C11 6.7.9, 19). */
  replace(slot: Slot): void {
    if (slot.offset >= this.reached) return;
    const end = slot.offset + sizeOf(slot.type);
    this.list = this.list.filter(({ offset, type, bits }) => {
      if (slot.bits !== undefined) {
        return offset !== slot.offset || bits?.shift !== slot.bits.shift;
      }
      const start = offset + ((bits?.shift ?? 0) >> 3);
      return start < slot.offset || offset + (bits === undefined ? sizeOf(type) : 1) > end;
    });
  }

  /** Repeats what was added since `start` for the elements that follow, `size` bytes apart. */
  repeat(start: number, size: number, times: number): void {
    const made = this.list.slice(start);
    for (let i = 1; i <= times; i++) {
      for (const part of made) this.add({ ...part, offset: part.offset + i * size });
    }
  }
}

function isCharArray(type: Type): boolean {
  return type.kind === 'array' && type.of.kind === 'integer' && type.of.size === 1;
}

/** Whether a type takes an initialiser at all: arrays of no elements and structs without members do not. */
function hasRoom(type: Type): boolean {
  if (type.kind === 'array') return (type.count ?? 0) > 0 && hasRoom(type.of);
  return type.kind !== 'aggregate' || (type.layout?.members.some((m) => hasRoom(m.type)) ?? true);
}

function memberSlot(slot: Slot, member: Member): Slot {
  return { type: member.type, offset: slot.offset + member.offset, bits: member.bits };
}

function holds(member: Member, name: string): boolean {
  if (member.name !== undefined) return member.name === name;
  return member.type.kind === 'aggregate' && memberNamed(member.type, name) !== undefined;
}
