/** Kernel error numbers that the modelled operations return, by their symbolic names. Source: include/uapi/asm-generic/errno*.h. */
export const ERRNO: Readonly<
  Record<
    | 'ENOENT'
    | 'ENXIO'
    | 'EAGAIN'
    | 'ENOMEM'
    | 'EEXIST'
    | 'ENODEV'
    | 'EINVAL'
    | 'ERANGE'
    | 'EOVERFLOW'
    | 'EOPNOTSUPP'
    | 'EADDRINUSE',
    number
  >
> = Object.freeze({
  ENOENT: 2,
  EAGAIN: 11,
  ENOMEM: 12,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENXIO: 6,
  ERANGE: 34,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
});

/** Result of a modelled kernel function: 0, or a negative error number. */
export type Ret = number;

/** Symbolic name of a negative result, for messages: `EINVAL`; the number itself when it is none of ours. */
export function errnoName(ret: Ret): string {
  const found = Object.entries(ERRNO).find(([, value]) => value === -ret);
  return found === undefined ? String(ret) : found[0];
}
