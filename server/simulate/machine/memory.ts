import type { Type } from '../../cfront/types/type.ts';
import type { Page, StoreObserver } from './page.ts';
import {
  ASSUMED,
  BACKED,
  BACKED_WORD,
  CLOBBERED,
  DEFERRED,
  FREED,
  GOOD_WORD,
  originsOf,
  PAGE_BYTES,
  WRITTEN,
} from './page.ts';
import { InitialContents } from './changedMemory.ts';
import { DeferredCopies } from './deferredCopies.ts';
import type { Region } from './regions.ts';
import { PagedMemory } from './pagedMemory.ts';
import { Stop } from './stop.ts';
import type { Pointer, Value } from './values.ts';
import { hex, pointerFromBits } from './values.ts';

/** What a load does with bytes that were never written: end the path, or hand `undefined` on. */
export type Strictness = 'strict' | 'move';

/** Gives contents to bytes that nothing determined: inputs nobody stated, what an unknown function left. */
export interface UnknownBytes {
  /**
   * Gives the byte at `at` contents, as part of the load. False when nobody states that byte: the load
   * stops.
   */
  fill(at: number, load: UnknownLoad): boolean;
}

/** A load that met a byte nothing determined. */
export interface UnknownLoad {
  readonly start: number;
  readonly size: number;
  /** C type of what is loaded, where the load has one. */
  readonly type: Type | undefined;
  /** The byte was never written, or an unknown function could write it, after somebody else or not. */
  readonly state: 'unwritten' | 'left' | 'left-written';
}

/**
 * Told when a load first reads a byte whose contents are an assumption: its number, 0 for contents that are
 * zero because nothing defines them.
 */
export type OnAssumedRead = (assumption: number, address: number) => void;

/** Limits on what one path may do to memory. Unit: bytes. */
export interface MemoryBudget {
  /** Bytes moved by copies, fills and allocations together. */
  readonly moved: number;
}

/** Regions up to this size get their pages at once; of larger ones most is never touched. Unit: bytes. */
const EAGER_BYTES = 1 << 13;

/**
 * Byte-addressed memory of 64-bit addresses. Only addresses inside a region can be accessed; every byte
 * knows whether it was written, assumed or freed.
 */
export class Memory extends PagedMemory {
  /** Answers for bytes that nothing wrote. */
  unknown: UnknownBytes | undefined;
  /** What was there before C stored. */
  readonly initial: InitialContents = new InitialContents();
  private readonly copies = new DeferredCopies();
  private moved = 0;
  private readonly budget: MemoryBudget;
  private readonly onAssumedRead: OnAssumedRead | undefined;

  constructor(budget: MemoryBudget, onAssumedRead?: OnAssumedRead) {
    super();
    this.budget = budget;
    this.onAssumedRead = onAssumedRead;
  }

  // Regions.

  /** Backs `[start, start + size)`; the bytes are unwritten, or zero and written. */
  back(region: Region, contents: 'unwritten' | 'zero' | 'assumed'): void {
    this.regions.add({ ...region, contents });
    const flags = {
      unwritten: BACKED,
      zero: BACKED | WRITTEN,
      assumed: BACKED | WRITTEN | ASSUMED,
    };
    this.charge(Math.min(region.size, PAGE_BYTES));
    if (region.size <= EAGER_BYTES && region.kind !== 'input')
      this.fill(region.start, region.size, flags[contents]);
    else {
      this.backLazily(region, flags[contents]);
    }
  }

  private backLazily(region: Region, flags: number): void {
    this.regions.addLazy(region, flags);
    this.refillPages(region, flags);
  }

  /** Ends the life of a region: any later access is a use after free. */
  free(region: Region): void {
    this.regions.remove(region);
    if (region.size <= EAGER_BYTES) this.fill(region.start, region.size, FREED);
    else this.backLazily(region, FREED);
  }

  /** Takes backing away without a trace, as when a stack frame is left. */
  drop(start: number, size: number): void {
    this.fillShadow(start, size, 0);
  }

  /** Marks stack bytes as backed and unwritten. */
  openFrame(start: number, size: number): void {
    this.fillShadow(start, size, BACKED);
  }

  /** Makes bytes unwritten again. */
  forget(start: number, size: number): void {
    this.fillShadow(start, size, BACKED);
  }

  /** Makes the contents of written bytes unknown: a function nobody knows had a pointer to them. */
  clobber(start: number, size: number): void {
    this.charge(size);
    this.eachRun(start, size, ({ shadow }, offset, _, count) => {
      for (let i = offset; i < offset + count; i++) {
        // Whether it was written before stays: "as it was" is one of the things it may be.
        if ((shadow[i]! & BACKED) !== 0) shadow[i]! |= CLOBBERED;
      }
    });
  }

  /** Makes written bytes an assumption by its number; who reads them, or a copy of them, rests on it. */
  markAssumed(start: number, size: number, assumption: number): void {
    this.eachRun(start, size, (page, offset, _, count) => {
      page.shadow.fill(BACKED | WRITTEN | ASSUMED, offset, offset + count);
      originsOf(page).fill(assumption, offset, offset + count);
    });
  }

  /** Calls `observer` for every store into the pages of `[start, start + size)`. */
  watch(start: number, size: number, observer: StoreObserver): void {
    const last = Math.floor((start + size - 1) / PAGE_BYTES);
    for (let index = Math.floor(start / PAGE_BYTES); index <= last; index++) {
      const page = this.page(index);
      const first = page.observer;
      page.observer =
        first === undefined
          ? observer
          : (address, bytes): void => {
              first(address, bytes);
              observer(address, bytes);
            };
    }
  }

  // Loads. Addresses may be any pointer; what is no number cannot be backed.

  /** An unsigned or signed integer of 1, 2 or 4 bytes. */
  loadSmall(pointer: Pointer, size: number, signed: boolean, mode: Strictness, type?: Type): Value {
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    const page = this.page(index);
    if (size === 4 && (offset & 3) === 0) {
      if (page.shadowWords[offset >> 2] !== GOOD_WORD && !this.inspect(address, 4, mode, type)) {
        return undefined;
      }
    } else {
      if (offset + size > PAGE_BYTES) return this.loadAcross(address, size, signed, mode, type);
      for (let i = 0; i < size; i++) {
        if (page.shadow[offset + i] === (BACKED | WRITTEN)) continue;
        if (!this.inspect(address, size, mode, type)) return undefined;
        break;
      }
    }
    const { data } = page;
    switch (size) {
      case 1:
        return signed ? data.getInt8(offset) : data.getUint8(offset);
      case 2:
        return signed ? data.getInt16(offset, true) : data.getUint16(offset, true);
      default:
        return signed ? data.getInt32(offset, true) : data.getUint32(offset, true);
    }
  }

  /** An integer of 8 bytes. */
  load64(pointer: Pointer, signed: boolean, mode: Strictness, type?: Type): Value {
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    if (offset + 8 > PAGE_BYTES) return this.loadAcross(address, 8, signed, mode, type);
    const page = this.page(index);
    if (!this.isGood64(page, offset) && !this.inspect(address, 8, mode, type)) return undefined;
    const { data } = page;
    return signed ? data.getBigInt64(offset, true) : data.getBigUint64(offset, true);
  }

  /** A pointer. */
  loadPointer(pointer: Pointer, mode: Strictness, type?: Type): Value {
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    if (offset + 8 > PAGE_BYTES) {
      const bits = this.loadAcross(address, 8, true, mode, type);
      return bits === undefined ? undefined : pointerFromBits(BigInt(bits));
    }
    const page = this.page(index);
    if (!this.isGood64(page, offset) && !this.inspect(address, 8, mode, type)) return undefined;
    const high = page.data.getInt32(offset + 4, true);
    // Exact in a number while the high half has at most 21 significant bits.
    if (high >= -0x200000 && high < 0x200000) {
      return high * 0x100000000 + page.data.getUint32(offset, true);
    }
    return page.data.getBigInt64(offset, true);
  }

  /** An integer of any size up to 16 bytes, as its unsigned bits. */
  loadBits(pointer: Pointer, size: number, mode: Strictness, type?: Type): bigint | undefined {
    const address = this.require(pointer);
    const bits = this.loadAcross(address, size, false, mode, type);
    return bits === undefined ? undefined : BigInt(bits);
  }

  /** Whether all bytes have been written and are known: reading them asks for nothing and assumes nothing. */
  isPlain(address: number, size: number): boolean {
    for (let at = address; at < address + size; at++) {
      const index = Math.floor(at / PAGE_BYTES);
      if (this.page(index).shadow[at - index * PAGE_BYTES] !== (BACKED | WRITTEN)) return false;
    }
    return true;
  }

  /** The bytes as they are, written or not; for read-modify-write of a bit-field's unit. */
  peekBits(pointer: Pointer, size: number): bigint {
    const address = this.require(pointer);
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) {
      const index = Math.floor((address + i) / PAGE_BYTES);
      const offset = address + i - index * PAGE_BYTES;
      const page = this.page(index);
      if ((page.shadow[offset]! & BACKED) === 0) this.refuse(address + i);
      bits = (bits << 8n) | BigInt(page.bytes[offset]!);
    }
    return bits;
  }

  private isGood64(page: Page, offset: number): boolean {
    const { shadowWords, shadow } = page;
    if ((offset & 3) === 0) {
      return shadowWords[offset >> 2] === GOOD_WORD && shadowWords[(offset >> 2) + 1] === GOOD_WORD;
    }
    for (let i = 0; i < 8; i++) if (shadow[offset + i] !== (BACKED | WRITTEN)) return false;
    return true;
  }

  private loadAcross(
    address: number,
    size: number,
    signed: boolean,
    mode: Strictness,
    type: Type | undefined,
  ): Value {
    if (!this.inspect(address, size, mode, type)) return undefined;
    const bits = this.peekBits(address, size);
    const value = signed ? BigInt.asIntN(size * 8, bits) : bits;
    return size > 4 ? value : Number(value);
  }

  /** Looks at shadow bytes that are not plainly good. False when a move may carry "unwritten" on. */
  private inspect(
    address: number,
    size: number,
    mode: Strictness,
    type: Type | undefined,
  ): boolean {
    for (let i = 0; i < size; i++) {
      const at = address + i;
      const index = Math.floor(at / PAGE_BYTES);
      const page = this.page(index);
      const offset = at - index * PAGE_BYTES;
      const flags = page.shadow[offset]!;
      if ((flags & BACKED) === 0) this.refuse(at);
      if ((flags & DEFERRED) !== 0) {
        this.fetch(page, offset, at, address, size, mode, type);
        i--;
      } else if ((flags & WRITTEN) === 0 || (flags & CLOBBERED) !== 0) {
        // The contents may cover fewer bytes than the load: look at this byte again.
        const state =
          (flags & CLOBBERED) === 0
            ? 'unwritten'
            : (flags & WRITTEN) === 0
              ? 'left'
              : 'left-written';
        if (this.unknown?.fill(at, { start: address, size, type, state }) === true) i--;
        else if (mode === 'move' && (flags & CLOBBERED) === 0) return false;
        else this.refuseUnwritten(at, flags);
      } else if ((flags & ASSUMED) !== 0) {
        page.shadow[offset] = BACKED | WRITTEN;
        this.onAssumedRead?.(page.origins?.[offset] ?? 0, at);
      }
    }
    return true;
  }

  /** Reads an input byte that so far was only copied, and completes the copy. */
  private fetch(
    page: Page,
    offset: number,
    at: number,
    start: number,
    size: number,
    mode: Strictness,
    type: Type | undefined,
  ): void {
    const distance = this.copies.distance(page.origins![offset]!);
    const source = at - distance;
    // The scalar as a whole where it was copied as a whole, so that it is one input and not eight.
    this.inspect(start - distance, size, mode, type);
    const index = Math.floor(source / PAGE_BYTES);
    const byte = this.page(index).bytes[source - index * PAGE_BYTES]!;
    page.bytes[offset] = byte;
    page.shadow[offset] = BACKED | WRITTEN;
  }

  private refuseUnwritten(address: number, flags: number): never {
    const what = this.regions.describe(address);
    if ((flags & CLOBBERED) !== 0) {
      const origin = this.regions.clobberedBy(address) ?? 'an unknown function';
      throw new Stop('unknown-contents', `${what} holds whatever ${origin} left there`);
    }
    throw new Stop('uninitialised', `reads ${what}, which was never written`);
  }

  private refuse(address: number): never {
    const index = Math.floor(address / PAGE_BYTES);
    const flags = this.page(index).shadow[address - index * PAGE_BYTES]!;
    if (address >= 0 && address < PAGE_BYTES) {
      throw new Stop('null-pointer', `accesses address ${hex(address)}`);
    }
    if ((flags & FREED) !== 0) {
      throw new Stop('freed-memory', `accesses ${hex(address)}, which was freed`);
    }
    throw new Stop('unbacked', `accesses ${hex(address)}, where no memory is`);
  }

  private require(pointer: Pointer): number {
    if (typeof pointer === 'number') return pointer;
    throw new Stop('bad-pointer', `accesses ${hex(pointer)}, which is no address`);
  }

  // Stores.

  /** Stores the low `size` bytes (1, 2 or 4) of a number. */
  storeSmall(pointer: Pointer, size: number, value: number): void {
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    if (offset + size > PAGE_BYTES) {
      this.storeAcross(address, size, BigInt(value));
      return;
    }
    const page = this.page(index);
    this.markStored(page, address, offset, size);
    switch (size) {
      case 1:
        page.bytes[offset] = value;
        break;
      case 2:
        page.data.setInt16(offset, value, true);
        break;
      default:
        page.data.setInt32(offset, value, true);
    }
    if (page.observer !== undefined) page.observer(address, size);
  }

  /** Stores 8 bytes. */
  store64(pointer: Pointer, value: bigint): void {
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    if (offset + 8 > PAGE_BYTES) {
      this.storeAcross(address, 8, value);
      return;
    }
    const page = this.page(index);
    this.markStored(page, address, offset, 8);
    page.data.setBigInt64(offset, value, true);
    if (page.observer !== undefined) page.observer(address, 8);
  }

  /** Stores a pointer. */
  storePointer(pointer: Pointer, value: Pointer): void {
    if (typeof value === 'bigint') {
      this.store64(pointer, value);
      return;
    }
    const address = this.require(pointer);
    const index = Math.floor(address / PAGE_BYTES);
    const offset = address - index * PAGE_BYTES;
    if (offset + 8 > PAGE_BYTES) {
      this.storeAcross(address, 8, BigInt(value));
      return;
    }
    const page = this.page(index);
    this.markStored(page, address, offset, 8);
    page.data.setInt32(offset, value | 0, true);
    page.data.setInt32(offset + 4, Math.floor(value / 0x100000000), true);
    if (page.observer !== undefined) page.observer(address, 8);
  }

  /** Stores the low `size` bytes of an integer of any size. */
  storeBits(pointer: Pointer, size: number, value: bigint): void {
    this.storeAcross(this.require(pointer), size, value);
  }

  private markStored(page: Page, address: number, offset: number, size: number): void {
    const { shadow, shadowWords } = page;
    if ((offset & 3) === 0 && (size & 3) === 0) {
      for (let word = offset >> 2; word < (offset + size) >> 2; word++) {
        if ((shadowWords[word]! & BACKED_WORD) !== BACKED_WORD) this.refuseStore(address, size);
        shadowWords[word] = GOOD_WORD;
      }
      return;
    }
    for (let i = offset; i < offset + size; i++) {
      if ((shadow[i]! & BACKED) === 0) this.refuseStore(address, size);
      shadow[i] = BACKED | WRITTEN;
    }
  }

  private refuseStore(address: number, size: number): never {
    for (let i = 0; i < size; i++) {
      const index = Math.floor((address + i) / PAGE_BYTES);
      const flags = this.page(index).shadow[address + i - index * PAGE_BYTES]!;
      if ((flags & BACKED) === 0) this.refuse(address + i);
    }
    this.refuse(address);
  }

  private storeAcross(address: number, size: number, value: bigint): void {
    let bits = BigInt.asUintN(size * 8, value);
    let observer: StoreObserver | undefined;
    for (let i = 0; i < size; i++) {
      const index = Math.floor((address + i) / PAGE_BYTES);
      const offset = address + i - index * PAGE_BYTES;
      const page = this.page(index);
      this.markStored(page, address + i, offset, 1);
      page.bytes[offset] = Number(bits & 255n);
      bits >>= 8n;
      observer ??= page.observer;
    }
    observer?.(address, size);
  }

  // Blocks.

  private charge(bytes: number): void {
    this.moved += bytes;
    if (this.moved > this.budget.moved) {
      throw new Stop('budget', `moved more than ${this.budget.moved} bytes`);
    }
  }

  /** Starts the count of moved bytes anew. */
  resetBudget(): void {
    this.moved = 0;
  }

  /** Copies bytes with what is known about them: unwritten stays unwritten, assumed stays assumed. */
  copy(to: Pointer, from: Pointer, size: number): void {
    const target = this.require(to);
    const source = this.require(from);
    this.charge(size);
    const bytes = new Uint8Array(size);
    const shadow = new Uint8Array(size);
    let origins: Uint16Array | undefined;
    this.eachRun(source, size, (page, offset, at, count) => {
      this.requireBacked(page, source + at, offset, count);
      bytes.set(page.bytes.subarray(offset, offset + count), at);
      shadow.set(page.shadow.subarray(offset, offset + count), at);
      if (page.origins === undefined) return;
      origins ??= new Uint16Array(size);
      origins.set(page.origins.subarray(offset, offset + count), at);
    });
    if (this.unknown !== undefined) {
      const isInput = this.regions.containing(source)?.kind === 'input';
      origins = this.copies.copied({ shadow, origins, to: target, from: source, isInput });
    }
    this.eachRun(target, size, (page, offset, at, count) => {
      this.requireBacked(page, target + at, offset, count);
      page.bytes.set(bytes.subarray(at, at + count), offset);
      page.shadow.set(shadow.subarray(at, at + count), offset);
      if (origins !== undefined) originsOf(page).set(origins.subarray(at, at + count), offset);
      page.observer?.(target + at, count);
    });
  }

  /** Sets every byte of a range. */
  set(to: Pointer, byte: number, size: number): void {
    const target = this.require(to);
    this.charge(size);
    this.eachRun(target, size, (page, offset, at, count) => {
      this.requireBacked(page, target + at, offset, count);
      page.bytes.fill(byte, offset, offset + count);
      page.shadow.fill(BACKED | WRITTEN, offset, offset + count);
      page.observer?.(target + at, count);
    });
  }

  /** Compares bytes as memcmp() does; both ranges must be written. */
  compare(a: Pointer, b: Pointer, size: number): number {
    this.charge(size);
    for (let i = 0; i < size; i++) {
      const left = this.loadSmall(Number(a) + i, 1, false, 'strict') as number;
      const right = this.loadSmall(Number(b) + i, 1, false, 'strict') as number;
      if (left !== right) return left - right;
    }
    return 0;
  }

  private requireBacked(page: Page, address: number, offset: number, count: number): void {
    for (let i = 0; i < count; i++) {
      if ((page.shadow[offset + i]! & BACKED) === 0) this.refuse(address + i);
    }
  }
}
