/** Keys of the page that commands of the editor press, too. */
export type PageKey = 'ArrowLeft' | 'ArrowRight' | 'a' | 'b' | 'd' | 'w' | 'm' | 'o';

/** What the page of a simulation says to the editor. */
export type PageMessage =
  | { readonly kind: 'copy'; readonly text: string }
  | {
      readonly kind: 'open';
      /** Below the tree. */
      readonly file: string;
      /** 1-based, in the file of its side. */
      readonly line: number;
      readonly side: 'before' | 'after';
    }
  | ({ readonly kind: 'state' } & PageMoment);

/** Where the page is. */
export interface PageMoment {
  /** 0-based. */
  readonly run: number;
  readonly side: 'before' | 'after';
  /** 1-based; 0 in a run without steps. */
  readonly step: number;
  readonly steps: number;
  /** What happens at the step, for screen readers and tests. */
  readonly text: string;
  /** The sentence on top. */
  readonly sentence: string;
}

/** A message of the page, checked; undefined for everything else. */
export function pageMessage(raw: unknown): PageMessage | undefined {
  if (typeof raw !== 'object' || raw === null || !('kind' in raw)) return undefined;
  const message = raw as Readonly<Record<string, unknown>>;
  const has = (key: string, type: 'string' | 'number'): boolean => typeof message[key] === type;
  const hasSide = message['side'] === 'before' || message['side'] === 'after';
  switch (message['kind']) {
    case 'copy':
      return has('text', 'string') ? (raw as PageMessage) : undefined;
    case 'open':
      return has('file', 'string') && has('line', 'number') && hasSide
        ? (raw as PageMessage)
        : undefined;
    case 'state':
      return has('run', 'number') && has('step', 'number') && has('text', 'string') && hasSide
        ? (raw as PageMessage)
        : undefined;
    default:
      return undefined;
  }
}
