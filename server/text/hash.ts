/**
 * 64-bit FNV-1a of a text's UTF-16 units, as 16 lower-case hexadecimal digits.
 * For names of things that must not change between runs and machines, not for secrets.
 */
export function hashText(text: string): string {
  // The offset basis and the prime 2^40 + 0x1b3, in halves: 64-bit products do not fit a number.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 0xff, unit >>> 8]) {
      low ^= byte;
      const lowLow = (low & 0xffff) * 0x1b3;
      const lowHigh = (low >>> 16) * 0x1b3 + (lowLow >>> 16);
      const carry = Math.floor(lowHigh / 0x10000);
      const nextHigh = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
      low = (((lowHigh & 0xffff) << 16) | (lowLow & 0xffff)) >>> 0;
      high = nextHigh;
    }
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}
