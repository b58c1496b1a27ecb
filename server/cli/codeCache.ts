import { createHash } from 'node:crypto';

/**
 * What V8 made of a program, for the next start of the same program by the same Node: `seal` is a line that names
 * both, and checks that neither the program nor the data changed since. V8 itself looks at its version and flags, but
 * takes damaged data and a program of the same length for good.
 */
function seal(program: Uint8Array, data: Uint8Array): Buffer {
  const sum = createHash('sha256').update(program).update(data).digest('hex');
  return Buffer.from(`${process.version} ${process.arch} ${sum}\n`, 'latin1');
}

/** The content of a cache file. */
export function sealed(program: Uint8Array, data: Uint8Array): Buffer {
  return Buffer.concat([seal(program, data), data]);
}

/** The data of a cache file; undefined where it was made of another program, by another Node, or is damaged. */
export function unsealed(program: Uint8Array, content: Buffer): Buffer | undefined {
  const data = content.subarray(content.indexOf('\n') + 1);
  const line = content.subarray(0, content.length - data.length);
  return line.equals(seal(program, data)) ? data : undefined;
}
