/** Bytes that are collected one by one; a plain array of numbers would cost eight times the memory. */
export interface ByteBuffer {
  push(byte: number): void;
  /** Adds text as UTF-8. */
  pushText(text: string): void;
  /** What was collected since the last call; valid until the next `push`. */
  take(): Uint8Array;
}

/** An empty buffer. */
export function byteBuffer(): ByteBuffer {
  let bytes = new Uint8Array(256);
  let length = 0;
  const push = (byte: number): void => {
    if (length === bytes.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[length++] = byte;
  };
  return {
    push,
    pushText: (text) => {
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (unit < 0x80) {
          push(unit);
          continue;
        }
        const point = text.codePointAt(i)!;
        if (point >= 0x10000) i++;
        for (const byte of utf8Bytes(point)) push(byte);
      }
    },
    take: () => {
      const taken = bytes.subarray(0, length);
      length = 0;
      return taken;
    },
  };
}

function utf8Bytes(point: number): number[] {
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}
