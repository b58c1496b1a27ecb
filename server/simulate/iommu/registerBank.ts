/** Registers that hold what was last written, until something happens. Offsets and sizes in bytes. */
export class RegisterBank {
  private readonly bytes: DataView;

  /** `reset`: what they hold first, by offset, 64 bits each. */
  constructor(size: number, reset: ReadonlyMap<number, bigint>) {
    this.bytes = new DataView(new ArrayBuffer(size));
    for (const [offset, value] of reset) this.set(offset, 64, value);
  }

  /** `bits`: 8, 16, 32 or 64. */
  get(offset: number, bits: number): bigint {
    let value = 0n;
    for (let i = bits / 8 - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(this.bytes.getUint8(offset + i));
    }
    return value;
  }

  /** `bits`: 8, 16, 32 or 64. */
  set(offset: number, bits: number, value: bigint): void {
    for (let i = 0; i < bits / 8; i++) {
      this.bytes.setUint8(offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
    }
  }
}
