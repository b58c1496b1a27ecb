import type { CType } from '../ir.ts';

function integer(name: string, bytes: number, sign: 'signed' | 'unsigned'): CType {
  return { kind: 'integer', name, bytes, signed: sign === 'signed' };
}

const int: CType = integer('int', 4, 'signed');
const unsignedLong: CType = integer('unsigned long', 8, 'unsigned');

/**
 * Integer types of C and the kernel's own names for them, on a 64-bit kernel (LP64).
 * dma_addr_t and phys_addr_t are 64 bits wide as with CONFIG_ARCH_DMA_ADDR_T_64BIT and CONFIG_PHYS_ADDR_T_64BIT.
 * The kernel's names stay in `name`, because contracts speak of them.
 */
const builtin: ReadonlyMap<string, CType> = new Map<string, CType>([
  ['void', { kind: 'void' }],
  ['bool', integer('bool', 1, 'unsigned')],
  ['_Bool', integer('bool', 1, 'unsigned')],
  ['float', { kind: 'floating', name: 'float', bytes: 4 }],
  ['double', { kind: 'floating', name: 'double', bytes: 8 }],
  ...group(1, 'signed', ['signed char', 's8', '__s8', 'int8_t']),
  // Plain char is unsigned since 6.2 (-funsigned-char).
  ...group(1, 'unsigned', ['char', 'unsigned char', 'u8', '__u8', 'uint8_t']),
  ...group(2, 'signed', ['short', 's16', '__s16', 'int16_t']),
  ...group(2, 'unsigned', ['unsigned short', 'u16', '__u16', 'uint16_t', 'ushort', 'umode_t', '__le16', '__be16', '__sum16']),
  ...group(4, 'signed', ['int', 's32', '__s32', 'int32_t', 'pid_t', 'wait_queue_flags', 'vm_fault_signed']),
  ...group(4, 'unsigned', ['unsigned int', 'u32', '__u32', 'uint32_t', 'uint', 'gfp_t', 'fmode_t', 'dev_t', 'slab_flags_t', '__le32', '__be32', '__wsum', 'vm_fault_t', '__poll_t', 'ioasid_t', 'isolate_mode_t', 'phandle', 'dma_cookie_t_u']),
  ...group(8, 'signed', ['long', 'long long', 's64', '__s64', 'int64_t', 'ssize_t', 'loff_t', 'ptrdiff_t', 'time64_t', 'ktime_t', 'intptr_t', 'off_t']),
  ...group(8, 'unsigned', ['unsigned long', 'unsigned long long', 'u64', '__u64', 'uint64_t', 'size_t', 'uintptr_t', 'dma_addr_t', 'phys_addr_t', 'resource_size_t', 'sector_t', 'pgoff_t', 'ulong', '__le64', '__be64', 'vm_flags_t', 'irq_hw_number_t', 'blkcnt_t', 'kernel_ulong_t', 'pt_vaddr_t', 'pt_oaddr_t']),
  ['dma_cookie_t', integer('dma_cookie_t', 4, 'signed')],
  ['va_list', { kind: 'unknown', reason: 'va_list' }],
]); // prettier-ignore

function group(
  bytes: number,
  sign: 'signed' | 'unsigned',
  names: readonly string[],
): [string, CType][] {
  return names.map((name) => [name, integer(name, bytes, sign)]);
}

/** A type that needs no declaration, by its C spelling or kernel name. */
export function builtinType(name: string): CType | undefined {
  return builtin.get(name);
}

/** `int`. */
export const intType: CType = int;

/** `unsigned long`, the type of sizes. */
export const sizeType: CType = unsignedLong;

/** The type of integer words in any order: `long unsigned int`. Undefined if they are no integer type. */
export function integerOfWords(words: readonly string[]): CType | undefined {
  let longs = 0;
  let base = 'int';
  let sign: 'signed' | 'unsigned' | undefined;
  for (const word of words) {
    if (word === 'long') longs++;
    else if (word === 'short') base = 'short';
    else if (word === 'char') base = 'char';
    else if (word === 'signed' || word === '__signed__') sign = 'signed';
    else if (word === 'unsigned') sign = 'unsigned';
    else if (word === 'double') return integerless('double', longs);
    else if (word !== 'int') return undefined;
  }
  const name = longs === 0 ? base : longs === 1 ? 'long' : 'long long';
  if (name === 'char') return builtin.get(sign === undefined ? 'char' : `${sign} char`);
  return builtin.get(sign === 'unsigned' ? `unsigned ${name}` : name);
}

function integerless(name: string, longs: number): CType {
  return { kind: 'floating', name, bytes: longs > 0 ? 16 : 8 };
}
