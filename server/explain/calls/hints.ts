import type { CallFact, UnitFacts, Value } from '../../flow/facts.ts';

/** A remark at the end of an expression. */
export interface CodeHint {
  /** Offset that it stands behind. */
  readonly offset: number;
  readonly text: string;
  readonly kind: 'provenance' | 'context';
}

const FROM: Partial<Record<Value['provenance'], string>> = {
  ram: 'RAM',
  mmio: 'device memory',
  carveout: 'carve-out',
  'dma-address': 'DMA address',
  iova: 'IOVA',
  user: 'user address',
};

/** Where addresses come from, and whether a call may sleep, at the calls of interface functions of a file. */
export function codeHints({ facts, file }: UnitFacts): readonly CodeHint[] {
  const hints = new Map<string, CodeHint>();
  const add = (hint: CodeHint): void => {
    hints.set(`${hint.offset} ${hint.kind}`, hint);
  };
  const calls: CallFact[] = [
    ...facts.calls,
    ...facts.resources.map(({ acquire }) => acquire),
    ...facts.pairings.map(({ call }) => call),
  ];
  for (const { args, callee, context } of calls) {
    if (callee.file !== file) continue;
    for (const { provenance, place } of args) {
      const from = FROM[provenance];
      if (from !== undefined && place.file === file && place.span.end > callee.span.end) {
        add({ offset: place.span.end, text: from, kind: 'provenance' });
      }
    }
    if (context.kind !== 'unknown') {
      const text = context.kind === 'atomic' ? 'atomic' : 'may sleep';
      add({ offset: callee.span.end, text, kind: 'context' });
    }
  }
  return [...hints.values()].sort((a, b) => a.offset - b.offset);
}
