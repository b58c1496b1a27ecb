import type { Both } from './view.ts';

/** The sides that there are. */
export function both<T>(before: T | undefined, after: T | undefined): Both<T> {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
