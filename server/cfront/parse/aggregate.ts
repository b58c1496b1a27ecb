import type { AggregateType, Layout } from '../types/type.ts';

/** A struct or union whose members may be read when they are first asked for. */
export class Aggregate implements AggregateType {
  readonly kind: 'aggregate' = 'aggregate' as const;
  readonly union: boolean;
  readonly tag: string | undefined;
  private known: Layout | undefined = undefined;
  private read: (() => Layout | undefined) | undefined = undefined;

  constructor(union: boolean, tag: string | undefined) {
    this.union = union;
    this.tag = tag;
  }

  /** Makes the type complete; `read` runs when somebody asks, and gives undefined where the members make no sense. */
  readLater(read: () => Layout | undefined): void {
    this.read = read;
  }

  get layout(): Layout | undefined {
    const { read } = this;
    if (read !== undefined) {
      // While its own members are read it is incomplete, as in C.
      this.read = undefined;
      this.known = read();
    }
    return this.known;
  }

  set layout(layout: Layout | undefined) {
    this.read = undefined;
    this.known = layout;
  }
}
