import type { ChangedFile } from '../../../patch/change.ts';

/** Options that decide whether a line is compiled, without `CONFIG_`, with the value at which it is: `1` or `n`. */
export type Options = ReadonlyMap<string, string>;

interface Group {
  readonly tested: ReadonlyMap<string, string>;
}

const DIRECTIVE = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)$/;
/** A condition that one option decides, in the forms that the kernel has for it. */
const SINGLE =
  /^\s*(!?)\s*(?:defined\s*\(?\s*|IS_(?:ENABLED|REACHABLE|BUILTIN)\s*\(\s*)?CONFIG_(\w+)[\s)]*(?:\/\*.*|\/\/.*)?$/;
const NOTHING: Group = { tested: new Map() };

/** What has to be set for lines of a text to be compiled, as far as single options around them decide. */
export function optionsAround(text: string, lines: ReadonlySet<number>): Options {
  const options = new Map<string, string>();
  const open: Group[] = [];
  text.split('\n').forEach((line, i) => {
    const [, directive, rest] = DIRECTIVE.exec(line) ?? [];
    if (directive === 'endif') open.pop();
    else if (directive === 'else') open.push(opposite(open.pop() ?? NOTHING));
    else if (directive === 'elif') open.splice(-1, 1, NOTHING);
    else if (directive !== undefined) open.push(groupOf(directive, rest ?? ''));
    if (!lines.has(i + 1)) return;
    for (const { tested } of open) for (const [name, value] of tested) options.set(name, value);
  });
  return options;
}

function groupOf(directive: string, condition: string): Group {
  const [, not, name] = SINGLE.exec(condition) ?? [];
  if (name === undefined) return NOTHING;
  const isOn = (directive === 'ifndef') === (not === '!');
  return { tested: new Map([[name, isOn ? '1' : 'n']]) };
}

function opposite({ tested }: Group): Group {
  return { tested: new Map([...tested].map(([name, value]) => [name, value === 'n' ? '1' : 'n'])) };
}

/** Lines of a side of a file that a change made or took away. */
export function linesChangedIn(
  { map }: ChangedFile,
  side: 'before' | 'after',
): ReadonlySet<number> {
  return new Set(map.lines.flatMap((line) => (line.kind === 'context' ? [] : (line[side] ?? []))));
}
