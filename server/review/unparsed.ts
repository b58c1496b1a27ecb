import type { Unit } from '../program/unit.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { lineIndex } from '../text/lineIndex.ts';
import type { Problem } from '../text/problem.ts';

/**
 * Names what the parser did not understand, function by function, whether or not it looks relevant: nobody can tell
 * what a function calls that was not read.
 */
export function unparsed(unit: Unit, source: SourceFile): Problem[] {
  const broken = source.items.filter(({ tree }) => tree.hasError);
  if (broken.length === 0) return [];
  const index = lineIndex(source.text);
  const { file } = unit;
  return broken.map(({ start, tree }): Problem => {
    const fn = unit.functions.find((each) => each.file === file && each.itemStart === start);
    const lowered = fn?.lower();
    if (fn === undefined || lowered === undefined) {
      const [head] = tree.text.trimStart().split('\n');
      return {
        file,
        line: index.position(start).line,
        reason: `not parsed: ${head!.slice(0, 40).trim()}`,
      };
    }
    // A function that could be lowered all the same has its error in a part without meaning.
    const at = lowered.kind === 'notLowered' ? lowered.start : 0;
    const reason = lowered.kind === 'notLowered' ? lowered.reason : 'parsed with an error';
    return { file, line: index.position(start + at).line, function: fn.name, reason };
  });
}
