import type { CodeLens } from 'vscode-languageserver/node';
import { lineIndex } from '../../text/lineIndex.ts';
import type { Answer } from '../workspace.ts';
import type { KeptSimulation } from './simulations.ts';
import { lens } from './simulationLenses.ts';

/** A function that a C file defines. */
export interface PlacedFunction {
  readonly name: string;
  /** 1-based line of its name. */
  readonly line: number;
  /** 1-based line of its closing brace. */
  readonly last: number;
}

/** The functions that an open C file itself defines, in order; one that several builds define counts once. */
export function functionsIn({ readings }: Pick<Answer, 'readings'>): readonly PlacedFunction[] {
  const found = new Map<string, PlacedFunction>();
  for (const { unit, text } of readings) {
    const index = lineIndex(text);
    for (const { name, file, itemStart, itemEnd, text: item } of unit.functions) {
      if (file !== unit.file || found.has(name)) continue;
      const at = Math.max(0, item.search(new RegExp(`\\b${name}\\s*\\(`)));
      const { line } = index.position(itemStart + at);
      found.set(name, { name, line, last: index.position(itemEnd).line });
    }
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** The function around a 1-based line; undefined between functions. */
export function functionAt(
  answer: Pick<Answer, 'readings'>,
  line: number,
): PlacedFunction | undefined {
  return functionsIn(answer).findLast((each) => each.line <= line && line <= each.last);
}

/** Above each function of a C file the command that runs it, and after a run what it showed. */
export function functionLenses(answer: Answer, kept: readonly KeptSimulation[]): CodeLens[] {
  const { uri, lines } = answer;
  return functionsIn(answer).map(({ line, last }) => {
    const own = kept.findLast(
      ({ only }) => only !== undefined && only.first <= last && only.last >= line,
    );
    const params = { uri, scope: 'function', line: line - 1 } as const;
    return lens(lines, line, own, { title: 'Simulate', params });
  });
}
