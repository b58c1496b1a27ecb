/** The size of a span, in words: `16 KiB`. */
export function sizeOf({ first, last }: { readonly first: string; readonly last: string }): string {
  let size = BigInt(last) - BigInt(first) + 1n;
  let unit = 0;
  while (unit < UNITS.length - 1 && size % 1024n === 0n) {
    size /= 1024n;
    unit++;
  }
  return `${size} ${UNITS[unit]!}`;
}

const UNITS: readonly string[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
