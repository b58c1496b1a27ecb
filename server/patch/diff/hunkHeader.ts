/** The numbers of an `@@` line. */
export interface HunkHeader {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly section: string;
}

const pattern = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$/;

/** Longest line that can be a header: the rest of a longer one is section text. */
const headerUnits = 400;

/** Reads an `@@` line; undefined when it is none. */
export function hunkHeader(text: string): HunkHeader | undefined {
  if (!text.startsWith('@@ -')) return undefined;
  const found = pattern.exec(text.slice(0, headerUnits).replace(/\r$/, ''));
  if (found === null) return undefined;
  const count = (digits: string | undefined): number => (digits === undefined ? 1 : Number(digits));
  return {
    oldStart: Number(found[1]),
    oldCount: count(found[2]),
    newStart: Number(found[3]),
    newCount: count(found[4]),
    section: found[5]!.trimEnd(),
  };
}
